package jobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/robfig/cron/v3"

	"plaza.internal/plaza/internal/clock"
)

const (
	registryKey = "plaza.jobs.registry"
	tick        = "@every 1s"
	pruneJob    = "jobs.prune"
)

// wallClock is how a period is written: local time without an offset, so that the hour that a clock change
// repeats is one period and not two.
const wallClock = "2006-01-02T15:04"

type handler func(app core.App, payload []byte, now time.Time) error

type gaveUp func(app core.App, payload []byte, failure error, now time.Time)

// registry is what the packages have registered on an app.
type registry struct {
	mu       sync.Mutex
	kinds    []string // in the order of registration
	handlers map[string]handler
	every    map[string]recurring
	lanes    map[string]*lanes // of those kinds whose work is done for many owners side by side
	atWork   map[string]bool   // ids of the jobs that this process is running
	each     map[string]gaveUp // kinds of HandleEach
	stop     chan struct{}     // closed when the server ends
	stopped  sync.Once
}

type recurring struct {
	schedule cron.Schedule
	zone     *time.Location
}

// period is the payload of a recurring job's run.
type period struct {
	At time.Time `json:"at"`
}

func registryOf(app core.App) *registry {
	return app.Store().GetOrSet(registryKey, func() any {
		return &registry{
			handlers: map[string]handler{}, every: map[string]recurring{}, lanes: map[string]*lanes{},
			each: map[string]gaveUp{}, atWork: map[string]bool{}, stop: make(chan struct{}),
		}
	}).(*registry)
}

// Every runs a function once for each period of a five-field cron spec in an IANA zone. After downtime only
// the last missed period is made up for, so what it does is state: everything that is due by now, not what
// became due in the period. It is called before the server starts, and panics on a spec that is not one.
func Every(app core.App, name, spec, zone string, run func(app core.App, period time.Time) error) {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		panic(fmt.Sprintf("jobs: %s: zone %q: %v", name, zone, err))
	}
	// @every counts from whenever the process began, so it has no periods to be keyed by.
	if strings.HasPrefix(spec, "@every") || strings.Contains(spec, "TZ=") {
		panic(fmt.Sprintf("jobs: %s: spec %q has no periods of its own", name, spec))
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		panic(fmt.Sprintf("jobs: %s: spec %q: %v", name, spec, err))
	}
	r := registryOf(app)
	Handle(app, name, func(app core.App, payload []byte, _ time.Time) error {
		var p period
		if err := json.Unmarshal(payload, &p); err != nil {
			return err
		}
		return run(app, p.At)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.every[name] = recurring{schedule: schedule, zone: location}
}

// plan puts the latest period of a recurring kind in the queue, unless it was there before.
func (r *registry) plan(app core.App, kind string, now time.Time) error {
	r.mu.Lock()
	every, recurs := r.every[kind]
	r.mu.Unlock()
	if !recurs {
		return nil
	}
	at, found := every.latest(now)
	if !found {
		return nil
	}
	params := dbx.Params{"job": kind, "period": at.Format(wallClock), "at": stamp(now)}
	var known int
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM jobs_runs WHERE job = {:job} AND period = {:period}").
		Bind(params).Row(&known); err != nil || known > 0 {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		result, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO jobs_runs (job, period, at)
			VALUES ({:job}, {:period}, {:at}) ON CONFLICT DO NOTHING`).Bind(params).Execute()
		if err != nil {
			return fmt.Errorf("plan %s for %s: %w", kind, params["period"], err)
		}
		if rows, err := result.RowsAffected(); err != nil || rows == 0 {
			return err
		}
		return Add(tx, kind, params["period"].(string), period{At: at.UTC()}, now)
	})
}

// latest is the last period that began at or before now. It looks back in growing steps, because a schedule
// can only be asked for what comes next.
func (e recurring) latest(now time.Time) (time.Time, bool) {
	now = now.In(e.zone)
	for _, back := range []time.Duration{time.Hour, 25 * time.Hour, 8 * 24 * time.Hour, 32 * 24 * time.Hour, 367 * 24 * time.Hour} {
		var last time.Time
		for at := e.schedule.Next(now.Add(-back)); !at.IsZero() && !at.After(now); at = e.schedule.Next(at) {
			last = at
		}
		if !last.IsZero() {
			return last, true
		}
	}
	return time.Time{}, false
}

// Register starts the ticker when the server serves and stops it when the server ends. Only a process that
// leads runs jobs; a nil leads always does.
func Register(app core.App, leads func() bool) {
	Every(app, pruneJob, "30 3 * * *", "UTC", func(app core.App, _ time.Time) error { return prune(app, clock.Now(app)) })
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		ticker := cron.New(cron.WithLocation(time.UTC))
		r := registryOf(e.App)
		for _, kind := range r.names() {
			// A kind has its own entry, so that one that hangs holds up nobody else. Skip is outside Recover:
			// the other way round a panic would keep the turn for ever.
			entry := cron.NewChain(cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(ticked{e.App, kind})).
				Then(cron.FuncJob(func() { onTick(e.App, kind, leads) }))
			if _, err := ticker.AddJob(tick, entry); err != nil {
				return err
			}
		}
		app.OnTerminate().BindFunc(func(t *core.TerminateEvent) error {
			r.stopped.Do(func() { close(r.stop) })
			<-ticker.Stop().Done() // a job that has begun ends before the database is closed
			return t.Next()
		})
		ticker.Start()
		return e.Next()
	})
}

func onTick(app core.App, kind string, leads func() bool) {
	if leads != nil && !leads() {
		return
	}
	r := registryOf(app)
	var err error
	if l := r.sideBySide(kind); l != nil {
		err = r.tickLanes(app, l)
	} else {
		_, err = runKind(app, kind, clock.Now(app))
	}
	if err != nil {
		app.Logger().Error("jobs cannot run", "kind", kind, "error", err)
	}
}

// ticked is where the ticker reports a panic, which only a mistake of this package can cause.
type ticked struct {
	app  core.App
	kind string
}

func (t ticked) Info(string, ...any) {}

func (t ticked) Error(err error, message string, about ...any) {
	t.app.Logger().Error("job tick: "+message, append([]any{"kind", t.kind, "error", err}, about...)...)
}

// prune forgets jobs that finished long ago. Failed ones stay until somebody has looked, unless their owner was told.
func prune(app core.App, now time.Time) error {
	each, err := json.Marshal(registryOf(app).ofMany())
	if err != nil {
		return err
	}
	params := dbx.Params{"before": stamp(now.Add(-keptDone)), "each": string(each), "each_before": stamp(now.Add(-keptEach))}
	for _, statement := range []string{
		`DELETE FROM jobs_queue WHERE state = 'done' AND updated < {:each_before} AND kind IN (SELECT value FROM json_each({:each}))`,
		`DELETE FROM jobs_queue WHERE state = 'failed' AND updated < {:before} AND kind IN (SELECT value FROM json_each({:each}))`,
		"DELETE FROM jobs_queue WHERE state = 'done' AND updated < {:before}",
		"DELETE FROM jobs_runs WHERE at < {:before} AND period < (SELECT MAX(period) FROM jobs_runs later WHERE later.job = jobs_runs.job)",
	} {
		if _, err := app.NonconcurrentDB().NewQuery(statement).Bind(params).Execute(); err != nil {
			return fmt.Errorf("prune jobs: %w", err)
		}
	}
	return nil
}

func (r *registry) names() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.kinds)
}

func (r *registry) handler(kind string) handler {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.handlers[kind]
}

func (r *registry) ofMany() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.AppendSeq([]string{}, maps.Keys(r.each))
}

func (r *registry) sideBySide(kind string) *lanes {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lanes[kind]
}

func (r *registry) gaveUp(kind string) gaveUp {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.each[kind]
}

func (r *registry) enter(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.atWork[id] {
		return false
	}
	r.atWork[id] = true
	return true
}

func (r *registry) leave(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.atWork, id)
}
