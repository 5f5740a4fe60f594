package loyalty

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// How much ends in one transaction, so that payments get their turn between.
const (
	sweptLots    = 10_000
	sweptDebtors = 100 // members
)

// due is the lots whose time is over. It goes by what a lot is, its date and that it has points left, so that no kind
// of lot is forgotten.
const due = "remaining > 0 AND expires <> '' AND expires <= {:now}"

// indebted is the members whose points repay something first.
const indebted = "(user, org) IN (SELECT user, org FROM loyalty_debts WHERE points > 0)"

// Expire writes down the end of every lot whose time is over, and says how many there were. Of members without a debt
// nothing else can have come of a lot but its end, which the database writes down for all of them together; the others
// are settled one by one.
func Expire(app core.App, now time.Time) (lots int, err error) {
	for _, part := range []struct {
		most int
		run  func(tx core.App, now time.Time) (lots, done int, err error)
	}{{sweptLots, sweepLots}, {sweptDebtors, sweepDebtors}} {
		for done := part.most; done == part.most; {
			ended := 0
			err := ledger.Write(app, func(tx core.App) (err error) {
				ended, done, err = part.run(tx, now)
				return err
			})
			if err != nil {
				return lots, err
			}
			lots += ended
		}
	}
	return lots, nil
}

// sweepLots ends lots of members without a debt.
func sweepLots(tx core.App, now time.Time) (lots, done int, err error) {
	const these = "FROM loyalty_lots WHERE " + due + " AND NOT " + indebted + " ORDER BY expires, id LIMIT {:most}"
	params := dbx.Params{"now": stamp(now), "most": sweptLots, "op": sweep}
	moved, err := affected(tx, `INSERT INTO loyalty_movements (user, org, kind, points, lot, op, at)
		SELECT user, org, 'expire', -remaining, id, {:op}, {:now} `+these, params)
	if err != nil {
		return 0, 0, err
	}
	emptied, err := affected(tx, "UPDATE loyalty_lots SET remaining = 0 WHERE id IN (SELECT id "+these+")", params)
	if err != nil {
		return 0, 0, err
	}
	if moved != emptied {
		return 0, 0, fmt.Errorf("end lots: %d moved, %d emptied", moved, emptied)
	}
	return moved, moved, nil
}

// affected runs a statement that writes and says how many rows it changed.
func affected(tx core.App, statement string, params dbx.Params) (int, error) {
	result, err := ledger.Statement(tx, statement).Bind(params).Execute()
	if err != nil {
		return 0, fmt.Errorf("write points: %w", err)
	}
	rows, err := result.RowsAffected()
	return int(rows), err
}

// sweepDebtors settles members with a debt of whose lots some have ended.
func sweepDebtors(tx core.App, now time.Time) (lots, done int, err error) {
	var members []struct {
		User string `db:"user"`
		Org  string `db:"org"`
	}
	err = ledger.Statement(tx, "SELECT DISTINCT user, org FROM loyalty_lots WHERE "+due+" AND "+indebted+" LIMIT {:most}").
		Bind(dbx.Params{"now": stamp(now), "most": sweptDebtors}).All(&members)
	if err != nil {
		return 0, 0, fmt.Errorf("find debtors whose lots have ended: %w", err)
	}
	for _, who := range members {
		m, err := load(tx, who.User, who.Org)
		if err != nil {
			return 0, 0, err
		}
		m.settle(now)
		for _, c := range m.changes {
			if c.kind == expired {
				lots++
			}
		}
		if err := m.write(tx, who.User, who.Org, sweep, now); err != nil {
			return 0, 0, err
		}
	}
	return lots, len(members), nil
}
