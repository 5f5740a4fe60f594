// Package campaigns is what lowers a price, for which goods, and when.
//
// The idea is one pure function, Price, that listing, basket, payment and preview all call with the same
// arguments: lines, campaigns, an instant. A campaign's Schedule is a function of the clock too, so a tick that
// comes late, twice or never changes no price; ticks only announce. The invariant: a discount never takes a line
// below zero, the lines add up to the total, and the order in which campaigns are given does not matter.
package campaigns

import (
	"time"

	"plaza.internal/plaza/internal/ledger"
)

// Kind is what a campaign does to a price.
type Kind string

// The kinds, in the order of the steps in which they work.
const (
	Sale         Kind = "sale"          // a lower listing price per unit: percent off, or Amount as the new price
	Percent      Kind = "percent"       // percent off each matching line
	Fixed        Kind = "fixed"         // Amount off each matching unit
	BuyXGetY     Kind = "bxgy"          // of Buy+Get matching units the Get cheapest are free
	OrderPercent Kind = "order_percent" // percent off the matching lines together
	OrderFixed   Kind = "order_fixed"   // Amount off the matching lines together
)

// Campaign is one reduction. With neither Products nor Categories it concerns every line; with both it concerns
// the lines that either names. MinSpend looks at the matching lines as the steps before left them.
type Campaign struct {
	ID, Name             string
	Kind                 Kind
	PercentBasisPoints   int64
	Amount               ledger.Amount
	Buy, Get             int64
	Products, Categories []string
	MinSpend             ledger.Amount
	Priority             int    // lower numbers work first
	Group                string // of the campaigns in one group only the best for the customer applies
	Schedule             Schedule
	Coded                bool // it gives nothing without one of its codes, and then in a step of its own
}

// Line is a number of units of one product at one unit price, tax included.
type Line struct {
	ID             string        `json:"id"`
	Product        string        `json:"product"`
	Category       string        `json:"category"`
	Quantity       int64         `json:"quantity"`
	Unit           ledger.Amount `json:"unit"`
	VATBasisPoints int64         `json:"vat_bp"`
}

// Reason says why a price was lowered: a code with its parameters for translation, and the English sentence.
type Reason struct {
	Code   string         `json:"code"`
	Params map[string]any `json:"params"`
	Text   string         `json:"text"`
}

// Discount is what one campaign took off, from a line or from the whole.
type Discount struct {
	Campaign string        `json:"campaign"`
	Name     string        `json:"name"`
	Kind     string        `json:"kind"`
	Amount   ledger.Amount `json:"amount"`
	Reason   Reason        `json:"reason"`
}

// PricedLine is a line with what was taken off it, its share of order discounts included.
type PricedLine struct {
	Line
	Subtotal  ledger.Amount `json:"subtotal"`
	Discount  ledger.Amount `json:"discount"`
	Total     ledger.Amount `json:"total"`
	Discounts []Discount    `json:"discounts"`
}

// Tax is the tax contained in the final amounts of one rate: Net + Tax = Gross.
type Tax struct {
	RateBasisPoints int64         `json:"rate_bp"`
	Gross           ledger.Amount `json:"gross"`
	Net             ledger.Amount `json:"net"`
	Tax             ledger.Amount `json:"tax"`
}

// Quote is a basket's price. Discounts has one entry per campaign that gave something, with its sum over the lines.
type Quote struct {
	Lines     []PricedLine  `json:"lines"`
	Discounts []Discount    `json:"discounts"`
	Subtotal  ledger.Amount `json:"subtotal"`
	Discount  ledger.Amount `json:"discount"`
	Total     ledger.Amount `json:"total"`
	Tax       []Tax         `json:"tax"`
	Code      *CodeOutcome  `json:"code,omitempty"`      // what the entered code did, if there is one
	ChangesAt time.Time     `json:"changes_at,omitzero"` // when a campaign that concerns these lines next starts or ends; zero if none will
}
