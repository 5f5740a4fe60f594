package figures

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
)

// house makes the house's own organisation, whose zone is the place's.
func house(t *testing.T, app core.App, zone string) {
	t.Helper()
	apptest.Record(t, app, "orgs", map[string]any{"name": "Plaza", "slug": "plaza", "kind": "host", "currency": "EUR", "timezone": zone})
}

func orgOf(t *testing.T, app core.App, slug, zone string) *core.Record {
	t.Helper()
	return apptest.Record(t, app, "orgs", map[string]any{"name": slug, "slug": slug, "kind": "merchant", "currency": "EUR", "timezone": zone})
}

func programOf(t *testing.T, app core.App, org *core.Record, appid string) *core.Record {
	t.Helper()
	return apptest.Record(t, app, "programs", map[string]any{"appid": appid, "org": org.Id, "name": appid, "kind": "app", "status": "live"})
}

func placeOf(t *testing.T, app core.App, of Subject, from, to string, at time.Time) Place {
	t.Helper()
	place, err := PlaceOf(app, of, from, to, at)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

var whole = Subject{Kind: OfPlatform, ID: platform}

func whoOf(org *core.Record) Subject { return Subject{Kind: OfOrg, ID: org.Id, Org: org.Id} }

// A sketch of any size is off by less than two in a hundred, and two merge into that of all their people.
func TestASketchIsNearlyExact(t *testing.T) {
	for _, size := range []int{0, 1, 2, 5, 10, 100, 1_000, 10_000, 100_000, 1_000_000} {
		random := rand.New(rand.NewPCG(7, uint64(size)))
		var all, left, right sketch
		for i := range size {
			hash := random.Uint64()
			all.add(hash)
			all.add(hash) // who comes again is nobody new
			if i%2 == 0 {
				left.add(hash)
			} else {
				right.add(hash)
			}
		}
		left.merge(&right)
		if left != all {
			t.Fatalf("%d: the merged sketch is another", size)
		}
		if off := math.Abs(float64(all.count()-size)) / math.Max(1, float64(size)); off >= 0.02 {
			t.Errorf("%d people are %d", size, all.count())
		}
		var again sketch
		if err := again.read(all.body()); err != nil || again != all {
			t.Errorf("%d: the body is another sketch, %v", size, err)
		}
	}
	var s sketch
	if err := s.read([]byte{1, 2}); err == nil {
		t.Error("two bytes were read as a sketch")
	}
	if err := s.read([]byte{0xff, 0xff, 1}); err == nil {
		t.Error("a register that there is not was read")
	}
}

// Many people over two programs of two organisations in one month: the place knows about how many they are, and
// packing changes nothing of it.
func TestPeopleOfAMonthAreCountedWithoutIds(t *testing.T) {
	app := apptest.New(t)
	house(t, app, "Europe/Paris")
	one, two := orgOf(t, app, "one", "Europe/Paris"), orgOf(t, app, "two", "Europe/Paris")
	programs := []*core.Record{programOf(t, app, one, "first"), programOf(t, app, two, "second")}
	const people = 3_000
	err := ledger.Write(app, func(tx core.App) error {
		for n := range people {
			for visit, program := range []*core.Record{programs[n%2], programs[n%2], programs[n%3%2]} {
				at := noon.AddDate(0, 0, -(n+visit*3)%28)
				if _, err := Take(tx, batchOf(program, fmt.Sprint("person", n), fmt.Sprint(n, ".", visit), open(1)), at); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want int) {
		t.Helper()
		if math.Abs(float64(got-want)) > 0.02*float64(want) {
			t.Errorf("%s: about %d people, there were %d", what, got, want)
		}
	}
	before := placeOf(t, app, whole, "", "", noon).Reach
	near("the place", before.Month, people)
	if before.MonthBefore > people/10 {
		t.Errorf("the month before had %d", before.MonthBefore)
	}
	if err := sweep(app, noon.AddDate(0, 0, 5)); err != nil {
		t.Fatal(err)
	}
	if after := placeOf(t, app, whole, "", "", noon).Reach; after != before {
		t.Errorf("packed, %+v became %+v", before, after)
	}
	var rows, bodies int
	if err := app.DB().NewQuery("SELECT (SELECT COUNT(*) FROM figures_registers), (SELECT COUNT(*) FROM figures_sketches)").Row(&rows, &bodies); err != nil || rows != 0 || bodies < 28 {
		t.Errorf("%d registers and %d bodies are left, %v", rows, bodies, err)
	}
	var distinct int
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM figures_people WHERE program = {:org}").Bind(dbx.Params{"org": orgScope(one.Id)}).Row(&distinct); err != nil {
		t.Fatal(err)
	}
	near("an organisation", placeOf(t, app, whoOf(one), "", "", noon).Reach.Month, distinct)
}

// Each has days of its own: two organisations in two zones, and the house in a third.
func TestEachHasItsOwnMidnight(t *testing.T) {
	app := apptest.New(t)
	house(t, app, "UTC")
	paris, shanghai := orgOf(t, app, "paris", "Europe/Paris"), orgOf(t, app, "shanghai", "Asia/Shanghai")
	here, there := programOf(t, app, paris, "here"), programOf(t, app, shanghai, "there")
	at := time.Date(2026, 3, 10, 15, 59, 59, 0, time.UTC) // a second before midnight in Shanghai
	for n, moment := range []time.Time{at, at.Add(time.Second), at.Add(7 * time.Hour), at.Add(7*time.Hour + time.Second), at.Add(8 * time.Hour), at.Add(8*time.Hour + time.Second)} {
		take(t, app, batchOf(here, "ann", fmt.Sprint("h", n), open(1)), moment)
		take(t, app, batchOf(there, "ann", fmt.Sprint("t", n), open(1)), moment)
	}
	later := at.AddDate(0, 0, 1)
	for _, c := range []struct {
		of    Subject
		zone  string
		opens [2]int // on the 10th and the 11th
	}{
		{whoOf(paris), "Europe/Paris", [2]int{3, 3}},
		{whoOf(shanghai), "Asia/Shanghai", [2]int{1, 5}},
		{whole, "UTC", [2]int{10, 2}},
	} {
		got := placeOf(t, app, c.of, "2026-03-10", "2026-03-11", later)
		if got.Zone != c.zone || [2]int{got.Days[0].Opens, got.Days[1].Opens} != c.opens {
			t.Errorf("%s: %s has %d and %d", c.zone, got.Zone, got.Days[0].Opens, got.Days[1].Opens)
		}
		if got.Days[0].People != 1 || got.Days[1].People != 1 {
			t.Errorf("%s: %d and %d people", c.zone, got.Days[0].People, got.Days[1].People)
		}
		if got.Reach.Week != 1 {
			t.Errorf("%s: in the week there were %d", c.zone, got.Reach.Week)
		}
	}
}

// A day of 23 hours has no open in the hour that is left out, one of 25 has the opens of two hours in one.
func TestDaysOfTheClockChange(t *testing.T) {
	app := apptest.New(t)
	house(t, app, "Europe/Paris")
	program := programOf(t, app, orgOf(t, app, "paris", "Europe/Paris"), "here")
	location, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		day   string
		hours int
	}{{"2026-03-29", 23}, {"2026-06-01", 24}, {"2026-10-25", 25}} {
		day, hours := c.day, c.hours
		midnight, err := time.ParseInLocation(dayForm, day, location)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; midnight.Add(time.Duration(n)*time.Hour).Format(dayForm) == day; n++ {
			take(t, app, batchOf(program, "ann", fmt.Sprint(day, n), open(1)), midnight.Add(time.Duration(n)*time.Hour))
		}
		got := placeOf(t, app, whole, day, day, midnight)
		sum, second := 0, 0
		for _, row := range got.Hours {
			for hour, opens := range row {
				sum += opens
				if hour == 2 {
					second += opens
				}
			}
		}
		if got.Days[0].Opens != hours || sum != hours || second != hours-23 || got.Days[0].People != 1 {
			t.Errorf("%s has %d opens, %d by hour, %d of them at two, %d people", day, got.Days[0].Opens, sum, second, got.Days[0].People)
		}
	}
}

// Whatever a phone's clock shows, and whatever it says again: the server's day counts, once, in all three.
func TestClocksThatAreWrongCountToday(t *testing.T) {
	app := apptest.New(t)
	house(t, app, "Europe/Paris")
	org := orgOf(t, app, "shop", "Europe/Paris")
	program := programOf(t, app, org, "hello")
	for n, at := range []string{"1970-01-01T00:00:00Z", "2099-12-31T23:59:59Z", "yesterday", "", noon.AddDate(0, 0, -7).Format(time.RFC3339)} {
		batch := batchOf(program, fmt.Sprint("person", n), fmt.Sprint("s", n), Event{Seq: 1, Kind: KindOpen, At: at}, Event{Seq: 2, Kind: KindError, At: at})
		for range 3 {
			take(t, app, batch, noon)
		}
	}
	for _, of := range []Subject{whole, whoOf(org), {Kind: OfProgram, ID: program.Id, Org: org.Id}} {
		got := placeOf(t, app, of, "", "", noon)
		if today := got.Days[29]; today.Opens != 5 || today.People != 5 || today.Errors != 5 || got.Totals.Opens != 5 {
			t.Errorf("%s: today is %+v of %+v", of.Kind, today.Day, got.Totals.Totals)
		}
	}
}

// Many launches of many programs at once, each sent four times: the sums are exact everywhere.
func TestEverythingAtOnceIsExact(t *testing.T) {
	app := apptest.New(t)
	house(t, app, "Europe/Paris")
	org := orgOf(t, app, "shop", "Europe/Paris")
	programs := []*core.Record{programOf(t, app, org, "one"), programOf(t, app, org, "two"), programOf(t, app, org, "three")}
	var senders sync.WaitGroup
	for launch := range 30 {
		for range 4 {
			senders.Go(func() {
				batch := batchOf(programs[launch%3], fmt.Sprint("person", launch%7), fmt.Sprint("s", launch),
					open(1), load(2, 100), Event{Seq: 3, Kind: KindError}, Event{Seq: 4, Kind: KindCustom, Name: "buy"})
				if _, err := Take(app, batch, noon); err != nil {
					t.Error(err)
				}
			})
		}
	}
	senders.Wait()
	for _, of := range []Subject{whole, whoOf(org)} {
		got := placeOf(t, app, of, "2026-03-10", "2026-03-10", noon)
		if day := got.Days[0]; day.Opens != 30 || day.People != 7 || day.Newcomers != 7 || day.Errors != 30 || got.Reach.Week != 7 || len(got.Programs) != 3 {
			t.Errorf("%s: %+v, %d in the week", of.Kind, day.Day, got.Reach.Week)
		}
	}
	told, err := LiveOf(app, whole, noon.Add(time.Minute))
	if err != nil || told.Here != 7 || told.Minutes[28] != 30 || told.OpensToday != 30 {
		t.Errorf("live is %+v, %v", told, err)
	}
	for _, program := range programs {
		b, err := BehaviourOf(app, program, "", "", noon)
		if err != nil || len(b.Events) != 1 || b.Events[0].Count != 10 {
			t.Errorf("events are %+v, %v", b.Events, err)
		}
	}
}

// paidOrder is an order that was paid.
func paidOrder(t testing.TB, app core.App, org, place *core.Record, total int, at time.Time) {
	t.Helper()
	apptest.Record(t, app, "orders", map[string]any{
		"org": org.Id, "place": place.Id, "channel": "scan", "status": "paid", "currency": "EUR", "total": total, "paid_at": at,
	})
}

// Orders and points are counted once: before they are rolled up, while, after, by two at once, and built again.
func TestSumsAreExactAtAnyMoment(t *testing.T) {
	app := apptest.New(t)
	house(t, app, "Europe/Paris")
	org := orgOf(t, app, "shop", "Europe/Paris")
	place := apptest.Record(t, app, "places", map[string]any{"org": org.Id, "name": "Shop", "timezone": "Europe/Paris"})
	other := orgOf(t, app, "other", "Europe/Paris")
	away := apptest.Record(t, app, "places", map[string]any{"org": other.Id, "name": "Away", "timezone": "Europe/Paris"})
	ann := apptest.Person(t, app, "Ann")
	for n := range 20 {
		paidOrder(t, app, org, place, 100+n, noon.AddDate(0, 0, -n*5))
	}
	paidOrder(t, app, org, place, 0, noon.Add(-time.Second)) // paid with points alone, not settled yet
	paidOrder(t, app, other, away, 7, noon.AddDate(0, 0, -1))
	err := ledger.Write(app, func(tx core.App) error {
		return loyalty.Grant(tx, loyalty.Gift{User: ann.Id, Org: org.Id, OpID: "gift", Points: 50, Active: noon.AddDate(0, 0, -40), Reason: "welcome", Actor: "test"}, noon.AddDate(0, 0, -40))
	})
	if err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		got := placeOf(t, app, whoOf(org), "", "", noon)
		if got.Totals.Orders != 7 || got.Totals.Turnover["EUR"] != 100+101+102+103+104+105 || got.Days[29].Orders != 2 {
			t.Errorf("%s: %d orders of %v, today %d", when, got.Totals.Orders, got.Totals.Turnover, got.Days[29].Orders)
		}
		if got.Totals.Outstanding != 50 || got.Previous.Outstanding != 50 || got.Previous.Issued != 50 || got.Totals.Issued != 0 {
			t.Errorf("%s: points are %+v after %+v", when, got.Totals.Business, got.Previous.Business)
		}
		if all := placeOf(t, app, whole, "", "", noon); all.Totals.Orders != 8 || all.Totals.Outstanding != 50 {
			t.Errorf("%s: the place has %d orders and %d points", when, all.Totals.Orders, all.Totals.Outstanding)
		}
	}
	look("before")
	var rollers sync.WaitGroup
	for range 4 {
		rollers.Go(func() {
			if err := Roll(app, noon); err != nil && !strings.Contains(err.Error(), errMoved.Error()) {
				t.Error(err)
			}
		})
	}
	rollers.Wait()
	look("rolled up by four at once")
	if err := Roll(app, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	look("rolled up again")
	if err := Rebuild(app, ann.Id, noon); err != nil {
		t.Fatal(err)
	}
	look("built again")
	var rows int
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM figures_sums WHERE what = 'orders'").Row(&rows); err != nil || rows < 20 {
		t.Errorf("only %d days of orders are rolled up, %v", rows, err)
	}
	paidOrder(t, app, org, place, 9, noon)
	if got := placeOf(t, app, whoOf(org), "", "", noon.Add(time.Hour)); got.Days[29].Orders != 3 {
		t.Errorf("with one more, today has %d", got.Days[29].Orders)
	}
}

// Who ends their account leaves nothing by which they could be found, and what was counted stays.
func TestAnErasedPersonLeavesNoMark(t *testing.T) {
	s := newStreet(t)
	for _, who := range []*core.Record{s.ann, s.bob} {
		s.send(t, who, s.open(t, who, 0), batch(open(1), page(2, "a"), Event{Seq: 3, Kind: KindCustom, Name: "buy"}))
	}
	count := func(table string) (rows int) {
		t.Helper()
		if err := s.DB().NewQuery("SELECT COUNT(*) FROM figures_" + table).Row(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	if count("people") != 6 || count("trails") != 2 {
		t.Fatalf("before, %d marks and %d trails", count("people"), count("trails"))
	}
	if err := s.Delete(s.ann); err != nil {
		t.Fatal(err)
	}
	var here int
	if err := s.DB().NewQuery("SELECT COUNT(*) FROM figures_sessions WHERE here != 0").Row(&here); err != nil {
		t.Fatal(err)
	}
	if count("people") != 3 || count("trails") != 1 || here != 1 {
		t.Errorf("%d marks, %d trails and %d who are here stay", count("people"), count("trails"), here)
	}
	if got := s.figures(t, s.maker); got.Totals.Opens != 2 {
		t.Errorf("%d opens stay", got.Totals.Opens)
	}
}
