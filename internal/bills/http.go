package bills

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the routes of payers, payees and makers' servers, and the sweeps of bills that nobody paid.
func Register(app core.App) {
	jobs.Every(app, "bills.expire", "*/5 * * * *", "UTC", func(app core.App, _ time.Time) error {
		_, err := ExpireOpen(app, clock.Now(app))
		return err
	})
	jobs.Every(app, "bills.forget", "45 3 * * *", "UTC", func(app core.App, _ time.Time) error {
		_, err := ForgetUnpaid(app, clock.Now(app))
		return err
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindPeople(se)
		bindBackends(se)
		return se.Next()
	})
}

var refundRefusals = []*refusal.Refusal{
	ErrNotFound, ErrNotPaid, ErrRefundTooMuch, ErrRefundMismatch, ErrTooManyRefunds, ErrBadRefund, ledger.ErrInsufficientFunds,
}

func bindPeople(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/bills/{id}", Tag: collection,
		Summary: "A bill with its refunds, for who pays it, the payee's staff and the operator.",
		Answer:  Shown{}, Refusals: []*refusal.Refusal{ErrNotFound},
	}, handleSee)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/bills/{id}/pay", Tag: collection, Idempotent: true,
		Summary: "Pay one's own bill, once; paying a paid one answers it.",
		Body:    payBody{}, Answer: Shown{},
		Refusals: []*refusal.Refusal{
			ErrNotFound, ErrNotOpen, ErrExpired, ErrIndividualCap, payments.ErrMethod, ledger.ErrInsufficientFunds,
			programs.ErrTakenDown, programs.ErrDeleted, programs.ErrTierRight,
		},
	}, handlePay)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/bills/{id}/refund", Tag: collection, Idempotent: true,
		Summary: "The payee's owners and managers, and the operator: give a paid bill or a part of it back.",
		Body:    refundBody{}, Answer: Shown{},
		Refusals: append([]*refusal.Refusal{identity.ErrRoleRequired}, refundRefusals...),
	}, handleRefund)
}

func bindBackends(se *core.ServeEvent) {
	keys := []*refusal.Refusal{programs.ErrServerKey, programs.ErrNotFound}
	document := func(method, path, summary string, body any, refusals ...*refusal.Refusal) route.Operation {
		return route.Operation{
			Method: method, Path: path, Tag: collection, Summary: "A program's own server, with its key in " + programs.ServerKeyHeader + ": " + summary,
			Public: true, Body: body, Answer: Asked{}, Refusals: slices.Concat(keys, refusals),
		}
	}
	route.Handle(se, document(http.MethodPost, "/api/mp/{appid}/bills",
		"ask a person to pay; the same reference is the same bill.", MakeArgs{},
		ErrBadBill, ErrCurrency, ErrReferenceUsed, ErrTooManyOpen, ErrOwnBill, ErrIndividualCap, identity.ErrOpenIDUnknown,
		programs.ErrTakenDown, programs.ErrDeleted, programs.ErrTierRight), handleMake)
	route.Handle(se, document(http.MethodGet, "/api/mp/{appid}/bills",
		"one of its bills by ?reference=.", nil, ErrNotFound), handleAsked)
	route.Handle(se, document(http.MethodGet, "/api/mp/{appid}/bills/{id}",
		"one of its bills with its refunds.", nil, ErrNotFound), handleAsked)
	route.Handle(se, document(http.MethodPost, "/api/mp/{appid}/bills/{id}/refund",
		"give a paid bill or a part of it back; the same key is the same refund.", RefundArgs{}, refundRefusals...), handleBackendRefund)
	route.Handle(se, document(http.MethodPost, "/api/mp/{appid}/bills/{id}/close",
		"end a bill that nobody has paid.", nil, ErrNotFound, ErrNotOpen), handleClose)
}

type (
	payBody struct {
		Method string `json:"method"` // wallet or card
	}
	refundBody struct {
		Amount ledger.Amount `json:"amount"` // 0 or left out: all that is left
		Reason string        `json:"reason"` // the payer reads it; must be given
	}
)

// MakeArgs is how a program's functions and its maker's server describe a bill.
type MakeArgs struct {
	OpenID    string        `json:"openid"` // who is to pay; a function may leave it out, then it is its caller
	Amount    ledger.Amount `json:"amount"`
	Currency  string        `json:"currency"`
	Title     string        `json:"title"`
	Detail    string        `json:"detail"`
	Reference string        `json:"reference"`
	Attach    string        `json:"attach"`
	ExpiresIn int64         `json:"expires_in"` // seconds; 0 is two hours
}

// Draft is the bill that the arguments describe.
func (a MakeArgs) Draft(now time.Time) Draft {
	draft := Draft{
		Amount: a.Amount, Currency: a.Currency, Title: a.Title, Detail: a.Detail, Reference: a.Reference, Attach: a.Attach,
	}
	if a.ExpiresIn != 0 { // also a negative one, which is refused as what it is
		draft.Expires = now.Add(time.Duration(min(max(a.ExpiresIn, -1), int64(2*OpenMax/time.Second))) * time.Second)
	}
	return draft
}

// RefundArgs is how a program's functions and its maker's server describe a refund.
type RefundArgs struct {
	Key    string        `json:"key"`
	Amount ledger.Amount `json:"amount"`
	Reason string        `json:"reason"`
}

func handleSee(e *core.RequestEvent) error {
	shown, err := See(e.App, e.Auth, e.Request.PathValue("id"), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, shown)
}

func handlePay(e *core.RequestEvent) error {
	var body payBody
	id := e.Request.PathValue("id")
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if err := lookBeforePaying(e.App, e.Auth, id, body.Method, clock.Now(e.App)); err != nil {
		return err
	}
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		if _, err := Pay(tx, e.Auth, id, body.Method, clock.Now(e.App)); err != nil {
			return nil, err
		}
		return See(tx, e.Auth, id, clock.Now(e.App))
	})
}

func handleRefund(e *core.RequestEvent) error {
	id, key := e.Request.PathValue("id"), "console-"+strings.ToLower(rand.Text())
	var body refundBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		bill, err := find(tx, id)
		if err != nil {
			return nil, err
		}
		source, err := mayGiveBack(tx, e.Auth, bill)
		if err != nil {
			return nil, err
		}
		back := Return{Key: key, Amount: body.Amount, Reason: body.Reason, Source: source}
		if _, err := Refund(tx, e.Auth.Id, bill.GetString("program"), id, back, clock.Now(e.App)); err != nil {
			return nil, err
		}
		return See(tx, e.Auth, id, clock.Now(e.App))
	})
}

// mayGiveBack is as whom the person refunds the bill: the payee or the operator.
func mayGiveBack(app core.App, user, bill *core.Record) (string, error) {
	seen, refunds, err := sight(app, user, bill)
	switch {
	case err != nil:
		return "", err
	case refunds && payeeIs(app, user, bill):
		return ByPayee, nil
	case refunds:
		return ByOperator, nil
	case seen && bill.GetString("payer") != user.Id:
		return "", identity.ErrRoleRequired.With("roles", []identity.Role{identity.Owner, identity.Manager})
	}
	return "", ErrNotFound
}

func payeeIs(app core.App, user, bill *core.Record) bool {
	if owner := bill.GetString("owner"); owner != "" {
		return owner == user.Id
	}
	_, err := identity.Require(app, user, bill.GetString("org"), identity.Owner, identity.Manager)
	return err == nil
}

func handleMake(e *core.RequestEvent) error {
	_, _, err := programs.ServerKey(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	var args MakeArgs
	if err := route.Decode(e, &args); err != nil {
		return err
	}
	program, err := programs.Live(e.App, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	now := clock.Now(e.App)
	payer, err := ByOpenID(e.App, args.OpenID, program.AppID)
	if err != nil {
		return err
	}
	bill, err := Make(e.App, program, payer, args.Draft(now), now)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, ForProgram(bill, nil))
}

// ByOpenID is the person whom a program knows by that openid.
func ByOpenID(app core.App, openID, appid string) (*core.Record, error) {
	userID, err := identity.ByOpenID(app, openID, appid)
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("users", userID)
}

func handleAsked(e *core.RequestEvent) error {
	program, _, err := programs.ServerKey(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	asked, err := OfProgram(e.App, program.Id, e.Request.PathValue("id"), e.Request.URL.Query().Get("reference"), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, asked)
}

func handleBackendRefund(e *core.RequestEvent) error {
	program, actor, err := programs.ServerKey(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	var args RefundArgs
	if err := route.Decode(e, &args); err != nil {
		return err
	}
	back := Return{Key: args.Key, Amount: args.Amount, Reason: args.Reason, Source: ByBackend}
	bill, err := Refund(e.App, actor, program.Id, e.Request.PathValue("id"), back, clock.Now(e.App))
	if err != nil {
		return err
	}
	return answerAsked(e, program.Id, bill.Id)
}

func handleClose(e *core.RequestEvent) error {
	program, actor, err := programs.ServerKey(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	bill, err := Close(e.App, actor, program.Id, e.Request.PathValue("id"), clock.Now(e.App))
	if err != nil {
		return err
	}
	return answerAsked(e, program.Id, bill.Id)
}

func answerAsked(e *core.RequestEvent, programID, billID string) error {
	asked, err := OfProgram(e.App, programID, billID, "", clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, asked)
}
