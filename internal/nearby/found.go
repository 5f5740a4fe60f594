package nearby

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/nearby/hours"
)

// shownRow is what an answer tells of a listing besides its state.
type shownRow struct {
	ID          string                `db:"id"`
	Name        string                `db:"name"`
	Names       types.JSONMap[string] `db:"names"`
	Category    string                `db:"category"`
	Lat         float64               `db:"lat"`
	Lon         float64               `db:"lon"`
	Address     string                `db:"address"`
	Hours       string                `db:"hours"`
	Happy       int64                 `db:"happy"`
	Timezone    string                `db:"timezone"`
	Org         string                `db:"org"`
	Place       string                `db:"place"`
	Program     string                `db:"program"`
	ProgramPath string                `db:"program_path"`
	OrgName     string                `db:"org_name"`
	Certified   bool                  `db:"certified"`
	Photo       string                `db:"photo"`
}

const selectShown = `SELECT l.id, l.name, l.names, l.category, l.lat, l.lon, l.address, l.hours, l.happy, l.timezone, l.org, l.place, l.program,
	l.program_path, COALESCE(o.name, '') AS org_name, COALESCE(o.certified, FALSE) AS certified,
	COALESCE((SELECT id FROM nearby_photos p WHERE p.listing = l.id ORDER BY position, id LIMIT 1), '') AS photo
	FROM nearby_listings l LEFT JOIN orgs o ON o.id = l.org WHERE l.id IN (SELECT value FROM json_each({:ids}))`

// complete is the listings as they are answered, in the order of the spots.
func complete(app core.App, spots []spot, at time.Time, language string) ([]Found, error) {
	ids := make([]string, len(spots))
	for i, s := range spots {
		ids[i] = s.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	var rows []shownRow
	if err := app.DB().NewQuery(selectShown).Bind(dbx.Params{"ids": string(list)}).All(&rows); err != nil {
		return nil, fmt.Errorf("read listings: %w", err)
	}
	c, err := newCompleting(app, rows, at, language)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*shownRow, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	out := make([]Found, 0, len(spots))
	for _, s := range spots {
		row := byID[s.ID]
		if row == nil {
			continue // it went since
		}
		f, err := c.found(row, s.then)
		if err != nil {
			return nil, err
		}
		f.Distance = math.Round(s.distance*10) / 10
		out = append(out, f)
	}
	return out, nil
}

// completing is what the listings of an answer have in common.
type completing struct {
	app      core.App
	at       time.Time
	language string
	known    *catalogue
	happy    map[int64]*schedule
	programs map[string]*Opens // by listing
	offers   map[string][]campaigns.LiveCampaign
}

func newCompleting(app core.App, rows []shownRow, at time.Time, language string) (*completing, error) {
	known, err := categoriesKnown()
	if err != nil {
		return nil, err
	}
	c := &completing{app: app, at: at, language: language, known: known, offers: map[string][]campaigns.LiveCampaign{}}
	var happy []int64
	for _, row := range rows {
		happy = append(happy, row.Happy)
	}
	if c.happy, err = schedulesOf(app).load(app, happy); err != nil {
		return nil, err
	}
	c.programs, err = programsOf(app, rows, language)
	return c, err
}

// found is one listing as it is answered.
func (c *completing) found(row *shownRow, then stateThen) (Found, error) {
	f := Found{
		ID: row.ID, Name: cmp.Or(row.Names[c.language], row.Name), Category: row.Category, Lat: row.Lat, Lon: row.Lon, Address: row.Address,
		Open: stateWord(then.state), Hours: row.Hours, Comment: then.comment, Timezone: row.Timezone, Offers: []Offer{},
		Program: c.programs[row.ID], Org: row.Org, OrgName: row.OrgName, Certified: row.Certified, Place: row.Place,
	}
	if then.state == hours.Open {
		f.ClosesAt = then.until.UTC()
	} else if !then.until.IsZero() {
		f.OpensAt = then.until.UTC()
	}
	if then.until.IsZero() {
		f.ClosesAt, f.OpensAt = time.Time{}, time.Time{}
	}
	if category := c.known.byKey[row.Category]; category != nil {
		f.CategoryName, f.Icon = category.name(c.language), category.icon
	}
	if row.Photo != "" {
		f.Photo = photoURL(row.Photo)
	}
	if happy := c.happy[row.Happy]; happy != nil && happy.parsed != nil {
		if now := happy.at(c.at); now.state == hours.Open {
			f.Happy, f.HappyUntil = true, now.until.UTC()
		}
	}
	return f, c.offersOf(row, &f)
}

// offersOf adds the campaigns that run at the listing's place. One that works in hours of the day is a happy hour.
func (c *completing) offersOf(row *shownRow, f *Found) error {
	if row.Place == "" || row.Org == "" {
		return nil
	}
	running, read := c.offers[row.Org]
	if !read {
		var err error
		if running, err = campaigns.Running(c.app, row.Org, c.at); err != nil {
			return err
		}
		c.offers[row.Org] = running
	}
	for _, one := range running {
		f.Offers = append(f.Offers, Offer{Campaign: one.ID, Title: one.Name, Kind: one.Kind, Reason: one.Reason, EndsAt: one.Until})
		if one.Hourly {
			f.Happy = true
			if f.HappyUntil.IsZero() || one.Until.After(f.HappyUntil) {
				f.HappyUntil = one.Until
			}
		}
	}
	return nil
}

func stateWord(state hours.State) string {
	switch state {
	case hours.Open:
		return StateOpen
	case hours.Closed:
		return StateClosed
	}
	return StateUnknown
}

// programsOf is what each listing opens, by id: the program that its merchant chose, or else the newest of the
// organisation; only what is live.
func programsOf(app core.App, rows []shownRow, language string) (map[string]*Opens, error) {
	var orgs []string
	for _, row := range rows {
		if row.Org != "" {
			orgs = append(orgs, row.Org)
		}
	}
	out := map[string]*Opens{}
	if len(orgs) == 0 {
		return out, nil
	}
	list, err := json.Marshal(orgs)
	if err != nil {
		return nil, err
	}
	var live []struct {
		ID    string                `db:"id"`
		Org   string                `db:"org"`
		AppID string                `db:"appid"`
		Name  string                `db:"name"`
		Names types.JSONMap[string] `db:"names"`
		Icon  string                `db:"icon"`
		Color string                `db:"color"`
	}
	if err := app.DB().NewQuery(`SELECT id, org, appid, name, names, icon, color FROM programs
		WHERE org IN (SELECT value FROM json_each({:orgs})) AND status = 'live' AND ` + "`release`" + ` != '' ORDER BY created DESC, id DESC`).
		Bind(dbx.Params{"orgs": string(list)}).All(&live); err != nil {
		return nil, fmt.Errorf("programs of listings: %w", err)
	}
	for _, row := range rows {
		for _, p := range live {
			if p.Org != row.Org || (row.Program != "" && row.Program != p.ID) {
				continue
			}
			out[row.ID] = &Opens{AppID: p.AppID, Name: cmp.Or(p.Names[language], p.Name), Icon: p.Icon, Color: p.Color, Path: row.ProgramPath}
			break
		}
	}
	return out, nil
}

// One is a listing with everything that people may know. A merged one is what it was merged into; a hidden one is
// there for nobody.
func One(app core.App, id, language string, at time.Time) (Detail, error) {
	l, err := byID(app, id)
	if err != nil {
		return Detail{}, err
	}
	if l.MergedInto != "" {
		if l, err = byID(app, l.MergedInto); err != nil {
			return Detail{}, err
		}
	}
	if l.Hidden || l.MergedInto != "" {
		return Detail{}, ErrListingUnknown
	}
	d, err := detail(app, l, language, at)
	if l.ID != id {
		d.MergedInto = l.ID
	}
	return d, err
}

// detail is everything about a listing.
func detail(app core.App, l listing, language string, at time.Time) (Detail, error) {
	list, err := details(app, []listing{l}, language, at)
	if err != nil {
		return Detail{}, err
	}
	if len(list) == 0 {
		return Detail{}, ErrListingUnknown
	}
	d := list[0]
	if d.Photos, err = photosOf(app, l.ID); err != nil {
		return Detail{}, err
	}
	one, err := schedulesOf(app).load(app, []int64{l.Schedule})
	if err != nil {
		return Detail{}, err
	}
	if s := one[l.Schedule]; s != nil && s.parsed != nil {
		local := at.In(s.zone)
		today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, s.zone)
		for _, i := range s.parsed.Intervals(today, today.AddDate(0, 0, 7)) {
			d.Week = append(d.Week, Interval{From: i.From.UTC(), Until: i.Until.UTC(), State: stateWord(i.State), Comment: i.Comment})
		}
	}
	return d, nil
}

// details is the listings with their states, in the same order, without photos and weeks.
func details(app core.App, all []listing, language string, at time.Time) ([]Detail, error) {
	spots := make([]spot, len(all))
	ids := make([]int64, len(all))
	for i, l := range all {
		spots[i], ids[i] = spot{ID: l.ID, Lat: l.Lat, Lon: l.Lon, Schedule: l.Schedule}, l.Schedule
	}
	known, err := schedulesOf(app).load(app, ids)
	if err != nil {
		return nil, err
	}
	for i := range spots {
		spots[i].then = known[spots[i].Schedule].at(at)
	}
	found, err := complete(app, spots, at, language)
	if err != nil || len(found) != len(all) {
		return nil, err
	}
	out := make([]Detail, len(all))
	for i, l := range all {
		_, unread := hours.Parse(l.Hours)
		names := map[string]string(l.Names)
		if names == nil {
			names = map[string]string{}
		}
		out[i] = Detail{
			Found: found[i], Phone: l.Phone, Website: l.Website, Names: names, Cuisine: l.Cuisine, HappyHours: l.HappyHours,
			HoursValid: unread == nil, Week: []Interval{}, Exceptions: upcoming(l, at), Photos: []Photo{}, Source: l.Source, SourceID: l.SourceID,
			Attribution: l.Attribution,
		}
	}
	return out, nil
}

// upcoming is the exceptions from today on.
func upcoming(l listing, at time.Time) []Exception {
	zone, err := time.LoadLocation(l.Timezone)
	if err != nil {
		zone = time.UTC
	}
	today, out := at.In(zone).Format(time.DateOnly), []Exception{}
	for _, e := range l.Exceptions {
		if e.Date >= today {
			out = append(out, e)
		}
	}
	return out
}
