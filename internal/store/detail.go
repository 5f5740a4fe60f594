package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/programs"
)

// historyCap is how many versions a program's page shows.
const historyCap = 50

// Released is a version that people had.
type Released struct {
	Number     int            `json:"number" db:"number"`
	Name       string         `json:"name" db:"name"`
	Note       string         `json:"note" db:"note"`
	ReleasedAt types.DateTime `json:"released_at" db:"released_at"`
	Size       int64          `json:"size" db:"size"`
}

// Detail is a program's page.
type Detail struct {
	programs.Card
	Versions    []Released       `json:"versions"` // the one that people have, then the others, newest first
	Scopes      []string         `json:"scopes"`
	Domains     []string         `json:"domains"`
	Languages   []string         `json:"languages"`
	Screenshots []string         `json:"screenshots"` // addresses on this server
	Histogram   [5]int           `json:"ratings_histogram"`
	MyRating    *Opinion         `json:"my_rating"`
	CanRate     bool             `json:"can_rate"`
	Agency      *programs.Agency `json:"agency"`
	ReleasedAt  types.DateTime   `json:"released_at"` // of the version that is shown
	Size        int64            `json:"size"`
	ReportOpen  bool             `json:"report_open"`
}

// edition is the version that the store shows, as its row has it.
type edition struct {
	Package    string         `db:"package"`
	ReleasedAt types.DateTime `db:"released_at"`
	Size       int64          `db:"size"`
	Manifest   string         `db:"manifest"`
	Domains    string         `db:"domains"`
}

// Show is the page of the program, as this person sees it; user is nil for a guest.
func Show(app core.App, appid, language string, user *core.Record) (Detail, error) {
	userID := ""
	if user != nil {
		userID = user.Id
	}
	program, err := visible(app, appid, userID)
	if err != nil {
		return Detail{}, err
	}
	detail := Detail{Versions: []Released{}}
	found, err := programs.Cards(app, []string{program.ID}, language)
	if err != nil {
		return detail, err
	}
	if len(found) == 0 {
		return detail, programs.ErrNotFound.With("appid", appid)
	}
	detail.Card = found[0]
	for _, fill := range []func() error{
		func() error { return detail.describe(app, program) },
		func() error { return detail.history(app, program.ID) },
		func() error { return detail.stars(app, program.ID) },
		func() error { return detail.build(app, program.ID) },
		func() error { return detail.personal(app, program, user) },
	} {
		if err := fill(); err != nil {
			return detail, fmt.Errorf("page of %s: %w", appid, err)
		}
	}
	return detail, nil
}

// describe tells what the shown version asks for and looks like.
func (d *Detail) describe(app core.App, program shown) error {
	var version edition
	err := app.DB().NewQuery(`SELECT v.package, v.released_at, v.size, v.manifest, COALESCE(NULLIF(p.domains, ''), 'null') AS domains
		FROM programs_versions v JOIN programs p ON p.id = v.program WHERE v.id = {:id}`).
		Bind(dbx.Params{"id": program.version()}).One(&version)
	if err != nil {
		return err
	}
	var manifest check.Manifest
	var added check.ManifestDomains // by the makers, beside the manifest
	if err := errors.Join(json.Unmarshal([]byte(version.Manifest), &manifest), json.Unmarshal([]byte(version.Domains), &added)); err != nil {
		return err
	}
	d.ReleasedAt, d.Size = version.ReleasedAt, version.Size
	d.Scopes = append([]string{}, manifest.Plaza.Scopes...)
	d.Domains = append([]string{}, manifest.Plaza.Domains.With(added).All()...)
	d.Screenshots = []string{}
	for _, picture := range manifest.Plaza.Screenshots {
		d.Screenshots = append(d.Screenshots, programs.Address(d.AppID, version.Package)+check.Resource(picture))
	}
	spoken := map[string]bool{}
	for _, texts := range []map[string]string{d.Names, d.Descriptions} {
		for language := range texts {
			spoken[language] = true
		}
	}
	d.Languages = append([]string{}, slices.Sorted(maps.Keys(spoken))...)
	return nil
}

// history is the version that people have, and those that they had before. One that was taken back is news no more.
func (d *Detail) history(app core.App, programID string) error {
	return app.DB().NewQuery(`SELECT number, name, note, released_at, size FROM programs_versions
		WHERE program = {:program} AND released_at != '' AND state NOT IN ('taken_down', 'rolled_back')
		ORDER BY state = 'released' DESC, number DESC LIMIT {:limit}`).
		Bind(dbx.Params{"program": programID, "limit": historyCap}).All(&d.Versions)
}

func (d *Detail) stars(app core.App, programID string) error {
	var rows []struct {
		Stars int `db:"stars"`
		Count int `db:"count"`
	}
	err := app.DB().NewQuery("SELECT stars, count FROM store_stars WHERE program = {:program}").
		Bind(dbx.Params{"program": programID}).All(&rows)
	for _, row := range rows {
		if row.Stars >= 1 && row.Stars <= len(d.Histogram) {
			d.Histogram[row.Stars-1] = row.Count
		}
	}
	return err
}

// build names the agency that makes the program for its owner.
func (d *Detail) build(app core.App, programID string) error {
	var agencies []programs.Agency
	err := app.DB().NewQuery(`SELECT a.name, a.certified_agency AS certified FROM programs p JOIN orgs a ON a.id = p.agency
		WHERE p.id = {:id}`).Bind(dbx.Params{"id": programID}).All(&agencies)
	if len(agencies) > 0 {
		d.Agency = &agencies[0]
	}
	return err
}

// personal tells what the person said of the program, and may say.
func (d *Detail) personal(app core.App, program shown, user *core.Record) error {
	if user == nil {
		return nil
	}
	mine, err := ratingBy(app, program.ID, user.Id)
	if err != nil {
		return err
	}
	if mine != nil {
		opinion := opinionOf(mine, authorOf(user.GetString("name")), true)
		d.MyRating = &opinion
	}
	switch _, err := mayRate(app, user, program.ID); {
	case err == nil:
		d.CanRate = true
	case !errors.Is(err, ErrNotUsed) && !errors.Is(err, ErrOwnProgram):
		return err
	}
	return app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM store_reports WHERE program = {:program} AND user = {:user} AND rating = '' AND state = 'open')`).
		Bind(dbx.Params{"program": program.ID, "user": user.Id}).Row(&d.ReportOpen)
}
