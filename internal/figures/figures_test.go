package figures

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// program is a program of an organisation in Paris.
func newProgram(t *testing.T, app core.App) *core.Record {
	t.Helper()
	org := apptest.Org(t, app, "shop")
	return apptest.Record(t, app, "programs", map[string]any{"appid": "hello", "org": org.Id, "name": "Hello", "kind": "app", "status": "live"})
}

func batchOf(program *core.Record, person, session string, events ...Event) Batch {
	return Batch{Program: program.Id, Org: program.GetString("org"), Person: person, Session: session, Events: events}
}

func take(t *testing.T, app core.App, batch Batch, at time.Time) int {
	t.Helper()
	fresh, err := Take(app, batch, at)
	if err != nil {
		t.Fatal(err)
	}
	return len(fresh)
}

func of(t *testing.T, app core.App, program *core.Record, from, to string, at time.Time) Figures {
	t.Helper()
	figures, err := Of(app, program, from, to, at)
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

func open(seq int) Event              { return Event{Seq: seq, Kind: KindOpen} }
func page(seq int, path string) Event { return Event{Seq: seq, Kind: KindPage, Path: path} }
func load(seq int, ms float64) Event  { return Event{Seq: seq, Kind: KindLoad, Millis: ms} }

// One launch, from the tap to the last page.
func TestALaunchIsCounted(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	take(t, app, batchOf(program, "ann", "s1", open(1), load(2, 420), page(3, "/pages/menu?from=code"), page(4, "pages/cup#top")), noon)
	take(t, app, batchOf(program, "ann", "s1", load(5, 9_000), page(6, "pages/menu"), Event{Seq: 7, Kind: KindError, Message: "oh"}, Event{Seq: 8, Kind: KindHide}, Event{Seq: 9, Kind: "dance"}), noon.Add(time.Hour))
	take(t, app, batchOf(program, "bob", "s2", open(1), page(2, "pages/menu")), noon)
	got := of(t, app, program, "2026-03-09", "2026-03-11", noon)
	if got.Zone != "Europe/Paris" || len(got.Days) != 3 {
		t.Fatalf("figures are %+v", got)
	}
	day := got.Days[1]
	if day.Day != "2026-03-10" || day.Opens != 2 || day.People != 2 || day.Newcomers != 2 || day.Errors != 1 || day.P75 == nil || *day.P75 != 475 {
		t.Errorf("the day is %+v, p75 %v", day, day.P75)
	}
	for _, empty := range []Day{got.Days[0], got.Days[2]} {
		if empty.Opens+empty.People+empty.Newcomers+empty.Errors != 0 || empty.P75 != nil || empty.Day == "" {
			t.Errorf("a day without anything is %+v", empty)
		}
	}
	pages := []Page{{Path: "pages/menu", Views: 3, Entries: 2, Exits: 2}, {Path: "pages/cup", Views: 1}}
	if !slices.Equal(got.Pages, pages) {
		t.Errorf("pages are %+v", got.Pages)
	}
	if want := []Step{{"pages/cup", "pages/menu", 1}, {"pages/menu", "pages/cup", 1}}; !slices.Equal(got.Steps, want) {
		t.Errorf("steps are %+v", got.Steps)
	}
	if len(got.Loads) != len(buckets) || got.Loads[6] != (Load{UpTo: 500, Count: 1}) {
		t.Errorf("loads are %+v", got.Loads)
	}
	if got.Totals.Opens != 2 || got.Totals.PeoplePerDay != 0.7 || got.Previous.Opens != 0 {
		t.Errorf("totals are %+v after %+v", got.Totals, got.Previous)
	}
}

// Networks repeat, shuffle and cut: whatever arrives how often, each event that is not too late counts once.
func TestAnEventCountsOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 10 {
		app := apptest.New(t)
		program := newProgram(t, app)
		var batches []Batch
		seq := 0
		for range 5 {
			var events []Event
			for range 1 + random.IntN(40) {
				seq++
				events = append(events, Event{Seq: seq, Kind: KindError})
			}
			batches = append(batches, batchOf(program, "ann", "s", events...), batchOf(program, "ann", "s", events[:random.IntN(len(events)+1)]...))
		}
		batches = append(batches, batches...)
		random.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
		counted := 0
		for _, batch := range batches {
			counted += take(t, app, batch, noon)
		}
		if got := of(t, app, program, "", "", noon).Totals; counted != seq || got.Errors != seq || got.Opens != 1 {
			t.Fatalf("round %d: of %d events %d counted, the day has %+v", round, seq, counted, got)
		}
	}
}

// The same batch from many connections at once, and many launches at once.
func TestBatchesAtOnceCountOnce(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	var senders sync.WaitGroup
	for launch := range 20 {
		for range 4 {
			senders.Go(func() {
				batch := batchOf(program, fmt.Sprint("person", launch%5), fmt.Sprint("s", launch), open(1), load(2, 100), page(3, "a"), page(4, "b"), Event{Seq: 5, Kind: KindError})
				if _, err := Take(app, batch, noon); err != nil {
					t.Error(err)
				}
			})
		}
	}
	senders.Wait()
	got := of(t, app, program, "2026-03-10", "2026-03-10", noon)
	if day := got.Days[0]; day.Opens != 20 || day.People != 5 || day.Newcomers != 5 || day.Errors != 20 {
		t.Errorf("the day is %+v", day)
	}
	if want := []Page{{"a", 20, 20, 0}, {"b", 20, 0, 20}}; !slices.Equal(got.Pages, want) {
		t.Errorf("pages are %+v", got.Pages)
	}
}

// A number that is no event's, or far behind, or beyond what a launch may have, counts nothing.
func TestOddNumbersCountNothing(t *testing.T) {
	var s session
	for _, c := range []struct {
		seq  int
		want bool
	}{
		{0, false},
		{-1, false},
		{LaunchEvents + 1, false},
		{300, true},
		{300, false},
		{45, true},
		{45, false},
		{44, false},
		{299, true},
		{299, false},
		{301, true},
		{46, true},
		{45, false},
		{LaunchEvents, true},
		{301, false},
		{LaunchEvents - 255, true},
	} {
		if got := s.first(c.seq); got != c.want {
			t.Errorf("number %d counts: %v", c.seq, got)
		}
	}
}

// Who comes back is counted on the 1st, 7th and 30th day after, once a day, and a day that is not over has no
// figure yet.
func TestWhoComesBack(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	visits := 0
	visit := func(person string, days ...int) {
		for _, day := range days {
			for range 2 {
				visits++
				take(t, app, batchOf(program, person, fmt.Sprint("s", visits), open(1)), noon.AddDate(0, 0, day))
			}
		}
	}
	visit("ann", 0, 1, 2, 7, 30)
	visit("bob", 0, 7)
	visit("cem", 0)
	visit("dan", 29, 30)
	got := of(t, app, program, "2026-03-10", "2026-04-09", noon.AddDate(0, 0, 30))
	text := func(n *int) string {
		if n == nil {
			return "-"
		}
		return fmt.Sprint(*n)
	}
	var cohorts []string
	for _, c := range got.Retention {
		cohorts = append(cohorts, fmt.Sprint(c.FirstDay, " ", c.Size, " ", text(c.D1), " ", text(c.D7), " ", text(c.D30)))
	}
	if want := []string{"2026-03-10 3 1 2 -", "2026-04-08 1 - - -"}; !slices.Equal(cohorts, want) {
		t.Errorf("cohorts are %q, want %q", cohorts, want)
	}
	later := of(t, app, program, "2026-03-10", "2026-03-10", noon.AddDate(0, 0, 31)).Retention[0]
	if text(later.D30) != "1" {
		t.Errorf("a day later it is %s", text(later.D30))
	}
	if day := got.Days[0]; day.People != 3 || day.Opens != 6 {
		t.Errorf("the first day is %+v", day)
	}
}

// A day begins at midnight of the organisation, and a launch that sees midnight is somebody's on both days.
func TestADayIsTheOrganisations(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	midnight := time.Date(2026, 3, 10, 23, 0, 0, 0, time.UTC) // in Paris
	take(t, app, batchOf(program, "ann", "s", open(1), page(2, "a")), midnight.Add(-time.Second))
	take(t, app, batchOf(program, "ann", "s", page(3, "b")), midnight)
	got := of(t, app, program, "2026-03-10", "2026-03-11", midnight)
	if a, b := got.Days[0], got.Days[1]; a.Opens != 1 || b.Opens != 0 || a.People != 1 || b.People != 1 || b.Newcomers != 0 {
		t.Errorf("days are %+v", got.Days)
	}
	if want := []Page{{"a", 1, 1, 0}, {"b", 1, 0, 1}}; !slices.Equal(got.Pages, want) {
		t.Errorf("pages are %+v", got.Pages)
	}
	own := apptest.Record(t, app, "programs", map[string]any{"appid": "own", "owner": apptest.Person(t, app, "Ann").Id, "name": "Own", "kind": "app", "status": "live"})
	take(t, app, batchOf(own, "ann", "t", open(1)), midnight)
	if got := of(t, app, own, "", "", midnight); got.Zone != "UTC" || got.To != "2026-03-10" || got.Days[29].Opens != 1 {
		t.Errorf("a person's own program: %s to %s, %+v", got.Zone, got.To, got.Days[29])
	}
}

// A program that invents pages fills no table: the many are counted together.
func TestInventedPagesAreCountedTogether(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	seq := 0
	for range 8 {
		var events []Event
		for range BatchEvents {
			seq++
			events = append(events, page(seq, fmt.Sprint("p", seq)))
		}
		take(t, app, batchOf(program, "ann", "s", events...), noon)
	}
	take(t, app, batchOf(program, "ann", "s", page(seq+1, "p1"), page(seq+2, strings.Repeat("x", 200)), page(seq+3, "a\x00b"), page(seq+4, "")), noon)
	var rows, steps, views, exits int
	err := app.DB().NewQuery("SELECT COUNT(*), SUM(views), SUM(exits), (SELECT COUNT(*) FROM figures_steps) FROM figures_pages").Row(&rows, &views, &exits, &steps)
	if err != nil || rows != PathsPerDay+1 || steps > StepsPerDay || views != seq+4 || exits != 1 {
		t.Errorf("%d pages and %d steps with %d views and %d exits, %v", rows, steps, views, exits, err)
	}
	if got := of(t, app, program, "", "", noon).Pages[0]; got.Path != otherPath || got.Views != seq-PathsPerDay+3 {
		t.Errorf("the others are %+v", got)
	}
}

// The period before is as long, and next to it.
func TestThePeriodBefore(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	for day := -19; day <= 0; day++ {
		take(t, app, batchOf(program, "ann", fmt.Sprint("s", day), open(1)), noon.AddDate(0, 0, day))
	}
	got := of(t, app, program, "2026-03-04", "", noon)
	if got.Totals.Opens != 7 || got.Previous.Opens != 7 || len(got.Days) != 7 || got.Totals.PeoplePerDay != 1 || got.Totals.Newcomers != 0 {
		t.Errorf("%+v after %+v", got.Totals, got.Previous)
	}
	for _, bad := range [][2]string{{"2026-03-11", "2026-03-10"}, {"2024-01-01", "2026-03-10"}, {"yesterday", ""}, {"", "2026-02-30"}} {
		if _, err := Of(app, program, bad[0], bad[1], noon); err == nil {
			t.Errorf("the period %q was taken", bad)
		}
	}
}

// Three of four launches are within the p75; where a bucket is wide, it is estimated within the bucket.
func TestP75(t *testing.T) {
	for _, c := range []struct {
		counts map[int]int
		want   int
	}{
		{map[int]int{50: 4}, 38},
		{map[int]int{100: 3, 1_000: 1}, 100},
		{map[int]int{100: 1, 1_000: 3}, 917},
		{map[int]int{60_000: 1}, 48_000},
	} {
		if got := p75(c.counts); got == nil || *got != c.want {
			t.Errorf("%v gives %v, want %d", c.counts, got, c.want)
		}
	}
	if got := p75(nil); got != nil {
		t.Errorf("nothing gives %d", *got)
	}
	for millis, want := range map[float64]int{0: 50, 50: 50, 50.1: 100, 12_001: 60_000, 1e18: 60_000} {
		if got := bucketOf(millis); got != want {
			t.Errorf("%v ms lie in %d", millis, got)
		}
	}
}

// What is kept for telling launches and people apart goes in time, and figures go at the end.
func TestOldFiguresAreForgotten(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	take(t, app, batchOf(program, "ann", "s1", open(1), load(2, 10), page(3, "a"), page(4, "b")), noon)
	take(t, app, batchOf(program, "ann", "s2", open(1)), noon.AddDate(0, 0, 1))
	count := func(table string) (rows int) {
		of := " WHERE program NOT IN ('platform', 'org:" + program.GetString("org") + "')"
		if table == "sessions" {
			of = ""
		}
		if err := app.DB().NewQuery("SELECT COUNT(*) FROM figures_" + table + of).Row(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	for _, step := range []struct {
		days             int
		sessions, people int
	}{{0, 2, 1}, {1, 1, 1}, {2, 0, 1}, {91, 0, 1}, {92, 0, 0}} {
		if err := sweep(app, noon.AddDate(0, 0, step.days).Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if count("sessions") != step.sessions || count("people") != step.people {
			t.Errorf("after %d days %d launches and %d people are known", step.days, count("sessions"), count("people"))
		}
	}
	if err := prune(app, noon.AddDate(0, 0, KeptDays)); err != nil || count("days") != 2 {
		t.Errorf("on the last day %d days are kept, %v", count("days"), err)
	}
	if err := prune(app, noon.AddDate(0, 0, KeptDays+2)); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"days", "loads", "pages", "steps", "retention"} {
		if count(table) != 0 {
			t.Errorf("%d rows of %s stay", count(table), table)
		}
	}
}

// A device is what millions have in common.
func TestDeviceIsAFamily(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.6668.70 Mobile Safari/537.36":                          "Chrome 129, Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1":            "Safari 17, iOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/129.0.6668.69 Mobile/15E148 Safari/604.1":     "Chrome 129, iOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0":                      "Edge 129, Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0":                                                                             "Firefox 131, Linux",
		"Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36 ann@x.y": "Samsung Internet 25, Android",
		"curl/8.5.0": "", "Chrome/123456789": "Chrome", "": "",
	} {
		if got := device(agent); got != want {
			t.Errorf("%s is %q, want %q", agent, got, want)
		}
	}
}

// Moving the bits of a window by words is moving each of them.
func TestAWindowMovesBitByBit(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2_000 {
		var s session
		for i := range s.seen {
			s.seen[i] = byte(random.Uint32())
		}
		before, n := s.seen, random.IntN(2*windowBits)
		s.shift(n)
		for bit := range windowBits {
			want := bit >= n && before[(bit-n)/8]&(1<<((bit-n)%8)) != 0
			if got := s.seen[bit/8]&(1<<(bit%8)) != 0; got != want {
				t.Fatalf("moved by %d, bit %d is %v", n, bit, got)
			}
		}
	}
}
