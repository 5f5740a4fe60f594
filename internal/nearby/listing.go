package nearby

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
)

// The datums in which a position may be given.
const (
	WGS84 = "wgs84"
	GCJ02 = "gcj02"
)

// SourceMerchant is the source of a listing that a merchant made.
const SourceMerchant = "merchant"

// listing is a row of nearby_listings.
type listing struct {
	ID          string                     `db:"id"`
	Name        string                     `db:"name"`
	Names       types.JSONMap[string]      `db:"names"`
	Category    string                     `db:"category"`
	Lat         float64                    `db:"lat"`
	Lon         float64                    `db:"lon"`
	Datum       string                     `db:"datum"`
	Address     string                     `db:"address"`
	Phone       string                     `db:"phone"`
	Website     string                     `db:"website"`
	Cuisine     string                     `db:"cuisine"`
	Hours       string                     `db:"hours"`
	HappyHours  string                     `db:"happy_hours"`
	Timezone    string                     `db:"timezone"`
	Exceptions  types.JSONArray[Exception] `db:"exceptions"`
	Schedule    int64                      `db:"schedule"`
	Happy       int64                      `db:"happy"`
	Org         string                     `db:"org"`
	Place       string                     `db:"place"`
	Program     string                     `db:"program"`
	ProgramPath string                     `db:"program_path"`
	Source      string                     `db:"source"`
	SourceID    string                     `db:"source_id"`
	Attribution string                     `db:"attribution"`
	Edited      bool                       `db:"edited"`
	Hidden      bool                       `db:"hidden"`
	MergedInto  string                     `db:"merged_into"`
	MergedAt    string                     `db:"merged_at"`
	Seq         int64                      `db:"seq"`
	Created     string                     `db:"created"`
	Updated     string                     `db:"updated"`
}

const columns = `id, name, names, category, lat, lon, datum, address, phone, website, cuisine, hours, happy_hours, timezone,
	exceptions, schedule, happy, org, place, program, program_path, source, source_id, attribution, edited, hidden, merged_into,
	merged_at, seq, created, updated`

// byID is a listing, also a hidden or merged one.
func byID(app core.App, id string) (listing, error) {
	var l listing
	err := app.DB().NewQuery("SELECT " + columns + " FROM nearby_listings WHERE id = {:id}").Bind(dbx.Params{"id": id}).One(&l)
	if errors.Is(err, sql.ErrNoRows) {
		return l, ErrListingUnknown
	}
	if err != nil {
		return l, fmt.Errorf("listing %s: %w", id, err)
	}
	return l, nil
}

const insertListing = `INSERT INTO nearby_listings (id, name, names, category, lat, lon, band, datum, address, phone, website, cuisine, hours,
		happy_hours, timezone, exceptions, schedule, happy, org, place, program, program_path, source, source_id, attribution, edited,
		hidden, merged_into, merged_at, folded, seq, created, updated)
	VALUES ({:id}, {:name}, {:names}, {:category}, {:lat}, {:lon}, {:band}, {:datum}, {:address}, {:phone}, {:website}, {:cuisine}, {:hours},
		{:happy_hours}, {:timezone}, {:exceptions}, {:schedule}, {:happy}, {:org}, {:place}, {:program}, {:program_path}, {:source},
		{:source_id}, {:attribution}, {:edited}, {:hidden}, {:merged_into}, {:merged_at}, {:folded},
		(SELECT COALESCE(MAX(seq), 0) + 1 FROM nearby_listings), {:now}, {:now}) RETURNING seq`

const updateListing = `UPDATE nearby_listings SET name = {:name}, names = {:names}, category = {:category}, lat = {:lat}, lon = {:lon},
		band = {:band}, datum = {:datum}, address = {:address}, phone = {:phone}, website = {:website}, cuisine = {:cuisine}, hours = {:hours},
		happy_hours = {:happy_hours}, timezone = {:timezone}, exceptions = {:exceptions}, schedule = {:schedule}, happy = {:happy},
		org = {:org}, place = {:place}, program = {:program}, program_path = {:program_path}, source = {:source}, source_id = {:source_id},
		attribution = {:attribution}, edited = {:edited}, hidden = {:hidden}, merged_into = {:merged_into}, merged_at = {:merged_at},
		folded = {:folded}, updated = {:now} WHERE id = {:id}`

// save writes the listing with all that follows from it: its strip, its schedules and its words. A new one gets an id.
func (l *listing) save(tx core.App, now time.Time) error {
	var err error
	if l.Schedule, err = intern(tx, l.Hours, l.Timezone, l.Exceptions); err != nil {
		return err
	}
	if l.Happy, err = intern(tx, l.HappyHours, l.Timezone, nil); err != nil {
		return err
	}
	made := l.ID == ""
	if made {
		l.ID = security.RandomStringWithAlphabet(15, core.DefaultIdAlphabet)
	}
	words := folded(append(l.allNames(), l.Address, l.Cuisine)...)
	if made {
		err = ledger.Statement(tx, insertListing).Bind(l.params(words, now)).Row(&l.Seq)
	} else {
		_, err = ledger.Statement(tx, updateListing).Bind(l.params(words, now)).Execute()
	}
	if err != nil {
		if strings.Contains(err.Error(), "nearby_listings.place") {
			return ErrBadListing.With("field", "place").Saying("Another listing is tied to this place already.")
		}
		return fmt.Errorf("save listing %s: %w", l.Name, err)
	}
	if !made {
		if _, err := ledger.Statement(tx, "DELETE FROM nearby_text WHERE rowid = {:seq}").Bind(dbx.Params{"seq": l.Seq}).Execute(); err != nil {
			return err
		}
	}
	_, err = ledger.Statement(tx, "INSERT INTO nearby_text (rowid, words) VALUES ({:seq}, {:words})").
		Bind(dbx.Params{"seq": l.Seq, "words": indexed(words)}).Execute()
	return err
}

func (l *listing) allNames() []string {
	names := []string{l.Name}
	for _, language := range languages {
		if name := l.Names[language]; name != "" {
			names = append(names, name)
		}
	}
	return names
}

func (l *listing) params(words string, now time.Time) dbx.Params {
	names, exceptions := l.Names, l.Exceptions
	if names == nil {
		names = types.JSONMap[string]{}
	}
	if exceptions == nil {
		exceptions = types.JSONArray[Exception]{}
	}
	return dbx.Params{
		"id": l.ID, "name": l.Name, "names": names, "category": l.Category, "lat": l.Lat, "lon": l.Lon, "band": band(l.Lat),
		"datum": cmp.Or(l.Datum, WGS84), "address": l.Address, "phone": l.Phone, "website": l.Website, "cuisine": l.Cuisine,
		"hours": l.Hours, "happy_hours": l.HappyHours, "timezone": l.Timezone, "exceptions": exceptions, "schedule": l.Schedule,
		"happy": l.Happy, "org": l.Org, "place": l.Place, "program": l.Program, "program_path": l.ProgramPath, "source": l.Source,
		"source_id": l.SourceID, "attribution": l.Attribution, "edited": l.Edited, "hidden": l.Hidden, "merged_into": l.MergedInto,
		"merged_at": l.MergedAt, "folded": words, "now": stamp(now),
	}
}

// stamp is how the tables write an instant: PocketBase's form, whose text order is the order of time.
func stamp(at time.Time) string { return at.UTC().Format(types.DefaultDateLayout) }
