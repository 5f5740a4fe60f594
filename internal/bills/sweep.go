package bills

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// sweepBatch is how many bills one commit ends or forgets; the writer is free for payments between two.
const sweepBatch = 100

// ExpireOpen marks the bills that nobody paid in time, and says how many. It only makes visible what is true already:
// such a bill cannot be paid.
func ExpireOpen(app core.App, now time.Time) (int, error) {
	return inBatches(app, func(tx core.App) (int, error) {
		late, err := tx.FindRecordsByFilter(collection, "status = 'open' && expires_at <= {:now}", "expires_at", sweepBatch, 0,
			dbx.Params{"now": stamp(now)})
		if err != nil {
			return 0, fmt.Errorf("find late bills: %w", err)
		}
		for _, bill := range late {
			bill.Set("status", Expired)
			bill.Set("closed_at", now)
			if err := save(tx, bill); err != nil {
				return 0, err
			}
		}
		return len(late), nil
	})
}

// ForgetUnpaid deletes the bills that ended unpaid more than KeptUnpaid ago; the reference of one is free again then.
func ForgetUnpaid(app core.App, now time.Time) (int, error) {
	return inBatches(app, func(tx core.App) (int, error) {
		result, err := tx.NonconcurrentDB().NewQuery(`DELETE FROM bills WHERE id IN (SELECT id FROM bills
			WHERE status IN ('closed', 'expired') AND closed_at < {:before} LIMIT {:limit})`).
			Bind(dbx.Params{"before": stamp(now.Add(-KeptUnpaid)), "limit": sweepBatch}).Execute()
		if err != nil {
			return 0, fmt.Errorf("forget unpaid bills: %w", err)
		}
		rows, err := result.RowsAffected()
		return int(rows), err
	})
}

func inBatches(app core.App, batch func(tx core.App) (int, error)) (int, error) {
	total := 0
	for {
		done := 0
		err := ledger.Write(app, func(tx core.App) (err error) {
			done, err = batch(tx)
			return err
		})
		total += done
		if err != nil || done < sweepBatch {
			return total, err
		}
	}
}
