package bills

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
)

// Asked is a bill as the program that made it sees it: it knows the person by openid alone.
type Asked struct {
	Bill      string        `json:"bill"`
	Package   string        `json:"package"` // for wx.requestPayment
	Reference string        `json:"reference"`
	OpenID    string        `json:"openid"`
	Status    string        `json:"status"`
	Amount    ledger.Amount `json:"amount"`
	Refunded  ledger.Amount `json:"refunded"`
	Currency  string        `json:"currency"`
	Title     string        `json:"title"`
	Detail    string        `json:"detail,omitempty"`
	Attach    string        `json:"attach,omitempty"`
	Method    string        `json:"method,omitempty"`
	Trial     bool          `json:"trial,omitempty"` // made by a trial version
	Created   string        `json:"created"`
	ExpiresAt string        `json:"expires_at"`
	PaidAt    string        `json:"paid_at,omitempty"`
	Refund    *Given        `json:"refund,omitempty"`  // the one that has just been made
	Refunds   []Given       `json:"refunds,omitempty"` // all of them
}

// PackagePrefix is what wx.requestPayment's package begins with, as in WeChat.
const PackagePrefix = "prepay_id="

// ForProgram is the bill as its program sees it, with the refund that has just been made of it, if one has.
func ForProgram(bill *core.Record, refund *Given) Asked {
	return Asked{
		Bill: bill.Id, Package: PackagePrefix + bill.Id, Reference: bill.GetString("reference"), OpenID: bill.GetString("openid"),
		Status: bill.GetString("status"), Amount: amountOf(bill), Refunded: ledger.Amount(bill.GetInt64("refunded")),
		Currency: bill.GetString("currency"), Title: bill.GetString("title"), Detail: bill.GetString("detail"),
		Attach: bill.GetString("attach"), Method: bill.GetString("method"), Trial: bill.GetBool("trial"),
		Created: bill.GetString("created"), ExpiresAt: bill.GetString("expires_at"), PaidAt: bill.GetString("paid_at"),
		Refund: refund,
	}
}

// OfProgram is the bill of that program by its id or, without one, by the maker's reference, with its refunds.
func OfProgram(app core.App, programID, billID, reference string, now time.Time) (Asked, error) {
	var bill *core.Record
	var err error
	if billID != "" {
		bill, err = ofProgram(app, programID, billID)
	} else {
		bill, err = byReference(app, programID, reference)
	}
	if err != nil {
		return Asked{}, err
	}
	asked := ForProgram(bill, nil)
	asked.Status = statusAt(bill, now)
	asked.Refunds, err = Refunds(app, bill.Id)
	return asked, err
}

// Shown is a bill as people see it: the payer, the payee's staff, the operator.
type Shown struct {
	ID        string        `json:"id"`
	Status    string        `json:"status"`
	Amount    ledger.Amount `json:"amount"`
	Refunded  ledger.Amount `json:"refunded"`
	Currency  string        `json:"currency"`
	Title     string        `json:"title"`
	Detail    string        `json:"detail"`
	Reference string        `json:"reference"`
	OpenID    string        `json:"openid"`
	Method    string        `json:"method"`
	Trial     bool          `json:"trial"`
	Created   string        `json:"created"`
	ExpiresAt string        `json:"expires_at"`
	PaidAt    string        `json:"paid_at"`
	Payee     Payee         `json:"payee"`
	Program   Maker         `json:"program"`
	Refunds   []Given       `json:"refunds"`
	Mine      bool          `json:"mine"`       // the one who asks is who pays
	MayRefund bool          `json:"may_refund"` // the one who asks may give it back
}

// Payee is who gets the money.
type Payee struct {
	Name      string `json:"name"` // as it was when the bill was made
	ID        string `json:"id"`
	Kind      string `json:"kind"` // org or person
	Certified bool   `json:"certified"`
}

// Maker is the program that made the bill, as it is called now.
type Maker struct {
	AppID string                `db:"appid" json:"appid"`
	Name  string                `db:"name" json:"name"`
	Names types.JSONMap[string] `db:"names" json:"names"`
	Icon  string                `db:"icon" json:"icon"`
	Color string                `db:"color" json:"color"`
}

// See is the bill as this person may see it; to a stranger it is not there.
func See(app core.App, user *core.Record, billID string, now time.Time) (Shown, error) {
	bill, err := find(app, billID)
	if err != nil {
		return Shown{}, err
	}
	seen, refunds, err := sight(app, user, bill)
	if err != nil {
		return Shown{}, err
	}
	if !seen {
		return Shown{}, ErrNotFound
	}
	shown, err := show(app, user, bill, refunds)
	shown.Status = statusAt(bill, now)
	return shown, err
}

// statusAt is what the bill is by the clock: one that nobody paid in time is over before the sweep says so.
func statusAt(bill *core.Record, now time.Time) string {
	if errors.Is(stillOpen(bill, now), ErrExpired) {
		return Expired
	}
	return bill.GetString("status")
}

// sight tells whether the person may see the bill and whether they may give it back.
func sight(app core.App, user, bill *core.Record) (seen, refunds bool, err error) {
	operator := identity.IsOperator(user)
	seen = operator || bill.GetString("payer") == user.Id
	if owner := bill.GetString("owner"); owner != "" {
		return seen || owner == user.Id, operator || owner == user.Id, nil
	}
	role, err := identity.Require(app, user, bill.GetString("org"))
	if errors.Is(err, identity.ErrNotStaff) {
		return seen, operator, nil
	}
	return err == nil, operator || role == identity.Owner || role == identity.Manager, err
}

func show(app core.App, user, bill *core.Record, mayRefund bool) (Shown, error) {
	refunds, err := Refunds(app, bill.Id)
	if err != nil {
		return Shown{}, err
	}
	payee := Payee{Name: bill.GetString("payee"), ID: bill.GetString("owner"), Kind: "person"}
	if org := bill.GetString("org"); org != "" {
		payee.ID, payee.Kind = org, "org"
		if err := app.DB().NewQuery("SELECT certified FROM orgs WHERE id = {:id}").Bind(dbx.Params{"id": org}).Row(&payee.Certified); err != nil {
			return Shown{}, fmt.Errorf("payee of bill %s: %w", bill.Id, err)
		}
	}
	var maker Maker
	err = app.DB().NewQuery("SELECT appid, name, names, icon, color FROM programs WHERE id = {:id}").
		Bind(dbx.Params{"id": bill.GetString("program")}).One(&maker)
	if err != nil {
		return Shown{}, fmt.Errorf("program of bill %s: %w", bill.Id, err)
	}
	mine := bill.GetString("payer") == user.Id
	return Shown{
		ID: bill.Id, Status: bill.GetString("status"), Amount: amountOf(bill), Refunded: ledger.Amount(bill.GetInt64("refunded")),
		Currency: bill.GetString("currency"), Title: bill.GetString("title"), Detail: bill.GetString("detail"),
		Reference: bill.GetString("reference"), OpenID: bill.GetString("openid"), Method: bill.GetString("method"),
		Trial: bill.GetBool("trial"), Created: bill.GetString("created"), ExpiresAt: bill.GetString("expires_at"),
		PaidAt: bill.GetString("paid_at"), Payee: payee, Program: maker, Refunds: refunds, Mine: mine, MayRefund: mayRefund,
	}, nil
}
