// Package loyalty is points: what a purchase earns, what they are worth, and when they end.
//
// Points are lots. A lot is what one purchase earned, with its own start and end; a spend records which lots
// it took, so that a refund gives back to the same ones. What a member may spend at an instant follows from
// the dates of the lots alone: the expiry job only writes down what has already happened, and a late one
// changes nothing. The invariants, kept by every verb: the movements of a member sum to what is left in the
// lots less the debt, a lot never holds more than it was given, and one operation id is one operation.
//
// A reward is what points get. Taking one spends its points and gives a voucher, which ends once and in one way: it is
// handed over, or its points go back. What is taken of a reward never exceeds what there is.
//
// Points are not money of the ledger. They live here and nowhere else.
package loyalty

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrBadPoints refuses a number of points that is not between 1 and the largest exact integer.
	ErrBadPoints = refusal.New(http.StatusBadRequest, "bad_points", "The points must be a positive whole number.")
	// ErrInsufficientPoints refuses a spend that the active lots do not cover.
	ErrInsufficientPoints = refusal.New(http.StatusPaymentRequired, "insufficient_points", "There are not enough points.")
	// ErrExceedsSpend refuses to give back more points than the spend took.
	ErrExceedsSpend = refusal.New(http.StatusConflict, "exceeds_spend", "That is more than was spent.")
	// ErrExceedsEarn refuses to take back more points than the purchase earned.
	ErrExceedsEarn = refusal.New(http.StatusConflict, "exceeds_earn", "That is more than was earned.")
	// ErrUnknownOperation refuses to undo an operation that was never done for this member.
	ErrUnknownOperation = refusal.New(http.StatusNotFound, "unknown_operation", "There is no such points operation.")
	// ErrOperationMismatch refuses an operation id that another operation has already used.
	ErrOperationMismatch = refusal.New(http.StatusConflict, "operation_mismatch", "This points operation was already made with other contents.")
	// ErrNoProgram refuses points at an organisation that gives none.
	ErrNoProgram = refusal.New(http.StatusNotFound, "no_program", "This organisation has no loyalty programme.")
)

// PointsFor is what an order of that total earns at org; nothing when it has no programme.
func PointsFor(app core.App, org string, spent ledger.Amount) (int64, error) {
	p, err := programOf(app, org)
	if errors.Is(err, ErrNoProgram) {
		return 0, nil
	}
	return p.points(spent), err
}

// ValueOf is the money that points pay at org.
func ValueOf(app core.App, org string, points int64) (ledger.Amount, error) {
	p, err := programOf(app, org)
	return p.worth(points), err
}

// EndOf is when points that are given at an instant end by the programme of org; zero is never.
func EndOf(app core.App, org string, given time.Time) (time.Time, error) {
	p, err := programOf(app, org)
	if err != nil {
		return time.Time{}, err
	}
	return p.expiry.ends(given), nil
}

// Earn gives user the points that an order of that total earns at org, and says how many they were; none where
// there is no programme. The same operation again gives nothing and says the same number.
func Earn(tx core.App, user, org, opID string, spent ledger.Amount, now time.Time) (points int64, err error) {
	p, err := programOf(tx, org)
	if errors.Is(err, ErrNoProgram) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	op := operation{id: opID, user: user, org: org, kind: earned, terms: spent}
	points, err = do(tx, op, now, func(m *member, op *operation) error {
		op.points = p.points(spent)
		op.asked = op.points
		if op.points > 0 {
			m.open(Lot{
				ID: op.id, Kind: earned, Points: op.points, Granted: now,
				Active: p.expiry.begins(now, p.pendingDays), Expires: p.expiry.ends(now),
			}, earned, "")
		}
		return nil
	})
	if err != nil || points == 0 {
		return points, err
	}
	return points, tellEarned(tx, op, points, now)
}

// Gift is points that nobody bought anything for. A zero Active is now, a zero Expires never; Reason and Actor
// say why and who.
type Gift struct {
	User, Org, OpID string
	Points          int64
	Active, Expires time.Time
	Reason, Actor   string
}

// Grant gives the points of g. It needs a reason and an actor, because somebody will ask.
func Grant(tx core.App, g Gift, now time.Time) error {
	if g.Points <= 0 || g.Points > maxPoints {
		return ErrBadPoints
	}
	if g.Reason == "" || g.Actor == "" {
		return fmt.Errorf("grant %s: it needs a reason and an actor", g.OpID)
	}
	op := operation{
		id: g.OpID, user: g.User, org: g.Org, kind: granted, asked: g.Points, points: g.Points,
		terms: []any{g.Points, stamp(g.Active), stamp(g.Expires)}, reason: g.Reason, actor: g.Actor,
	}
	_, err := do(tx, op, now, func(m *member, op *operation) error {
		active := g.Active
		if active.IsZero() {
			active = now
		}
		m.open(Lot{ID: op.id, Kind: granted, Points: g.Points, Granted: now, Active: active, Expires: g.Expires}, granted, "")
		return nil
	})
	return err
}

// Spend takes points from the lots that end soonest, all or nothing.
func Spend(tx core.App, user, org, opID string, points int64, now time.Time) error {
	if points <= 0 || points > maxPoints {
		return ErrBadPoints
	}
	op := operation{id: opID, user: user, org: org, kind: spent, asked: points, points: points, terms: points}
	_, err := do(tx, op, now, func(m *member, _ *operation) error { return m.spend(points, now) })
	return err
}

// RefundSpend gives points of the spend spendOp back to the lots that it took, the last taken first.
func RefundSpend(tx core.App, user, org, opID, spendOp string, points int64, now time.Time) error {
	if points <= 0 || points > maxPoints {
		return ErrBadPoints
	}
	var grace int
	p, err := programOf(tx, org)
	if err == nil {
		grace = p.graceDays
	} else if !errors.Is(err, ErrNoProgram) {
		return err
	}
	op := operation{id: opID, user: user, org: org, kind: returned, of: spendOp, asked: points, points: points, terms: points}
	_, err = do(tx, op, now, func(m *member, op *operation) error {
		if _, err := undone(tx, *op, spent); err != nil {
			return err
		}
		var from []taken
		err := tx.DB().NewQuery(`SELECT lot, -points AS points FROM loyalty_movements
			WHERE op = {:op} AND kind = 'spend' ORDER BY seq`).Bind(dbx.Params{"op": spendOp}).All(&from)
		if err != nil {
			return fmt.Errorf("lots of spend %s: %w", spendOp, err)
		}
		before, err := sum(tx, "SUM(points) FROM loyalty_movements WHERE kind = 'return' AND of = {:of}", spendOp)
		if err != nil {
			return err
		}
		return m.refund(points, from, before, opID, spendOp, grace, now)
	})
	return err
}

// RevokeEarn takes back points that earnOp gave: from its own lot, then from others; the rest becomes a debt
// that the next points repay. Points of that lot that have ended unspent count as taken back already.
func RevokeEarn(tx core.App, user, org, opID, earnOp string, points int64, now time.Time) error {
	if points <= 0 || points > maxPoints {
		return ErrBadPoints
	}
	op := operation{id: opID, user: user, org: org, kind: revoked, of: earnOp, terms: points}
	_, err := do(tx, op, now, func(m *member, op *operation) error {
		given, err := undone(tx, *op, earned, granted)
		if err != nil {
			return err
		}
		op.asked = points
		return revoke(tx, m, op, given, now)
	})
	return err
}

// RevokeShare is RevokeEarn for a return of goods: of an order of total, goods worth returned in all have come
// back by now. Any number of part returns take back as much as one return of everything, and it says how many
// points this one took.
func RevokeShare(tx core.App, user, org, opID, earnOp string, returned, total ledger.Amount, now time.Time) (points int64, err error) {
	if returned < 0 || total <= 0 || returned > total || total > ledger.MaxAmount {
		return 0, ledger.ErrBadAmount
	}
	op := operation{id: opID, user: user, org: org, kind: revoked, of: earnOp, terms: []any{returned, total}}
	return do(tx, op, now, func(m *member, op *operation) error {
		given, err := undone(tx, *op, earned, granted)
		if err != nil {
			return err
		}
		before, err := sum(tx, "SUM(asked) FROM loyalty_ops WHERE kind = 'revoke' AND of = {:of}", earnOp)
		if err != nil {
			return err
		}
		op.asked = max(0, share(given, int64(returned), int64(total))-before)
		return revoke(tx, m, op, given, now)
	})
}

// revoke takes back what op asks of the points that were given.
func revoke(tx core.App, m *member, op *operation, given int64, now time.Time) error {
	asked, err := sum(tx, "SUM(asked) FROM loyalty_ops WHERE kind = 'revoke' AND of = {:of}", op.of)
	if err != nil {
		return err
	}
	if asked+op.asked > given {
		return ErrExceedsEarn.With("earned", given).With("revoked", asked)
	}
	own := m.find(op.of)
	if own == nil {
		return nil // the order earned nothing
	}
	took, err := sum(tx, "-SUM(points) FROM loyalty_movements WHERE kind = 'revoke' AND of = {:of}", op.of)
	if err != nil {
		return err
	}
	gone, err := sum(tx, "-SUM(points) FROM loyalty_movements WHERE kind = 'expire' AND lot = {:of}", op.of)
	if err != nil {
		return err
	}
	gone += m.justExpired(op.of)
	op.points = max(0, asked+op.asked-gone-took)
	m.revoke(op.points, own, op.of, now)
	return nil
}

// undone is how many points the operation that op undoes came to. It must be one of the kinds, of the same member.
func undone(tx core.App, op operation, kinds ...string) (int64, error) {
	var kind, user, org string
	var points int64
	err := tx.DB().NewQuery("SELECT kind, user, org, points FROM loyalty_ops WHERE id = {:id}").
		Bind(dbx.Params{"id": op.of}).Row(&kind, &user, &org, &points)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("points operation %s: %w", op.of, err)
	}
	if err != nil || user != op.user || org != op.org || !slices.Contains(kinds, kind) {
		return 0, ErrUnknownOperation.With("operation", op.of)
	}
	return points, nil
}

// sum is one number about what was done under or against the operation of.
func sum(tx core.App, of, operation string) (int64, error) {
	var total sql.NullInt64
	if err := tx.DB().NewQuery("SELECT " + of).Bind(dbx.Params{"of": operation}).Row(&total); err != nil {
		return 0, fmt.Errorf("sum of %s: %w", operation, err)
	}
	return total.Int64, nil
}
