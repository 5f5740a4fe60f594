package loyalty

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

const (
	historyCap = 50 // movements that a statement lists
)

// Statement is what a member has at one organisation.
type Statement struct {
	Org           string        `json:"org"`
	OrgName       string        `json:"org_name"`
	Program       string        `json:"program"` // its name; empty when there is none any more
	SpendPerPoint int64         `json:"spend_per_point"`
	PointValue    int64         `json:"point_value"`
	Currency      string        `json:"currency"`
	Spendable     int64         `json:"spendable"` // below zero while the debt exceeds the active lots
	Pending       int64         `json:"pending"`
	Debt          int64         `json:"debt"`
	Value         ledger.Amount `json:"value"` // what Spendable pays
	Lots          []Lot         `json:"lots"`  // with points left, the soonest to end first
	History       []Movement    `json:"history"`
}

// Lot is points with a common start and end. A zero Expires is never.
type Lot struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"` // earn, grant or grace
	Points    int64     `json:"points"`
	Remaining int64     `json:"remaining"`
	Granted   time.Time `json:"granted"`
	Active    time.Time `json:"active_at"`
	Expires   time.Time `json:"expires_at,omitzero"`
}

// Movement is one line of a member's history.
type Movement struct {
	Kind   string    `json:"kind"` // earn, grant, spend, return, revoke or expire
	Points int64     `json:"points"`
	Op     string    `json:"op"`
	At     time.Time `json:"at"`
}

// Balance is what user has at org at now. It is reckoned from the dates of the lots, whether or not their end
// was written down yet.
func Balance(app core.App, user, org string, now time.Time) (Statement, error) {
	s := Statement{Org: org, Lots: []Lot{}, History: []Movement{}}
	p, err := programOf(app, org)
	if err != nil && !errors.Is(err, ErrNoProgram) {
		return s, err
	}
	m, err := load(app, user, org)
	if err != nil {
		return s, err
	}
	m.settle(now)
	s.Program, s.SpendPerPoint, s.PointValue, s.Currency = p.name, p.spendPerPoint, p.pointValue, p.currency
	s.Spendable, s.Pending, s.Debt = m.spendable(now), m.pending(now), m.debt
	s.Value = p.worth(s.Spendable)
	s.Lots = append(s.Lots, slices.DeleteFunc(m.lots, func(l Lot) bool { return l.Remaining == 0 })...)
	if s.History, err = history(app, user, org); err != nil {
		return s, err
	}
	return s, app.DB().NewQuery("SELECT COALESCE(MAX(name), '') FROM orgs WHERE id = {:org}").
		Bind(dbx.Params{"org": org}).Row(&s.OrgName)
}

// history is one line for each operation, however many lots it touched; repaying a debt is no line, for it
// changes nothing in sum.
func history(app core.App, user, org string) ([]Movement, error) {
	var rows []struct {
		Kind   string `db:"kind"`
		Points int64  `db:"points"`
		Op     string `db:"op"`
		At     string `db:"at"`
	}
	err := app.DB().NewQuery(`SELECT kind, SUM(points) AS points, op, at FROM loyalty_movements
		WHERE user = {:user} AND org = {:org} AND kind <> 'repay'
		GROUP BY op, kind, at ORDER BY MAX(seq) DESC LIMIT {:cap}`).
		Bind(dbx.Params{"user": user, "org": org, "cap": historyCap}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("points history of %s at %s: %w", user, org, err)
	}
	lines := make([]Movement, len(rows))
	for i, row := range rows {
		at, err := instant(row.At)
		if err != nil {
			return nil, fmt.Errorf("points history of %s at %s: %w", user, org, err)
		}
		lines[i] = Movement{Kind: row.Kind, Points: row.Points, Op: row.Op, At: at}
	}
	return lines, nil
}

// Balances is what user has at every organisation where there ever were points.
func Balances(app core.App, user string, now time.Time) ([]Statement, error) {
	var orgs []string
	err := app.DB().NewQuery("SELECT DISTINCT org FROM loyalty_movements WHERE user = {:user} ORDER BY org").
		Bind(dbx.Params{"user": user}).Column(&orgs)
	if err != nil {
		return nil, fmt.Errorf("points of %s: %w", user, err)
	}
	statements := make([]Statement, len(orgs))
	for i, org := range orgs {
		if statements[i], err = Balance(app, user, org, now); err != nil {
			return nil, err
		}
	}
	return statements, nil
}
