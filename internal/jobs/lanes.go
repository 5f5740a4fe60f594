package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
)

const (
	// slowAfter is how long a task may take before its owner counts as slow.
	slowAfter = time.Second
	// slowKept is how many slow owners are remembered; past it, all are given another chance.
	slowKept = 10_000
	// lookAgain is how long what was found is worked through before it is looked for once more.
	lookAgain = time.Second
	// ownerBatch is how many jobs are looked at to find the next of each owner.
	ownerBatch = 1_000
)

// Task is a piece of work that is due, on behalf of somebody.
type Task struct {
	Owner string
	// Run does it, if nobody else has done so, and says whether it did.
	Run func(now time.Time) (bool, error)
}

// Watch does, at every tick, what find finds to be due: at most width tasks side by side and one of an owner at a
// time, half of them at most for owners that were slow the last time. So nobody is held up by an owner who is slow,
// fails or has much to do. find answers the oldest first and leaves out the owners in except; what it answers may
// have been done meanwhile, so Run must look again. It is called before the server starts.
func Watch(app core.App, name string, width int, find func(app core.App, now time.Time, except []string) ([]Task, error)) {
	r := registryOf(app)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.handlers[name] != nil || r.lanes[name] != nil || width < 1 {
		panic("jobs: two handlers for " + name + ", or no room for one")
	}
	r.kinds = append(r.kinds, name)
	r.lanes[name] = &lanes{width: width, find: find, busy: map[string]bool{}, slow: map[string]bool{}}
}

// HandleEach is Handle for jobs of many owners, who share width places as Watch says. The owner of a job is its key
// up to the first slash. There may be very many, so they are forgotten sooner, and those given up too: gaveUp, which
// may be nil, tells their owner.
func HandleEach(
	app core.App, kind string, width int,
	run func(app core.App, payload []byte, now time.Time) error,
	gaveUp func(app core.App, payload []byte, failure error, now time.Time),
) {
	r := registryOf(app)
	Watch(app, kind, width, func(app core.App, now time.Time, except []string) ([]Task, error) {
		due, err := dueOf(app, kind, now, except)
		tasks := make([]Task, 0, len(due))
		for _, j := range due {
			owner, _, _ := strings.Cut(j.Key, "/")
			tasks = append(tasks, Task{Owner: owner, Run: func(now time.Time) (bool, error) { return r.runOne(app, j, now) }})
		}
		return tasks, err
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handlers[kind] = run
	r.each[kind] = gaveUp
}

// dueOf is due jobs of a kind, oldest first, but for those of some owners.
func dueOf(app core.App, kind string, now time.Time, except []string) ([]job, error) {
	left, err := json.Marshal(append([]string{}, except...)) // null would be one that nothing differs from
	if err != nil {
		return nil, err
	}
	var due []job
	err = app.DB().NewQuery(`SELECT id, kind, key, payload, attempts FROM jobs_queue
		WHERE kind = {:kind} AND state IN ('waiting', 'running') AND ` + open + `
			AND substr(key, 1, instr(key || '/', '/') - 1) NOT IN (SELECT value FROM json_each({:except}))
		ORDER BY due, id LIMIT {:batch}`).
		Bind(dbx.Params{"kind": kind, "now": stamp(now), "except": string(left), "batch": ownerBatch}).All(&due)
	if err != nil {
		return nil, fmt.Errorf("find due jobs of %s: %w", kind, err)
	}
	return due, nil
}

// lanes is the work of many owners side by side.
type lanes struct {
	width int
	find  func(app core.App, now time.Time, except []string) ([]Task, error)

	mu       sync.Mutex
	busy     map[string]bool // owners with a task at work, in every pass
	slow     map[string]bool // owners whose last task was slow
	slowBusy int
}

// outcome is how a task ended.
type outcome struct {
	done bool
	err  error
}

// pass does what is due until nothing is, and says how much it did. A task that goes on long does not keep it from
// looking for what becomes due meanwhile. When stop closes it begins nothing more.
func (l *lanes) pass(app core.App, now func() time.Time, stop <-chan struct{}) (int, error) {
	finished := make(chan outcome)
	running, ran := 0, 0
	var tasks []Task
	var looked time.Time
	var failure error
	for failure == nil || running > 0 {
		switch {
		case failure != nil || over(stop):
			tasks = nil
		case len(tasks) == 0 || time.Since(looked) > lookAgain:
			looked = time.Now()
			tasks, failure = l.find(app, now(), l.taken())
		}
		var started int
		tasks, started = l.begin(tasks, now, finished)
		if running += started; running == 0 {
			break
		}
		select {
		case o := <-finished:
			running--
			if o.done {
				ran++
			}
			failure = errors.Join(failure, o.err)
		case <-time.After(lookAgain):
		}
	}
	return ran, failure
}

// begin starts what has a place and answers what has none yet.
func (l *lanes) begin(tasks []Task, now func() time.Time, finished chan<- outcome) (left []Task, started int) {
	for _, task := range tasks {
		if !l.enter(task.Owner) {
			left = append(left, task)
			continue
		}
		started++
		go func() {
			began := time.Now()
			o := task.attempt(now())
			l.leave(task.Owner, time.Since(began) > slowAfter)
			finished <- o
		}()
	}
	return left, started
}

func (t Task) attempt(now time.Time) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{true, fmt.Errorf("task of %s: panic: %v\n%s", t.Owner, p, debug.Stack())}
		}
	}()
	done, err := t.Run(now)
	return outcome{done, err}
}

func (l *lanes) enter(owner string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[owner] || len(l.busy) >= l.width || (l.slow[owner] && l.slowBusy >= l.slowWidth()) {
		return false
	}
	l.busy[owner] = true
	if l.slow[owner] {
		l.slowBusy++
	}
	return true
}

func (l *lanes) leave(owner string, slow bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, owner)
	if l.slow[owner] {
		l.slowBusy--
		delete(l.slow, owner)
	}
	if !slow {
		return
	}
	if len(l.slow) >= slowKept {
		maps.DeleteFunc(l.slow, func(owner string, _ bool) bool { return !l.busy[owner] })
	}
	l.slow[owner] = true
}

func (l *lanes) slowWidth() int { return max(1, l.width/2) }

// taken is the owners for whom nothing can begin now.
func (l *lanes) taken() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	owners := slices.Collect(maps.Keys(l.busy))
	if l.slowBusy >= l.slowWidth() {
		owners = slices.AppendSeq(owners, maps.Keys(l.slow))
	}
	return owners
}

func over(stop <-chan struct{}) bool {
	select {
	case <-stop: // nil never ends
		return true
	default:
		return false
	}
}

// tickLanes is a tick of Watch by the app's own clock.
func (r *registry) tickLanes(app core.App, l *lanes) error {
	_, err := l.pass(app, func() time.Time { return clock.Now(app) }, r.stop)
	return err
}
