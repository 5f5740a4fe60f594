package receipts

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/refusal"
)

// keepPaper makes the PDF and keeps it among the program's files, as the person's, unless it is there. The receipt
// holds without it: a program that has no room for more files learns the code of that, and everything else.
func keepPaper(ctx context.Context, app core.App, r row, now time.Time) (missing string, err error) {
	if links, err := r.links(app, now); err != nil || links.Status == 0 {
		return "", err
	}
	paper, err := Paper(r.Token)
	if err != nil {
		return "", err
	}
	who := cloudfiles.Caller{AppID: r.AppID, OpenID: r.OpenID, Rules: query.Schema{}.FileRules(), Reviewed: true, Now: now}
	_, err = cloudfiles.Put(ctx, app, who, r.Path, bytes.NewReader(paper))
	var no *refusal.Refusal
	if errors.As(err, &no) {
		return no.Code, nil
	}
	return "", err
}

// links is an address of the PDF for a while; its Status says whether it is there.
func (r row) links(app core.App, now time.Time) (cloudfiles.Link, error) {
	server := cloudfiles.Caller{AppID: r.AppID, Server: true, Now: now}
	links, err := cloudfiles.URLs(app, server, []cloudfiles.Wanted{{FileID: r.fileID()}})
	if err != nil {
		return cloudfiles.Link{}, err
	}
	return links[0], nil
}

func (r row) fileID() string { return cloudfiles.File{AppID: r.AppID, Path: r.Path}.ID() }

// seen is the receipt as its program sees it.
func (r row) seen(app core.App, now time.Time) (Receipt, error) {
	status, err := r.status(app)
	if err != nil {
		return Receipt{}, err
	}
	receipt := Receipt{
		Number: r.Number, Reference: r.Reference, Bill: r.Bill, OpenID: r.OpenID, Status: status, Demo: r.Demo, Created: r.Created,
		Token: r.Token, URL: verifyPath + r.Token,
	}
	claims, err := Unverified(r.Token)
	if err != nil {
		return receipt, err
	}
	if receipt.QR, err = picture(claims.Issuer + verifyPath + r.Token); err != nil {
		return receipt, err
	}
	link, err := r.links(app, now)
	if err == nil && link.Status == 0 {
		receipt.File, receipt.PDF = r.fileID(), link.TempFileURL
	}
	return receipt, err
}
