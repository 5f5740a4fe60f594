package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/search"
)

const (
	// buckets is how many ranks a score is told apart into. Within one, whoever came first stands first.
	buckets = 20
	// restrictedBucket comes after all of them: what has not reached everybody stands in nobody's way.
	restrictedBucket = buckets
	// bucketBits is how many places a bucket has: four million.
	bucketBits = 22
	bestScore  = 1000
)

// The tags of entries.
const (
	tagCategory   = "c:"
	tagOpen       = "o:" // the category again, of entries that everybody sees: for counting
	tagKind       = "k:"
	tagCertified  = "certified"
	tagRestricted = "restricted"
)

// entry is a program as the index has it.
type entry struct {
	Place      int64  `db:"place"`
	Program    string `db:"program"`
	Category   string `db:"category"`
	Kind       string `db:"kind"`
	Certified  bool   `db:"certified"`
	Restricted bool   `db:"restricted"`
	ReleasedAt string `db:"released_at"`
	Rising     int    `db:"rising"`
	Publisher  string `db:"publisher"` // programs.Publisher as JSON
	Stamp      string `db:"stamp"`
	Text       string `db:"text"`
}

// texts is what the words of an entry are made from.
type texts struct {
	Names []string `json:"n"`
	Words []string `json:"w,omitempty"`
}

func (e entry) document() (*search.Document, error) {
	var said texts
	if err := json.Unmarshal([]byte(e.Text), &said); err != nil {
		return nil, fmt.Errorf("entry of %s: %w", e.Program, err)
	}
	d := &search.Document{Place: e.Place, Names: said.Names, Words: said.Words, Tags: []string{tagCategory + e.Category, tagKind + e.Kind}}
	if e.Certified {
		d.Tags = append(d.Tags, tagCertified)
	}
	if e.Restricted {
		d.Tags = append(d.Tags, tagRestricted)
	} else {
		d.Tags = append(d.Tags, tagOpen+e.Category)
	}
	return d, nil
}

// facts are a program's columns that make its entry.
type facts struct {
	ID           string                  `db:"id"`
	AppID        string                  `db:"appid"`
	Status       string                  `db:"status"`
	Release      string                  `db:"release"`
	Rollout      string                  `db:"rollout"`
	Name         string                  `db:"name"`
	Names        types.JSONMap[string]   `db:"names"`
	Description  string                  `db:"description"`
	Descriptions types.JSONMap[string]   `db:"descriptions"`
	Keywords     types.JSONArray[string] `db:"keywords"`
	Category     string                  `db:"category"`
	Kind         string                  `db:"kind"`
	Tier         string                  `db:"tier"`
	People       int64                   `db:"people"`
	Stars        int64                   `db:"stars"`
	Ratings      int64                   `db:"ratings"`
	Score        int                     `db:"score"`
	Rising       int                     `db:"rising"`
	ReleasedAt   string                  `db:"released_at"`
	Org          string                  `db:"org"`
	Owner        string                  `db:"owner"`
	Publisher    string                  `db:"publisher"`
	Certified    bool                    `db:"certified"`
	Agency       bool                    `db:"agency_certified"`
	Stamp        string                  `db:"stamp"`
}

const (
	// stampColumn changes with everything that an entry is made from.
	stampColumn = `p.updated || '/' || CASE p.org WHEN '' THEN COALESCE(w.name, '') ELSE COALESCE(o.updated, '') END || '/' || COALESCE(a.updated, '')`
	factsFrom   = `FROM programs p LEFT JOIN orgs o ON o.id = p.org LEFT JOIN users w ON w.id = p.owner LEFT JOIN orgs a ON a.id = p.agency`
	selectFacts = `SELECT p.id, p.appid, p.status, p."release", p.rollout, p.name, p.names, p.description, p.descriptions, p.keywords,
		p.org, p.owner, p.category, p.kind, p.tier, p.people, p.stars, p.ratings, p.score, p.rising, p.released_at,
		CASE p.org WHEN '' THEN COALESCE(w.name, '') ELSE COALESCE(o.name, '') END AS publisher,
		COALESCE(o.certified, FALSE) AS certified, COALESCE(a.certified_agency, FALSE) AS agency_certified, ` + stampColumn + ` AS stamp ` + factsFrom
	// listed is which programs have an entry. The plus keeps SQLite from looking for the many live ones by an index.
	listed = `(+p.status = 'live' AND (p."release" != '' OR p.rollout != ''))`
)

func (f facts) listed() bool { return f.Status == "live" && (f.Release != "" || f.Rollout != "") }

// entry is what the program's entry shall be; its place is not decided here.
func (f facts) entry() (entry, error) {
	said := texts{Names: unique(f.Name, f.Names), Words: unique(f.Description, f.Descriptions)}
	said.Words = append(said.Words, f.Keywords...)
	said.Words = append(said.Words, f.Publisher, f.AppID)
	text, err := json.Marshal(said)
	if err != nil {
		return entry{}, err
	}
	publisher, err := json.Marshal(f.publisher())
	return entry{
		Publisher: string(publisher),
		Program:   f.ID, Category: f.Category, Kind: f.Kind, Certified: f.Certified, Restricted: f.Release == "",
		ReleasedAt: f.ReleasedAt, Rising: f.Rising, Text: string(text), Stamp: f.Stamp,
	}, err
}

func (f facts) publisher() programs.Publisher {
	if f.Org == "" {
		return programs.Publisher{Name: f.Publisher, ID: f.Owner, Kind: "person", AgencyCertified: f.Agency}
	}
	return programs.Publisher{Name: f.Publisher, ID: f.Org, Kind: "org", Certified: f.Certified, AgencyCertified: f.Agency}
}

// unique is the text and its translations, each once, in a fixed order.
func unique(text string, translations map[string]string) []string {
	all := []string{text}
	for _, translation := range translations {
		all = append(all, translation)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(one string) bool { return one == "" })
}

// bucket is where an entry of this score belongs.
func bucket(score int, restricted bool) int64 {
	if restricted {
		return restrictedBucket
	}
	return int64(buckets - 1 - min(max(score, 0), bestScore-1)*buckets/bestScore)
}

// Index brings the program's entry up to what the program is now: there, changed, or gone. Doing it again changes
// nothing.
func Index(app core.App, programID string) error {
	return ledger.Write(app, func(tx core.App) error { return index(tx, clock.Now(tx), programID) })
}

// index does several at once, so that rows of the index that they share are written once.
func index(tx core.App, now time.Time, programIDs ...string) error {
	var changes []search.Change
	for _, id := range programIDs {
		change, err := enter(tx, id, now)
		if err != nil {
			return fmt.Errorf("index program %s: %w", id, err)
		}
		changes = append(changes, change)
	}
	return search.Apply(tx, changes...)
}

// enter brings the entry's row up to date and says what that means for the index.
func enter(tx core.App, id string, now time.Time) (search.Change, error) {
	var change search.Change
	before, err := entryOf(tx, id)
	if err != nil {
		return change, err
	}
	if before != nil {
		if change.Before, err = before.document(); err != nil {
			return change, err
		}
	}
	var program facts
	err = tx.DB().NewQuery(selectFacts + " WHERE p.id = {:id}").Bind(dbx.Params{"id": id}).One(&program)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return change, err
	}
	if err != nil || !program.listed() {
		if before == nil {
			return change, nil
		}
		return change, leave(tx, before.Place)
	}
	after, err := program.entry()
	if err != nil {
		return change, err
	}
	if before != nil && before.Restricted == after.Restricted {
		after.Place = before.Place // scores move entries at night
	} else {
		if before != nil {
			if err := leave(tx, before.Place); err != nil {
				return change, err
			}
		}
		after.Place, err = settle(tx, bucket(score(program, 0, now), after.Restricted))
		if err != nil {
			return change, err
		}
	}
	if change.After, err = after.document(); err != nil {
		return change, err
	}
	return change, save(tx, after)
}

// entryOf is the program's entry, nil when it has none.
func entryOf(tx core.App, programID string) (*entry, error) {
	var found entry
	err := tx.DB().NewQuery("SELECT * FROM store_entries WHERE program = {:program}").Bind(dbx.Params{"program": programID}).One(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "none" is an answer here
	}
	return &found, err
}

const saveEntry = `INSERT INTO store_entries (place, program, category, kind, certified, restricted, released_at, rising, publisher, stamp, text)
		VALUES ({:place}, {:program}, {:category}, {:kind}, {:certified}, {:restricted}, {:released_at}, {:rising}, {:publisher}, {:stamp}, {:text})
		ON CONFLICT (program) DO UPDATE SET place = excluded.place, category = excluded.category, kind = excluded.kind,
		certified = excluded.certified, restricted = excluded.restricted, released_at = excluded.released_at,
		rising = excluded.rising, publisher = excluded.publisher, stamp = excluded.stamp, text = excluded.text`

func save(tx core.App, e entry) error {
	_, err := tx.DB().NewQuery(saveEntry).Bind(e.row()).Execute()
	return err
}

func (e entry) row() dbx.Params {
	return dbx.Params{
		"place": e.Place, "program": e.Program, "category": e.Category, "kind": e.Kind, "certified": e.Certified,
		"restricted": e.Restricted, "released_at": e.ReleasedAt, "rising": e.Rising, "publisher": e.Publisher, "stamp": e.Stamp, "text": e.Text,
	}
}

// settle finds a place in the bucket: the best free one, or the next after the last.
func settle(tx core.App, bucket int64) (int64, error) {
	from, to := bucket<<bucketBits, (bucket+1)<<bucketBits-1
	params := dbx.Params{"from": from, "to": to}
	var free sql.NullInt64
	if err := tx.DB().NewQuery("SELECT MIN(place) FROM store_free WHERE place BETWEEN {:from} AND {:to}").Bind(params).Row(&free); err != nil {
		return 0, err
	}
	if free.Valid {
		_, err := tx.DB().NewQuery("DELETE FROM store_free WHERE place = {:place}").Bind(dbx.Params{"place": free.Int64}).Execute()
		return free.Int64, err
	}
	var last sql.NullInt64
	if err := tx.DB().NewQuery("SELECT MAX(place) FROM store_entries WHERE place BETWEEN {:from} AND {:to}").Bind(params).Row(&last); err != nil {
		return 0, err
	}
	if !last.Valid {
		return from, nil
	}
	if last.Int64 == to {
		return 0, fmt.Errorf("the bucket %d of the store is full", bucket)
	}
	return last.Int64 + 1, nil
}

// leave frees an entry's place.
func leave(tx core.App, place int64) error {
	for _, statement := range []string{
		"DELETE FROM store_entries WHERE place = {:place}",
		"INSERT INTO store_free (place) VALUES ({:place}) ON CONFLICT DO NOTHING",
	} {
		if _, err := tx.DB().NewQuery(statement).Bind(dbx.Params{"place": place}).Execute(); err != nil {
			return err
		}
	}
	return nil
}
