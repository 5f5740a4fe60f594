package cloudfiles

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// policy makes of a file that is opened by itself a picture or a text: nothing in it runs, loads or asks.
const policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'"

// Register binds the addresses of files, takes their bytes into backups, and sweeps at the start.
func Register(app core.App) {
	app.OnBackupCreate().BindFunc(func(e *core.BackupEvent) error { return diskOf(e.App).backUp(e) })
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		if err := sweep(se.App); err != nil {
			return err
		}
		route.Handle(se, route.Operation{
			Method: http.MethodGet, Path: "/cloud/{appid}/{blob}/{token}/{name}", Tag: "cloudfiles", Public: true,
			Summary: "A file of a mini program, by an address that works for a while.", Answer: "application/octet-stream",
			Refusals: []*refusal.Refusal{ErrLink, ErrLinkExpired, ErrNoFile},
		}, handleFile)
		se.Router.GET("/cloud/{path...}", func(e *core.RequestEvent) error { return e.NotFoundError("", nil) })
		return se.Next()
	})
}

// signer makes addresses and knows its own.
type signer struct{ key []byte }

func signerOf(app core.App) (signer, error) {
	key, err := identity.Key(app, "cloudfiles")
	return signer{key: key}, err
}

// mark vouches for one blob of one program until one moment. Lengths go in, so that no two files spell the same.
func (s signer) mark(appid, blob, until string) string {
	mac := hmac.New(sha256.New, s.key)
	fmt.Fprintf(mac, "%d:%s:%d:%s:%s", len(appid), appid, len(blob), blob, until) //nolint:errcheck // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:20])
}

func (s signer) address(file File, until time.Time) string {
	end := strconv.FormatInt(until.Unix(), 36)
	return fmt.Sprintf("/cloud/%s/%s/%s.%s/%s", file.AppID, file.Blob, end, s.mark(file.AppID, file.Blob, end), url.PathEscape(path.Base(file.Path)))
}

// check refuses what address did not make, and what has ended; it gives the end.
func (s signer) check(appid, blob, token string, now time.Time) (time.Time, error) {
	end, mark, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(mark), []byte(s.mark(appid, blob, end))) {
		return time.Time{}, ErrLink
	}
	seconds, err := strconv.ParseInt(end, 36, 64)
	if err != nil {
		return time.Time{}, ErrLink
	}
	until := time.Unix(seconds, 0)
	if !now.Before(until) {
		return until, ErrLinkExpired
	}
	return until, nil
}

// handleFile answers the bytes, or the part of them that was asked for, to whoever has the address: a frame, whose
// origin is none, and anybody to whom the program gave it.
func handleFile(e *core.RequestEvent) error {
	appid, blob := e.Request.PathValue("appid"), e.Request.PathValue("blob")
	signer, err := signerOf(e.App)
	if err != nil {
		return err
	}
	now := clock.Now(e.App)
	until, err := signer.check(appid, blob, e.Request.PathValue("token"), now)
	if err != nil {
		return err
	}
	file, err := one(e.App, `appid = {:appid} AND blob = {:blob}
		AND NOT EXISTS (SELECT 1 FROM programs p WHERE p.appid = {:appid} AND p.status IN ('taken_down', 'deleted'))`,
		dbx.Params{"appid": appid, "blob": blob})
	if err != nil {
		return err
	}
	if e.Request.PathValue("name") != path.Base(file.Path) {
		return ErrLink
	}
	content, err := diskOf(e.App).open(file)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // it was only read
	header := e.Response.Header()
	header.Set("Content-Type", file.Type)
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Disposition", disposition(file))
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cache-Control", fmt.Sprintf("private, max-age=%d, immutable", int(until.Sub(now)/time.Second)))
	header.Set("ETag", `"`+file.Blob+`"`)
	http.ServeContent(e.Response, e.Request, "", time.Time{}, content)
	return nil
}

// disposition shows pictures, sounds, films and texts, and keeps the rest from being opened where it is.
func disposition(file File) string {
	kind, _, _ := strings.Cut(file.Type, "/")
	how := "attachment"
	switch kind {
	case "image", "audio", "video", "text":
		how = "inline"
	}
	return how + "; filename*=UTF-8''" + url.PathEscape(path.Base(file.Path))
}
