package jobs

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

type job struct {
	ID       string `db:"id"`
	Kind     string `db:"kind"`
	Key      string `db:"key"`
	Payload  string `db:"payload"`
	Attempts int    `db:"attempts"`
}

// errDied is the failure of a job that has never lived to tell another.
var errDied = errors.New("the process died during the last attempt")

// open is a job that may be claimed: it waits and is due, or whoever had it did not finish in time.
const open = `(state = 'waiting' AND due <= {:now} OR state = 'running' AND lease <= {:now})`

// dueBatch is how many jobs of a kind are read at a time.
const dueBatch = 100

// runKind runs the due jobs of one kind, oldest first, until none is left.
func runKind(app core.App, kind string, now time.Time) (int, error) {
	r := registryOf(app)
	if l := r.sideBySide(kind); l != nil {
		return l.pass(app, func() time.Time { return now }, nil)
	}
	if err := r.plan(app, kind, now); err != nil {
		return 0, err
	}
	ran := 0
	for {
		var due []job
		err := app.DB().NewQuery(`SELECT id, kind, key, payload, attempts FROM jobs_queue
			WHERE kind = {:kind} AND state IN ('waiting', 'running') AND ` + open + ` ORDER BY due, id LIMIT {:batch}`).
			Bind(dbx.Params{"kind": kind, "now": stamp(now), "batch": dueBatch}).All(&due)
		if err != nil {
			return ran, fmt.Errorf("find due jobs of %s: %w", kind, err)
		}
		for _, j := range due {
			done, err := r.runOne(app, j, now)
			if err != nil {
				return ran, err
			}
			if done {
				ran++
			}
		}
		if len(due) < dueBatch {
			return ran, nil
		}
	}
}

// runOne claims the job, runs it and writes down how it went; false when somebody else has it.
func (r *registry) runOne(app core.App, j job, now time.Time) (bool, error) {
	if !r.enter(j.ID) {
		return false, nil // this process is still at it, however long ago it was claimed
	}
	defer r.leave(j.ID)
	claimed, err := claim(app, j, now)
	if err != nil || !claimed {
		return false, err
	}
	j.Attempts++
	failure := errDied
	if j.Attempts <= attemptsCap {
		failure = attempt(app, r.handler(j.Kind), j, now)
	}
	if failure == nil {
		return true, finish(app, j, "done", now, "", now)
	}
	said := failure.Error()
	said = said[:min(len(said), errorCap)]
	if j.Attempts >= attemptsCap {
		app.Logger().Error("job given up: look at it in the jobs view and add it again once the cause is gone",
			"kind", j.Kind, "key", j.Key, "attempts", j.Attempts, "error", failure)
		if tell := r.gaveUp(j.Kind); tell != nil {
			tell(app, []byte(j.Payload), failure, now)
		}
		return true, finish(app, j, "failed", now, said, now)
	}
	app.Logger().Warn("job failed and will be tried again", "kind", j.Kind, "key", j.Key, "attempts", j.Attempts, "error", failure)
	return true, finish(app, j, "waiting", now.Add(pause(j.Attempts)), said, now)
}

// claim counts the attempt before it begins, so that a job that kills its process is given up in the end too.
func claim(app core.App, j job, now time.Time) (bool, error) {
	result, err := app.NonconcurrentDB().NewQuery(`UPDATE jobs_queue
		SET state = 'running', attempts = attempts + 1, lease = {:lease}, updated = {:now}
		WHERE id = {:id} AND attempts = {:attempts} AND ` + open).
		Bind(dbx.Params{"id": j.ID, "attempts": j.Attempts, "now": stamp(now), "lease": stamp(now.Add(lease))}).Execute()
	if err != nil {
		return false, fmt.Errorf("claim job %s %s: %w", j.Kind, j.Key, err)
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}

// finish does nothing when the job was claimed again meanwhile: then the later attempt decides.
func finish(app core.App, j job, state string, due time.Time, lastError string, now time.Time) error {
	_, err := app.NonconcurrentDB().NewQuery(`UPDATE jobs_queue
		SET state = {:state}, due = {:due}, last_error = {:error}, updated = {:now}, lease = ''
		WHERE id = {:id} AND state = 'running' AND attempts = {:attempts}`).
		Bind(dbx.Params{
			"id": j.ID, "state": state, "due": stamp(due), "error": lastError, "now": stamp(now), "attempts": j.Attempts,
		}).Execute()
	if err != nil {
		return fmt.Errorf("finish job %s %s: %w", j.Kind, j.Key, err)
	}
	return nil
}

func attempt(app core.App, run handler, j job, now time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return run(app, []byte(j.Payload), now)
}

// pause grows from firstPause to longestPause with the attempts made.
func pause(attempts int) time.Duration {
	wait := firstPause
	for range attempts - 1 {
		wait = min(2*wait, longestPause)
	}
	return wait
}
