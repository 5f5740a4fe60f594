package figures

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// What is summed by day. Those of money have the currency as their unit.
const (
	sumOrders   = "orders"   // paid baskets
	sumBills    = "bills"    // paid bills of programs
	sumTurnover = "turnover" // what was paid for both
	sumRefunded = "refunded" // what of bills went back
	sumIssued   = "issued"   // points earned and given
	sumSpent    = "spent"    // less those that came back
	sumExpired  = "expired"
	sumRevoked  = "revoked" // taken back with what had earned them
	sumChange   = "change"  // what members own, more or less
)

const (
	// settled is how long after an order's time its payment has certainly committed or failed.
	settled = 2 * time.Minute
	// rollDays is how many days of orders are rolled up in one go, and rollRows how many rows of a journal.
	rollDays = 31
	rollRows = 20_000
)

// errMoved says that somebody else rolled up meanwhile.
var errMoved = refusal.New(http.StatusConflict, "figures_moved", "The figures are being rolled up already.")

type sumKey struct{ scope, day, what, unit string }

type sums map[sumKey]int64

func (s sums) add(scopes []scope, at time.Time, what, unit string, amount int64) {
	for _, scope := range scopes {
		s[sumKey{scope.id, scope.day(at), what, unit}] += amount
	}
}

// marks say up to where orders, bills and movements of points are rolled up. Bills and points are read from journals
// that only grow, in their order; orders by the time of their payment, which is over and done with once it is settled.
type marks struct {
	orders        string
	bills, points int64
}

func marksOf(app core.App) (marks, error) {
	var rows []struct{ Name, Value string }
	var m marks
	if err := app.DB().NewQuery("SELECT name, value FROM figures_marks").All(&rows); err != nil {
		return m, fmt.Errorf("marks of figures: %w", err)
	}
	var err error
	for _, row := range rows {
		switch {
		case row.Name == "orders":
			m.orders = row.Value
		case row.Name == "bills" && err == nil:
			m.bills, err = strconv.ParseInt(row.Value, 10, 64)
		case row.Name == "points" && err == nil:
			m.points, err = strconv.ParseInt(row.Value, 10, 64)
		}
	}
	return m, err
}

// gathering reads what lies after the marks, for everybody or for one organisation.
type gathering struct {
	app   core.App
	found sums
	zones map[string][]scope // of an organisation and the place
	only  string             // an organisation's id, "" for all
	most  int                // rows of a journal
	full  bool               // there was more than that
}

func gather(app core.App, only string, most int) *gathering {
	return &gathering{app: app, found: sums{}, zones: map[string][]scope{}, only: only, most: most}
}

// scopes are the organisation and the place.
func (g *gathering) scopes(org string) ([]scope, error) {
	if known, ok := g.zones[org]; ok {
		return known, nil
	}
	scopes, err := scopesOf(g.app, "", org)
	if err != nil {
		return nil, err
	}
	g.zones[org] = scopes[1:] // without a program
	return g.zones[org], nil
}

// orders sums the orders paid after one time up to another.
func (g *gathering) orders(after string, until time.Time) error {
	orgs := []string{g.only}
	if g.only == "" {
		orgs = nil
		if err := g.app.DB().NewQuery("SELECT id FROM orgs").Column(&orgs); err != nil {
			return err
		}
	}
	for _, org := range orgs {
		scopes, err := g.scopes(org)
		if err != nil {
			return err
		}
		// The index of an organisation's paid orders serves this; there is none of everybody's.
		rows, err := g.app.DB().NewQuery("SELECT paid_at, currency, total FROM orders WHERE org = {:org} AND paid_at > {:after} AND paid_at <= {:until}").
			Bind(dbx.Params{"org": org, "after": after, "until": moment(until)}).Rows()
		if err != nil {
			return err
		}
		for rows.Next() {
			var paid types.DateTime
			var currency string
			var total int64
			if err := rows.Scan(&paid, &currency, &total); err != nil {
				return err
			}
			g.found.add(scopes, paid.Time(), sumOrders, "", 1)
			g.found.add(scopes, paid.Time(), sumTurnover, currency, total)
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}

// bills sums the paid and refunded bills that the ledger wrote after a number; it gives the number that it came to.
func (g *gathering) bills(after int64) (int64, error) {
	rows, err := g.app.DB().NewQuery(`SELECT t.seq, t.kind, t.amount, t.currency, t.created, b.program, b.org
		FROM ledger_transfer_rows t JOIN bills b ON b.id = t.ref
		WHERE t.seq > {:after} AND t.kind IN ('bill', 'bill_refund') AND NOT b.trial AND ({:org} = '' OR b.org = {:org})
		ORDER BY t.seq LIMIT {:most}`).Bind(dbx.Params{"after": after, "org": g.only, "most": g.most}).Rows()
	if err != nil {
		return after, err
	}
	defer rows.Close() //nolint:errcheck // reading is over
	count := 0
	for ; rows.Next(); count++ {
		var kind, currency, program, org string
		var amount int64
		var at types.DateTime
		if err := rows.Scan(&after, &kind, &amount, &currency, &at, &program, &org); err != nil {
			return after, err
		}
		scopes, err := scopesOf(g.app, program, org)
		if err != nil {
			return after, err
		}
		if kind == "bill" {
			g.found.add(scopes, at.Time(), sumBills, "", 1)
			g.found.add(scopes, at.Time(), sumTurnover, currency, amount)
		} else {
			g.found.add(scopes, at.Time(), sumRefunded, currency, amount)
		}
	}
	g.full = g.full || count == g.most
	return after, rows.Err()
}

// points sums the movements of points after a number; it gives the number that it came to.
func (g *gathering) points(after int64) (int64, error) {
	rows, err := g.app.DB().NewQuery(`SELECT seq, org, kind, points, at FROM loyalty_movements
		WHERE seq > {:after} AND ({:org} = '' OR org = {:org}) ORDER BY seq LIMIT {:most}`).
		Bind(dbx.Params{"after": after, "org": g.only, "most": g.most}).Rows()
	if err != nil {
		return after, err
	}
	defer rows.Close() //nolint:errcheck // reading is over
	count := 0
	for ; rows.Next(); count++ {
		var org, kind string
		var points int64
		var at types.DateTime
		if err := rows.Scan(&after, &org, &kind, &points, &at); err != nil {
			return after, err
		}
		scopes, err := g.scopes(org)
		if err != nil {
			return after, err
		}
		g.found.add(scopes, at.Time(), sumChange, "", points)
		if what, sign := pointsAre(kind); what != "" {
			g.found.add(scopes, at.Time(), what, "", sign*points)
		}
	}
	g.full = g.full || count == g.most
	return after, rows.Err()
}

// pointsAre tells as what a movement of a kind counts: in all, issued less spent, expired and revoked is the change.
func pointsAre(kind string) (what string, sign int64) {
	switch kind {
	case "earn", "grant":
		return sumIssued, 1
	case "spend", "return":
		return sumSpent, -1
	case "expire":
		return sumExpired, -1
	case "revoke":
		return sumRevoked, -1
	}
	return "", 0 // what repays a debt moves from one pocket to the other
}

// Roll adds to the sums what was paid, earned and spent since the last time. The marks move in the same transaction
// as the sums, so nothing is ever counted twice, whoever else rolls and however often.
func Roll(app core.App, now time.Time) error {
	for {
		more, err := rollSome(app, now)
		if err != nil || !more {
			return err
		}
	}
}

func rollSome(app core.App, now time.Time) (more bool, err error) {
	from, err := marksOf(app)
	if err != nil {
		return false, err
	}
	next, g := from, gather(app, "", rollRows)
	until, more, err := orderWindow(app, from.orders, now.Add(-settled))
	if err != nil {
		return false, err
	}
	if moment(until) > from.orders {
		next.orders = moment(until)
		if err := g.orders(from.orders, until); err != nil {
			return false, fmt.Errorf("roll orders up: %w", err)
		}
	}
	if next.bills, err = g.bills(from.bills); err == nil {
		next.points, err = g.points(from.points)
	}
	if err != nil {
		return false, fmt.Errorf("roll up: %w", err)
	}
	if next == from {
		return false, nil
	}
	return more || g.full, ledger.Write(app, func(tx core.App) error { return g.found.keep(tx, from, next) })
}

// orderWindow is up to when orders are rolled up this time, and whether that leaves some for the next.
func orderWindow(app core.App, from string, until time.Time) (time.Time, bool, error) {
	begin := from
	if begin == "" {
		err := app.DB().NewQuery(`SELECT COALESCE(MIN(first), '') FROM (SELECT
			(SELECT MIN(paid_at) FROM orders WHERE org = o.id AND paid_at > '') AS first FROM orgs o)`).Row(&begin)
		if err != nil || begin == "" {
			return until, false, err
		}
	}
	at, err := types.ParseDateTime(begin)
	if err != nil {
		return until, false, err
	}
	if end := at.Time().AddDate(0, 0, rollDays); end.Before(until) {
		return end, true, nil
	}
	return until, false, nil
}

func (s sums) keep(tx core.App, from, next marks) error {
	for name, mark := range map[string][2]string{
		"orders": {from.orders, next.orders},
		"bills":  {strconv.FormatInt(from.bills, 10), strconv.FormatInt(next.bills, 10)},
		"points": {strconv.FormatInt(from.points, 10), strconv.FormatInt(next.points, 10)},
	} {
		done, err := tx.NonconcurrentDB().NewQuery("UPDATE figures_marks SET value = {:next} WHERE name = {:name} AND value = {:from}").
			Bind(dbx.Params{"name": name, "from": mark[0], "next": mark[1]}).Execute()
		if err != nil {
			return err
		}
		if moved, err := done.RowsAffected(); err != nil || moved != 1 {
			return errMoved
		}
	}
	for key, amount := range s {
		_, err := ledger.Statement(tx, `INSERT INTO figures_sums (program, day, what, unit, amount)
			VALUES ({:program}, {:day}, {:what}, {:unit}, {:amount}) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`).
			Bind(dbx.Params{"program": key.scope, "day": key.day, "what": key.what, "unit": key.unit, "amount": amount}).Execute()
		if err != nil {
			return fmt.Errorf("roll up: %w", err)
		}
	}
	return nil
}

// Rebuild throws the sums away and makes them again from orders, the ledger and the movements of points. Whoever
// reads meanwhile reads from those themselves.
func Rebuild(app core.App, actor string, now time.Time) error {
	err := ledger.Write(app, func(tx core.App) error {
		for _, statement := range []string{
			"DELETE FROM figures_sums",
			"UPDATE figures_marks SET value = CASE name WHEN 'orders' THEN '' ELSE '0' END",
		} {
			if _, err := tx.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
				return err
			}
		}
		return ledger.Audit(tx, actor, "figures.rebuild", platform, nil, now)
	})
	if err != nil {
		return err
	}
	return Roll(app, now)
}

// sumsOf is everything summed for one scope, also what is not rolled up yet. It is exact at any moment.
func sumsOf(app core.App, scope, org string, now time.Time) (map[sumKey]int64, error) {
	for {
		from, err := marksOf(app)
		if err != nil {
			return nil, err
		}
		found, err := sumsSince(app, scope, org, from, now)
		if err != nil {
			return nil, fmt.Errorf("sums: %w", err)
		}
		if after, err := marksOf(app); err != nil || after == from {
			return found, err // else some of them were rolled up between two looks
		}
	}
}

func sumsSince(app core.App, scope, org string, from marks, now time.Time) (map[sumKey]int64, error) {
	const everything = 1 << 40
	g := gather(app, org, everything)
	var rows []struct {
		Day    string `db:"day"`
		What   string `db:"what"`
		Unit   string `db:"unit"`
		Amount int64  `db:"amount"`
	}
	err := app.DB().NewQuery("SELECT day, what, unit, amount FROM figures_sums WHERE program = {:scope}").
		Bind(dbx.Params{"scope": scope}).All(&rows)
	if err == nil {
		err = g.orders(from.orders, now)
	}
	if err == nil {
		_, err = g.bills(from.bills)
	}
	if err == nil {
		_, err = g.points(from.points)
	}
	if err != nil {
		return nil, err
	}
	found := map[sumKey]int64{}
	for key, amount := range g.found {
		if key.scope == scope {
			found[key] += amount
		}
	}
	for _, row := range rows {
		found[sumKey{scope, row.Day, row.What, row.Unit}] += row.Amount
	}
	return found, nil
}

// moment is a time as records keep it.
func moment(at time.Time) string { return at.UTC().Format(types.DefaultDateLayout) }
