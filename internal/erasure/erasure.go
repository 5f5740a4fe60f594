// Package erasure is a person's right to what programs keep about them: to know it, to have it, to have it gone.
//
// A program keeps documents and files under the openid by which it knows a person; the house knows whose that is, and
// no program has to help. The invariants: nobody sees, takes or erases what is another person's; an erasure is written
// down; and what a program that was ended kept goes by itself once Grace is over, that of a person with their account.
package erasure

import (
	"archive/zip"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/leaderboards"
	"plaza.internal/plaza/internal/ledger"
)

const (
	// Grace is how long what an ended program kept stays: people can still take what is theirs.
	Grace = 30 * 24 * time.Hour
	// ExportsAtOnce is how many exports of what programs keep about people are written at a time; the next ones wait.
	ExportsAtOnce = 4
)

// Program is one that may keep something about a person.
type Program struct {
	AppID  string                `db:"appid" json:"appid"`
	Name   string                `db:"name" json:"name"`
	Names  types.JSONMap[string] `db:"names" json:"names"`
	Icon   string                `db:"icon" json:"icon"`
	Color  string                `db:"color" json:"color"`
	Status string                `db:"status" json:"status"` // "deleted" goes by itself
}

// Holding is what a program keeps about a person.
type Holding struct {
	Program
	Documents int   `json:"documents"`
	Files     int   `json:"files"`
	Scores    int   `json:"scores"` // on its leaderboards
	Bytes     int64 `json:"bytes"`
}

const selectPrograms = `SELECT DISTINCT k.appid, COALESCE(p.name, k.appid) AS name, COALESCE(p.names, 'null') AS names,
	COALESCE(p.icon, '') AS icon, COALESCE(p.color, '') AS color, COALESCE(p.status, 'deleted') AS status
FROM (SELECT appid FROM identity_openids WHERE user = {:user}
	UNION SELECT q.appid FROM programs_uses u JOIN programs q ON q.id = u.program WHERE u.user = {:user}) k
LEFT JOIN programs p ON p.appid = k.appid `

// Holdings are the programs that keep something about the person, those with the most first.
func Holdings(ctx context.Context, app core.App, userID string) ([]Holding, error) {
	var programs []Program
	if err := app.DB().NewQuery(selectPrograms).Bind(dbx.Params{"user": userID}).All(&programs); err != nil {
		return nil, fmt.Errorf("programs of a person: %w", err)
	}
	list := []Holding{}
	for _, program := range programs {
		holding, err := holdingOf(ctx, app, userID, program)
		if err != nil {
			return nil, err
		}
		if holding.Documents > 0 || holding.Files > 0 || holding.Scores > 0 {
			list = append(list, holding)
		}
	}
	slices.SortFunc(list, func(a, b Holding) int {
		if a.Bytes != b.Bytes {
			return cmp.Compare(b.Bytes, a.Bytes)
		}
		return strings.Compare(a.AppID, b.AppID)
	})
	return list, nil
}

func holdingOf(ctx context.Context, app core.App, userID string, program Program) (Holding, error) {
	holding := Holding{Program: program}
	openID, err := identity.OpenID(app, userID, program.AppID)
	if err != nil {
		return holding, err
	}
	kept, err := clouddb.KeptBy(ctx, app, program.AppID, openID)
	if err != nil {
		return holding, err
	}
	files, err := cloudfiles.Owned(app, program.AppID, openID)
	if err != nil {
		return holding, err
	}
	if holding.Scores, err = leaderboards.KeptBy(app, userID, program.AppID); err != nil {
		return holding, err
	}
	holding.Documents, holding.Files, holding.Bytes = kept.Documents, len(files), kept.Bytes
	for _, file := range files {
		holding.Bytes += file.Size
	}
	return holding, nil
}

// Erased is what an erasure removed.
type Erased struct {
	Documents int `json:"documents"`
	Files     int `json:"files"`
	Scores    int `json:"scores"` // on its leaderboards
}

// Erase removes what one program keeps as the person's, and writes down that it did. What the program wrote about
// them into documents of its own, or sent elsewhere, it must remove itself; bills stay, for the books.
func Erase(ctx context.Context, app core.App, userID, appid string, now time.Time) (Erased, error) {
	openID, err := identity.OpenID(app, userID, appid)
	if err != nil {
		return Erased{}, err
	}
	var done Erased
	if done.Documents, err = clouddb.EraseFrom(ctx, app, appid, openID); err != nil {
		return done, err
	}
	if done.Files, err = cloudfiles.Erase(ctx, app, appid, openID); err != nil {
		return done, err
	}
	if done.Scores, err = leaderboards.Erase(app, userID, appid); err != nil {
		return done, err
	}
	if done == (Erased{}) {
		return done, nil
	}
	return done, ledger.Write(app, func(tx core.App) error {
		return ledger.Audit(tx, userID, "erasure.person", appid, done, now)
	})
}

// eraseEverywhere is for a person whose account is gone: every program that keeps anything is looked through.
func eraseEverywhere(ctx context.Context, app core.App, userID string, now time.Time) error {
	sizes, err := clouddb.Sizes(app)
	if err != nil {
		return err
	}
	usages, err := cloudfiles.Usages(app)
	if err != nil {
		return err
	}
	for _, usage := range usages {
		sizes[usage.AppID] += usage.Bytes
	}
	for appid := range sizes {
		if _, err := Erase(ctx, app, userID, appid, now); err != nil {
			return err
		}
	}
	return nil
}

// clearEnded removes all that programs kept which were ended longer ago than Grace.
func clearEnded(ctx context.Context, app core.App, now time.Time) error {
	var ended []string
	err := app.DB().NewQuery("SELECT appid FROM programs WHERE status = 'deleted' AND updated < {:before}").
		Bind(dbx.Params{"before": stamp(now.Add(-Grace))}).Column(&ended)
	if err != nil {
		return fmt.Errorf("ended programs: %w", err)
	}
	sizes, err := clouddb.Sizes(app)
	if err != nil {
		return err
	}
	var failures []error
	for _, appid := range ended {
		_, hasDatabase := sizes[appid]
		files, err := cloudfiles.Clear(ctx, app, appid)
		if err == nil {
			err = clouddb.Clear(app, appid)
		}
		if err == nil && (hasDatabase || files > 0) {
			err = ledger.Write(app, func(tx core.App) error {
				return ledger.Audit(tx, "", "erasure.program", appid, map[string]any{"files": files, "database": hasDatabase}, now)
			})
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// stamp is how PocketBase writes an instant: the order of such texts is the order of time.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000Z") }

// consent and bill are lines of an export.
type consent struct {
	Scope    string `db:"scope" json:"scope"`
	State    string `db:"state" json:"state"`
	Duration string `db:"duration" json:"duration,omitempty"`
	Updated  string `db:"updated" json:"updated"`
}

type bill struct {
	ID        string `db:"id" json:"id"`
	Reference string `db:"reference" json:"reference"`
	Status    string `db:"status" json:"status"`
	Amount    int64  `db:"amount" json:"amount"`
	Refunded  int64  `db:"refunded" json:"refunded"`
	Currency  string `db:"currency" json:"currency"`
	Title     string `db:"title" json:"title"`
	Detail    string `db:"detail" json:"detail,omitempty"`
	Created   string `db:"created" json:"created"`
	PaidAt    string `db:"paid_at" json:"paid_at,omitempty"`
}

// summary is data.json of an export, but for the documents.
type summary struct {
	AppID      string            `json:"appid"`
	OpenID     string            `json:"openid"` // by which the program knows the person
	ExportedAt time.Time         `json:"exported_at"`
	Consents   []consent         `json:"consents"`
	Bills      []bill            `json:"bills"`
	Files      []cloudfiles.File `json:"files"` // their bytes lie below files/

	Leaderboards []leaderboards.Kept `json:"leaderboards"`
}

func summarize(app core.App, userID, appid string, now time.Time) (summary, error) {
	openID, err := identity.OpenID(app, userID, appid)
	if err != nil {
		return summary{}, err
	}
	sum := summary{AppID: appid, OpenID: openID, ExportedAt: now.UTC(), Consents: []consent{}, Bills: []bill{}}
	if sum.Files, err = cloudfiles.Owned(app, appid, openID); err != nil {
		return sum, err
	}
	if sum.Leaderboards, err = leaderboards.Export(app, userID, appid); err != nil {
		return sum, err
	}
	who := dbx.Params{"user": userID, "appid": appid}
	err = app.DB().NewQuery("SELECT scope, state, duration, updated FROM programs_consents WHERE user = {:user} AND appid = {:appid} ORDER BY scope").Bind(who).All(&sum.Consents)
	if err != nil {
		return sum, fmt.Errorf("consents of a person: %w", err)
	}
	err = app.DB().NewQuery(`SELECT id, reference, status, amount, refunded, currency, title, detail, created, paid_at
		FROM bills WHERE payer = {:user} AND appid = {:appid} ORDER BY created, id`).Bind(who).All(&sum.Bills)
	if err != nil {
		return sum, fmt.Errorf("bills of a person: %w", err)
	}
	return sum, nil
}

// Export writes a zip of all that a program keeps about the person: data.json, and the files as they are.
func Export(ctx context.Context, app core.App, userID, appid string, now time.Time, to io.Writer) error {
	sum, err := summarize(app, userID, appid, now)
	if err != nil {
		return err
	}
	documents, err := os.CreateTemp("", "plaza-export-*") // so that a slow taker holds no file's log
	if err != nil {
		return err
	}
	defer os.Remove(documents.Name()) //nolint:errcheck // at worst an unused file stays
	defer documents.Close()           //nolint:errcheck // what is wanted of it is read by then
	if err := spool(ctx, app, sum, documents); err != nil {
		return fmt.Errorf("export from %s: %w", appid, err)
	}
	archive := zip.NewWriter(to)
	entry, err := archive.Create("data.json")
	if err == nil {
		_, err = io.Copy(entry, documents)
	}
	for _, file := range sum.Files {
		if err != nil {
			break
		}
		if entry, err = archive.Create("files/" + file.Path); err == nil {
			if err = cloudfiles.Copy(app, file, entry); errors.Is(err, cloudfiles.ErrNoFile) {
				err = nil // the program removed it meanwhile
			}
		}
	}
	return errors.Join(err, archive.Close())
}

// spool writes data.json and goes back to its beginning.
func spool(ctx context.Context, app core.App, sum summary, to *os.File) error {
	head, err := json.MarshalIndent(sum, "", "\t")
	if err != nil {
		return err
	}
	head = slices.Concat(head[:len(head)-2], []byte(",\n\t\"documents\": [")) // before the last brace
	if _, err := to.Write(head); err != nil {
		return err
	}
	between := "\n\t\t"
	err = clouddb.ExportFrom(ctx, app, sum.AppID, sum.OpenID, func(line json.RawMessage) error {
		_, err := fmt.Fprintf(to, "%s%s", between, line)
		between = ",\n\t\t"
		return err
	})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(to, "\n\t]\n}\n"); err != nil {
		return err
	}
	_, err = to.Seek(0, io.SeekStart)
	return err
}
