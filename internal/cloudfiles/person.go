package cloudfiles

import (
	"context"
	"fmt"
	"io"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// Usage is what files take.
type Usage struct {
	AppID string `db:"appid" json:"appid"`
	Bytes int64  `db:"bytes" json:"bytes"`
	Files int64  `db:"files" json:"files"`
}

// Usages is what each program uses, largest first.
func Usages(app core.App) (list []Usage, err error) {
	err = app.DB().NewQuery("SELECT appid, bytes, files FROM cloudfiles_usage WHERE files > 0 ORDER BY bytes DESC, appid").All(&list)
	if err != nil {
		return nil, fmt.Errorf("use of cloud files: %w", err)
	}
	return list, nil
}

// Owned are the person's files in a program, by path.
func Owned(app core.App, appid, openID string) (list []File, err error) {
	if openID == "" {
		return nil, nil
	}
	err = app.DB().NewQuery(selectFile + "appid = {:appid} AND openid = {:openid} AND openid != '' ORDER BY path").
		Bind(dbx.Params{"appid": appid, "openid": openID}).All(&list)
	if err != nil {
		return nil, fmt.Errorf("files of a person in %s: %w", appid, err)
	}
	return list, nil
}

// Copy writes the bytes of a file that Owned gave; one that went meanwhile is ErrNoFile.
func Copy(app core.App, file File, to io.Writer) error {
	content, err := diskOf(app).open(file)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // it was only read
	_, err = io.Copy(to, content)
	return err
}

// eraseAtOnce is how many files go in one transaction, so that others have their turn in between.
const eraseAtOnce = 200

// Erase removes the person's files of a program and tells how many those were.
func Erase(ctx context.Context, app core.App, appid, openID string) (removed int, err error) {
	if openID == "" {
		return 0, nil
	}
	return empty(ctx, app, appid, "appid = {:appid} AND openid = {:openid} AND openid != ''", dbx.Params{"appid": appid, "openid": openID})
}

// Clear removes all files of a program and tells how many those were.
func Clear(ctx context.Context, app core.App, appid string) (removed int, err error) {
	return empty(ctx, app, appid, "appid = {:appid}", dbx.Params{"appid": appid})
}

func empty(ctx context.Context, app core.App, appid, condition string, params dbx.Params) (removed int, err error) {
	program := Caller{AppID: appid, Server: true}
	for {
		var list []File
		err := ledger.Write(app, func(tx core.App) error {
			list = nil
			if err := tx.DB().NewQuery(fmt.Sprintf("%s%s LIMIT %d", selectFile, condition, eraseAtOnce)).Bind(params).All(&list); err != nil {
				return err
			}
			for _, file := range list {
				if err := program.drop(tx, file); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return removed, fmt.Errorf("erase files of %s: %w", appid, err)
		}
		for _, file := range list {
			diskOf(app).remove(appid, file.Blob)
		}
		removed += len(list)
		if len(list) < eraseAtOnce || ctx.Err() != nil {
			return removed, ctx.Err()
		}
	}
}
