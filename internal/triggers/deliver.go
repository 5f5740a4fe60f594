package triggers

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

// heard is an event on its way to one program.
type heard struct {
	Trigger string          `json:"trigger"`
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	At      time.Time       `json:"at"`
	User    string          `json:"user,omitempty"`
	Data    json.RawMessage `json:"data"`
}

// given is an event as a function gets it.
type given struct {
	ID     string          `json:"id"` // the same at every attempt
	Type   string          `json:"type"`
	At     string          `json:"at"`
	OpenID string          `json:"openid,omitempty"` // of whom it is about, if they have ever opened the program
	Data   json.RawMessage `json:"data"`
}

// deliver puts an event in the queue of each program that listens, so that one that fails does not repeat it for the
// others. It may be done again: what is in a queue stays there once.
func deliver(app core.App, payload []byte, now time.Time) error {
	var told struct {
		events.Told
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(payload, &told); err != nil {
		return fmt.Errorf("event: %w", err)
	}
	audience, params := "org = {:org}", dbx.Params{"kind": told.Kind, "org": told.Org, "batch": listenerBatch}
	if told.AppID != "" {
		audience, params = "appid = {:appid}", dbx.Params{"kind": told.Kind, "appid": told.AppID, "batch": listenerBatch}
	}
	for params["after"] = ""; ; {
		listeners, err := list(app, audience+" AND spec = {:kind} AND kind = 'hook' AND active = 1 AND id > {:after} ORDER BY id LIMIT {:batch}", params)
		if err != nil || len(listeners) == 0 {
			return err
		}
		err = ledger.Write(app, func(tx core.App) error {
			for _, t := range listeners {
				one := heard{Trigger: t.ID, ID: told.ID, Type: told.Kind, At: told.At, User: told.User, Data: told.Data}
				if err := jobs.Add(tx, callJob, t.AppID+"/"+told.ID, one, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		params["after"] = listeners[len(listeners)-1].ID
	}
}

// call gives an event to a program. What is not live any more, or paused, hears nothing.
func call(app core.App, run Run, payload []byte, now time.Time) error {
	e, row, err := read(app, payload)
	if err != nil || !row.Active {
		return err
	}
	event := given{ID: e.ID, Type: e.Type, At: e.At.UTC().Format(time.RFC3339), Data: e.Data}
	if event.OpenID, err = openID(app, e.User, row); err != nil {
		return err
	}
	encoded, err := json.Marshal(event)
	if err != nil {
		return err
	}
	took, failure := attempt(app, run, row, SourceEvent, encoded, now)
	set := outcome(row, took, failure, now)
	set["due"] = stamp(e.At)
	err = ledger.Write(app, func(tx core.App) error { return update(tx, row.ID, set, now) })
	if err != nil {
		return err
	}
	return failure
}

// read is the event and the row of the program that listens; an empty row when it has gone.
func read(app core.App, payload []byte) (heard, Trigger, error) {
	var e heard
	if err := json.Unmarshal(payload, &e); err != nil {
		return e, Trigger{}, fmt.Errorf("event: %w", err)
	}
	rows, err := list(app, "id = {:id}", dbx.Params{"id": e.Trigger})
	if err != nil || len(rows) == 0 {
		return e, Trigger{}, err
	}
	return e, rows[0], nil
}

// openID is how the program knows the person: not at all, if they have never opened it.
func openID(app core.App, user string, row Trigger) (string, error) {
	if user == "" {
		return "", nil
	}
	use, err := programs.Used(app, user, row.Program)
	if err != nil || use == nil {
		return "", err
	}
	return identity.OpenID(app, user, row.AppID)
}

// gaveUp tells the program's makers that it will never hear of an event.
func gaveUp(app core.App, payload []byte, failure error, _ time.Time) {
	if e, row, err := read(app, payload); err == nil && row.ID != "" {
		note(app, row, fmt.Sprintf("The event %s was given up: %s", e.ID, told(failure)))
	}
}
