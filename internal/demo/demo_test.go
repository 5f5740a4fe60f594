package demo_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/demo"
	"plaza.internal/plaza/internal/gateway"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/payments"
)

func quarter(t *testing.T) core.App {
	t.Helper()
	return apptest.New(t, ledger.Register, identity.Register, catalog.Register, campaigns.Register,
		loyalty.Register, payments.Register, orders.Register)
}

// The demonstration is a place where something happens, and its books are sound: it was made by the same
// verbs as everything else.
func TestTheQuarterIsLivelyAndSound(t *testing.T) {
	app := quarter(t)
	if err := demo.Fill(app, io.Discard); err != nil {
		t.Fatal(err)
	}
	for collection, least := range map[string]int64{"places": 10, "products": 250, "orders": 500, "campaigns": 15, "loyalty_programs": 10, "users": 25} {
		if count, err := app.CountRecords(collection); err != nil || count < least {
			t.Errorf("%d %s (%v), want at least %d", count, collection, err, least)
		}
	}
	proof, err := ledger.Verify(app)
	if err != nil || len(proof.Findings) > 0 {
		t.Errorf("the ledger: %v %+v", err, proof.Findings)
	}
	person, err := app.FindAuthRecordByEmail("users", "person@plaza.example")
	if err != nil {
		t.Fatal(err)
	}
	wallet, err := ledger.Find(app, "user:"+person.Id, ledger.KindWallet, "EUR")
	if err != nil || wallet.Balance < 50_00 {
		t.Errorf("the person has %d (%v), too little to shop with", wallet.Balance, err)
	}
	statements, err := loyalty.Balances(app, person.Id, clock.Now(app))
	if err != nil || len(statements) == 0 {
		t.Errorf("the person has points nowhere (%v)", err)
	}
	for _, account := range []string{"person", "cashier", "merchant", "creator", "operator"} {
		record, err := app.FindAuthRecordByEmail("users", account+"@plaza.example")
		if err != nil || !record.ValidatePassword(demo.Password) {
			t.Errorf("%s cannot sign in (%v)", account, err)
		}
	}
}

// A demonstration that is there already is left as it is; real data is never mixed with one.
func TestFillTouchesNothingThatIsThere(t *testing.T) {
	app := quarter(t)
	apptest.Person(t, app, "somebody")
	if err := demo.Fill(app, io.Discard); err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("a folder with real people: %v", err)
	}
	if count, err := app.CountRecords("users"); err != nil || count != 1 {
		t.Errorf("%d users (%v), want the one", count, err)
	}
	// Nor does the name of a demonstration's login make one of real data, where money would then be free.
	stranger, err := app.FindFirstRecordByFilter("users", "id != ''")
	if err != nil {
		t.Fatal(err)
	}
	stranger.SetEmail("person" + gateway.DemoDomain)
	if err := app.Save(stranger); err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(app, io.Discard); !errors.Is(err, demo.ErrNotEmpty) || gateway.IsDemo(app) {
		t.Errorf("a folder with a real person of a demo address: %v, demo %t", err, gateway.IsDemo(app))
	}
	again := quarter(t)
	if err := demo.Fill(again, io.Discard); err != nil {
		t.Fatal(err)
	}
	before, err := again.CountRecords("orders")
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(again, io.Discard); err != nil {
		t.Errorf("a second start: %v", err)
	}
	if after, err := again.CountRecords("orders"); err != nil || after != before {
		t.Errorf("%d orders after a second start, %d before (%v)", after, before, err)
	}
}

// A start that was killed while it filled the folder must not leave half a quarter that looks whole.
func TestAnInterruptedFillIsNoticed(t *testing.T) {
	app := quarter(t)
	crash := errors.New("killed")
	app.OnRecordCreate("campaigns").BindFunc(func(*core.RecordEvent) error { return crash })
	if err := demo.Fill(app, io.Discard); !errors.Is(err, crash) {
		t.Fatal(err)
	}
	if err := demo.Fill(app, io.Discard); !errors.Is(err, demo.ErrUnfinished) || gateway.IsDemo(app) {
		t.Errorf("the next start: %v, demo %t", err, gateway.IsDemo(app))
	}
}
