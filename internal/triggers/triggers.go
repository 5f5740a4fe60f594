// Package triggers runs the functions of programs that nobody called: because their timer is due, or because
// something has happened that they listen to.
//
// What runs follows from what people have: the rows are the timers and hooks of the version that everybody gets,
// written in the transaction that released it, rolled it back or took it down. A timer's row says when it must be
// looked at next, so that half a million programs cost one look at an index, and a late look makes up for the last
// missed period alone. The invariants: a period of a timer is begun once, and a second time only when the process
// died in it; an event is given to each program that listens until its function has succeeded once or was given up;
// a program never learns of a person who has not opened it; and no program holds up another.
package triggers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/triggers/when"
)

const (
	// Width is how many timers run side by side, and how many events are delivered side by side.
	Width = 8
	// lease is after how long a timer that runs counts as one whose process has died.
	lease = 2 * time.Minute
	// patience is how long a call may take in all; the sandbox ends its function long before.
	patience = time.Minute
	// triesCap is how often a period is begun at most: again when the process died in it or no worker was free.
	triesCap = 3
	// busyPause is after how long a period that found no free worker is tried again.
	busyPause = 10 * time.Second
	// timerBatch is how many due timers are read at a time.
	timerBatch = 256
	// listenerBatch is for how many programs an event is put in the queue in one transaction.
	listenerBatch = 500
	errorCap      = 2000 // bytes of an error that are kept
)

const (
	timerTask = "triggers.timers"
	callJob   = "events.call"
)

// Sources, as a function's context tells them.
const (
	SourceTimer = "timer"
	SourceEvent = "event"
)

var (
	// ErrUnknown refuses a trigger that the program does not have.
	ErrUnknown = refusal.New(http.StatusNotFound, "trigger_unknown", "The mini program has no such timer or hook.")
	// ErrRunning refuses to start a timer that runs.
	ErrRunning = refusal.New(http.StatusConflict, "trigger_running", "This timer is running already.")
	// ErrNotLive refuses to start a timer of a program that people cannot open.
	ErrNotLive = refusal.New(http.StatusConflict, "trigger_not_live", "Only a released program's timers run.")
	// ErrNotTimer refuses to run a hook by hand: only what happens runs it.
	ErrNotTimer = refusal.New(http.StatusConflict, "trigger_not_timer", "Only timers can be run by hand.")
)

// errDied is the failure of a period whose process ended in it too often.
var errDied = errors.New("the server ended while it ran")

// Run runs a released function of a program on nobody's behalf.
type Run func(ctx context.Context, app core.App, appid, function, source string, event json.RawMessage, now time.Time) error

// Trigger is a timer or a hook, and how it went last.
type Trigger struct {
	ID        string `db:"id" json:"id"`
	Program   string `db:"program" json:"-"`
	AppID     string `db:"appid" json:"-"`
	Kind      string `db:"kind" json:"kind"` // timer or hook
	Name      string `db:"name" json:"name"` // of the timer, or the event
	Function  string `db:"function" json:"function"`
	Spec      string `db:"spec" json:"spec"` // the timer's seven fields, or the event
	Zone      string `db:"zone" json:"zone"` // whose clock a timer goes by
	Live      bool   `db:"live" json:"live"`
	Paused    bool   `db:"paused" json:"paused"`
	Active    bool   `db:"active" json:"-"`
	Next      string `db:"next" json:"next"` // the next period; empty when there is none
	Wake      string `db:"wake" json:"-"`
	Due       string `db:"due" json:"due"`     // the period that runs or ran last, or when the last event happened
	State     string `db:"state" json:"state"` // running, ok, failed, or empty when it never ran
	Attempts  int    `db:"attempts" json:"-"`
	LastAt    string `db:"last_at" json:"last_at"`
	LastMS    int64  `db:"last_ms" json:"last_ms"`
	LastError string `db:"last_error" json:"last_error"`
	Failures  int    `db:"failures" json:"failures"` // in a row
	Runs      int    `db:"runs" json:"runs"`
}

const columns = `SELECT id, program, appid, kind, name, function, spec, zone, live, paused, active, next, wake, due, state,
	attempts, last_at, last_ms, last_error, failures, runs FROM programs_triggers WHERE `

// Register binds the rows to the programs, and begins to run timers and to deliver events. It is called before jobs
// begin.
func Register(app core.App, run Run) {
	bindRows(app)
	jobs.Watch(app, timerTask, Width, func(app core.App, now time.Time, except []string) ([]jobs.Task, error) {
		return dueTimers(app, run, now, except)
	})
	jobs.Handle(app, events.DeliverJob, deliver)
	jobs.HandleEach(app, callJob, Width, func(app core.App, payload []byte, now time.Time) error {
		return call(app, run, payload, now)
	}, gaveUp)
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindRoutes(se, run)
		return se.Next()
	})
}

// find is one trigger of the program.
func find(app core.App, appid, id string) (Trigger, error) {
	var t Trigger
	list, err := list(app, "id = {:id} AND appid = {:appid}", dbx.Params{"id": id, "appid": appid})
	if err != nil {
		return t, err
	}
	if len(list) == 0 {
		return t, ErrUnknown.With("id", id)
	}
	return list[0], nil
}

func list(app core.App, condition string, params dbx.Params) ([]Trigger, error) {
	var out []Trigger
	if err := app.DB().NewQuery(columns + condition).Bind(params).All(&out); err != nil {
		return nil, fmt.Errorf("read triggers: %w", err)
	}
	return out, nil
}

// update changes columns of one row that the same transaction has read. PocketBase tells nobody: rooms that show
// triggers ask again.
func update(tx core.App, id string, set dbx.Params, now time.Time) error {
	set["updated"] = stamp(now)
	if _, err := tx.NonconcurrentDB().Update("programs_triggers", set, dbx.HashExp{"id": id}).Execute(); err != nil {
		return fmt.Errorf("save trigger %s: %w", id, err)
	}
	return nil
}

// attempt calls the function and measures it.
func attempt(app core.App, run Run, t Trigger, source string, event json.RawMessage, now time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	began := time.Now()
	err := run(ctx, app, t.AppID, t.Function, source, event, now)
	return time.Since(began), err
}

// outcome is what a row keeps of a call.
func outcome(t Trigger, took time.Duration, failure error, now time.Time) dbx.Params {
	set := dbx.Params{
		"state": "ok", "attempts": 0, "last_at": stamp(now), "last_ms": took.Milliseconds(), "last_error": "", "failures": 0, "runs": t.Runs + 1,
	}
	if failure != nil {
		set["state"], set["last_error"], set["failures"] = "failed", told(failure), t.Failures+1
	}
	return set
}

// told is a failure as its makers may read it: a refusal as it is, anything else without its cause.
func told(failure error) string {
	text := "internal_error"
	var no *refusal.Refusal
	if errors.As(failure, &no) {
		text = no.Code + ": " + no.Message
		if message, ok := no.Details["message"].(string); ok && !strings.Contains(text, message) {
			text += " " + message
		}
	} else if errors.Is(failure, errDied) {
		text = failure.Error()
	}
	return text[:min(len(text), errorCap)]
}

// busy tells whether a call failed because the house had no room for it.
func busy(failure error) bool {
	var no *refusal.Refusal
	return errors.As(failure, &no) && (no.Status == http.StatusServiceUnavailable || no.Status == http.StatusTooManyRequests)
}

// note writes to the program's log what became of a trigger; what its function said and threw is there already.
func note(app core.App, t Trigger, text string) {
	logs.Write(app, logs.Line{At: clock.Now(app), Program: t.AppID, Source: t.Function, Level: logs.Error, Text: text})
}

// stamp is how the tables write an instant: the order of such texts is the order of time.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(stampForm)
}

const stampForm = "2006-01-02 15:04:05.000Z"

// instant reads a stamp; what is none is the zero time.
func instant(text string) time.Time {
	at, _ := time.Parse(stampForm, text)
	return at
}

// zoneOf is the time zone of that name, read once. One that nobody knows is UTC: its timers run all the same.
func zoneOf(app core.App, name string) *time.Location {
	key := "plaza.triggers.zone." + name
	if known, ok := app.Store().Get(key).(*time.Location); ok {
		return known
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		zone = time.UTC
	}
	app.Store().Set(key, zone)
	return zone
}

// following is when a timer is due next after an instant, zero when never again.
func following(app core.App, t Trigger, after time.Time) time.Time {
	spec, err := when.Parse(t.Spec)
	if err != nil {
		return time.Time{}
	}
	return spec.Next(after, zoneOf(app, t.Zone))
}
