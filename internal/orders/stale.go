package orders

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
)

// expireBatch is how many orders one commit abandons; the writer is free for payments between two.
const expireBatch = 100

// ExpireOpen abandons the open orders that nobody has touched for OpenFor, and says how many. It only makes
// visible what is true already: such an order can be neither changed nor paid.
func ExpireOpen(app core.App, now time.Time) (int, error) {
	total := 0
	for {
		closed := 0
		err := ledger.Write(app, func(tx core.App) error {
			closed = 0
			stale, err := tx.FindRecordsByFilter(collection,
				"(status = 'open' || status = 'awaiting_approval') && priced_at <= {:before}", "priced_at", expireBatch, 0,
				dbx.Params{"before": now.Add(-OpenFor).UTC().Format(types.DefaultDateLayout)})
			if err != nil {
				return fmt.Errorf("find stale orders: %w", err)
			}
			for _, order := range stale {
				order.Set("status", Abandoned)
				if err := save(tx, order); err != nil {
					return err
				}
			}
			closed = len(stale)
			return nil
		})
		total += closed
		if err != nil || closed < expireBatch {
			return total, err
		}
	}
}

// DrawKept is how long the reasons of an audit draw are kept: long enough for a complaint, no longer.
const DrawKept = 30 * 24 * time.Hour

// ForgetDraws removes the draws of orders that were paid more than DrawKept ago.
func ForgetDraws(app core.App, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		_, err := tx.DB().NewQuery(`UPDATE orders SET audit = NULL
			WHERE paid_at != '' AND paid_at < {:before} AND audit IS NOT NULL`).
			Bind(dbx.Params{"before": now.Add(-DrawKept).UTC().Format(types.DefaultDateLayout)}).Execute()
		if err != nil {
			return fmt.Errorf("forget audit draws: %w", err)
		}
		return nil
	})
}
