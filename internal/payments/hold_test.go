package payments_test

import (
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
)

// Money that was set aside and never taken is free again once its time is over, without anybody asking.
func TestAForgottenHoldEndsByItself(t *testing.T) {
	app := apptest.New(t, payments.Register)
	ada := apptest.Person(t, app, "ada")
	shop.Fund(t, app, ada, 1000)
	now := clock.Now(app)
	wallet, err := ledger.Find(app, "user:"+ada.Id, ledger.KindWallet, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	err = ledger.Write(app, func(tx core.App) error {
		return ledger.Reserve(tx, ledger.Hold{Key: "fine:1", Account: wallet.ID, Amount: 600, ExpiresAt: now.Add(time.Hour)}, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	held := func() ledger.Amount {
		account, err := ledger.Find(app, "user:"+ada.Id, ledger.KindWallet, "EUR")
		if err != nil {
			t.Fatal(err)
		}
		return account.Held
	}
	for _, step := range []struct {
		after time.Duration
		want  ledger.Amount
	}{{59 * time.Minute, 600}, {61 * time.Minute, 0}} {
		clock.Set(app, now.Add(step.after))
		if _, err := jobs.RunDue(app, clock.Now(app)); err != nil {
			t.Fatal(err)
		}
		if got := held(); got != step.want {
			t.Errorf("%s later %d are held, want %d", step.after, got, step.want)
		}
	}
}
