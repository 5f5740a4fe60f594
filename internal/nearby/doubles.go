package nearby

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/search"
)

const (
	// DoubleWithin is how near, in metres, two listings of the same name are taken for one, when nobody says.
	DoubleWithin = 100
	// DoubleFarthest is how far that may be.
	DoubleFarthest = 1_000
	doublesShown   = 50
	doublesAtMost  = 2_000
	mergesShown    = 50
	briefsAtOnce   = 500
)

// briefsOf is listings in a line, by id; also hidden and merged ones.
func briefsOf(app core.App, ids []string) (map[string]Brief, error) {
	known, err := categoriesKnown()
	if err != nil {
		return nil, err
	}
	out := map[string]Brief{}
	for some := range slices.Chunk(ids, briefsAtOnce) {
		list, err := json.Marshal(some)
		if err != nil {
			return nil, err
		}
		var rows []struct {
			listing
			OrgName string `db:"org_name"`
			Photos  int    `db:"photos"`
		}
		if err := app.DB().NewQuery(`SELECT l.*, COALESCE(o.name, '') AS org_name, (SELECT count(*) FROM nearby_photos p WHERE p.listing = l.id) AS photos
			FROM (SELECT ` + columns + ` FROM nearby_listings WHERE id IN (SELECT value FROM json_each({:ids}))) l LEFT JOIN orgs o ON o.id = l.org`).
			Bind(dbx.Params{"ids": string(list)}).All(&rows); err != nil {
			return nil, fmt.Errorf("read listings: %w", err)
		}
		for _, row := range rows {
			b := Brief{
				ID: row.ID, Name: row.Name, Category: row.Category, Address: row.Address, Lat: row.Lat, Lon: row.Lon, Hours: row.Hours,
				Source: row.Source, SourceID: row.SourceID, Org: row.Org, OrgName: row.OrgName, Photos: row.Photos,
			}
			if c := known.byKey[row.Category]; c != nil {
				b.CategoryName = c.name("en")
			}
			out[row.ID] = b
		}
	}
	return out, nil
}

// FindDoubles is the pairs of listings that have the same name, however it is written, and lie within so many metres
// of one another; the nearest first.
func FindDoubles(app core.App, within float64, page int) (Doubles, error) {
	if math.IsNaN(within) || within < 1 || within > DoubleFarthest {
		return Doubles{}, ErrBadQuery.With("field", "within").With("max", DoubleFarthest)
	}
	pairs, err := pairsWithin(app, within)
	if err != nil {
		return Doubles{}, err
	}
	begin := min(max(page-1, 0)*doublesShown, len(pairs))
	shown := pairs[begin:min(begin+doublesShown, len(pairs))]
	out := Doubles{Items: []Double{}, More: begin+doublesShown < len(pairs)}
	ids := []string{}
	for _, p := range shown {
		ids = append(ids, p.a.ID, p.b.ID)
	}
	briefs, err := briefsOf(app, ids)
	if err != nil {
		return out, err
	}
	for _, p := range shown {
		a, b := briefs[p.a.ID], briefs[p.b.ID]
		if b.weight() > a.weight() {
			a, b = b, a
		}
		out.Items = append(out.Items, Double{Listing: a, Other: b, Distance: math.Round(p.distance*10) / 10})
	}
	out.Merged, err = mergedLately(app)
	return out, err
}

// weight is which of two listings is kept: a claimed one, or else the fuller one.
func (b Brief) weight() int {
	weight := b.Photos
	for _, has := range []bool{b.Hours != "", b.Address != "", b.SourceID != ""} {
		if has {
			weight++
		}
	}
	if b.Org != "" {
		weight += 100
	}
	return weight
}

// named is a listing by its name as doubles are looked for.
type named struct {
	ID     string  `db:"id"`
	Name   string  `db:"name"`
	Lat    float64 `db:"lat"`
	Lon    float64 `db:"lon"`
	folded string
}

type pair struct {
	a, b     named
	distance float64
}

func pairsWithin(app core.App, within float64) ([]pair, error) {
	rows, err := app.DB().NewQuery("SELECT id, name, lat, lon FROM nearby_listings WHERE hidden = FALSE AND merged_into = ''").Rows()
	if err != nil {
		return nil, fmt.Errorf("look for doubles: %w", err)
	}
	defer rows.Close() //nolint:errcheck // it was read to its end, or failed already
	byName := map[string][]named{}
	for rows.Next() {
		var n named
		if err := rows.Scan(&n.ID, &n.Name, &n.Lat, &n.Lon); err != nil {
			return nil, err
		}
		if n.folded = strings.Join(wordsOf(n.Name), ""); n.folded == "" {
			n.folded = search.Fold(n.Name)
		}
		byName[n.folded] = append(byName[n.folded], n)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	var out []pair
	for _, same := range byName {
		slices.SortFunc(same, func(a, b named) int { return cmp.Or(cmp.Compare(a.Lat, b.Lat), cmp.Compare(a.ID, b.ID)) })
		for i, a := range same {
			for _, b := range same[i+1:] {
				if b.Lat-a.Lat > within/metresPerLat+1e-9 {
					break
				}
				if d := distance(a.Lat, a.Lon, b.Lat, b.Lon); d <= within && len(out) < doublesAtMost {
					out = append(out, pair{a, b, d})
				}
			}
		}
	}
	slices.SortFunc(out, func(x, y pair) int {
		return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.a.ID, y.a.ID), cmp.Compare(x.b.ID, y.b.ID))
	})
	return out, nil
}

func mergedLately(app core.App) ([]Merge, error) {
	var rows []struct {
		ID    string `db:"id"`
		Into  string `db:"merged_into"`
		Since string `db:"merged_at"`
	}
	if err := app.DB().NewQuery("SELECT id, merged_into, merged_at FROM nearby_listings WHERE merged_into != '' ORDER BY merged_at DESC, id LIMIT {:limit}").
		Bind(dbx.Params{"limit": mergesShown}).All(&rows); err != nil {
		return nil, fmt.Errorf("merged listings: %w", err)
	}
	ids := []string{}
	for _, row := range rows {
		ids = append(ids, row.ID, row.Into)
	}
	briefs, err := briefsOf(app, ids)
	if err != nil {
		return nil, err
	}
	out := []Merge{}
	for _, row := range rows {
		out = append(out, Merge{From: briefs[row.ID], Into: briefs[row.Into], Since: row.Since})
	}
	return out, nil
}

// MergeInto puts a listing away as a double of another, which keeps all that it says. The one that goes keeps all of
// its own, for it may come back.
func MergeInto(app core.App, user *core.Record, id, into string, now time.Time) (Merge, error) {
	err := ledger.Write(app, func(tx core.App) error {
		from, err := byID(tx, id)
		if err != nil {
			return err
		}
		to, err := byID(tx, into)
		if err != nil {
			return err
		}
		if id == into || from.MergedInto != "" || to.MergedInto != "" || (from.Org != "" && from.Org != to.Org) ||
			has(tx, "SELECT 1 FROM nearby_listings WHERE merged_into = {:id} LIMIT 1", dbx.Params{"id": id}) {
			return ErrBadMerge.With("claimed", from.Org != "" && from.Org != to.Org)
		}
		from.MergedInto, from.MergedAt = into, stamp(now)
		if err := from.save(tx, now); err != nil {
			return err
		}
		return ledger.Audit(tx, user.Id, "nearby.merge", id, map[string]any{"into": into}, now)
	})
	if err != nil {
		return Merge{}, err
	}
	return mergeOf(app, id, into, stamp(now))
}

func mergeOf(app core.App, id, into, since string) (Merge, error) {
	briefs, err := briefsOf(app, []string{id, into})
	return Merge{From: briefs[id], Into: briefs[into], Since: since}, err
}

// Unmerge brings a listing back that was merged.
func Unmerge(app core.App, user *core.Record, id string, now time.Time) (Merge, error) {
	var into string
	err := ledger.Write(app, func(tx core.App) error {
		l, err := byID(tx, id)
		if err != nil {
			return err
		}
		if l.MergedInto == "" {
			return ErrNotMerged
		}
		into = l.MergedInto
		l.MergedInto, l.MergedAt = "", ""
		if err := l.save(tx, now); err != nil {
			return err
		}
		return ledger.Audit(tx, user.Id, "nearby.unmerge", id, map[string]any{"from": into}, now)
	})
	if err != nil {
		return Merge{}, err
	}
	return mergeOf(app, id, into, "")
}
