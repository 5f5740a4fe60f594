// Package bills is what a mini program's server asks one person to pay: a ticket, a fee, a meal.
//
// A bill goes open → paid → partly_refunded → refunded, or ends closed or expired without having been paid. The
// program makes it, on its server alone; the person it is for pays it in the host's own sheet; the payee is the
// organisation that the program belongs to, or the person who owns it, within the operator's caps. The invariants:
// nobody but that person pays it, and once; what it asks for never changes; no more goes back than was paid, and it
// comes from the payee's account; each verb is one transaction of the ledger.
package bills

import (
	"net/http"
	"time"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// Limits that a caller can run into.
const (
	OpenFor         = 2 * time.Hour      // how long a bill can be paid unless its maker says otherwise
	OpenMin         = time.Minute        // the soonest end that a maker may set
	OpenMax         = 7 * 24 * time.Hour // the latest
	MaxOpen         = 20                 // open bills of one program for one person at a time
	KeptUnpaid      = 90 * 24 * time.Hour
	TitleLimit      = 120 // characters
	DetailLimit     = 500 // characters
	AttachLimit     = 500 // characters
	ReasonLimit     = 200 // characters
	ReferenceLimit  = 64  // characters, of letters, digits and _ - . : * |
	MaxRefunds      = 50  // of one bill
	MaxAmount       = ledger.Amount(1_000_000_00)
	individualDay   = 24 * time.Hour
	individualMonth = 30 * 24 * time.Hour
)

// The states of a bill.
const (
	Open           = "open"
	Paid           = "paid"
	PartlyRefunded = "partly_refunded"
	Refunded       = "refunded"
	Closed         = "closed"  // by the program, before it was paid
	Expired        = "expired" // nobody paid it in time
)

// Where a refund comes from.
const (
	ByProgram  = "program"  // one of the program's cloud functions
	ByBackend  = "backend"  // the maker's own server, with a server key
	ByPayee    = "payee"    // staff in the console, or the person who owns the program
	ByOperator = "operator" // who runs the house
)

var (
	// ErrNotFound refuses a bill that does not exist or is not the caller's: a stranger cannot tell which.
	ErrNotFound = refusal.New(http.StatusNotFound, "bill_not_found", "There is no such bill.")
	// ErrNotOpen refuses to pay a bill that was closed or has expired, or to close one that was paid; data has status.
	ErrNotOpen = refusal.New(http.StatusConflict, "bill_not_open", "This bill is closed already.")
	// ErrExpired refuses to pay a bill whose time is over.
	ErrExpired = refusal.New(http.StatusConflict, "bill_expired", "The time to pay this bill is over.")
	// ErrNotPaid refuses to refund what was never paid; data has status.
	ErrNotPaid = refusal.New(http.StatusConflict, "bill_not_paid", "This bill was not paid, so there is nothing to give back.")
	// ErrRefundTooMuch refuses to give back more than is left; data has left.
	ErrRefundTooMuch = refusal.New(http.StatusConflict, "refund_too_much", "That is more than is left of this payment.")
	// ErrRefundMismatch refuses a refund whose key another one has used.
	ErrRefundMismatch = refusal.New(http.StatusConflict, "refund_mismatch", "This key was already used for another refund of the bill.")
	// ErrTooManyRefunds refuses one more refund of a bill that has MaxRefunds.
	ErrTooManyRefunds = refusal.New(http.StatusConflict, "too_many_refunds", "This bill has as many refunds as it may have.").With("max", MaxRefunds)
	// ErrReferenceUsed refuses a bill whose reference another bill of the program has.
	ErrReferenceUsed = refusal.New(http.StatusConflict, "reference_used", "This reference was already used for another bill.")
	// ErrTooManyOpen refuses one more bill for a person who has MaxOpen unpaid ones of the program.
	ErrTooManyOpen = refusal.New(http.StatusConflict, "too_many_bills", "This person has too many unpaid bills of this mini program.").With("max", MaxOpen)
	// ErrBadBill refuses a bill that cannot be; data.field says which part.
	ErrBadBill = refusal.New(http.StatusBadRequest, "bad_bill", "The bill is not complete.")
	// ErrBadRefund refuses a refund that cannot be; data.field says which part.
	ErrBadRefund = refusal.New(http.StatusBadRequest, "bad_refund", "The refund is not complete.")
	// ErrCurrency refuses a currency that the payee does not take; data has currency, which it takes.
	ErrCurrency = refusal.New(http.StatusBadRequest, "bill_currency", "The payee does not take this currency.")
	// ErrOwnBill refuses a bill of a person's own program for that same person.
	ErrOwnBill = refusal.New(http.StatusConflict, "own_bill", "You cannot pay yourself.")
	// ErrIndividualCap refuses what would be more than a single person may take; data has cap (bill, day or month) and max.
	ErrIndividualCap = refusal.New(http.StatusForbidden, "individual_cap", "That is more than a single person may take through a mini program.")
)

// Draft is what a program asks a person to pay.
type Draft struct {
	Amount    ledger.Amount
	Currency  string // "" is the payee's
	Title     string // what it is for: "2 tickets, Saturday"
	Detail    string // more of it, on the receipt
	Reference string // the maker's own name for it; the same again is the same bill. "" makes one up
	Attach    string // comes back in events, to the maker alone
	Expires   time.Time
}

// Return is a part of a paid bill, or all of it, that is to go back.
type Return struct {
	Key    string        // the maker's own name for it; the same again is the same refund
	Amount ledger.Amount // 0 is all that is left
	Reason string        // the payer reads it; people must give one, programs may not
	Source string        // ByProgram, ByBackend, ByPayee or ByOperator
}
