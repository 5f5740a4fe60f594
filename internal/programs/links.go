package programs

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrBadLink refuses a link whose page, query, scene, name or end cannot be; data.field says which.
	ErrBadLink = refusal.New(http.StatusBadRequest, "bad_link", "The link's page, query, scene, place, name or end is not allowed.")
	// ErrLinkNotFound refuses a code that names no link.
	ErrLinkNotFound = refusal.New(http.StatusNotFound, "link_not_found", "There is no such link.")
	// ErrLinkRevoked refuses a link that its makers have withdrawn.
	ErrLinkRevoked = refusal.New(http.StatusGone, "link_revoked", "This link was withdrawn.")
	// ErrLinkExpired refuses a link past its end.
	ErrLinkExpired = refusal.New(http.StatusGone, "link_expired", "This link is no longer valid.")
)

const (
	// SceneCode is the scene of a link unless it has its own: WeChat's number for a mini program's code.
	SceneCode = 1047
	// QueryLimit is how many bytes the query of a link may have.
	QueryLimit = 4 << 10

	codeLetters   = "0123456789abcdefghjkmnpqrstvwxyz" // 32, without i, l, o and u, which are misread
	codeLength    = 10                                 // 50 bits: unlimited links, and nobody guesses one
	pathLimit     = 512
	linkNameLimit = 60
	sceneLimit    = 9_999
	linksShown    = 100 // on one page of the makers' list
)

// LinkTo is what a link opens.
type LinkTo struct {
	Path      string    `json:"path"`  // a page; "" is the first
	Query     string    `json:"query"` // what the page gets, as in an address
	Scene     int       `json:"scene"` // how people came, SceneCode if 0
	Place     string    `json:"place"` // where the code hangs, "" for nowhere
	Name      string    `json:"name"`  // for the makers' own list
	Version   int       `json:"version"`
	ExpiresAt time.Time `json:"expires_at"` // the zero time is never
}

// Link makes a link: a short code that opens a page of the program with a query, a scene and a place. One with a
// Version is a trial link, good for the program's testers and makers. There may be as many as one likes.
func Link(app core.App, program *core.Record, to LinkTo, actor string, now time.Time) (*core.Record, error) {
	to, err := to.checked(now)
	if err != nil {
		return nil, err
	}
	var link *core.Record
	err = ledger.Write(app, func(tx core.App) error {
		collection, err := tx.FindCollectionByNameOrId("programs_links")
		if err != nil {
			return err
		}
		link = core.NewRecord(collection)
		if to.Version > 0 {
			_, version, err := versionRecord(tx, program.GetString("appid"), to.Version)
			if err != nil {
				return err
			}
			link.Set("version", version.Id)
		}
		if to.Place != "" {
			if _, err := tx.FindRecordById("places", to.Place); err != nil {
				return ErrBadLink.With("field", "place")
			}
		}
		link.Load(map[string]any{
			"code": newCode(), "program": program.Id, "path": to.Path, "query": to.Query, "scene": to.Scene, "place": to.Place,
			"name": to.Name, "author": actor, "expires_at": instantOrNever(to.ExpiresAt),
		})
		if err := tx.Save(link); err != nil {
			return fmt.Errorf("save link: %w", err)
		}
		return ledger.Audit(tx, actor, "programs.link", program.GetString("appid"), map[string]any{
			"code": link.GetString("code"), "path": to.Path, "version": to.Version,
		}, now)
	})
	if err != nil {
		return nil, err
	}
	return link, nil
}

// checked is the opening in its one form, or the refusal of it.
func (to LinkTo) checked(now time.Time) (LinkTo, error) {
	to.Path = strings.TrimPrefix(to.Path, "/")
	to.Query = strings.TrimPrefix(to.Query, "?")
	to.Name = strings.TrimSpace(to.Name)
	if to.Scene == 0 {
		to.Scene = SceneCode
	}
	bad := func(field string, limit int) (LinkTo, error) {
		return to, ErrBadLink.With("field", field).With("limit", limit)
	}
	switch {
	case len(to.Path) > pathLimit || !plain(to.Path) || strings.ContainsAny(to.Path, `?#\:`) || strings.Contains(to.Path, ".."):
		return bad("path", pathLimit)
	case len(to.Query) > QueryLimit || !plain(to.Query) || strings.Contains(to.Query, "#"):
		return bad("query", QueryLimit)
	case to.Scene < 1 || to.Scene > sceneLimit:
		return bad("scene", sceneLimit)
	case utf8.RuneCountInString(to.Name) > linkNameLimit || !plain(to.Name):
		return bad("name", linkNameLimit)
	case to.Version < 0:
		return bad("version", 0)
	case !to.ExpiresAt.IsZero() && !to.ExpiresAt.After(now):
		return bad("expires_at", 0)
	}
	if _, err := url.ParseQuery(to.Query); err != nil {
		return bad("query", QueryLimit)
	}
	return to, nil
}

// plain tells whether a text is UTF-8 without control characters.
func plain(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, unicode.IsControl) < 0
}

func newCode() string {
	letters := make([]byte, codeLength)
	_, _ = rand.Read(letters) // never fails: crypto/rand ends the process instead
	for i, b := range letters {
		letters[i] = codeLetters[b%32] // 256 is 8 times 32, so each letter is as likely
	}
	return string(letters)
}

func instantOrNever(at time.Time) types.DateTime {
	date, _ := types.ParseDateTime(at) // a time always parses; the zero time is the empty date
	return date
}

// RevokeLink withdraws a link of the program: whoever opens it is told so. Revoking twice changes nothing.
func RevokeLink(app core.App, program *core.Record, code, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		link, err := linkRecord(tx, code)
		if err != nil {
			return err
		}
		if link.GetString("program") != program.Id {
			return ErrLinkNotFound.With("code", code)
		}
		if !link.GetDateTime("revoked_at").IsZero() {
			return nil
		}
		link.Set("revoked_at", now)
		if err := tx.Save(link); err != nil {
			return fmt.Errorf("revoke link: %w", err)
		}
		return ledger.Audit(tx, actor, "programs.unlink", program.GetString("appid"), map[string]any{"code": link.GetString("code")}, now)
	})
}

// linkRecord is the link of a code, which people may type in capitals.
func linkRecord(app core.App, code string) (*core.Record, error) {
	link, err := app.FindFirstRecordByData("programs_links", "code", strings.ToLower(code))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrLinkNotFound.With("code", code)
	}
	return link, err
}

// findLink is a link that may be opened now.
func findLink(app core.App, code string, now time.Time) (*core.Record, error) {
	link, err := linkRecord(app, code)
	if err != nil {
		return nil, err
	}
	if !link.GetDateTime("revoked_at").IsZero() {
		return nil, ErrLinkRevoked.With("code", code)
	}
	if end := link.GetDateTime("expires_at"); !end.IsZero() && !now.Before(end.Time()) {
		return nil, ErrLinkExpired.With("code", code)
	}
	return link, nil
}

// follow is the opening that a link stands for: what the link says takes the place of what was asked.
func (o Opening) follow(app core.App, appid string, now time.Time) (Opening, error) {
	if o.Link == "" {
		return o, nil
	}
	link, err := findLink(app, o.Link, now)
	if err != nil {
		return o, err
	}
	program, err := app.FindRecordById("programs", link.GetString("program"))
	if err != nil {
		return o, fmt.Errorf("program of link: %w", err)
	}
	if program.GetString("appid") != appid {
		return o, ErrLinkNotFound.With("code", o.Link)
	}
	numbers, err := versionNumbers(app, []*core.Record{link})
	return Opening{
		Scene: link.GetInt("scene"), Path: link.GetString("path"), Query: link.GetString("query"), Place: link.GetString("place"),
		Link: link.GetString("code"), Version: numbers[link.GetString("version")],
	}, err
}

// countLink counts one opening by a link.
func countLink(app core.App, code string) error {
	if code == "" {
		return nil
	}
	return ledger.Write(app, func(tx core.App) error {
		// In one statement: a record saved whole would lose the count of whoever opens it at the same moment.
		_, err := ledger.Statement(tx, "UPDATE programs_links SET opens = opens + 1 WHERE code = {:code}").
			Bind(dbx.Params{"code": code}).Execute()
		return err
	})
}

// Links is one page of the program's links, latest first, and whether there are more.
func Links(app core.App, programID string, page int) (links []*core.Record, more bool, err error) {
	links, err = app.FindRecordsByFilter("programs_links", "program = {:program}", "-created,-id", linksShown+1, (max(page, 1)-1)*linksShown,
		dbx.Params{"program": programID})
	if err != nil {
		return nil, false, fmt.Errorf("list links: %w", err)
	}
	return links[:min(len(links), linksShown)], len(links) > linksShown, nil
}
