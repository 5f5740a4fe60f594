package jobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func add(t testing.TB, app core.App, kind, key string, payload any, due time.Time) {
	t.Helper()
	if err := jobs.Add(app, kind, key, payload, due); err != nil {
		t.Fatal(err)
	}
}

func runDue(t testing.TB, app core.App, at time.Time, want int) {
	t.Helper()
	if ran, err := jobs.RunDue(app, at); err != nil || ran != want {
		t.Errorf("at %s ran %d jobs, %v; want %d", at.Format(time.DateTime), ran, err, want)
	}
}

func wantState(t testing.TB, app core.App, key, state string, attempts int) (lastError string) {
	t.Helper()
	record, err := app.FindFirstRecordByData("jobs", "key", key)
	if err != nil {
		t.Fatal(err)
	}
	if record.GetString("state") != state || record.GetInt("attempts") != attempts {
		t.Errorf("job %s is %s after %d attempts, want %s after %d", key, record.GetString("state"), record.GetInt("attempts"), state, attempts)
	}
	return record.GetString("last_error")
}

// A job runs once, at its time, with what it was given, and adding it twice is adding it once.
func TestAJobRunsOnceWhenItIsDue(t *testing.T) {
	app := apptest.New(t)
	var got []string
	jobs.Handle(app, "mail", func(_ core.App, payload []byte, now time.Time) error {
		got = append(got, string(payload)+" "+now.Format(time.TimeOnly))
		return nil
	})
	add(t, app, "mail", "later", map[string]any{"to": "bob"}, noon.Add(time.Hour))
	add(t, app, "mail", "now", map[string]any{"to": "ann"}, noon)
	add(t, app, "mail", "now", map[string]any{"to": "somebody else"}, noon.Add(-time.Hour))
	add(t, app, "unhandled", "now", nil, noon)
	runDue(t, app, noon.Add(-time.Millisecond), 0)
	runDue(t, app, noon, 1)
	runDue(t, app, noon, 0)
	runDue(t, app, noon.Add(2*time.Hour), 1)
	add(t, app, "mail", "now", nil, noon) // it stays done
	runDue(t, app, noon.Add(3*time.Hour), 0)
	if want := []string{`{"to":"ann"} 12:00:00`, `{"to":"bob"} 14:00:00`}; !slices.Equal(got, want) {
		t.Errorf("ran %q, want %q", got, want)
	}
	wantState(t, app, "later", "done", 1)
}

// A promise goes with the transaction that made it.
func TestAPromiseIsPartOfItsTransaction(t *testing.T) {
	app := apptest.New(t)
	ran := 0
	jobs.Handle(app, "mail", func(core.App, []byte, time.Time) error { ran++; return nil })
	undone := errors.New("undone")
	err := app.RunInTransaction(func(tx core.App) error {
		add(t, tx, "mail", "a", nil, noon)
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	runDue(t, app, noon, 0)
	if err := app.RunInTransaction(func(tx core.App) error { return jobs.Add(tx, "mail", "a", nil, noon) }); err != nil {
		t.Fatal(err)
	}
	runDue(t, app, noon, 1)
	for _, bad := range [][2]string{{"", "key"}, {"mail", ""}} {
		if err := jobs.Add(app, bad[0], bad[1], nil, noon); err == nil {
			t.Errorf("job %q was added", bad)
		}
	}
	if err := jobs.Add(app, "mail", "bad", func() {}, noon); err == nil {
		t.Error("a function was added as a payload")
	}
}

// A job that fails is tried again after growing pauses until it succeeds, and holds up nobody else.
func TestAFailingJobIsTriedAgain(t *testing.T) {
	app := apptest.New(t)
	tries := 0
	jobs.Handle(app, "hook", func(_ core.App, payload []byte, _ time.Time) error {
		if string(payload) == `"good"` {
			return nil
		}
		if tries++; tries < 3 {
			return fmt.Errorf("no answer %d", tries)
		}
		return nil
	})
	add(t, app, "hook", "flaky", "flaky", noon)
	add(t, app, "hook", "good", "good", noon)
	runDue(t, app, noon, 2)
	if said := wantState(t, app, "flaky", "waiting", 1); said != "no answer 1" {
		t.Errorf("it says %q", said)
	}
	wantState(t, app, "good", "done", 1)
	runDue(t, app, noon.Add(14*time.Second), 0)
	runDue(t, app, noon.Add(15*time.Second), 1)
	runDue(t, app, noon.Add(44*time.Second), 0)
	runDue(t, app, noon.Add(45*time.Second), 1)
	if said := wantState(t, app, "flaky", "done", 3); said != "" {
		t.Errorf("it still says %q", said)
	}
}

// A job that never succeeds is given up in the end, and stays in sight with its reason. A panic is a failure.
func TestAJobIsGivenUpInSight(t *testing.T) {
	app := apptest.New(t)
	jobs.Handle(app, "bad", func(core.App, []byte, time.Time) error { panic("at the disco") })
	jobs.Handle(app, "long", func(core.App, []byte, time.Time) error { return errors.New(strings.Repeat("long ", 1000)) })
	add(t, app, "bad", "b", nil, noon)
	add(t, app, "long", "l", nil, noon)
	at, total := noon, 0
	for range 40 {
		ran, err := jobs.RunDue(app, at)
		if err != nil {
			t.Fatal(err)
		}
		total += ran
		at = at.Add(time.Hour)
	}
	if total != 20 {
		t.Errorf("two jobs were tried %d times", total)
	}
	if said := wantState(t, app, "b", "failed", 10); !strings.Contains(said, "at the disco") {
		t.Errorf("it says %q", said)
	}
	if said := wantState(t, app, "l", "failed", 10); len(said) > 2000 {
		t.Errorf("it says %d bytes", len(said))
	}
}

// A job whose process died between claiming and finishing it is taken over when its lease is over, not before;
// and one that kills its process each time is given up too.
func TestAJobOfADeadProcessIsTakenOver(t *testing.T) {
	app := apptest.New(t)
	ran := 0
	jobs.Handle(app, "mail", func(core.App, []byte, time.Time) error { ran++; return nil })
	add(t, app, "mail", "a", nil, noon)
	die := func(attempts int) { // what the dead process left
		if _, err := app.NonconcurrentDB().NewQuery("UPDATE jobs_queue SET state = 'running', attempts = {:n}, lease = '2026-11-24 12:05:00.000Z'").
			Bind(map[string]any{"n": attempts}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	die(1)
	runDue(t, app, noon.Add(5*time.Minute-time.Millisecond), 0)
	runDue(t, app, noon.Add(5*time.Minute), 1)
	wantState(t, app, "a", "done", 2)
	die(10)
	runDue(t, app, noon.Add(time.Hour), 1)
	if said := wantState(t, app, "a", "failed", 11); said == "" || ran != 1 {
		t.Errorf("it ran %d times and says %q", ran, said)
	}
}

// Ticks that overlap run a job once.
func TestOverlappingTicksRunAJobOnce(t *testing.T) {
	app := apptest.New(t)
	var ran atomic.Int64
	jobs.Handle(app, "mail", func(core.App, []byte, time.Time) error { ran.Add(1); return nil })
	jobs.Every(app, "sweep", "0 * * * *", "UTC", func(core.App, time.Time) error { ran.Add(1); return nil })
	for i := range 30 {
		add(t, app, "mail", fmt.Sprint(i), nil, noon)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := jobs.RunDue(app, noon); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if ran.Load() != 31 {
		t.Errorf("31 jobs ran %d times", ran.Load())
	}
}

// recorder is a recurring job that remembers its periods.
func recorder(app core.App, spec, zone string) *[]string {
	var periods []string
	jobs.Every(app, "sweep", spec, zone, func(_ core.App, period time.Time) error {
		periods = append(periods, period.UTC().Format(time.DateTime))
		return nil
	})
	return &periods
}

// A recurring job runs once a period, however often and however late the ticks come; after downtime, the last
// missed period is made up for, once.
func TestARecurringJobRunsOnceAPeriod(t *testing.T) {
	app := apptest.New(t)
	periods := recorder(app, "30 4 * * *", "Europe/Paris")
	day := time.Date(2026, 11, 24, 3, 30, 0, 0, time.UTC) // 04:30 in Paris
	for _, tick := range []struct {
		at   time.Time
		want int
	}{
		{day, 1},
		{day, 0},
		{day.Add(time.Second), 0}, // doubled
		{day.Add(24*time.Hour - time.Second), 0},
		{day.Add(24*time.Hour + 50*time.Minute), 1},       // late
		{day.Add(6*24*time.Hour + 7*time.Hour), 1},        // after four days of downtime
		{day.Add(6*24*time.Hour + 7*time.Hour + 1), 0},    // made up for once
		{day.Add(300 * 24 * time.Hour).Add(time.Hour), 1}, // in summer time, and no backlog of months
	} {
		runDue(t, app, tick.at, tick.want)
	}
	want := []string{"2026-11-24 03:30:00", "2026-11-25 03:30:00", "2026-11-30 03:30:00", "2027-09-20 02:30:00"}
	if !slices.Equal(*periods, want) {
		t.Errorf("ran for %v, want %v", *periods, want)
	}
}

// The hour that the clock change repeats is one period, and the one that it swallows runs no job twice.
func TestTheClockChangeDoublesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		from time.Time
		want []string
	}{
		"autumn": {time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC), []string{"2026-10-24 00:30:00", "2026-10-25 00:30:00", "2026-10-26 01:30:00"}},
		"spring": {time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), []string{"2026-03-28 01:30:00", "2026-03-30 00:30:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			app := apptest.New(t)
			periods := recorder(app, "30 2 * * *", "Europe/Paris")
			for at := c.from; at.Before(c.from.Add(48 * time.Hour)); at = at.Add(10 * time.Minute) {
				if _, err := jobs.RunDue(app, at); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(*periods, c.want) {
				t.Errorf("ran for %v, want %v", *periods, c.want)
			}
		})
	}
}

// A recurring job that fails is retried within its period, and again in the next.
func TestAFailedPeriodIsRetried(t *testing.T) {
	app := apptest.New(t)
	tries := 0
	jobs.Every(app, "sweep", "0 * * * *", "UTC", func(core.App, time.Time) error {
		if tries++; tries == 1 {
			return errors.New("not yet")
		}
		return nil
	})
	runDue(t, app, noon, 1)
	runDue(t, app, noon.Add(time.Minute), 1)
	runDue(t, app, noon.Add(2*time.Minute), 0)
	runDue(t, app, noon.Add(time.Hour), 1)
	if tries != 3 {
		t.Errorf("%d tries", tries)
	}
}

// Mistakes at registration stop the start.
func TestAMistakenRegistrationPanics(t *testing.T) {
	app := apptest.New(t)
	nothing := func(core.App, time.Time) error { return nil }
	jobs.Every(app, "twice", "0 * * * *", "UTC", nothing)
	for name, register := range map[string]func(){
		"unknown zone": func() { jobs.Every(app, "a", "0 * * * *", "Europe/Pari", nothing) },
		"no zone":      func() { jobs.Every(app, "b", "0 * * * *", "", nothing) },
		"bad spec":     func() { jobs.Every(app, "c", "61 * * * *", "UTC", nothing) },
		"no period":    func() { jobs.Every(app, "d", "@every 1h", "UTC", nothing) },
		"zone in spec": func() { jobs.Every(app, "e", "CRON_TZ=UTC 0 * * * *", "UTC", nothing) },
		"two handlers": func() { jobs.Every(app, "twice", "0 * * * *", "UTC", nothing) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was accepted", name)
				}
			}()
			register()
		}()
	}
}

// A running server picks up what is due by its clock within moments, if it leads; and the operator, only he,
// sees the queue.
func TestTheServerRunsWhatIsDue(t *testing.T) {
	ran := make(chan string, 10)
	var leads atomic.Bool
	app := apptest.New(t, func(app core.App) {
		jobs.Handle(app, "mail", func(_ core.App, payload []byte, _ time.Time) error {
			var to string
			err := json.Unmarshal(payload, &to)
			ran <- to
			return err
		})
		jobs.Register(app, func() bool { ran := leads.Load(); leads.Store(true); return ran })
	})
	ann, olga := apptest.Person(t, app, "Ann"), apptest.Operator(t, app, "Olga")
	now := clock.Now(app)
	add(t, app, "mail", "now", "ann", now)
	add(t, app, "mail", "tomorrow", "bob", now.Add(24*time.Hour))
	client := apptest.NewClient(t, app)
	if to := <-ran; to != "ann" {
		t.Errorf("ran the job for %s", to)
	}
	clock.Set(app, now.Add(25*time.Hour))
	if to := <-ran; to != "bob" {
		t.Errorf("ran the job for %s", to)
	}
	const view = "/api/collections/jobs/records?filter=kind='mail'"
	for token, want := range map[string]int64{"": 0, apptest.Token(t, ann): 0, apptest.Token(t, olga): 2} {
		if seen := client.Must(http.StatusOK, "GET", view, token, nil); seen.Number("totalItems") != want {
			t.Errorf("sees %s, want %d", seen.Body, want)
		}
	}
}
