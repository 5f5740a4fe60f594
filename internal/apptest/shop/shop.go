// Package shop furnishes a test with a shop that can sell: an organisation with a place and its staff,
// products that are counted, customers with money.
// It lies beside apptest, not in it, so that the kernel's own tests may use apptest.
package shop

import (
	"fmt"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
)

// Shop is a merchant in Paris with one place and one person per role.
type Shop struct {
	t                       testing.TB
	app                     core.App
	Org, Place              *core.Record
	Owner, Manager, Cashier *core.Record
}

// Open founds a shop; slug makes it different from others.
func Open(t testing.TB, app core.App, slug string) *Shop {
	t.Helper()
	s := &Shop{t: t, app: app, Org: apptest.Org(t, app, slug)}
	s.Place = apptest.Place(t, app, s.Org, "High Street")
	for role, who := range map[string]**core.Record{"owner": &s.Owner, "manager": &s.Manager, "cashier": &s.Cashier} {
		*who = apptest.Person(t, app, slug+" "+role)
		apptest.Staff(t, app, s.Org, *who, role)
	}
	return s
}

// GTIN is the n-th valid 14-digit code.
func GTIN(n int) string {
	digits := fmt.Sprintf("0400%09d", n)
	sum := 0
	for i, digit := range digits {
		weight := 3 - 2*(i%2)
		sum += weight * int(digit-'0')
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}

// Sell lists the n-th product at price cents; more overrides its other fields.
func (s *Shop) Sell(n int, name string, price int64, more map[string]any) *core.Record {
	s.t.Helper()
	return apptest.Product(s.t, s.app, s.Org, GTIN(n), name, price, more)
}

// Stock puts units of the product on the shelf, which is counted from then on.
func (s *Shop) Stock(product *core.Record, units int64) {
	s.t.Helper()
	err := ledger.Write(s.app, func(tx core.App) error {
		return catalog.Receive(tx, s.Place.Id, product.Id, units, "delivery", s.Owner.Id, clock.Now(s.app))
	})
	if err != nil {
		s.t.Fatalf("stock %s: %v", product.Id, err)
	}
}

// OnShelf is how many units of the product are left.
func (s *Shop) OnShelf(product *core.Record) int64 {
	s.t.Helper()
	units, _, err := catalog.Available(s.app, s.Place.Id, product.Id)
	if err != nil {
		s.t.Fatalf("stock of %s: %v", product.Id, err)
	}
	return units
}

// Takings is what the shop's sales account holds.
func (s *Shop) Takings() ledger.Amount {
	s.t.Helper()
	account, err := ledger.Find(s.app, "org:"+s.Org.Id, ledger.KindSales, "EUR")
	if err != nil {
		s.t.Fatalf("takings: %v", err)
	}
	return account.Balance
}

// Customer is a person with money in the wallet.
func Customer(t testing.TB, app core.App, name string, cents ledger.Amount) *core.Record {
	t.Helper()
	user := apptest.Person(t, app, name)
	if cents > 0 {
		Fund(t, app, user, cents)
	}
	return user
}

// Fund puts euros from the world into the user's wallet.
func Fund(t testing.TB, app core.App, user *core.Record, cents ledger.Amount) {
	t.Helper()
	err := ledger.Write(app, func(tx core.App) error {
		now := clock.Now(app)
		world, err := ledger.Open(tx, "plaza", ledger.KindWorld, "EUR", now)
		if err != nil {
			return err
		}
		wallet, err := ledger.Open(tx, "user:"+user.Id, ledger.KindWallet, "EUR", now)
		if err != nil {
			return err
		}
		return ledger.Post(tx, ledger.Transfer{
			Key: "fund:" + security.RandomString(15), Debit: world, Credit: wallet, Amount: cents, Currency: "EUR", Kind: "topup",
		}, now)
	})
	if err != nil {
		t.Fatalf("fund %s: %v", user.Id, err)
	}
}

// Purse is what the user's wallet holds.
func Purse(t testing.TB, app core.App, user *core.Record) ledger.Amount {
	t.Helper()
	account, err := ledger.Find(app, "user:"+user.Id, ledger.KindWallet, "EUR")
	if err != nil {
		t.Fatalf("purse of %s: %v", user.Id, err)
	}
	return account.Balance
}
