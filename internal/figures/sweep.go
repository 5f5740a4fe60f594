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

// sweep forgets launches that have ended, and people who stay away.
func sweep(app core.App, now time.Time) error {
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
	} {
		for gone := int64(sweepRows); gone == sweepRows; {
			var err error
			if gone, err = forget(app, old.statement, dbx.Params{"before": old.before, "rows": sweepRows}); err != nil {
				return err
			}
		}
	}
	return nil
}

// prune forgets figures that are too old, one program after the other.
func prune(app core.App, now time.Time) error {
	limit := now.AddDate(0, 0, -KeptDays).Format(dayForm)
	for table, column := range map[string]string{
		"figures_days": "day", "figures_loads": "day", "figures_pages": "day", "figures_steps": "day", "figures_retention": "first_day",
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
