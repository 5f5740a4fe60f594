// Package receipts signs what a mini program says that it received from a person, so that anybody can check it
// without asking the house: with its public keys alone, on paper, offline.
//
// A receipt is a compact JWS (RFC 7515) with Ed25519, small enough for a QR code, and a PDF that shows it. The
// invariants: what a payment says of itself (how much, when, from whom) comes from the program's paid bill and never
// from the program; the same reference is the same receipt, and a payment has one; a receipt never changes, and
// whether its money went back is read from the bill. Keys are never forgotten: what an old one signed stays valid.
//
// Numbers are random, not counted up. The status of a number is public, so that a number must not lead to the next
// one, nor tell how many there are; a program that needs a sequence without gaps puts its own number into a line.
package receipts

import (
	"net/http"
	"time"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// Limits that a program can run into.
const (
	TitleLimit     = 120  // characters
	MaxLines       = 12   // of one receipt
	LabelLimit     = 40   // characters of a line's label
	ValueLimit     = 160  // characters of a line's value
	ReferenceLimit = 64   // characters, of letters, digits and _ - . : * |
	AddressLimit   = 1273 // bytes of the address in the QR code: what one of version 25 holds, which paper bears well
	StatedPerDay   = 2000 // receipts of one program in a day that no bill stands behind
	MaxAmount      = ledger.Amount(1_000_000_00)
)

// The states of a receipt.
const (
	Valid          = "valid"
	PartlyRefunded = "partly_refunded" // a part of its bill went back
	Refunded       = "refunded"        // all of it did
)

var (
	// ErrNotFound refuses a receipt that does not exist or is another program's.
	ErrNotFound = refusal.New(http.StatusNotFound, "receipt_not_found", "There is no such receipt.")
	// ErrBad refuses a receipt that cannot be; data.field says which part.
	ErrBad = refusal.New(http.StatusBadRequest, "bad_receipt", "The receipt is not complete.")
	// ErrTooLong refuses one that does not fit its QR code; data.over says by how many bytes.
	ErrTooLong = refusal.New(http.StatusBadRequest, "receipt_too_long", "The receipt is too long for its code.")
	// ErrReferenceUsed refuses a receipt whose reference another person's, bill's or amount's has.
	ErrReferenceUsed = refusal.New(http.StatusConflict, "receipt_reference_used", "This reference was already used for another receipt.")
	// ErrBillUsed refuses a second receipt for a bill; data.reference names the first.
	ErrBillUsed = refusal.New(http.StatusConflict, "receipt_bill_used", "This payment has a receipt already.")
	// ErrTooMany refuses one more receipt without a bill to a program that issued StatedPerDay in a day.
	ErrTooMany = refusal.New(http.StatusTooManyRequests, "too_many_receipts", "The mini program issues too many receipts that no payment stands behind.").With("max", StatedPerDay)
)

// Line is one row of a receipt.
type Line struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Draft is what a program wants signed.
type Draft struct {
	Bill      string        `json:"bill"`      // the paid bill, from which amount, payer and time come
	Reference string        `json:"reference"` // the program's own name for it; the same again is the same receipt
	OpenID    string        `json:"openid"`    // whose it is when no bill says so; left out, the caller's
	Title     string        `json:"title"`
	Lines     []Line        `json:"lines"`
	Amount    ledger.Amount `json:"amount"` // without a bill: what the program says; 0 says nothing
	Currency  string        `json:"currency"`
	Language  string        `json:"language"` // of the paper: en, fr or zh
	Demo      bool          `json:"demo"`     // prints that it is a demonstration; receipts of trial versions always do
}

// Receipt is an issued one, as its program sees it.
type Receipt struct {
	Number    string `json:"number"`
	Reference string `json:"reference"`
	Bill      string `json:"bill,omitempty"`
	OpenID    string `json:"openid"`
	Status    string `json:"status"`
	Demo      bool   `json:"demo,omitempty"`
	Created   string `json:"created"`
	Token     string `json:"token"`
	URL       string `json:"url"`  // the page that verifies it, on this server
	QR        string `json:"qr"`   // the code on the paper as a data: address, for a page to show
	File      string `json:"file"` // the PDF among the program's cloud files; "" when it is not there
	PDF       string `json:"pdf"`  // an address of that file which works for a while
	// Missing is the code of the refusal for which there is no PDF; issuing it again tries again.
	Missing string `json:"pdf_missing,omitempty"`
}

// Standing is what anybody may know of a number: nothing about people.
type Standing struct {
	Number string    `json:"number"`
	Status string    `json:"status"` // valid, partly_refunded or refunded
	Demo   bool      `json:"demo"`
	AsOf   time.Time `json:"as_of"`
}
