package figures

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// sweepRows is how many rows go in one transaction: money waits behind it.
const sweepRows = 2_000

// sweep forgets launches that have ended, people who stay away, and trails that are as old as the operator lets
// them grow; and it packs the sketches of days that are over everywhere.
func sweep(app core.App, now time.Time) error {
	settings, err := settingsOf(app)
	if err != nil {
		return err
	}
	for _, old := range []struct {
		statement string
		before    any
	}{
		{
			`DELETE FROM figures_sessions WHERE session IN (SELECT session FROM figures_sessions WHERE at < {:before} LIMIT {:rows})`,
			now.Add(-sessionKept).Unix(),
		},
		{
			`DELETE FROM figures_people WHERE (program, person) IN (
			SELECT program, person FROM figures_people WHERE last_day < {:before} LIMIT {:rows})`,
			now.AddDate(0, 0, -PersonKeptDays).Format(dayForm),
		},
		{
			`DELETE FROM figures_trails WHERE seq IN (SELECT seq FROM figures_trails WHERE at < {:before} ORDER BY seq LIMIT {:rows})`,
			now.AddDate(0, 0, -settings.TrailDays).UnixMilli(),
		},
	} {
		for gone := int64(sweepRows); gone == sweepRows; {
			if gone, err = forget(app, old.statement, dbx.Params{"before": old.before, "rows": sweepRows}); err != nil {
				return err
			}
		}
	}
	return pack(app, now)
}

// packedAfter is how many days later a sketch is packed: by then its day is over in every zone.
const packedAfter = 2

// pack turns the registers of days that are over into one body for each day.
func pack(app core.App, now time.Time) error {
	var days []struct {
		Program string `db:"program"`
		Day     string `db:"day"`
	}
	limit := now.AddDate(0, 0, -packedAfter).Format(dayForm)
	err := app.DB().NewQuery("SELECT DISTINCT program, day FROM figures_registers WHERE day < {:limit}").Bind(dbx.Params{"limit": limit}).All(&days)
	if err != nil {
		return fmt.Errorf("find sketches to pack: %w", err)
	}
	for _, day := range days {
		if err := packDay(app, day.Program, day.Day); err != nil {
			return fmt.Errorf("pack the sketch of %s on %s: %w", day.Program, day.Day, err)
		}
	}
	return nil
}

func packDay(app core.App, program, day string) error {
	p, err := parsePeriod(day, day, day)
	if err != nil {
		return err
	}
	return ledger.Write(app, func(tx core.App) error {
		found, err := reader{app: tx, program: program}.sketches(p)
		if err != nil || found[day] == nil {
			return err
		}
		params := dbx.Params{"program": program, "day": day, "body": found[day].body()}
		_, err = tx.NonconcurrentDB().NewQuery(`INSERT INTO figures_sketches (program, day, body) VALUES ({:program}, {:day}, {:body})
			ON CONFLICT DO UPDATE SET body = excluded.body`).Bind(params).Execute()
		if err != nil {
			return err
		}
		_, err = tx.NonconcurrentDB().NewQuery("DELETE FROM figures_registers WHERE program = {:program} AND day = {:day}").Bind(params).Execute()
		return err
	})
}

// prune forgets figures that are too old, one program after the other. Sums of money and points stay: there are few,
// and what members own is the sum of all of them.
func prune(app core.App, now time.Time) error {
	limit := now.AddDate(0, 0, -KeptDays).Format(dayForm)
	for table, column := range map[string]string{
		"figures_days": "day", "figures_loads": "day", "figures_pages": "day", "figures_steps": "day", "figures_retention": "first_day",
		"figures_hours": "day", "figures_sketches": "day", "figures_events": "day",
	} {
		var ids []string
		params := dbx.Params{"limit": limit}
		// Looking through the table is a reader's work, so that no writer waits for it.
		err := app.DB().NewQuery("SELECT DISTINCT program FROM " + table + " WHERE " + column + " < {:limit}").Bind(params).Column(&ids)
		if err != nil {
			return fmt.Errorf("find old figures: %w", err)
		}
		for _, id := range ids {
			_, err := forget(app, "DELETE FROM "+table+" WHERE program = {:program} AND "+column+" < {:limit}",
				dbx.Params{"program": id, "limit": limit})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func forget(app core.App, statement string, params dbx.Params) (rows int64, err error) {
	err = ledger.Write(app, func(tx core.App) error {
		result, err := tx.NonconcurrentDB().NewQuery(statement).Bind(params).Execute()
		if err != nil {
			return fmt.Errorf("forget figures: %w", err)
		}
		rows, err = result.RowsAffected()
		return err
	})
	return rows, err
}
