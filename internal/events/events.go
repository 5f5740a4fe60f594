// Package events is what has happened in the house, told to the programs that asked to hear of it.
//
// An event is told inside the transaction in which it happens, so it is told if and only if it happened. Telling
// costs a look into memory while nobody listens; otherwise it is one job, which finds the listeners afterwards. The
// invariants: an id is one event for ever, an event reaches the programs of one organisation or one program and no
// other, and who hears of it is decided when it is delivered, never by who told it.
package events

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/triggers/when"
)

// DeliverJob is the kind of the job that carries an event to its listeners.
const DeliverJob = "events.deliver"

// Event is something that happened.
type Event struct {
	ID    string `json:"id"`   // kind/subject, unique for ever
	Kind  string `json:"kind"` // one of when.Kinds
	Org   string `json:"org"`  // whose live programs may hear
	AppID string `json:"appid,omitempty"`
	User  string `json:"user,omitempty"` // whom it is about; a program never sees this id
	Data  any    `json:"data"`
}

// Told is an event as its job carries it.
type Told struct {
	Event
	At time.Time `json:"at"`
}

// Emit tells that something has happened, in the transaction in which it does. With AppID only that program hears,
// else the live programs of Org that listen. The same id again is no second event.
func Emit(tx core.App, e Event, now time.Time) error {
	if e.ID == "" || !when.IsEvent(e.Kind) {
		return fmt.Errorf("event %q of kind %q: it needs an id and a kind that there is", e.ID, e.Kind)
	}
	heard, err := Heard(tx, e.Kind, e.Org, e.AppID)
	if err != nil || !heard {
		return err
	}
	return jobs.Add(tx, DeliverJob, e.ID, Told{Event: e, At: now.UTC()}, now)
}

// Heard tells whether a program would be told of an event now: whoever needs to work out an event's data asks first.
func Heard(tx core.App, kind, org, appid string) (bool, error) {
	if appid == "" {
		if org == "" {
			return false, nil
		}
		heard, err := kinds(tx, org)
		return slices.Contains(heard, kind), err
	}
	var heard bool
	err := ledger.Statement(tx, `SELECT EXISTS (SELECT 1 FROM programs_triggers
		WHERE appid = {:appid} AND spec = {:kind} AND kind = 'hook' AND active = 1)`).
		Bind(dbx.Params{"appid": appid, "kind": kind}).Row(&heard)
	if err != nil {
		return false, fmt.Errorf("listeners of %s: %w", kind, err)
	}
	return heard, nil
}

// Orgs is the organisations of which a program would hear that kind of event now.
func Orgs(app core.App, kind string) ([]string, error) {
	var orgs []string
	err := app.DB().NewQuery(`SELECT DISTINCT org FROM programs_triggers
		WHERE org != '' AND spec = {:kind} AND kind = 'hook' AND active = 1 ORDER BY org`).
		Bind(dbx.Params{"kind": kind}).Column(&orgs)
	if err != nil {
		return nil, fmt.Errorf("listeners of %s: %w", kind, err)
	}
	return orgs, nil
}

// Untold is a condition of SQL: that the event whose id the expression gives was not told within the last 90 days.
// What tells of a state, such as points that end soon, asks it to tell once.
func Untold(id string) string {
	return "NOT EXISTS (SELECT 1 FROM jobs_queue WHERE kind = '" + DeliverJob + "' AND key = " + id + ")"
}
