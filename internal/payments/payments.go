// Package payments moves money in and out of the ledger: from a wallet, from a (simulated) card, over the
// cash desk.
//
// The invariant: a charge has the order's own key in the ledger, so whatever is retried or doubled, an order
// is collected once.
package payments

import (
	"net/http"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// The ways to pay.
const (
	FromWallet = "wallet"
	ByCard     = "card"
	InCash     = "cash"
)

// Bounds of one top-up, in minor units.
const (
	TopUpMin ledger.Amount = 100
	TopUpMax ledger.Amount = 50_000
)

var (
	// ErrMethod refuses a way to pay that does not exist or is not offered here.
	ErrMethod = refusal.New(http.StatusConflict, "method_unavailable", "This way to pay is not available here.")
	// ErrTopUp refuses to make money out of nothing on a server that is not a demonstration.
	ErrTopUp = refusal.New(http.StatusForbidden, "topup_unavailable", "Topping up is only simulated in a demonstration.")
	// ErrBadAmount refuses a top-up out of bounds.
	ErrBadAmount = refusal.New(http.StatusBadRequest, "bad_amount", "The amount is out of bounds.").With("min", TopUpMin).With("max", TopUpMax)
	// ErrBadCurrency refuses a currency that nobody here takes.
	ErrBadCurrency = refusal.New(http.StatusBadRequest, "bad_currency", "No shop here takes this currency.")
	// ErrBadCursor refuses a paging cursor that was not given out.
	ErrBadCursor = refusal.New(http.StatusBadRequest, "bad_cursor", "This is not a cursor of this list.")
)

// Charge is what a customer owes an organisation for an order.
type Charge struct {
	User, Org, Order string
	Method           string
	Amount           ledger.Amount
	Currency         string
}
