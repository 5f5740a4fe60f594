package nearby

import (
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
)

// monday is a Monday noon in Paris.
var monday = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

func put(t testing.TB, app core.App, list ...*listing) {
	t.Helper()
	err := ledger.Write(app, func(tx core.App) error {
		for _, l := range list {
			if l.Timezone == "" {
				l.Timezone = "Europe/Paris"
			}
			if l.Category == "" {
				l.Category = "amenity/cafe"
			}
			if err := l.save(tx, monday); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func everybody(t testing.TB, app core.App, q Query) []string {
	t.Helper()
	var names []string
	for range 1000 {
		found, err := Search(app, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found.Items {
			names = append(names, f.ID)
		}
		if q.Cursor = found.NextCursor; q.Cursor == "" {
			return names
		}
	}
	t.Fatal("the pages do not end")
	return nil
}

// Around any point, at the poles and across the meridian of 180° too, a search finds exactly what brute force finds, in
// the same order, whatever the size of its pages.
func TestSearchIsExactEverywhere(t *testing.T) {
	app := apptest.New(t)
	r := rand.New(rand.NewPCG(7, 7))
	centers := [][2]float64{{48.8566, 2.3522}, {0, 180}, {0, -180}, {-16.8, 179.99}, {90, 0}, {-90, 50}, {89.9, 120}, {66, -179.999}}
	var all []*listing
	for _, c := range centers {
		for range 60 {
			lat := c[0] + r.NormFloat64()*0.1
			lon := math.Mod(c[1]+r.NormFloat64()*0.1/math.Max(0.05, math.Cos(radians(c[0])))+540, 360) - 180
			if c[0] > 89 || c[0] < -89 {
				lon = r.Float64()*360 - 180
			}
			all = append(all, &listing{Name: fmt.Sprint("n", len(all)), Lat: max(-90, min(90, lat)), Lon: lon})
		}
	}
	all = append(all, &listing{Name: "here", Lat: 48.8566, Lon: 2.3522}, &listing{Name: "here too", Lat: 48.8566, Lon: 2.3522}, &listing{Name: "pole", Lat: 90, Lon: 17})
	put(t, app, all...)
	for _, c := range centers {
		for _, radius := range []float64{1, 500, 3_000, 20_000, 50_000} {
			type hit struct {
				id string
				d  float64
			}
			var want []hit
			for _, l := range all {
				if d := distance(c[0], c[1], l.Lat, l.Lon); d <= radius {
					want = append(want, hit{l.ID, d})
				}
			}
			slices.SortFunc(want, func(a, b hit) int {
				return spot{ID: a.id, distance: a.d}.before(spot{ID: b.id, distance: b.d})
			})
			for _, limit := range []int{1, 7, 50} {
				if limit == 1 && len(want) > 20 {
					continue
				}
				got := everybody(t, app, Query{Here: true, Lat: c[0], Lon: c[1], Radius: radius, Limit: limit, At: monday, Language: "en"})
				ids := []string{}
				for _, w := range want {
					ids = append(ids, w.id)
				}
				if !slices.Equal(got, ids) && len(got)+len(ids) > 0 {
					t.Errorf("%v within %v, pages of %d: %d found, want %d", c, radius, limit, len(got), len(ids))
				}
			}
		}
	}
}

// Open now, open at another time, unknown: nobody is told that a place is closed whose hours nobody can read.
func TestOpenNowAndLater(t *testing.T) {
	app := apptest.New(t)
	put(t, app,
		&listing{Name: "noon", Lat: 48.85, Lon: 2.35, Hours: "Mo-Fr 11:30-14:30"},
		&listing{Name: "night", Lat: 48.8501, Lon: 2.35, Hours: "Mo-Su 18:00-02:00"},
		&listing{Name: "riddle", Lat: 48.8502, Lon: 2.35, Hours: "quand il fait beau"},
		&listing{Name: "silent", Lat: 48.8503, Lon: 2.35},
		&listing{Name: "always", Lat: 48.8504, Lon: 2.35, Hours: "24/7"},
		&listing{Name: "shanghai", Lat: 48.8505, Lon: 2.35, Hours: "10:00-20:00", Timezone: "Asia/Shanghai"},
	)
	all := Query{Here: true, Lat: 48.85, Lon: 2.35, Radius: 2000, Limit: 20, At: monday, Language: "en"}
	found, err := Search(app, all)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found.Items {
		line := f.Name + " " + f.Open
		if !f.ClosesAt.IsZero() {
			line += " closes " + f.ClosesAt.Format("15:04")
		}
		if !f.OpensAt.IsZero() {
			line += " opens " + f.OpensAt.Format("15:04")
		}
		got = append(got, line)
	}
	want := []string{
		"noon open closes 13:30", "night closed opens 17:00", "riddle unknown", "silent unknown", "always open", "shanghai open closes 12:00",
	}
	if !slices.Equal(got, want) {
		t.Errorf("at noon: %q", got)
	}
	late := all
	late.OpenOnly, late.At = true, time.Date(2026, 11, 24, 0, 30, 0, 0, time.UTC)
	if found, err = Search(app, late); err != nil || len(found.Items) != 2 || found.Items[0].Name != "night" || found.Items[1].Name != "always" {
		t.Errorf("at half past one: %v %+v", err, found.Items)
	}
}

// A page that judges very many for few goes on by its cursor, and nothing is missed.
func TestFewOpenAmongMany(t *testing.T) {
	app := apptest.New(t)
	var all []*listing
	for i := range 4000 {
		l := &listing{Name: fmt.Sprint(i), Lat: 48.85 + float64(i%200)*1e-4, Lon: 2.35 + float64(i/200)*1e-4, Hours: "Mo 20:00-21:00"}
		if i%500 == 0 {
			l.Hours = "24/7"
		}
		all = append(all, l)
	}
	put(t, app, all...)
	if got := everybody(t, app, Query{Here: true, Lat: 48.85, Lon: 2.35, Radius: 50_000, Limit: 3, At: monday, OpenOnly: true}); len(got) != 8 {
		t.Errorf("%d open", len(got))
	}
	if got := everybody(t, app, Query{Here: true, Lat: 48.85, Lon: 2.35, Radius: 50_000, Limit: 50, At: monday}); len(got) != 4000 {
		t.Errorf("%d of 4000", len(got))
	}
}

// What is not a search is refused, with a word that says why.
func TestSearchesThatAreRefused(t *testing.T) {
	app := apptest.New(t, Register)
	put(t, app, &listing{Name: "Café Noir", Address: "12 rue de la Halle", Lat: 48.85, Lon: 2.35})
	c := apptest.NewClient(t, app)
	for query, code := range map[string]string{
		"lat=48.85&lon=2.35&radius=0": "bad_radius", "lat=48.85&lon=2.35&radius=-1": "bad_radius", "lat=48.85&lon=2.35&radius=10000000": "bad_radius",
		"lat=48.85&lon=2.35&radius=NaN": "bad_radius", "lat=48.85&lon=2.35&radius=x": "bad_radius", "lat=48.85&lon=2.35&radius=Inf": "bad_radius",
		"lat=91&lon=0": "bad_position", "lat=0&lon=-181": "bad_position", "lat=NaN&lon=0": "bad_position", "lat=1": "bad_position",
		"lat=48.85&lon=2.35&category=amenity/nothing": "category_unknown", "lat=48.85&lon=2.35&category=x'y": "category_unknown",
		"lat=48.85&lon=2.35&limit=51": "bad_query", "lat=48.85&lon=2.35&limit=0": "bad_query", "lat=48.85&lon=2.35&cursor=zzz": "bad_query",
		"lat=48.85&lon=2.35&open_at=yesterday": "bad_query", "place=nowhere+at+all": "place_unknown", "": "no_center", `place="+OR+*`: "place_unknown",
	} {
		if got := c.Do("GET", "/api/nearby?"+query, "", nil); got.Code() != code {
			t.Errorf("%s: %d %s, want %s", query, got.Status, got.Body, code)
		}
	}
	for field, limit := range map[string]int{"place": 200, "category": 100, "cursor": 500} {
		got := c.Do("GET", "/api/nearby?lat=48.85&lon=2.35&"+field+"="+strings.Repeat("x", limit+1), "", nil)
		if got.Code() != "bad_query" || !strings.Contains(string(got.Body), `"field":"`+field+`"`) {
			t.Errorf("too long a %s: %d %s", field, got.Status, got.Body)
		}
	}
	for _, at := range []string{"9000000000000000000", "-9000000000000000000", "253402300800", "0"} { // an instant that no page has given
		cursor := base64.RawURLEncoding.EncodeToString([]byte(`{"d":0,"i":"","t":` + at + `}`))
		if got := c.Do("GET", "/api/nearby?lat=48.85&lon=2.35&cursor="+cursor, "", nil); got.Code() != "bad_query" {
			t.Errorf("a page at %s: %d %s", at, got.Status, got.Body)
		}
	}
	for _, query := range []string{"place=Cafe noir", "place=12 rue de la halle", "place=99 rue de la Halle", "lat=48.85&lon=2.35&q=NOIR", "lat=48.85&lon=2.35&q=café", "lat=48.85&lon=2.35&category=amenity/cafe"} {
		values, _ := url.ParseQuery(query)
		got := c.Must(200, "GET", "/api/nearby?"+values.Encode(), "", nil)
		if !strings.Contains(string(got.Body), "Café Noir") {
			t.Errorf("%s: %s", query, got.Body)
		}
	}
	if got := c.Must(200, "GET", "/api/nearby?lat=48.85&lon=2.35&q=%27%3B--", "", nil); !strings.Contains(string(got.Body), `"items":[]`) {
		t.Errorf("signs alone: %s", got.Body)
	}
}

// Every query of the reference finds the category that it means.
func TestSearchCases(t *testing.T) {
	file, err := os.Open("testdata/search_cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	app := apptest.New(t)
	for _, row := range rows[1:] {
		found, err := ListCategories(app, row[2], row[0])
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(found.Items, func(c CategoryCount) bool { return c.Key == row[3] }) {
			t.Errorf("%s %s %q: no %s among %d", row[0], row[1], row[2], row[3], len(found.Items))
		}
	}
}

// A category counts with the kinds below it, hidden and merged listings do not count.
func TestCategoriesAreCounted(t *testing.T) {
	app := apptest.New(t)
	put(t, app,
		&listing{Name: "a", Category: "amenity/restaurant/pizza"}, &listing{Name: "b", Category: "amenity/restaurant"},
		&listing{Name: "c", Category: "amenity/restaurant", Hidden: true}, &listing{Name: "d", Category: "amenity/restaurant", MergedInto: "x"})
	found, err := ListCategories(app, "", "fr")
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Items) != 2 || found.Items[0].Key != "amenity/restaurant" || found.Items[0].Count != 2 || found.Items[1].Count != 1 {
		t.Errorf("%+v", found.Items)
	}
	got := everybody(t, app, Query{Here: true, Radius: 1000, Limit: 20, At: monday, Category: "amenity/restaurant"})
	if len(got) != 2 {
		t.Errorf("%d restaurants", len(got))
	}
}

// A position in the Chinese datum is converted once, and ends where it began when it is moved back.
func TestDatumIsConvertedOnce(t *testing.T) {
	for _, at := range [][2]float64{{39.9087, 116.3975}, {31.2304, 121.4737}, {22.5431, 114.0579}} {
		lat, lon := fromGCJ02(at[0], at[1])
		moved := distance(lat, lon, at[0], at[1])
		dLat, dLon := gcj02Move(lat, lon)
		if off := distance(lat+dLat, lon+dLon, at[0], at[1]); moved < 100 || moved > 1000 || off > 0.001 {
			t.Errorf("%v moved %.0f m and is %.6f m off", at, moved, off)
		}
	}
	if lat, lon := fromGCJ02(48.85, 2.35); lat != 48.85 || lon != 2.35 {
		t.Error("Paris moved")
	}
}

// At is the clock of the house when nobody says a time.
func TestNowIsTheHousesClock(t *testing.T) {
	app := apptest.New(t, Register)
	put(t, app, &listing{Name: "noon", Lat: 48.85, Lon: 2.35, Hours: "Mo-Fr 11:30-14:30"})
	c := apptest.NewClient(t, app)
	clock.Set(app, monday)
	if got := c.Must(200, "GET", "/api/nearby?lat=48.85&lon=2.35&open_at=now", "", nil); !strings.Contains(string(got.Body), `"noon"`) {
		t.Errorf("at noon: %s", got.Body)
	}
	clock.Set(app, monday.Add(6*time.Hour))
	if got := c.Must(200, "GET", "/api/nearby?lat=48.85&lon=2.35&open_at=now", "", nil); strings.Contains(string(got.Body), `"noon"`) {
		t.Errorf("in the evening: %s", got.Body)
	}
}
