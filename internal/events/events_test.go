package events_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/triggers/when"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// Whoever tells pays for a look into memory; whoever looks there for the first time, for one at an index that holds
// nothing but what listens now.
func TestTellingNobodyIsOneLookAtAnIndex(t *testing.T) {
	app := apptest.New(t)
	for condition, index := range map[string]string{"org = 'a'": "idx_programs_triggers_org", "appid = 'a' AND spec = 'scan'": "idx_programs_triggers_appid"} {
		var plan []struct {
			Detail string `db:"detail"`
		}
		err := app.DB().NewQuery("EXPLAIN QUERY PLAN SELECT 1 FROM programs_triggers WHERE " + condition +
			" AND kind = 'hook' AND active = 1").All(&plan)
		if err != nil || len(plan) != 1 || !strings.Contains(plan[0].Detail, index) {
			t.Errorf("the plan is %v, %v", plan, err)
		}
	}
	err := ledger.Write(app, func(tx core.App) error {
		return events.Emit(tx, events.Event{ID: "scan/1", Kind: when.Scan, Org: "a"}, noon)
	})
	if err != nil {
		t.Fatal(err)
	}
	var jobs int
	if err := app.DB().NewQuery("SELECT count(*) FROM jobs_queue").Row(&jobs); err != nil || jobs != 0 {
		t.Errorf("%d jobs for nobody: %v", jobs, err)
	}
}

// What is remembered is looked for again after it was forgotten, and not before.
func TestListenersAreRememberedUntilForgotten(t *testing.T) {
	app := apptest.New(t, events.Remember)
	heard := func(want bool) {
		t.Helper()
		if got, err := events.Heard(app, when.Scan, "a", ""); err != nil || got != want {
			t.Errorf("heard: %v, %v", got, err)
		}
	}
	run := func(statement string) {
		t.Helper()
		if _, err := app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	heard(false)
	run(`INSERT INTO programs_triggers (id, program, appid, org, kind, name, function, spec, active, live)
		VALUES ('x', 'p', 'app', 'a', 'hook', 'scan', 'f', 'scan', 1, 1)`)
	heard(false)
	events.Forget(app)
	heard(true)
	run("UPDATE programs_triggers SET active = 0")
	events.Forget(app)
	heard(false)
}

// With half a million programs that listen elsewhere, telling nobody costs what it costs without them, and so does
// finding the timers that are due.
func BenchmarkTellingNobody(b *testing.B) {
	app := apptest.New(b, events.Remember)
	const others = 500_000
	if _, err := app.NonconcurrentDB().NewQuery(`INSERT INTO programs_triggers (id, program, appid, org, kind, name, function, spec, active, live, wake)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {:many})
		SELECT 'id' || i, 'p' || i, 'app' || i, 'org' || (i / 10), CASE i % 2 WHEN 0 THEN 'hook' ELSE 'timer' END, 'scan', 'f', 'scan', 1, 1,
			CASE i % 2 WHEN 0 THEN '' ELSE '2030-01-01 00:00:00.000Z' END FROM n`).Bind(dbx.Params{"many": others}).Execute(); err != nil {
		b.Fatal(err)
	}
	b.Run("tell", func(b *testing.B) {
		err := ledger.Write(app, func(tx core.App) error {
			for b.Loop() {
				if err := events.Emit(tx, events.Event{ID: "scan/1", Kind: when.Scan, Org: "nobody"}, noon); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("nothing due", func(b *testing.B) {
		var due []string
		for b.Loop() {
			err := app.DB().NewQuery("SELECT id FROM programs_triggers WHERE wake != '' AND wake <= '2026-11-24 12:00:00.000Z' ORDER BY wake LIMIT 256").Column(&due)
			if err != nil || len(due) > 0 {
				b.Fatal(due, err)
			}
		}
	})
}
