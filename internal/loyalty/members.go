package loyalty

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// sweep is the operation under which points end when nobody asked for anything.
const sweep = "expire"

// operation is one thing that was done to a member, under an id that is used once.
type operation struct {
	id, user, org string
	kind          string
	of            string // the operation that this one undoes
	asked         int64  // points that the caller named
	points        int64  // points that it came to
	terms         any    // what else the caller named
	reason, actor string
}

// onlyGives says that the operation opens a lot and touches no other, unless a debt is to be repaid.
func (o operation) onlyGives() bool { return o.kind == earned || o.kind == granted }

// hash tells operations with the same id apart.
func (o operation) hash() (string, error) {
	row, err := json.Marshal([]any{o.user, o.org, o.kind, o.of, o.terms, o.reason, o.actor})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(row)
	return hex.EncodeToString(sum[:]), nil
}

// do works out an operation on its member and writes it down, once. Done before, it says how many points it
// came to then. The work gets a member who is settled up to now, and sets op.asked and op.points.
// Nothing is written unless the work succeeds.
func do(tx core.App, op operation, now time.Time, work func(m *member, op *operation) error) (int64, error) {
	if op.id == "" || op.user == "" || op.org == "" {
		return 0, fmt.Errorf("points operation %q of %q at %q: it needs an id, a user and an organisation", op.id, op.user, op.org)
	}
	hash, err := op.hash()
	if err != nil {
		return 0, fmt.Errorf("points operation %s: %w", op.id, err)
	}
	var before string
	var points int64
	err = ledger.Statement(tx, "SELECT hash, points FROM loyalty_ops WHERE id = {:id}").
		Bind(dbx.Params{"id": op.id}).Row(&before, &points)
	switch {
	case err == nil && before == hash:
		return points, nil
	case err == nil:
		return 0, ErrOperationMismatch.With("operation", op.id)
	case !errors.Is(err, sql.ErrNoRows):
		return 0, fmt.Errorf("points operation %s: %w", op.id, err)
	}
	m := &member{}
	if m.debt, err = debtOf(tx, op.user, op.org); err != nil {
		return 0, err
	}
	// A faithful member has hundreds of lots, and most operations are purchases that need none of them.
	if m.debt > 0 || !op.onlyGives() {
		if m.lots, err = lotsOf(tx, op.user, op.org, op.of); err != nil {
			return 0, err
		}
	}
	m.settle(now)
	if err := work(m, &op); err != nil {
		return 0, err
	}
	m.settle(now) // points that came in repay the debt before they can be spent
	if err := writeOperation(tx, op, hash, now); err != nil {
		return 0, err
	}
	return op.points, m.write(tx, op.user, op.org, op.id, now)
}

func writeOperation(tx core.App, op operation, hash string, now time.Time) error {
	_, err := ledger.Statement(tx, `INSERT INTO loyalty_ops (id, user, org, kind, of, asked, points, hash, reason, actor, at)
		VALUES ({:id}, {:user}, {:org}, {:kind}, {:of}, {:asked}, {:points}, {:hash}, {:reason}, {:actor}, {:at})`).
		Bind(dbx.Params{
			"id": op.id, "user": op.user, "org": op.org, "kind": op.kind, "of": op.of, "asked": op.asked, "points": op.points,
			"hash": hash, "reason": op.reason, "actor": op.actor, "at": stamp(now),
		}).Execute()
	if err != nil {
		return fmt.Errorf("points operation %s: %w", op.id, err)
	}
	return nil
}

type lotRow struct {
	ID        string `db:"id"`
	Kind      string `db:"kind"`
	Points    int64  `db:"points"`
	Remaining int64  `db:"remaining"`
	Granted   string `db:"granted"`
	Active    string `db:"active"`
	Expires   string `db:"expires"`
}

// load reads a member's debt and the lots with points left.
func load(app core.App, user, org string) (*member, error) {
	debt, err := debtOf(app, user, org)
	if err != nil {
		return nil, err
	}
	lots, err := lotsOf(app, user, org, "")
	return &member{debt: debt, lots: lots}, err
}

func debtOf(app core.App, user, org string) (points int64, err error) {
	err = ledger.Statement(app, "SELECT points FROM loyalty_debts WHERE user = {:user} AND org = {:org}").
		Bind(dbx.Params{"user": user, "org": org}).Row(&points)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("debt of %s at %s: %w", user, org, err)
	}
	return points, nil
}

// lotsOf reads the lots with points left, and those that the operation of touched.
func lotsOf(app core.App, user, org, of string) ([]Lot, error) {
	statement := `SELECT id, kind, points, remaining, granted, active, expires FROM loyalty_lots
		WHERE user = {:user} AND org = {:org} AND remaining > 0`
	if of != "" {
		statement += ` UNION SELECT id, kind, points, remaining, granted, active, expires FROM loyalty_lots
			WHERE user = {:user} AND org = {:org} AND id IN (SELECT lot FROM loyalty_movements WHERE op = {:of} AND lot <> '')`
	}
	var rows []lotRow
	if err := ledger.Statement(app, statement).Bind(dbx.Params{"user": user, "org": org, "of": of}).All(&rows); err != nil {
		return nil, fmt.Errorf("lots of %s at %s: %w", user, org, err)
	}
	lots := make([]Lot, len(rows))
	for i, row := range rows {
		var err error
		if lots[i], err = row.lot(); err != nil {
			return nil, fmt.Errorf("lot %s: %w", row.ID, err)
		}
	}
	return lots, nil
}

func (r lotRow) lot() (Lot, error) {
	l := Lot{ID: r.ID, Kind: r.Kind, Points: r.Points, Remaining: r.Remaining}
	var errs [3]error
	l.Granted, errs[0] = instant(r.Granted)
	l.Active, errs[1] = instant(r.Active)
	l.Expires, errs[2] = instant(r.Expires)
	return l, errors.Join(errs[:]...)
}

// write writes down what was done to the member. Each lot's points are changed by a difference with its CHECK
// as the last word.
func (m *member) write(tx core.App, user, org, op string, now time.Time) error {
	var debt int64
	for _, id := range m.opened {
		if err := insertLot(tx, user, org, *m.find(id)); err != nil {
			return err
		}
	}
	for _, c := range m.changes {
		if c.lot == "" {
			debt -= c.points
		} else if err := changeLot(tx, c, slices.Contains(m.opened, c.lot)); err != nil {
			return err
		}
		_, err := ledger.Statement(tx, `INSERT INTO loyalty_movements (user, org, kind, points, lot, op, of, at)
			VALUES ({:user}, {:org}, {:kind}, {:points}, {:lot}, {:op}, {:of}, {:at})`).
			Bind(dbx.Params{
				"user": user, "org": org, "kind": c.kind, "points": c.points, "lot": c.lot,
				"op": op, "of": c.of, "at": stamp(now),
			}).Execute()
		if err != nil {
			return fmt.Errorf("movement of %s: %w", op, err)
		}
	}
	if debt == 0 {
		return nil
	}
	// A repayment meets a row; MAX is there because SQLite tries the CHECK of the new row before the conflict.
	_, err := ledger.Statement(tx, `INSERT INTO loyalty_debts (user, org, points) VALUES ({:user}, {:org}, MAX(0, {:points}))
		ON CONFLICT (user, org) DO UPDATE SET points = points + {:points}`).
		Bind(dbx.Params{"user": user, "org": org, "points": debt}).Execute()
	if err != nil {
		return fmt.Errorf("debt of %s at %s: %w", user, org, err)
	}
	return nil
}

// insertLot writes a new lot as it is after everything that was done to it.
func insertLot(tx core.App, user, org string, l Lot) error {
	_, err := ledger.Statement(tx, `INSERT INTO loyalty_lots (id, user, org, kind, points, remaining, granted, active, expires)
		VALUES ({:id}, {:user}, {:org}, {:kind}, {:points}, {:remaining}, {:granted}, {:active}, {:expires})`).
		Bind(dbx.Params{
			"id": l.ID, "user": user, "org": org, "kind": l.Kind, "points": l.Points, "remaining": l.Remaining,
			"granted": stamp(l.Granted), "active": stamp(l.Active), "expires": stamp(l.Expires),
		}).Execute()
	if err != nil {
		return fmt.Errorf("open lot %s: %w", l.ID, err)
	}
	return nil
}

func changeLot(tx core.App, c change, opened bool) error {
	if opened {
		return nil
	}
	result, err := ledger.Statement(tx, "UPDATE loyalty_lots SET remaining = remaining + {:points} WHERE id = {:lot}").
		Bind(dbx.Params{"points": c.points, "lot": c.lot}).Execute()
	if err != nil {
		return fmt.Errorf("change lot %s by %d: %w", c.lot, c.points, err)
	}
	if rows, err := result.RowsAffected(); err != nil || rows != 1 {
		return fmt.Errorf("change lot %s: %d rows, %w", c.lot, rows, err)
	}
	return nil
}

// stamp is how the tables write an instant: PocketBase's form, whose text order is the order of time. Never is
// nothing.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(stampForm)
}

func instant(stamped string) (time.Time, error) {
	if stamped == "" {
		return time.Time{}, nil
	}
	return time.Parse(stampForm, stamped)
}

const stampForm = "2006-01-02 15:04:05.000Z"
