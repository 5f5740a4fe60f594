package payments

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/ledger"
)

// demoStore is where main says that this server is a demonstration.
const demoStore = "plaza.demo"

func isDemo(app core.App) bool {
	demo, _ := app.Store().Get(demoStore).(bool)
	return demo
}

// Offered refuses a way to pay that this server does not have. Cards are simulated, so only a demonstration
// takes them.
func Offered(app core.App, method string) error {
	switch {
	case method == FromWallet, method == InCash, method == ByCard && isDemo(app):
		return nil
	}
	return ErrMethod.With("method", method)
}

// Collect takes the charge, once per order. Nothing to pay is paid already.
func Collect(tx core.App, c Charge, now time.Time) error {
	if err := Offered(tx, c.Method); err != nil {
		return err
	}
	if c.Amount == 0 {
		return nil
	}
	from, err := Source(tx, c.User, c.Method, c.Currency, now)
	if err != nil {
		return err
	}
	to, err := ledger.Open(tx, "org:"+c.Org, ledger.KindSales, c.Currency, now)
	if err != nil {
		return err
	}
	return ledger.Post(tx, ledger.Transfer{
		Key: "order:" + c.Order, Debit: from, Credit: to,
		Amount: c.Amount, Currency: c.Currency, Kind: "purchase", Ref: c.Order,
	}, now)
}

// Source is the account that the money comes from: the customer's wallet, or the world outside.
func Source(tx core.App, user, method, currency string, now time.Time) (string, error) {
	if method == FromWallet {
		return ledger.Open(tx, "user:"+user, ledger.KindWallet, currency, now)
	}
	return ledger.Open(tx, "plaza", ledger.KindWorld, currency, now)
}

// TopUp puts money from the world into the user's wallet: the simulator's stand-in for a bank.
func TopUp(tx core.App, user string, amount ledger.Amount, currency string, now time.Time) error {
	if !isDemo(tx) {
		return ErrTopUp
	}
	if amount < TopUpMin || amount > TopUpMax {
		return ErrBadAmount
	}
	var taken bool
	err := tx.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM orgs WHERE currency = {:currency})").
		Bind(dbx.Params{"currency": currency}).Row(&taken)
	if err != nil {
		return fmt.Errorf("currencies: %w", err)
	}
	if !taken {
		return ErrBadCurrency
	}
	from, err := ledger.Open(tx, "plaza", ledger.KindWorld, currency, now)
	if err != nil {
		return err
	}
	to, err := ledger.Open(tx, "user:"+user, ledger.KindWallet, currency, now)
	if err != nil {
		return err
	}
	id := security.RandomString(15)
	return ledger.Post(tx, ledger.Transfer{
		Key: "topup:" + id, Debit: from, Credit: to, Amount: amount, Currency: currency, Kind: "topup", Ref: id,
	}, now)
}
