package loyalty

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/triggers/when"
)

const (
	// tellSpec is when is looked for points that end soon.
	tellSpec = "7 * * * *"
	// tellBatch is of how many lots is told in one transaction.
	tellBatch = 200
)

// marks are how many days before their end points are told of, the last first.
var marks = []int{1, 7, 30}

// tellEarned tells the organisation's programs of points that a purchase gave.
func tellEarned(tx core.App, op operation, points int64, now time.Time) error {
	return events.Emit(tx, events.Event{
		ID: when.PointsEarned + "/" + op.id, Kind: when.PointsEarned, Org: op.org, User: op.user,
		Data: map[string]any{"points": points, "spent": op.terms, "operation": op.id},
	}, now)
}

// TellExpiring tells the programs that listen of every lot that ends within 30 days, 7 days or a day, once for each
// mark, and says how many it told of. It goes by what is: after downtime, or when a program begins to listen, the mark
// that was reached last is told, and no other.
func TellExpiring(app core.App, now time.Time) (int, error) {
	orgs, err := events.Orgs(app, when.PointsExpiring)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, org := range orgs {
		from := now
		for _, days := range marks {
			until := now.AddDate(0, 0, days)
			told, err := tellMark(app, org, days, from, until, now)
			if total += told; err != nil {
				return total, err
			}
			from = until
		}
	}
	return total, nil
}

// tellMark tells of the organisation's lots that end in (from, until].
func tellMark(app core.App, org string, days int, from, until, now time.Time) (int, error) {
	total := 0
	for {
		told := 0
		err := ledger.Write(app, func(tx core.App) error {
			var lots []struct {
				ID        string `db:"id"`
				User      string `db:"user"`
				Remaining int64  `db:"remaining"`
				Expires   string `db:"expires"`
			}
			err := tx.DB().NewQuery(`SELECT id, user, remaining, expires FROM loyalty_lots l
				WHERE remaining > 0 AND expires <> '' AND expires > {:from} AND expires <= {:until} AND org = {:org}
					AND ` + events.Untold("{:kind} || '/' || l.id || '/' || {:days}") + ` ORDER BY expires LIMIT {:batch}`).
				Bind(dbx.Params{
					"from": stamp(from), "until": stamp(until), "org": org, "kind": when.PointsExpiring, "days": fmt.Sprint(days), "batch": tellBatch,
				}).All(&lots)
			if err != nil {
				return fmt.Errorf("find lots that end soon: %w", err)
			}
			for _, l := range lots {
				err := events.Emit(tx, events.Event{
					ID:   fmt.Sprintf("%s/%s/%d", when.PointsExpiring, l.ID, days),
					Kind: when.PointsExpiring, Org: org, User: l.User,
					Data: map[string]any{"points": l.Remaining, "days": days, "expires": isoOf(l.Expires), "lot": l.ID},
				}, now)
				if err != nil {
					return err
				}
			}
			told = len(lots)
			return nil
		})
		total += told
		if err != nil || told < tellBatch {
			return total, err
		}
	}
}

// isoOf is a stamp in ISO 8601.
func isoOf(stamp string) string {
	at, err := time.Parse("2006-01-02 15:04:05.000Z", stamp)
	if err != nil {
		return stamp
	}
	return at.Format(time.RFC3339)
}
