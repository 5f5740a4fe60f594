package triggers

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/events"
)

// bindRows keeps the rows what the programs are, in the transaction that changes a program or its organisation's
// zone.
func bindRows(app core.App) {
	app.OnRecordCreateExecute("programs").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		return settle(e.App, e.Record, clock.Now(e.App))
	})
	onChange(app, "programs", []string{"release", "status", "org", "owner"}, settle)
	events.Remember(app)
	forget := func(e *core.RecordEvent) error {
		events.Forget(e.App)
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess("programs").BindFunc(forget)
	app.OnRecordAfterUpdateSuccess("programs").BindFunc(forget)
	app.OnRecordAfterDeleteSuccess("programs").BindFunc(forget)
	onChange(app, "orgs", []string{"timezone"}, rezone)
}

// onChange calls back in the transaction that changes one of the fields. It compares with what the table holds: a
// record that is saved twice remembers only what it was at first.
func onChange(app core.App, collection string, fields []string, then func(tx core.App, record *core.Record, now time.Time) error) {
	quoted := make([]string, 0, len(fields))
	for _, field := range fields {
		quoted = append(quoted, "[["+field+"]]")
	}
	app.OnRecordUpdateExecute(collection).BindFunc(func(e *core.RecordEvent) error {
		before := dbx.NullStringMap{}
		err := e.App.DB().Select(quoted...).From(collection).Where(dbx.HashExp{"id": e.Record.Id}).One(before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%s %s: %w", collection, e.Record.Id, err)
		}
		if err := e.Next(); err != nil {
			return err
		}
		for _, field := range fields {
			if before[field].String != e.Record.GetString(field) {
				return then(e.App, e.Record, clock.Now(e.App))
			}
		}
		return nil
	})
}

// wanted is the triggers of the version that everybody has; none while the program is not live.
func wanted(tx core.App, program *core.Record) ([]check.Trigger, error) {
	if program.GetString("status") != "live" || program.GetString("release") == "" {
		return nil, nil
	}
	var text string
	err := tx.DB().NewQuery("SELECT COALESCE(json_extract(report, '$.triggers'), '[]') FROM programs_versions WHERE id = {:id}").
		Bind(dbx.Params{"id": program.GetString("release")}).Row(&text)
	if err != nil {
		return nil, fmt.Errorf("triggers of %s: %w", program.GetString("appid"), err)
	}
	var list []check.Trigger
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("triggers of %s: %w", program.GetString("appid"), err)
	}
	return list, nil
}

// settle makes the program's rows what its released version says. A program that is stopped keeps its rows, so that
// what was paused stays paused; one that has ended loses them.
func settle(tx core.App, program *core.Record, now time.Time) error {
	known, err := list(tx, "program = {:program}", dbx.Params{"program": program.Id})
	if err != nil {
		return err
	}
	want, err := wanted(tx, program)
	if err != nil || len(known)+len(want) == 0 {
		return err
	}
	zone, err := zoneName(tx, program.GetString("org"))
	if err != nil {
		return err
	}
	live := program.GetString("status") == "live"
	rows := map[check.Trigger]Trigger{}
	for _, row := range known {
		rows[check.Trigger{Kind: row.Kind, Name: row.Name, Function: row.Function}] = row
	}
	for _, one := range want {
		key := check.Trigger{Kind: one.Kind, Name: one.Name, Function: one.Function}
		row, there := rows[key]
		delete(rows, key)
		if !there {
			if row, err = enter(tx, program, one); err != nil {
				return err
			}
		}
		if err := revive(tx, row, program, one.Spec, zone, now); err != nil {
			return err
		}
	}
	for _, row := range rows {
		if err := retire(tx, row, live || program.GetString("status") == "deleted", now); err != nil {
			return err
		}
	}
	return nil
}

// enter is a new row, which does nothing yet.
func enter(tx core.App, program *core.Record, one check.Trigger) (Trigger, error) {
	collection, err := tx.FindCachedCollectionByNameOrId("programs_triggers")
	if err != nil {
		return Trigger{}, err
	}
	record := core.NewRecord(collection)
	record.Load(map[string]any{
		"program": program.Id, "appid": program.GetString("appid"), "kind": one.Kind, "name": one.Name, "function": one.Function, "spec": one.Spec,
	})
	if err := tx.SaveNoValidate(record); err != nil {
		return Trigger{}, fmt.Errorf("save trigger %s of %s: %w", one.Name, program.GetString("appid"), err)
	}
	return Trigger{ID: record.Id, AppID: program.GetString("appid"), Kind: one.Kind, Name: one.Name, Function: one.Function}, nil
}

// revive makes a row that of the released version. A timer that goes on as it was keeps its next period, also a
// missed one; any other is due from now on.
func revive(tx core.App, row Trigger, program *core.Record, spec, zone string, now time.Time) error {
	goesOn := row.Live && row.Spec == spec && row.Zone == zone
	row.Spec, row.Zone, row.Active = spec, zone, !row.Paused
	set := dbx.Params{"org": program.GetString("org"), "spec": spec, "zone": zone, "live": true, "active": row.Active}
	if row.Kind == check.TriggerTimer && !goesOn {
		aim(tx, row, set, now)
	}
	return update(tx, row.ID, set, now)
}

// aim sets a timer at its next period after now. One that runs is looked at when it ends.
func aim(app core.App, row Trigger, set dbx.Params, now time.Time) {
	next := ""
	if row.Active {
		next = stamp(following(app, row, now))
	}
	set["next"] = next
	if row.State != "running" {
		set["wake"] = next
	}
}

// retire stops a row, or takes it away for good.
func retire(tx core.App, row Trigger, forGood bool, now time.Time) error {
	if forGood {
		_, err := tx.NonconcurrentDB().Delete("programs_triggers", dbx.HashExp{"id": row.ID}).Execute()
		return err
	}
	set := dbx.Params{"live": false, "active": false, "next": ""}
	if row.State != "running" {
		set["wake"] = ""
	}
	return update(tx, row.ID, set, now)
}

// zoneName is the zone of the organisation's clock; that of the house for a person's programs.
func zoneName(app core.App, org string) (string, error) {
	var name string
	err := app.DB().NewQuery(`SELECT COALESCE((SELECT timezone FROM orgs WHERE id = {:org}),
		(SELECT timezone FROM orgs WHERE kind = 'host' ORDER BY created LIMIT 1), 'UTC')`).
		Bind(dbx.Params{"org": org}).Row(&name)
	if err != nil {
		return "", fmt.Errorf("zone of organisation %q: %w", org, err)
	}
	return name, nil
}

// rezone sets the timers of an organisation's programs by its new clock, and those of persons by the house's.
func rezone(tx core.App, org *core.Record, now time.Time) error {
	zone := org.GetString("timezone")
	rows, err := list(tx, "kind = 'timer' AND org = {:org}", dbx.Params{"org": org.Id})
	if err == nil && org.GetString("kind") == "host" {
		var personal []Trigger
		personal, err = list(tx, "kind = 'timer' AND org = ''", nil)
		rows = append(rows, personal...)
	}
	if err != nil {
		return err
	}
	for _, row := range rows {
		row.Zone = zone
		set := dbx.Params{"zone": zone}
		aim(tx, row, set, now)
		if err := update(tx, row.ID, set, now); err != nil {
			return err
		}
	}
	return nil
}
