package payments

import (
	"net/http"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the wallet's routes.
func Register(app core.App) {
	// A hold that nobody captured in time gives its money back. The ledger cannot ask for it: it knows no jobs.
	jobs.Every(app, "payments.expire_holds", "* * * * *", "UTC", func(app core.App, _ time.Time) error {
		_, err := ledger.ExpireHolds(app, clock.Now(app))
		return err
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		route.Handle(se, route.Operation{
			Method: "GET", Path: "/api/wallet", Tag: "wallet",
			Summary: "Balances per currency and what moved them, newest first; ?before= takes the next cursor.",
			Answer:  Statement{}, Refusals: []*refusal.Refusal{ErrBadCursor},
		}, handleWallet)
		route.Handle(se, route.Operation{
			Method: "POST", Path: "/api/wallet/topup", Tag: "wallet", Idempotent: true,
			Summary: "Put simulated money into the wallet (demonstrations only).",
			Body:    topUpBody{}, Answer: Statement{},
			Refusals: []*refusal.Refusal{ErrTopUp, ErrBadAmount, ErrBadCurrency},
		}, handleTopUp)
		return se.Next()
	})
}

type topUpBody struct {
	Amount   ledger.Amount `json:"amount"`
	Currency string        `json:"currency"`
}

func handleWallet(e *core.RequestEvent) error {
	var before int64
	if cursor := e.Request.URL.Query().Get("before"); cursor != "" {
		var err error
		if before, err = strconv.ParseInt(cursor, 10, 64); err != nil || before < 1 {
			return ErrBadCursor
		}
	}
	statement, err := Wallet(e.App, e.Auth.Id, before)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, statement)
}

func handleTopUp(e *core.RequestEvent) error {
	var body topUpBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		if err := TopUp(tx, e.Auth.Id, body.Amount, body.Currency, clock.Now(e.App)); err != nil {
			return nil, err
		}
		return Wallet(tx, e.Auth.Id, 0)
	})
}

// parseStamp reads an instant as the ledger writes it.
func parseStamp(text string) (time.Time, error) {
	return time.Parse("2006-01-02 15:04:05.000Z", text)
}
