package nearby

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/nearby/hours"
)

const (
	nameLimit      = 120
	textLimit      = 200
	phoneLimit     = 40
	websiteLimit   = 300
	pathLimit      = 512
	noteLimit      = 1_000
	listingsShown  = 50 // on a page of those who manage
	exceptionHours = 200
)

// mayManage refuses who neither runs the house nor manages the organisation that has claimed the listing.
func mayManage(app core.App, user *core.Record, l listing) error {
	if identity.IsOperator(user) {
		return nil
	}
	if l.Org == "" {
		return identity.ErrNotStaff
	}
	_, err := identity.Require(app, user, l.Org, identity.Owner, identity.Manager)
	return err
}

// Create makes a listing of the organisation, which has claimed it by that. The operator may make one for anybody.
func Create(app core.App, user *core.Record, draft Draft, language string, now time.Time) (Managed, error) {
	if !identity.IsOperator(user) {
		if _, err := identity.Require(app, user, draft.Org, identity.Owner, identity.Manager); err != nil {
			return Managed{}, err
		}
	}
	var made listing
	err := ledger.Write(app, func(tx core.App) error {
		if draft.Org != "" && !has(tx, "SELECT 1 FROM orgs WHERE id = {:org}", dbx.Params{"org": draft.Org}) {
			return wrong("org", "There is no such organisation.")
		}
		if !identity.IsOperator(user) && has(tx, "SELECT 1 FROM nearby_listings WHERE org = {:org} LIMIT 1 OFFSET {:most}", dbx.Params{"org": draft.Org, "most": ListingsOfOrg - 1}) {
			return ErrTooManyListings
		}
		made = listing{Org: draft.Org, Source: SourceMerchant, Edited: true, Datum: WGS84, Lat: math.NaN()}
		if err := tx.DB().NewQuery("SELECT timezone FROM orgs WHERE id = {:org}").Bind(dbx.Params{"org": draft.Org}).Row(&made.Timezone); err != nil {
			made.Timezone = "UTC"
		}
		if err := made.apply(tx, draft.Edit); err != nil {
			return err
		}
		switch {
		case made.Name == "":
			return wrong("name", "A name is missing.")
		case made.Category == "":
			return wrong("category", "A category is missing.")
		case math.IsNaN(made.Lat):
			return wrong("lat", "A position is missing.")
		}
		if err := made.save(tx, now); err != nil {
			return err
		}
		return ledger.Audit(tx, user.Id, "nearby.create", made.ID, map[string]any{"org": draft.Org, "name": made.Name}, now)
	})
	if err != nil {
		return Managed{}, err
	}
	return managedByID(app, made.ID, language, now)
}

// Change edits a listing. From then on no import changes it.
func Change(app core.App, user *core.Record, id string, edit Edit, language string, now time.Time) (Managed, error) {
	err := ledger.Write(app, func(tx core.App) error {
		l, err := byID(tx, id)
		if err != nil {
			return err
		}
		if err := mayManage(tx, user, l); err != nil {
			return err
		}
		if l.MergedInto != "" {
			return ErrListingUnknown
		}
		before := l
		if err := l.apply(tx, edit); err != nil {
			return err
		}
		l.Edited = true
		if err := l.save(tx, now); err != nil {
			return err
		}
		return ledger.Audit(tx, user.Id, "nearby.edit", id, changes(before, l), now)
	})
	if err != nil {
		return Managed{}, err
	}
	return managedByID(app, id, language, now)
}

// changes is what differs, as the audit trail keeps it.
func changes(before, after listing) map[string]any {
	out := map[string]any{}
	was, is := before.params("", time.Time{}), after.params("", time.Time{})
	for name := range is {
		if a, b := fmt.Sprint(was[name]), fmt.Sprint(is[name]); a != b && name != "schedule" && name != "happy" && name != "band" {
			out[name] = []string{a, b}
		}
	}
	return out
}

func wrong(field, sentence string) error {
	return ErrBadListing.With("field", field).Saying("%s", sentence)
}

// apply puts what shall change into the listing, or refuses.
func (l *listing) apply(tx core.App, edit Edit) error {
	for _, text := range []struct {
		field string
		into  *string
		value *string
		most  int
	}{
		{"name", &l.Name, edit.Name, nameLimit},
		{"address", &l.Address, edit.Address, textLimit},
		{"phone", &l.Phone, edit.Phone, phoneLimit},
		{"website", &l.Website, edit.Website, websiteLimit},
		{"cuisine", &l.Cuisine, edit.Cuisine, textLimit},
		{"program_path", &l.ProgramPath, edit.ProgramPath, pathLimit},
		{"hours", &l.Hours, edit.Hours, hours.ValueLimit},
		{"happy_hours", &l.HappyHours, edit.HappyHours, hours.ValueLimit},
		{"timezone", &l.Timezone, edit.Timezone, 64},
	} {
		if text.value == nil {
			continue
		}
		value := oneLine(*text.value)
		if len(value) > text.most {
			return wrong(text.field, "This text is too long.")
		}
		*text.into = value
	}
	if edit.Name != nil && l.Name == "" {
		return wrong("name", "A name is missing.")
	}
	set(&l.Hidden, edit.Hidden)
	for _, step := range []func() error{
		func() error { return l.applyNames(edit) }, func() error { return l.applyPosition(edit) }, func() error { return l.applyHours(edit) },
		func() error { return l.applyTies(tx, edit) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) applyNames(edit Edit) error {
	if edit.Category != nil {
		known, err := categoriesKnown()
		if err != nil {
			return err
		}
		if known.byKey[*edit.Category] == nil {
			return ErrCategoryUnknown.With("category", *edit.Category)
		}
		l.Category = *edit.Category
	}
	if edit.Website != nil && l.Website != "" {
		if address, err := url.Parse(l.Website); err != nil || (address.Scheme != "https" && address.Scheme != "http") || address.Host == "" {
			return wrong("website", "A website begins with https:// or http://.")
		}
	}
	if edit.Names == nil {
		return nil
	}
	l.Names = types.JSONMap[string]{}
	for language, name := range *edit.Names {
		name = oneLine(name)
		if !slices.Contains(languages[:], language) || len(name) > nameLimit {
			return wrong("names", "Names are in en, fr and zh, and not too long.")
		}
		if name != "" {
			l.Names[language] = name
		}
	}
	return nil
}

func (l *listing) applyPosition(edit Edit) error {
	if edit.Datum != nil && *edit.Datum != WGS84 && *edit.Datum != GCJ02 {
		return wrong("datum", "A datum is wgs84 or gcj02.")
	}
	if (edit.Lat == nil) != (edit.Lon == nil) {
		return wrong("lat", "A position is lat and lon.")
	}
	if edit.Lat == nil {
		return nil
	}
	return l.moveTo(*edit.Lat, *edit.Lon, edit.Datum)
}

// moveTo sets the position, which is kept in WGS-84; the datum in which it came is kept beside it.
func (l *listing) moveTo(lat, lon float64, datum *string) error {
	if math.IsNaN(lat) || math.IsNaN(lon) || !onEarth(lat, lon) {
		return ErrBadPosition
	}
	l.Lat, l.Lon, l.Datum = lat, lon, WGS84
	if datum != nil && *datum == GCJ02 {
		l.Datum = GCJ02
		l.Lat, l.Lon = fromGCJ02(lat, lon)
	}
	return nil
}

func (l *listing) applyHours(edit Edit) error {
	if edit.Timezone != nil {
		if _, err := time.LoadLocation(l.Timezone); err != nil || l.Timezone == "" || l.Timezone == "Local" {
			return wrong("timezone", "There is no such time zone. Use a name like Europe/Paris.")
		}
	}
	for _, one := range []struct {
		field string
		given *string
		value string
	}{{"hours", edit.Hours, l.Hours}, {"happy_hours", edit.HappyHours, l.HappyHours}} {
		if one.given == nil || one.value == "" {
			continue
		}
		if err := readable(one.field, one.value); err != nil {
			return err
		}
	}
	if edit.Exceptions == nil {
		return nil
	}
	days := slices.Clone(*edit.Exceptions)
	if len(days) > ExceptionsLimit {
		return wrong("exceptions", "There are too many days with other hours.")
	}
	seen := map[string]bool{}
	for i, day := range days {
		if _, err := time.Parse(time.DateOnly, day.Date); err != nil || seen[day.Date] {
			return wrong("exceptions", "Each day is a date like 2026-12-24, and stands once.")
		}
		seen[day.Date] = true
		days[i].Note, days[i].Hours = strings.TrimSpace(day.Note), cmp.Or(strings.TrimSpace(day.Hours), "off")
		if len(day.Note) > textLimit || len(day.Hours) > exceptionHours {
			return wrong("exceptions", "The hours or the note of a day are too long.")
		}
		if err := readable("exceptions", days[i].Hours); err != nil {
			return err
		}
	}
	slices.SortFunc(days, func(a, b Exception) int { return cmp.Compare(a.Date, b.Date) })
	l.Exceptions = days
	return nil
}

func readable(field, value string) error {
	_, err := hours.Parse(value)
	var syntax *hours.SyntaxError
	if errors.As(err, &syntax) {
		return ErrBadHours.With("field", field).With("value", value).With("offset", syntax.Offset).With("detail", syntax.Reason)
	}
	return err
}

// applyTies ties the listing to a place and a program, which must be the organisation's own.
func (l *listing) applyTies(tx core.App, edit Edit) error {
	if edit.Place != nil {
		l.Place = *edit.Place
	}
	if edit.Place != nil && l.Place != "" {
		if l.Org == "" || !has(tx, "SELECT 1 FROM places WHERE id = {:id} AND org = {:org}", dbx.Params{"id": l.Place, "org": l.Org}) {
			return wrong("place", "This is no place of the organisation.")
		}
	}
	if edit.Program == nil {
		return nil
	}
	l.Program = ""
	if *edit.Program == "" {
		return nil
	}
	err := tx.DB().NewQuery("SELECT id FROM programs WHERE (appid = {:id} OR id = {:id}) AND org = {:org} AND org != '' AND status = 'live' AND `release` != ''").
		Bind(dbx.Params{"id": *edit.Program, "org": l.Org}).Row(&l.Program)
	if err != nil {
		return wrong("program", "This is no program of the organisation that people can open.")
	}
	return nil
}

func has(app core.App, query string, params dbx.Params) bool {
	var one int
	return app.DB().NewQuery(query).Bind(params).Row(&one) == nil
}

// Release ends a claim: the listing is nobody's, keeps what it says, and imports may change it again.
func Release(app core.App, user *core.Record, id string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		l, err := byID(tx, id)
		if err != nil {
			return err
		}
		if err := mayManage(tx, user, l); err != nil {
			return err
		}
		before := l.Org
		l.Org, l.Place, l.Program, l.ProgramPath, l.Edited = "", "", "", "", l.SourceID == ""
		if err := l.save(tx, now); err != nil {
			return err
		}
		return ledger.Audit(tx, user.Id, "nearby.release", id, map[string]any{"org": before}, now)
	})
}

// Mine is the listings of an organisation, for its staff.
func Mine(app core.App, org string, page int, language string, now time.Time) (Listings, error) {
	return manageable(app, "org = {:org} AND merged_into = ''", "name", dbx.Params{"org": org}, page, language, now)
}

// shownTo narrows the operator's list to a state.
var shownTo = map[string]string{
	"claimed":   " AND org != ''",
	"unclaimed": " AND org = ''",
	"hidden":    " AND hidden = TRUE",
}

// sorts is what the operator's list is sorted by.
var sorts = map[string]string{
	"name":     "name",
	"category": "category",
	"org":      "(SELECT o.name FROM orgs o WHERE o.id = nearby_listings.org)",
	"source":   "source",
	"updated":  "updated",
}

// All is the listings for the operator: those with all words of a text, or that text as their id; in a state, and sorted.
func All(app core.App, words, state, sort string, page int, language string, now time.Time) (Listings, error) {
	where, params := "merged_into = ''", dbx.Params{"id": words}
	if match := matching(words); match != "" {
		where += " AND (id = {:id} OR source_id = {:id} OR seq IN (SELECT rowid FROM nearby_text WHERE words MATCH {:match}))"
		params["match"] = match
	}
	field, down := strings.CutPrefix(sort, "-")
	order := cmp.Or(sorts[field], "name")
	if down {
		order += " DESC"
	}
	return manageable(app, where+shownTo[state], order, params, page, language, now)
}

func manageable(app core.App, where, order string, params dbx.Params, page int, language string, now time.Time) (Listings, error) {
	params["limit"], params["offset"] = listingsShown+1, max(page-1, 0)*listingsShown
	var rows []listing
	if err := app.DB().NewQuery("SELECT " + columns + " FROM nearby_listings WHERE " + where + " ORDER BY " + order + ", id LIMIT {:limit} OFFSET {:offset}").
		Bind(params).All(&rows); err != nil {
		return Listings{}, fmt.Errorf("list listings: %w", err)
	}
	more := len(rows) > listingsShown
	items, err := managed(app, rows[:min(len(rows), listingsShown)], language, now)
	return Listings{Items: items, More: more}, err
}

func managedByID(app core.App, id, language string, now time.Time) (Managed, error) {
	l, err := byID(app, id)
	if err != nil {
		return Managed{}, err
	}
	list, err := managed(app, []listing{l}, language, now)
	if err != nil || len(list) == 0 {
		return Managed{}, err
	}
	return list[0], nil
}

func managed(app core.App, rows []listing, language string, now time.Time) ([]Managed, error) {
	out := []Managed{}
	told, err := details(app, rows, language, now)
	if err != nil || len(told) != len(rows) {
		return out, err
	}
	for i, l := range rows {
		told[i].Exceptions = append([]Exception{}, l.Exceptions...)
		if told[i].Photos, err = photosOf(app, l.ID); err != nil {
			return nil, err
		}
		out = append(out, Managed{
			Detail: told[i], Hidden: l.Hidden, Datum: l.Datum, ProgramID: l.Program, Edited: l.Edited, Created: l.Created, Updated: l.Updated,
		})
		open, err := openClaim(app, l.ID)
		if err != nil {
			return nil, err
		}
		out[i].Claim = open
	}
	return out, nil
}
