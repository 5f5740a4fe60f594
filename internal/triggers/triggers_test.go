package triggers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/internal/triggers"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

// start is noon in Paris, on a Tuesday in winter.
var start = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

// called is one function that was run.
type called struct {
	AppID, Function, Source string
	Event                   map[string]any
}

// house is an app whose programs' functions only note that they were called.
type house struct {
	core.App
	org   *core.Record
	maker *core.Record

	mu    sync.Mutex
	calls []called
	act   func(c called) error // what a function does; nil does nothing
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{}
	h.App = apptest.New(t, func(app core.App) { programs.Register(app, nil, nil) }, logs.Register, ledger.Register,
		campaigns.Register, loyalty.Register, payments.Register, orders.Register,
		func(app core.App) { triggers.Register(app, h.run) })
	clock.Set(h.App, start)
	h.org = apptest.Org(t, h.App, "bakery")
	h.maker = apptest.Person(t, h.App, "Max")
	apptest.Staff(t, h.App, h.org, h.maker, "owner")
	return h
}

func (h *house) run(_ context.Context, _ core.App, appid, function, source string, event json.RawMessage, _ time.Time) error {
	c := called{AppID: appid, Function: function, Source: source}
	if err := json.Unmarshal(event, &c.Event); err != nil {
		return err
	}
	h.mu.Lock()
	h.calls = append(h.calls, c)
	act := h.act
	h.mu.Unlock()
	if act != nil {
		return act(c)
	}
	return nil
}

// heard is what was called since the last look, each "appid function what", sorted.
func (h *house) heard() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := []string{}
	for _, c := range h.calls {
		what := fmt.Sprint(c.Event["type"])
		if c.Source == triggers.SourceTimer {
			what = fmt.Sprint(c.Event["TriggerName"], " ", c.Event["Time"])
		}
		out = append(out, c.AppID+" "+c.Function+" "+what)
	}
	h.calls = nil
	slices.Sort(out)
	return out
}

func (h *house) want(t testing.TB, want ...string) {
	t.Helper()
	if got := h.heard(); !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("called %q, want %q", got, want)
	}
}

// at moves the clock and lets everything happen that is due then.
func (h *house) at(t testing.TB, at time.Time) {
	t.Helper()
	clock.Set(h.App, at)
	if _, err := jobs.RunDue(h.App, at); err != nil {
		t.Fatal(err)
	}
}

// program makes one that is live with these triggers, without a package.
func (h *house) program(t testing.TB, appid, org string, list ...check.Trigger) *core.Record {
	t.Helper()
	program := apptest.Record(t, h.App, "programs", map[string]any{
		"appid": appid, "name": appid, "org": org, "owner": h.maker.Id, "status": "draft", "kind": "app", "tier": "reviewed",
	})
	h.version(t, program, 1, list...)
	return program
}

// version gives everybody another version of the program.
func (h *house) version(t testing.TB, program *core.Record, number int, list ...check.Trigger) {
	t.Helper()
	hash := strings.Repeat(fmt.Sprintf("%x", number%16), 64)
	version := apptest.Record(t, h.App, "programs_versions", map[string]any{
		"program": program.Id, "number": number, "package": hash, "bundle": hash, "state": "checked", "kind": "app",
		"report": check.Report{Triggers: list},
	})
	h.set(t, program, map[string]any{"release": version.Id, "status": "live"})
}

func (h *house) set(t testing.TB, program *core.Record, fields map[string]any) {
	t.Helper()
	record, err := h.FindRecordById("programs", program.Id)
	if err != nil {
		t.Fatal(err)
	}
	record.Load(fields)
	if err := h.Save(record); err != nil {
		t.Fatal(err)
	}
}

func timer(name, spec string) check.Trigger {
	return check.Trigger{Kind: "timer", Name: name, Function: "f", Spec: spec}
}

func hook(event string) check.Trigger {
	return check.Trigger{Kind: "hook", Name: event, Function: "g", Spec: event}
}

// row is the program's only trigger, or the one of that name.
func (h *house) row(t testing.TB, appid, name string) triggers.Trigger {
	t.Helper()
	record, err := h.FindFirstRecordByData("programs", "appid", appid)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := triggers.Of(h.App, record)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range answer.Triggers {
		if one.Name == name {
			return one
		}
	}
	return triggers.Trigger{}
}

func (h *house) count(t testing.TB, query string) int {
	t.Helper()
	var n int
	if err := h.DB().NewQuery("SELECT count(*) FROM " + query).Row(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func clockAt(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A timer runs once a period in its organisation's zone, however often and however late the ticks come; after
// downtime the last missed period is made up for, once.
func TestATimerRunsOnceAPeriod(t *testing.T) {
	h := newHouse(t)
	h.program(t, "bread", h.org.Id, timer("nightly", "0 30 4 * * * *"))
	h.at(t, clockAt(t, "2026-11-25T03:29:59Z"))
	h.want(t)
	day := clockAt(t, "2026-11-25T03:30:00Z") // 04:30 in Paris
	h.at(t, day)
	h.want(t, "bread f nightly 2026-11-25T03:30:00Z")
	h.at(t, day)
	h.at(t, day.Add(time.Second))
	h.want(t)
	h.at(t, day.Add(24*time.Hour+50*time.Minute)) // late
	h.want(t, "bread f nightly 2026-11-26T03:30:00Z")
	h.at(t, day.Add(6*24*time.Hour+7*time.Hour)) // four days of downtime
	h.at(t, day.Add(6*24*time.Hour+7*time.Hour+time.Second))
	h.want(t, "bread f nightly 2026-12-01T03:30:00Z")
	h.at(t, day.Add(230*24*time.Hour)) // in summer, and no backlog of months
	h.want(t, "bread f nightly 2027-07-13T02:30:00Z")
	if row := h.row(t, "bread", "nightly"); row.Runs != 4 || row.State != "ok" || row.Failures != 0 || row.Zone != "Europe/Paris" ||
		row.Next != "2027-07-14 02:30:00.000Z" {
		t.Errorf("the row says %+v", row)
	}
}

// Timers know seconds: every ten of them.
func TestATimerKnowsSeconds(t *testing.T) {
	h := newHouse(t)
	h.program(t, "bread", h.org.Id, timer("often", "*/10 * * * * * *"))
	for second := range 31 {
		h.at(t, start.Add(time.Duration(second)*time.Second))
	}
	h.want(t, "bread f often 2026-11-24T11:00:10Z", "bread f often 2026-11-24T11:00:20Z", "bread f often 2026-11-24T11:00:30Z")
}

// The hour that a clock change repeats is one period, and the one that it swallows is none, in Paris and where clocks
// change by half an hour.
func TestTheClockChangeDoublesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		zone, spec, from string
		want             []string
	}{
		"Paris, autumn": {"Europe/Paris", "0 30 2 * * * *", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		"Paris, spring": {"Europe/Paris", "0 30 2 * * * *", "2026-03-28T12:00:00Z", []string{"2026-03-30T00:30:00Z"}},
		"Lord Howe, autumn": {
			"Australia/Lord_Howe", "0 45 1 * * * *", "2026-04-04T12:00:00Z",
			[]string{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"},
		},
		"Lord Howe, spring": {"Australia/Lord_Howe", "0 15 2 * * * *", "2026-10-03T12:00:00Z", []string{"2026-10-04T15:15:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			from := clockAt(t, c.from)
			clock.Set(h.App, from)
			h.org.Set("timezone", c.zone)
			if err := h.Save(h.org); err != nil {
				t.Fatal(err)
			}
			h.program(t, "bread", h.org.Id, timer("nightly", c.spec))
			for at := from; at.Before(from.Add(46 * time.Hour)); at = at.Add(10 * time.Minute) {
				h.at(t, at)
			}
			var want []string
			for _, period := range c.want {
				want = append(want, "bread f nightly "+period)
			}
			h.want(t, want...)
		})
	}
}

// Ticks that overlap begin a period once.
func TestOverlappingTicksRunATimerOnce(t *testing.T) {
	h := newHouse(t)
	var want []string
	for n := range 20 {
		appid := fmt.Sprintf("bread%02d", n)
		h.program(t, appid, h.org.Id, timer("a", "0 0 13 * * * *"), timer("b", "0 0 13 * * * *"))
		want = append(want, appid+" f a 2026-11-24T12:00:00Z", appid+" f b 2026-11-24T12:00:00Z")
	}
	at := clockAt(t, "2026-11-24T12:00:00Z")
	clock.Set(h.App, at)
	var ticks sync.WaitGroup
	for range 8 {
		ticks.Go(func() {
			if _, err := jobs.RunDue(h.App, at); err != nil {
				t.Error(err)
			}
		})
	}
	ticks.Wait()
	h.at(t, at)
	h.want(t, want...)
}

// A timer that still runs is not started again; its next turn is the latest period that it missed.
func TestARunningTimerIsNotStartedAgain(t *testing.T) {
	h := newHouse(t)
	h.program(t, "bread", h.org.Id, timer("often", "0 * * * * * *"))
	began, end := make(chan struct{}), make(chan struct{})
	h.act = func(called) error {
		began <- struct{}{}
		<-end
		return nil
	}
	var ticks sync.WaitGroup
	first := start.Add(time.Minute)
	ticks.Go(func() { h.at(t, first) })
	<-began
	for minutes := 2; minutes < 5; minutes++ { // beyond the lease, too
		if _, err := jobs.RunDue(h.App, start.Add(time.Duration(minutes)*time.Minute)); err != nil {
			t.Error(err)
		}
	}
	if _, err := triggers.RunNow(h.App, h.run, "bread", h.row(t, "bread", "often").ID, h.maker.Id, first.Add(time.Second)); !errors.Is(err, triggers.ErrRunning) {
		t.Errorf("it was started by hand: %v", err)
	}
	close(end)
	ticks.Wait()
	h.act = nil
	h.want(t, "bread f often 2026-11-24T11:01:00Z")
	h.at(t, start.Add(5*time.Minute+30*time.Second))
	h.want(t, "bread f often 2026-11-24T11:05:00Z")
}

// A period in which the process died is begun again when the lease is over, and given up when it dies each time.
func TestAPeriodOfADeadProcessIsTakenOver(t *testing.T) {
	h := newHouse(t)
	h.program(t, "bread", h.org.Id, timer("nightly", "0 0 4 * * * *"))
	dies := func(attempts int) { // what the dead process left
		t.Helper()
		if _, err := h.NonconcurrentDB().NewQuery(`UPDATE programs_triggers SET state = 'running', attempts = {:n}, due = '2026-11-25 03:00:00.000Z',
			wake = '2026-11-25 03:02:00.000Z'`).Bind(map[string]any{"n": attempts}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	dies(1)
	h.at(t, clockAt(t, "2026-11-25T03:01:59Z"))
	h.want(t)
	h.at(t, clockAt(t, "2026-11-25T03:02:00Z"))
	h.want(t, "bread f nightly 2026-11-25T03:00:00Z")
	h.at(t, clockAt(t, "2026-11-25T03:10:00Z"))
	h.want(t)
	dies(3)
	h.at(t, clockAt(t, "2026-11-25T03:20:00Z"))
	h.want(t)
	if row := h.row(t, "bread", "nightly"); row.State != "failed" || !strings.Contains(row.LastError, "server ended") || row.Next != "2026-11-26 03:00:00.000Z" {
		t.Errorf("after three deaths the row says %+v", row)
	}
	dies(0) // begun by hand
	h.at(t, clockAt(t, "2026-11-25T03:30:00Z"))
	h.want(t)
	h.at(t, clockAt(t, "2026-11-26T03:00:00Z"))
	h.want(t, "bread f nightly 2026-11-26T03:00:00Z")
}

// What fails is told, runs again at its next period, and holds up nobody; a house without room tries again soon.
func TestAFailingTimer(t *testing.T) {
	h := newHouse(t)
	h.program(t, "bread", h.org.Id, timer("hourly", "0 0 * * * * *"))
	h.program(t, "cake", h.org.Id, timer("hourly", "0 0 * * * * *"))
	full := refusal.New(503, "sandbox_busy", "Too many functions are running.")
	fails := map[string]error{"bread": sandbox.ErrFunction.With("message", "no flour"), "cake": full}
	h.act = func(c called) error { return fails[c.AppID] }
	h.at(t, start.Add(time.Hour))
	h.want(t, "bread f hourly 2026-11-24T12:00:00Z", "cake f hourly 2026-11-24T12:00:00Z")
	if row := h.row(t, "bread", "hourly"); row.State != "failed" || row.Failures != 1 || row.LastError != "function_error: The function failed. no flour" {
		t.Errorf("the row says %+v", row)
	}
	lines, _, err := logs.Tail(t.Context(), h.App, logs.Filter{AppID: "bread"}, 5*time.Second)
	if err != nil || len(lines) != 1 || lines[0].Text != "The timer hourly failed: function_error: The function failed. no flour" {
		t.Errorf("the log has %v %v", lines, err)
	}
	fails["cake"] = nil
	h.at(t, start.Add(time.Hour+10*time.Second))
	h.want(t, "cake f hourly 2026-11-24T12:00:00Z")
	if row := h.row(t, "cake", "hourly"); row.State != "ok" || row.Runs != 1 {
		t.Errorf("the row says %+v", row)
	}
	fails["cake"] = full
	h.at(t, start.Add(2*time.Hour))
	for n := range 10 {
		h.at(t, start.Add(2*time.Hour+time.Duration(10*n)*time.Second))
	}
	fails["cake"], fails["bread"] = nil, nil
	if got := h.heard(); len(got) != 4 { // bread once, cake three times
		t.Errorf("called %q", got)
	}
	h.at(t, start.Add(3*time.Hour))
	h.want(t, "bread f hourly 2026-11-24T14:00:00Z", "cake f hourly 2026-11-24T14:00:00Z")
	if row := h.row(t, "bread", "hourly"); row.State != "ok" || row.Failures != 0 || row.LastError != "" {
		t.Errorf("the row says %+v", row)
	}
}

// Rows follow from what people have: another version, a program that is stopped and goes on, one that ends.
func TestRowsFollowTheProgram(t *testing.T) {
	h := newHouse(t)
	program := h.program(t, "bread", h.org.Id, timer("a", "0 0 13 * * * *"), timer("b", "0 0 13 * * * *"), hook("scan"))
	h.version(t, program, 2, timer("b", "0 0 14 * * * *"), timer("c", "0 0 13 * * * *"))
	h.at(t, clockAt(t, "2026-11-24T12:30:00Z"))
	h.want(t, "bread f c 2026-11-24T12:00:00Z")
	if n := h.count(t, "programs_triggers"); n != 2 {
		t.Errorf("%d rows", n)
	}
	pause := h.row(t, "bread", "c").ID
	if _, err := triggers.Pause(h.App, "bread", pause, true, h.maker.Id, start); err != nil {
		t.Fatal(err)
	}
	h.set(t, program, map[string]any{"status": "taken_down"})
	h.at(t, clockAt(t, "2026-11-24T13:30:00Z"))
	h.at(t, clockAt(t, "2026-11-25T13:30:00Z"))
	h.want(t)
	h.set(t, program, map[string]any{"status": "live"}) // it goes on from here, and what was paused stays so
	h.at(t, clockAt(t, "2026-11-25T14:00:00Z"))
	h.want(t)
	h.at(t, clockAt(t, "2026-11-26T14:00:00Z"))
	h.want(t, "bread f b 2026-11-26T13:00:00Z")
	if row := h.row(t, "bread", "c"); !row.Paused || !row.Live || row.Next != "" {
		t.Errorf("the paused row says %+v", row)
	}
	h.set(t, program, map[string]any{"status": "deleted"})
	if n := h.count(t, "programs_triggers"); n != 0 {
		t.Errorf("%d rows of a program that has ended", n)
	}
	h.at(t, clockAt(t, "2026-11-28T14:00:00Z"))
	h.want(t)
}

// An unfinished period of a version that went does not come back, and one that is paused meanwhile ends.
func TestAProgramChangesWhileItsTimerRuns(t *testing.T) {
	h := newHouse(t)
	bread, cake := h.program(t, "bread", h.org.Id, timer("a", "0 0 13 * * * *")), h.program(t, "cake", h.org.Id, timer("a", "0 0 13 * * * *"))
	h.program(t, "pie", h.org.Id, timer("a", "0 0 13 * * * *"))
	h.act = func(c called) error {
		switch c.AppID {
		case "bread":
			h.version(t, bread, 2)
		case "cake":
			h.version(t, cake, 2, timer("a", "0 0 15 * * * *"))
		default:
			if _, err := triggers.Pause(h.App, "pie", h.row(t, "pie", "a").ID, true, h.maker.Id, start); err != nil {
				t.Error(err)
			}
		}
		return nil
	}
	h.at(t, clockAt(t, "2026-11-24T12:00:00Z"))
	h.act = nil
	h.heard()
	h.at(t, clockAt(t, "2026-11-25T13:00:00Z"))
	h.want(t, "cake f a 2026-11-24T14:00:00Z")
	if row := h.row(t, "pie", "a"); row.State != "ok" || row.Next != "" {
		t.Errorf("the paused row says %+v", row)
	}
}

// A timer goes by its organisation's clock, also when that is moved; a person's program by the house's.
func TestZones(t *testing.T) {
	h := newHouse(t)
	host := apptest.Record(t, h.App, "orgs", map[string]any{
		"name": "Plaza", "slug": "plaza", "kind": "host", "currency": "EUR", "timezone": "Asia/Tokyo", "country": "JP",
	})
	h.program(t, "own", "", timer("a", "0 0 8 * * * *"))
	h.program(t, "bread", h.org.Id, timer("a", "0 0 8 * * * *"))
	if own, bread := h.row(t, "own", "a"), h.row(t, "bread", "a"); own.Next != "2026-11-24 23:00:00.000Z" || bread.Next != "2026-11-25 07:00:00.000Z" {
		t.Errorf("next at %s and %s", own.Next, bread.Next)
	}
	for record, zone := range map[*core.Record]string{host: "UTC", h.org: "America/New_York"} {
		record.Set("timezone", zone)
		if err := h.Save(record); err != nil {
			t.Fatal(err)
		}
	}
	if own, bread := h.row(t, "own", "a"), h.row(t, "bread", "a"); own.Next != "2026-11-25 08:00:00.000Z" || bread.Next != "2026-11-24 13:00:00.000Z" {
		t.Errorf("next at %s and %s", own.Next, bread.Next)
	}
}

// packed is the hello program with a config.json of its echo function.
func packed(t *testing.T, config, words string) []byte {
	t.Helper()
	folder := fstest.MapFS{}
	for _, name := range []string{
		"manifest.json", "app.json", "app.js", "project.config.json", "images/icon.svg", "pages/index/index.js", "cloudfunctions/echo/index.js", "cloudfunctions/proxy/index.js",
	} {
		content, err := os.ReadFile("../programs/testdata/hello/" + name)
		if err != nil {
			t.Fatal(err)
		}
		folder["it/"+name] = &fstest.MapFile{Data: content}
	}
	folder["it/pages/index/index.wxml"] = &fstest.MapFile{Data: []byte("<view>" + words + "</view>")}
	folder["it/cloudfunctions/echo/config.json"] = &fstest.MapFile{Data: []byte(config)}
	zip, err := programs.Zip(folder, "it")
	if err != nil {
		t.Fatal(err)
	}
	return zip
}

// From a package to its timers: released, rolled back, taken down, restored, ended, by the programs' own verbs.
func TestFromAPackageToItsTimers(t *testing.T) {
	h := newHouse(t)
	h.org.Set("certified", true)
	if err := h.Save(h.org); err != nil {
		t.Fatal(err)
	}
	operator := apptest.Operator(t, h.App, "Olga")
	for n, config := range []string{`{}`, `{"triggers":[{"name":"nightly","type":"timer","config":"0 0 4 * * * *"}]}`} {
		if _, err := programs.Upload(h.App, programs.Owner{Org: h.org.Id}, "hello", bytes.NewReader(packed(t, config, fmt.Sprint("words ", n))), "", h.maker.Id, start); err != nil {
			t.Fatal(err)
		}
	}
	must := func(_ *core.Record, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := func(condition string, want int) {
		t.Helper()
		if n := h.count(t, "programs_triggers WHERE "+condition); n != want {
			t.Errorf("%d rows are %s, want %d", n, condition, want)
		}
	}
	rows("TRUE", 0) // an upload runs nothing
	must(programs.Release(h.App, "hello", 1, 100, h.maker.Id, start))
	must(programs.Release(h.App, "hello", 2, 50, h.maker.Id, start))
	rows("TRUE", 0) // nor does what only some have
	must(programs.Release(h.App, "hello", 2, 100, h.maker.Id, start))
	rows("active AND next = '2026-11-25 03:00:00.000Z'", 1)
	h.at(t, clockAt(t, "2026-11-25T03:00:00Z"))
	h.want(t, "hello echo nightly 2026-11-25T03:00:00Z")
	must(programs.Rollback(h.App, "hello", 1, "", h.maker.Id, start))
	rows("TRUE", 0)
	must(programs.Rollback(h.App, "hello", 2, "", h.maker.Id, start))
	rows("active", 1)
	takedown, err := programs.TakeDown(h.App, programs.Takedown{Scope: programs.ScopeOrg, Org: h.org.Id, Reason: "a look"}, operator.Id, start)
	must(takedown, err)
	rows("NOT active AND NOT live AND wake = ''", 1)
	h.at(t, clockAt(t, "2026-11-27T03:00:00Z"))
	h.want(t)
	must(programs.Restore(h.App, takedown.Id, "fine", operator.Id, start))
	rows("active AND next = '2026-11-28 03:00:00.000Z'", 1)
	if err := programs.Delete(h.App, "hello", h.maker.Id, start); err != nil {
		t.Fatal(err)
	}
	rows("TRUE", 0)
}
