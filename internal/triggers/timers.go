package triggers

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/triggers/when"
)

// timerEvent is what a timer's function is given, in WeChat's words.
type timerEvent struct {
	Type        string `json:"Type"` // "timer"
	TriggerName string `json:"TriggerName"`
	Time        string `json:"Time"` // the period, not the moment at which it got its turn
}

// dueTimers are the timers that must be looked at, oldest first, but for those of some programs.
func dueTimers(app core.App, run Run, now time.Time, except []string) ([]jobs.Task, error) {
	left, err := json.Marshal(append([]string{}, except...)) // null would be one that nothing differs from
	if err != nil {
		return nil, err
	}
	rows, err := list(app, `wake != '' AND wake <= {:now} AND program NOT IN (SELECT value FROM json_each({:except}))
		ORDER BY wake LIMIT {:batch}`, dbx.Params{"now": stamp(now), "except": string(left), "batch": timerBatch})
	if err != nil {
		return nil, err
	}
	tasks := make([]jobs.Task, 0, len(rows))
	for _, row := range rows {
		tasks = append(tasks, jobs.Task{Owner: row.Program, Run: func(now time.Time) (bool, error) {
			return runDue(app, run, row, now)
		}})
	}
	return tasks, nil
}

// runDue begins the latest period of a timer, unless somebody else has, calls its function and writes down how it
// went.
func runDue(app core.App, run Run, row Trigger, now time.Time) (bool, error) {
	var begun bool
	err := ledger.Write(app, func(tx core.App) (err error) {
		row, begun, err = begin(tx, row.ID, now)
		return err
	})
	if err != nil || !begun {
		return false, err
	}
	return true, carryOut(app, run, row, now)
}

// begin claims the period that is due. A row that was running is one whose process died in it: its period is begun
// again, and given up when that has happened too often.
func begin(tx core.App, id string, now time.Time) (Trigger, bool, error) {
	rows, err := list(tx, "id = {:id} AND wake != '' AND wake <= {:now}", dbx.Params{"id": id, "now": stamp(now)})
	if err != nil || len(rows) == 0 {
		return Trigger{}, false, err
	}
	row := rows[0]
	died, byHand := row.State == "running", row.State == "running" && row.Attempts == 0
	if died && (byHand || !row.Active || row.Attempts >= triesCap) {
		return row, false, finish(tx, row, 0, errDied, now)
	}
	spec, err := when.Parse(row.Spec)
	if err != nil || !row.Active {
		return row, false, update(tx, id, dbx.Params{"wake": "", "next": ""}, now)
	}
	if !died {
		row.Due = stamp(spec.Latest(instant(row.Next), now, zoneOf(tx, row.Zone)))
	}
	row.Attempts++
	return row, true, claim(tx, &row, now)
}

// claim marks the row as running until its lease is over.
func claim(tx core.App, row *Trigger, now time.Time) error {
	row.State, row.Wake = "running", stamp(now.Add(lease))
	return update(tx, row.ID, dbx.Params{"state": row.State, "due": row.Due, "attempts": row.Attempts, "wake": row.Wake}, now)
}

// carryOut calls the function of a claimed row and writes down how it went.
func carryOut(app core.App, run Run, row Trigger, now time.Time) error {
	event, err := json.Marshal(timerEvent{Type: "timer", TriggerName: row.Name, Time: instant(row.Due).Format(time.RFC3339)})
	if err != nil {
		return err
	}
	took, failure := attempt(app, run, row, SourceTimer, event, now)
	if failure != nil && !busy(failure) {
		note(app, row, fmt.Sprintf("The timer %s failed: %s", row.Name, told(failure)))
	}
	return ledger.Write(app, func(tx core.App) error {
		rows, err := list(tx, "id = {:id} AND state = 'running' AND due = {:due} AND attempts = {:attempts}",
			dbx.Params{"id": row.ID, "due": row.Due, "attempts": row.Attempts})
		if err != nil || len(rows) == 0 { // it was taken away, or begun again
			return err
		}
		return finish(tx, rows[0], took, failure, now)
	})
}

// finish writes down how a period went and when the timer is due next. A period for which there was no room is tried
// again soon.
func finish(tx core.App, row Trigger, took time.Duration, failure error, now time.Time) error {
	set := outcome(row, took, failure, now)
	switch {
	case !row.Active:
		set["next"], set["wake"] = "", ""
	case row.Attempts == 0: // by hand
		set["wake"] = row.Next
	case busy(failure) && row.Attempts < triesCap:
		set["next"], set["wake"], set["attempts"] = row.Due, stamp(now.Add(busyPause)), row.Attempts
		set["failures"], set["runs"] = row.Failures, row.Runs
	default:
		next := stamp(following(tx, row, now))
		set["next"], set["wake"] = next, next
	}
	return update(tx, row.ID, set, now)
}

// RunNow runs a timer by hand, at its maker's wish, and answers how it went. It changes nothing about its periods.
func RunNow(app core.App, run Run, appid, id, actor string, now time.Time) (Trigger, error) {
	var row Trigger
	err := ledger.Write(app, func(tx core.App) (err error) {
		row, err = find(tx, appid, id)
		switch {
		case err != nil:
			return err
		case row.Kind != "timer":
			return ErrNotTimer
		case !row.Live:
			return ErrNotLive
		case row.State == "running" && row.Wake > stamp(now):
			return ErrRunning
		}
		row.Due, row.Attempts = stamp(now), 0
		if err := claim(tx, &row, now); err != nil {
			return err
		}
		return ledger.Audit(tx, actor, "triggers.run", appid, map[string]any{"timer": row.Name, "function": row.Function}, now)
	})
	if err != nil {
		return row, err
	}
	if err := carryOut(app, run, row, now); err != nil {
		return row, err
	}
	return find(app, appid, id)
}

// Pause stops a trigger until Resume. What becomes due or happens meanwhile is not made up for.
func Pause(app core.App, appid, id string, paused bool, actor string, now time.Time) (Trigger, error) {
	err := ledger.Write(app, func(tx core.App) error {
		row, err := find(tx, appid, id)
		if err != nil || row.Paused == paused {
			return err
		}
		act := "triggers.resume"
		if paused {
			act = "triggers.pause"
		}
		row.Paused, row.Active = paused, row.Live && !paused
		set := dbx.Params{"paused": paused, "active": row.Active}
		if row.Kind == "timer" {
			aim(tx, row, set, now)
		}
		if err := update(tx, id, set, now); err != nil {
			return err
		}
		return ledger.Audit(tx, actor, act, appid, map[string]any{"kind": row.Kind, "name": row.Name, "function": row.Function}, now)
	})
	if err != nil {
		return Trigger{}, err
	}
	events.Forget(app)
	return find(app, appid, id)
}
