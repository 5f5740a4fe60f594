package nearby

import (
	"cmp"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/nearby/hours"
)

const (
	// firstLook is how far a search looks at first, in metres: most end there, and far ones grow from it.
	firstLook = 1_200
	// rowsAtOnce is how many listings one look may bring; where there are more it looks less far.
	rowsAtOnce = 3_000
	// nearestStep is the least that a look is narrowed to, in metres. More listings than rowsAtOnce in a ring of this
	// width are all read, up to crowdLimit.
	nearestStep = 5
	crowdLimit  = 100_000
	// judged is how many listings a page looks at before it goes on with the next one.
	judged = 20_000
	// categoriesAtOnce is how many kinds of a category are looked up one by one; of more, all listings are.
	categoriesAtOnce = 24
)

// Query is a search.
type Query struct {
	Lat, Lon float64
	Here     bool   // Lat and Lon are given
	Place    string // an address or a name to look from, when they are not
	Radius   float64
	Category string
	Words    string    // of names, addresses and categories
	At       time.Time // the instant of all states
	OpenOnly bool      // only what is open then
	Cursor   string
	Limit    int
	Language string
}

// Search finds the listings around a centre, the nearest first.
func Search(app core.App, q Query) (Results, error) {
	if q.Radius < 1 || q.Radius > RadiusLimit || math.IsNaN(q.Radius) {
		return Results{}, ErrBadRadius
	}
	if q.Limit < 1 || q.Limit > PageLimit {
		return Results{}, ErrBadQuery.With("field", "limit").With("max", PageLimit)
	}
	center, err := centerOf(app, q)
	if err != nil {
		return Results{}, err
	}
	l, err := newLook(app, q, center)
	if err != nil {
		return Results{}, err
	}
	found, next, err := l.page()
	if err != nil {
		return Results{}, err
	}
	out := Results{Items: []Found{}, Center: center, At: l.at.UTC().Format(time.RFC3339)}
	if next != nil {
		out.NextCursor = l.cursor(*next)
	}
	if len(found) > 0 {
		out.Items, err = complete(app, found, l.at, q.Language)
	}
	return out, err
}

// centerOf is where the search looks from.
func centerOf(app core.App, q Query) (Center, error) {
	switch {
	case q.Here && !onEarth(q.Lat, q.Lon):
		return Center{}, ErrBadPosition
	case q.Here:
		return Center{Lat: q.Lat, Lon: q.Lon}, nil
	case strings.TrimSpace(q.Place) != "":
		return locate(app, q.Place)
	}
	settings, err := SettingsOf(app)
	if err != nil {
		return Center{}, err
	}
	if settings.Center == (Center{}) {
		return Center{}, ErrNoCenter
	}
	return settings.Center, nil
}

// locate is where an address or a place of that name is: of the one whose words have all of the text's, or else all
// but its numbers. An address counts before a name only by being the shorter text.
func locate(app core.App, place string) (Center, error) {
	texts := []string{place, strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return ' '
		}
		return r
	}, place)}
	for _, text := range texts {
		match := matching(text)
		if match == "" {
			break
		}
		var hit struct {
			Name    string  `db:"name"`
			Address string  `db:"address"`
			Lat     float64 `db:"lat"`
			Lon     float64 `db:"lon"`
		}
		err := app.DB().NewQuery(`SELECT l.name, l.address, l.lat, l.lon FROM nearby_listings l
			WHERE l.seq IN (SELECT rowid FROM nearby_text WHERE nearby_text MATCH {:match} LIMIT 2000) AND hidden = FALSE AND merged_into = ''
			ORDER BY length(l.folded), l.id LIMIT 1`).Bind(dbx.Params{"match": match}).One(&hit)
		if err == nil {
			label := hit.Name
			if hit.Address != "" {
				label += ", " + hit.Address
			}
			return Center{Lat: hit.Lat, Lon: hit.Lon, Label: label}, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return Center{}, fmt.Errorf("look for %q: %w", place, err)
		}
	}
	return Center{}, ErrPlaceUnknown.With("place", place)
}

// spot is a listing that a look brought.
type spot struct {
	ID       string  `db:"id"`
	Lat      float64 `db:"lat"`
	Lon      float64 `db:"lon"`
	Schedule int64   `db:"schedule"`
	distance float64
	then     stateThen
}

// before is the order of a search.
func (s spot) before(other spot) int {
	return cmp.Or(cmp.Compare(s.distance, other.distance), cmp.Compare(s.ID, other.ID))
}

// look is a search under way: it goes outwards ring by ring.
type look struct {
	app      core.App
	query    Query
	center   Center
	at       time.Time
	where    string // of the rows, besides where they lie
	params   dbx.Params
	after    spot    // the last one of the page before
	inner    float64 // nearer ones have been judged
	schedule *schedules
}

// place in a search: the cursor of a page, which holds the instant too, so that all pages tell of one.
type cursor struct {
	Distance float64 `json:"d"`
	ID       string  `json:"i"`
	At       int64   `json:"t"`
}

// judgeable is whether opening hours can be told for an instant: calendars of far years are guesses, and some dates
// cannot even be written down.
func judgeable(at time.Time) bool {
	year := at.UTC().Year()
	return year >= 2000 && year <= 2200
}

func newLook(app core.App, q Query, center Center) (*look, error) {
	l := &look{app: app, query: q, center: center, at: q.At, params: dbx.Params{}, schedule: schedulesOf(app), after: spot{distance: -1}}
	if q.Cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(q.Cursor)
		var c cursor
		if err != nil || json.Unmarshal(raw, &c) != nil || c.Distance < 0 || c.Distance > 2*RadiusLimit || len(c.ID) > 15 || !judgeable(time.Unix(c.At, 0)) {
			return nil, ErrBadQuery.With("field", "cursor")
		}
		l.after, l.inner, l.at = spot{ID: c.ID, distance: c.Distance}, c.Distance, time.Unix(c.At, 0)
	}
	known, err := categoriesKnown()
	if err != nil {
		return nil, err
	}
	where := []string{"hidden = FALSE AND merged_into = ''"}
	if q.Category != "" {
		if known.byKey[q.Category] == nil {
			return nil, ErrCategoryUnknown.With("category", q.Category)
		}
		where = append(where, l.ofCategories(known.below(q.Category)))
	}
	if words := needles(q.Words); len(words) > 0 {
		where = append(where, l.ofWords(known, words))
	} else if strings.TrimSpace(q.Words) != "" {
		where = append(where, "FALSE") // signs alone, which no listing has
	}
	l.where = strings.Join(where, " AND ")
	return l, nil
}

func (l *look) cursor(at spot) string {
	raw, _ := json.Marshal(cursor{at.distance, at.ID, l.at.Unix()}) // plain values
	return base64.RawURLEncoding.EncodeToString(raw)
}

// ofCategories is the condition of a few categories; the + keeps SQLite from looking up one of very many.
func (l *look) ofCategories(keys []string) string {
	quoted := make([]string, len(keys))
	for i, key := range keys {
		quoted[i] = "'" + key + "'" // keys of ours, without quotes
	}
	column := "category"
	if len(keys) > categoriesAtOnce {
		column = "+category"
	}
	return column + " IN (" + strings.Join(quoted, ",") + ")"
}

// ofWords is the condition of a text search: the words are the listing's, or the text means its category.
func (l *look) ofWords(known *catalogue, words []string) string {
	var parts []string
	for i, word := range words {
		name := "w" + strconv.Itoa(i)
		l.params[name] = word
		parts = append(parts, "instr(folded, {:"+name+"}) > 0")
	}
	var meant []string
	for _, c := range known.find(l.query.Words, l.query.Language) {
		if len(meant) < 12 {
			meant = append(meant, "'"+c.key+"'")
		}
	}
	condition := "(" + strings.Join(parts, " AND ") + ")"
	if len(meant) > 0 {
		condition = "(" + condition + " OR +category IN (" + strings.Join(meant, ",") + "))"
	}
	return condition
}

// page is the next listings, and after which the page after it begins; nil at the end.
func (l *look) page() ([]spot, *spot, error) {
	var found []spot
	seen := 0
	for outer := l.first(); ; outer = min(l.query.Radius, 2*outer) {
		ring, reached, err := l.ring(outer)
		if err != nil {
			return nil, nil, err
		}
		for i := range ring {
			seen++
			if l.judge(&ring[i]) {
				found = append(found, ring[i])
			}
			switch more := i+1 < len(ring) || reached < l.query.Radius; {
			case len(found) > l.query.Limit:
				found = found[:l.query.Limit]
				return found, &found[len(found)-1], nil
			case seen >= judged && more:
				return found, &ring[i], nil
			}
		}
		if reached >= l.query.Radius {
			return found, nil, nil
		}
		l.inner, outer = reached, reached
	}
}

// first is how far the search looks at first.
func (l *look) first() float64 {
	if l.inner >= firstLook {
		return min(l.query.Radius, 1.5*l.inner)
	}
	return min(l.query.Radius, firstLook)
}

// judge tells whether the listing counts, and keeps its state.
func (l *look) judge(s *spot) bool {
	return !l.query.OpenOnly || s.then.state == hours.Open
}

// ring is the listings from inner to outer, in order, with their states; it looks less far where there are too many,
// and says how far it looked.
func (l *look) ring(outer float64) ([]spot, float64, error) {
	for {
		narrow := outer <= l.inner+1.01*nearestStep
		most := rowsAtOnce
		if narrow {
			most = crowdLimit
		}
		ring, all, err := l.rows(outer, most)
		if err != nil {
			return nil, 0, err
		}
		if !all && !narrow {
			outer = l.inner + max((outer-l.inner)/2, nearestStep)
			continue
		}
		slices.SortFunc(ring, spot.before)
		if n := len(ring); n > 0 {
			l.after = ring[n-1]
		}
		return ring, outer, l.states(ring)
	}
}

// rows is what lies in the ring from inner to outer and has not been judged; all tells whether that is not more than
// most.
func (l *look) rows(outer float64, most int) (ring []spot, all bool, err error) {
	b := boxAround(l.center.Lat, l.center.Lon, outer)
	var bands strings.Builder
	for strip := band(b.south); strip <= band(b.north); strip++ {
		if bands.Len() > 0 {
			bands.WriteByte(',')
		}
		bands.WriteString(strconv.Itoa(strip))
	}
	query := "SELECT id, lat, lon, schedule FROM nearby_listings WHERE " + l.where + " AND band IN (" + bands.String() +
		") AND lon BETWEEN {:west} AND {:east} AND lat BETWEEN {:south} AND {:north}"
	for _, stretch := range b.lons {
		rows, err := l.app.DB().NewQuery(query).Bind(dbx.Params{
			"west": stretch[0], "east": stretch[1], "south": b.south, "north": b.north,
		}).Bind(l.params).Rows()
		if err != nil {
			return nil, false, fmt.Errorf("look around: %w", err)
		}
		for rows.Next() {
			var s spot
			if err := rows.Scan(&s.ID, &s.Lat, &s.Lon, &s.Schedule); err != nil {
				return nil, false, errors.Join(err, rows.Close())
			}
			s.distance = distance(l.center.Lat, l.center.Lon, s.Lat, s.Lon)
			if s.distance > outer || s.distance < l.inner || s.before(l.after) <= 0 {
				continue
			}
			if ring = append(ring, s); len(ring) > most {
				return nil, false, rows.Close()
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, false, fmt.Errorf("look around: %w", err)
		}
	}
	return ring, true, nil
}

// states fills in what each listing is at the instant.
func (l *look) states(ring []spot) error {
	ids := make([]int64, 0, len(ring))
	for _, s := range ring {
		ids = append(ids, s.Schedule)
	}
	slices.Sort(ids)
	known, err := l.schedule.load(l.app, slices.Compact(ids))
	if err != nil {
		return err
	}
	for i := range ring {
		ring[i].then = known[ring[i].Schedule].at(l.at)
	}
	return nil
}
