// Package orders is a visit to a shop: scan, price, pay, receipt, door.
//
// An order is one record that moves open → paid → checked; the record that is saved is what phone and till
// see. The invariants: one open basket per person and place; what is paid is what was last shown; money,
// points and stock move in the payment's own transaction, once; a line never costs more than when it was
// scanned, unless a campaign ended, and that is never silent.
package orders

import (
	"net/http"
	"time"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// Limits that a caller can run into.
const (
	MaxQuantity = 999            // of one line
	MaxLines    = 200            // of one order
	OpenFor     = 12 * time.Hour // after the last touch an open order is abandoned
	ExitFor     = 30 * time.Minute
)

// The states of an order.
const (
	Open             = "open"
	AwaitingApproval = "awaiting_approval" // open too, but pay waits for a clerk's look at the customer's age
	Paid             = "paid"
	Checked          = "checked"
	Abandoned        = "abandoned"
)

var (
	// ErrOrderNotFound refuses an order that does not exist or is somebody else's: a stranger cannot tell which.
	ErrOrderNotFound = refusal.New(http.StatusNotFound, "order_not_found", "There is no such order.")
	// ErrPlaceNotFound refuses a place that does not exist.
	ErrPlaceNotFound = refusal.New(http.StatusNotFound, "place_not_found", "There is no such place.")
	// ErrOrderNotOpen refuses to change or pay an order that is paid, cancelled or abandoned.
	ErrOrderNotOpen = refusal.New(http.StatusConflict, "order_not_open", "This order is closed already.")
	// ErrShopClosed refuses to start or fill a basket in a place that is closed. Who is inside may still pay.
	ErrShopClosed = refusal.New(http.StatusConflict, "shop_closed", "This shop is closed.")
	// ErrBadChannel refuses a channel that does not exist.
	ErrBadChannel = refusal.New(http.StatusBadRequest, "bad_channel", "The channel is scan, pickup or delivery.")
	// ErrBadQuantity refuses a quantity out of bounds.
	ErrBadQuantity = refusal.New(http.StatusBadRequest, "bad_quantity", "The quantity must be from 1 to 999.").With("min", 1).With("max", MaxQuantity)
	// ErrUnknownLine refuses a line that is not in the order.
	ErrUnknownLine = refusal.New(http.StatusNotFound, "unknown_line", "There is no such line in this order.")
	// ErrTooManyLines refuses one more product in a full order.
	ErrTooManyLines = refusal.New(http.StatusConflict, "too_many_lines", "This order is full.").With("max", MaxLines)
	// ErrEmptyOrder refuses to pay for nothing.
	ErrEmptyOrder = refusal.New(http.StatusConflict, "empty_order", "There is nothing in this order yet.")
	// ErrAgeCheck refuses payment until a clerk has seen that the customer is old enough.
	ErrAgeCheck = refusal.New(http.StatusForbidden, "age_check_required", "A member of staff must check your age first.")
	// ErrNoAgeCheck refuses to approve an order that holds nothing restricted.
	ErrNoAgeCheck = refusal.New(http.StatusConflict, "age_check_not_required", "Nothing in this order needs an age check.")
	// ErrOwnOrder refuses staff who would approve their own purchase.
	ErrOwnOrder = refusal.New(http.StatusForbidden, "own_order", "Somebody else must approve your own order.")
	// ErrPriceChanged refuses to take another sum than the one last shown. The order is then saved with its new
	// price, so that paying again pays that.
	ErrPriceChanged = refusal.New(http.StatusConflict, "price_changed", "The price has changed. Look at the new total and pay again.")
	// ErrBadPeriod refuses an export of a period that is no period.
	ErrBadPeriod = refusal.New(http.StatusBadRequest, "bad_period", "from and to are RFC 3339 times, from before to.")
)

// Line is one product in an order, with its price explained.
type Line struct {
	ID             string               `json:"id"`
	Product        string               `json:"product"`
	GTIN           string               `json:"gtin"`
	Name           string               `json:"name"`
	Brand          string               `json:"brand"`
	Category       string               `json:"category"`
	Quantity       int64                `json:"quantity"`
	Unit           ledger.Amount        `json:"unit"`    // the lower of Scanned and Listed
	Listed         ledger.Amount        `json:"listed"`  // the list price when last priced
	Scanned        ledger.Amount        `json:"scanned"` // the list price at the first scan of this visit
	VATBasisPoints int64                `json:"vat_bp"`
	MinAge         int64                `json:"min_age"`
	Subtotal       ledger.Amount        `json:"subtotal"`
	Discount       ledger.Amount        `json:"discount"`
	Total          ledger.Amount        `json:"total"`
	Discounts      []campaigns.Discount `json:"discounts"`
}

// Payment is how the customer wants to pay.
type Payment struct {
	Method string `json:"method"` // wallet or card; cash from staff only
	Points int64  `json:"points"` // at most so many points; never more than the total is worth
	// Total is what the customer was shown. Without it the order's last saved total counts; with it a request
	// that is sent again cannot pay a price that nobody saw.
	Total *ledger.Amount `json:"total"`
}
