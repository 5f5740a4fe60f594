// Package jobs is what happens later, surely: work that is promised inside a transaction and done after it,
// once now or again at every period of a schedule.
//
// A job is a row. It is added in the transaction that promises it, survives a crash, is retried with growing
// pauses and given up loudly. The invariants: a (kind, key) is one job however often it is added, a (recurring
// job, period) is put in the queue once, and a job is never forgotten between being claimed and being finished.
// A job may therefore run twice when a process dies in the middle of it, so what it does must bear repeating.
//
// The clock of robfig/cron only asks what is due. Nothing depends on a tick being on time or coming once.
package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/clock"
)

const (
	attemptsCap  = 10               // tries before a job is given up, over about two hours
	firstPause   = 15 * time.Second // before the second try; it doubles each time
	longestPause = time.Hour
	lease        = 5 * time.Minute     // after which a claimed job is taken from a process that must have died
	keptDone     = 90 * 24 * time.Hour // how long a finished job can be looked at, and its key stays used
	keptEach     = 7 * 24 * time.Hour  // the same of HandleEach's
	errorCap     = 2000                // bytes of an error that are kept
)

// Add promises to run the handler of kind with the payload when due has come. Adding the same (kind, key)
// again is no error and changes nothing. Called in a transaction, the promise commits or goes with it.
func Add(tx core.App, kind, key string, payload any, due time.Time) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("add job %s %s: %w", kind, key, err)
	}
	if kind == "" || key == "" {
		return fmt.Errorf("add job %q %q: it needs a kind and a key", kind, key)
	}
	_, err = tx.NonconcurrentDB().NewQuery(`INSERT INTO jobs_queue (id, kind, key, payload, due, created, updated)
		VALUES ({:id}, {:kind}, {:key}, {:payload}, {:due}, {:now}, {:now}) ON CONFLICT (kind, key) DO NOTHING`).
		Bind(dbx.Params{
			"id": security.RandomString(15), "kind": kind, "key": key, "payload": string(body),
			"due": stamp(due), "now": stamp(clock.Now(tx)),
		}).Execute()
	if err != nil {
		return fmt.Errorf("add job %s %s: %w", kind, key, err)
	}
	return nil
}

// Handle names the function that runs the jobs of a kind. A handler runs outside any transaction, one job of
// its kind at a time, and must bear to be run again with the same payload. It is called before the server starts.
func Handle(app core.App, kind string, run func(app core.App, payload []byte, now time.Time) error) {
	r := registryOf(app)
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.handlers[kind]; taken {
		panic("jobs: two handlers for " + kind)
	}
	r.kinds = append(r.kinds, kind)
	r.handlers[kind] = run
}

// RunDue puts the latest period of every recurring job in the queue, runs everything that is due at now and
// says how many jobs it ran, whether they succeeded or not. The ticker calls it; tests call it with their own time.
func RunDue(app core.App, now time.Time) (int, error) {
	total := 0
	var failures []error
	for _, kind := range registryOf(app).names() {
		ran, err := runKind(app, kind, now)
		total += ran
		if err != nil {
			failures = append(failures, err)
		}
	}
	return total, errors.Join(failures...)
}

// stamp is how the tables write an instant: PocketBase's form, whose text order is the order of time.
func stamp(at time.Time) string {
	return at.UTC().Format("2006-01-02 15:04:05.000Z")
}
