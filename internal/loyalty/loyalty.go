// Package loyalty is points: what a purchase earns, what they are worth, and when they end.
//
// Points are lots. A lot is what one purchase earned, with its own start and end; a spend records which lots
// it took, so that a refund gives back to the same ones. What a member may spend at an instant follows from
// the dates of the lots alone: the expiry job only writes down what has already happened, and a late one
// changes nothing. The invariants, kept by every verb: the movements of a member sum to what is left in the
// lots less the debt, a lot never holds more than it was given, and one operation id is one operation.
//
// Points are not money of the ledger. They live here and nowhere else.
package loyalty

import (
	"net/http"
	"time"

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
	panic("under construction")
}

// ValueOf is the money that points pay at org.
func ValueOf(app core.App, org string, points int64) (ledger.Amount, error) {
	panic("under construction")
}

// Earn gives user the points that an order of that total earns at org, and says how many they were. The same
// operation again gives nothing and says the same number.
func Earn(tx core.App, user, org, opID string, spent ledger.Amount, now time.Time) (points int64, err error) {
	panic("under construction")
}

// Spend takes points from the lots that end soonest, all or nothing.
func Spend(tx core.App, user, org, opID string, points int64, now time.Time) error {
	panic("under construction")
}

// RefundSpend gives points of the spend spendOp back to the lots that it took, the last taken first.
func RefundSpend(tx core.App, user, org, opID, spendOp string, points int64, now time.Time) error {
	panic("under construction")
}

// RevokeEarn takes back points that earnOp gave: from its own lot, then from others; the rest becomes a debt
// that the next points repay.
func RevokeEarn(tx core.App, user, org, opID, earnOp string, points int64, now time.Time) error {
	panic("under construction")
}

// RevokeShare is RevokeEarn for a return of goods: of an order of total, goods worth returned so far have come
// back. Any number of part returns take back as much as one return of everything, and it says how many points
// this one took.
func RevokeShare(tx core.App, user, org, opID, earnOp string, returned, total ledger.Amount, now time.Time) (points int64, err error) {
	panic("under construction")
}

// Statement is what a member has at one organisation.
type Statement struct {
	Org       string        `json:"org"`
	Program   string        `json:"program"`
	Spendable int64         `json:"spendable"` // below zero while the debt exceeds the active lots
	Pending   int64         `json:"pending"`
	Debt      int64         `json:"debt"`
	Value     ledger.Amount `json:"value"` // what Spendable pays
	Currency  string        `json:"currency"`
	Lots      []Lot         `json:"lots"` // with points left, the soonest to end first
	History   []Movement    `json:"history"`
}

// Lot is points with a common start and end. A zero Expires is never.
type Lot struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Points    int64     `json:"points"`
	Remaining int64     `json:"remaining"`
	Granted   time.Time `json:"granted"`
	Active    time.Time `json:"active_at"`
	Expires   time.Time `json:"expires_at,omitzero"`
}

// Movement is one line of a member's history.
type Movement struct {
	Kind   string    `json:"kind"` // earn, grant, spend, return, revoke, repay or expire
	Points int64     `json:"points"`
	Op     string    `json:"op"`
	At     time.Time `json:"at"`
}

// Balance is what user has at org at now.
func Balance(app core.App, user, org string, now time.Time) (Statement, error) {
	panic("under construction")
}

// Expire writes down the end of every lot whose time is over, and says how many there were.
func Expire(app core.App, now time.Time) (lots int, err error) {
	panic("under construction")
}

// Register adds the routes of points and the job that ends them.
func Register(app core.App) {}
