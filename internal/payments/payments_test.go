package payments_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
)

func collect(app core.App, charge payments.Charge) error {
	return ledger.Write(app, func(tx core.App) error { return payments.Collect(tx, charge, clock.Now(app)) })
}

func sound(t *testing.T, app core.App) {
	t.Helper()
	if _, err := ledger.Verify(app); err != nil {
		t.Error(err)
	}
}

// A charge takes from the wallet what it gives to the shop; a second one for the same order takes nothing,
// and one for another sum is refused.
func TestAnOrderIsCollectedOnce(t *testing.T) {
	app := apptest.New(t)
	s := shop.Open(t, app, "grocer")
	ada := shop.Customer(t, app, "Ada", 1000)
	charge := payments.Charge{User: ada.Id, Org: s.Org.Id, Order: "o1", Method: payments.FromWallet, Amount: 400, Currency: "EUR"}
	for range 3 {
		if err := collect(app, charge); err != nil {
			t.Fatal(err)
		}
	}
	if purse, takings := shop.Purse(t, app, ada), s.Takings(); purse != 600 || takings != 400 {
		t.Errorf("the purse holds %d, the till %d", purse, takings)
	}
	charge.Amount = 500
	if err := collect(app, charge); !errors.Is(err, ledger.ErrTransferMismatch) {
		t.Errorf("another sum: %v", err)
	}
	charge.Order, charge.Amount = "o2", 601
	if err := collect(app, charge); !errors.Is(err, ledger.ErrInsufficientFunds) {
		t.Errorf("one cent short: %v", err)
	}
	charge.Amount = 600
	if err := collect(app, charge); err != nil {
		t.Errorf("to the last cent: %v", err)
	}
	sound(t, app)
}

// Without --demo no money comes from a simulated card; cash comes from the world outside.
func TestCardsAreForDemonstrations(t *testing.T) {
	app := apptest.New(t)
	s := shop.Open(t, app, "grocer")
	charge := payments.Charge{User: s.Owner.Id, Org: s.Org.Id, Order: "o1", Method: payments.ByCard, Amount: 400, Currency: "EUR"}
	if err := collect(app, charge); !errors.Is(err, payments.ErrMethod) {
		t.Errorf("card: %v", err)
	}
	app.Store().Set("plaza.demo", true)
	if err := collect(app, charge); err != nil {
		t.Errorf("card in a demonstration: %v", err)
	}
	charge.Order, charge.Method = "o2", payments.InCash
	if err := collect(app, charge); err != nil {
		t.Errorf("cash: %v", err)
	}
	charge.Order, charge.Method = "o3", "barter"
	if err := collect(app, charge); !errors.Is(err, payments.ErrMethod) {
		t.Errorf("barter: %v", err)
	}
	charge.Order, charge.Method, charge.Amount = "o4", payments.FromWallet, 0
	if err := collect(app, charge); err != nil {
		t.Errorf("nothing to pay: %v", err)
	}
	if s.Takings() != 800 {
		t.Errorf("takings %d", s.Takings())
	}
	sound(t, app)
}

// Money out of nothing needs a demonstration, a sum within bounds, a currency that somebody takes, and the
// same key makes it once.
func TestTopUp(t *testing.T) {
	app := apptest.New(t, payments.Register)
	client := apptest.NewClient(t, app)
	shop.Open(t, app, "grocer")
	token := apptest.Token(t, apptest.Person(t, app, "Ada"))
	topUp := func(body string, headers ...map[string]string) apptest.Answer {
		return client.Do("POST", "/api/wallet/topup", token, body, headers...)
	}
	good := `{"amount":2500,"currency":"EUR"}`
	if answer := topUp(good); answer.Status != 403 || answer.Code() != "topup_unavailable" {
		t.Errorf("without --demo: %d %s", answer.Status, answer.Body)
	}
	app.Store().Set("plaza.demo", true)
	for body, want := range map[string]string{
		`{"amount":99,"currency":"EUR"}`:                "bad_amount",
		`{"amount":50001,"currency":"EUR"}`:             "bad_amount",
		`{"amount":-2500,"currency":"EUR"}`:             "bad_amount",
		`{"amount":9007199254740993,"currency":"EUR"}`:  "bad_amount",
		`{"amount":25.5,"currency":"EUR"}`:              "bad_body",
		`{"amount":99999999999999999999,"currency":""}`: "bad_body",
		`{"amount":2500,"currency":"XXX"}`:              "bad_currency",
		`{"amount":2500}`:                               "bad_currency",
		`{`:                                             "bad_body",
	} {
		if answer := topUp(body); answer.Status != 400 || answer.Code() != want {
			t.Errorf("%s: %d %s, want %s", body, answer.Status, answer.Body, want)
		}
	}
	key := map[string]string{"Idempotency-Key": "top-1"}
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			if answer := topUp(good, key); answer.Status != 200 {
				t.Errorf("topup: %d %s", answer.Status, answer.Body)
			}
		})
	}
	together.Wait()
	if answer := topUp(`{"amount":2501,"currency":"EUR"}`, key); answer.Code() != "idempotency_mismatch" {
		t.Errorf("same key, other body: %s", answer.Body)
	}
	topUp(`{"amount":100,"currency":"EUR"}`)
	wallet := client.Must(200, "GET", "/api/wallet", token, nil)
	accounts, _ := wallet.JSON()["accounts"].([]any)
	if len(accounts) != 1 || accounts[0].(map[string]any)["balance"] != 2600.0 {
		t.Errorf("wallet: %s", wallet.Body)
	}
	sound(t, app)
}

// The history reads from the newest to the oldest, page by page, without a gap or a repetition, and a
// purchase bears the name of its shop.
func TestWalletHistory(t *testing.T) {
	app := apptest.New(t, payments.Register)
	client := apptest.NewClient(t, app)
	s := shop.Open(t, app, "grocer")
	ada := shop.Customer(t, app, "Ada", 100_000)
	bob := shop.Customer(t, app, "Bob", 500)
	order := apptest.Record(t, app, "orders", map[string]any{
		"customer": ada.Id, "org": s.Org.Id, "place": s.Place.Id, "channel": "scan", "status": "paid", "points_earned": 7,
	})
	for i := range 120 {
		charge := payments.Charge{User: ada.Id, Org: s.Org.Id, Order: fmt.Sprint("o", i), Method: payments.FromWallet, Amount: 5, Currency: "EUR"}
		if i == 119 {
			charge.Order, charge.Amount = order.Id, 9
		}
		if err := collect(app, charge); err != nil {
			t.Fatal(err)
		}
	}
	token := apptest.Token(t, ada)
	seen := map[string]bool{}
	pages, path := 0, "/api/wallet"
	for path != "" {
		page := client.Must(200, "GET", path, token, nil)
		activity, _ := page.JSON()["activity"].([]any)
		for i, entry := range activity {
			movement := entry.(map[string]any)
			id := movement["id"].(string)
			if seen[id] {
				t.Errorf("%s came twice", id)
			}
			seen[id] = true
			if pages == 0 && i == 0 {
				if movement["title"] != "grocer" || movement["org"] != s.Org.Id || movement["points"] != 7.0 || movement["amount"] != -9.0 {
					t.Errorf("the newest: %v", movement)
				}
			}
			if len(seen) == 121 && (movement["amount"] != 100_000.0 || movement["title"] != "Top-up") {
				t.Errorf("the oldest: %v", movement)
			}
		}
		pages++
		path = ""
		if next := page.Number("next"); next != 0 {
			path = fmt.Sprint("/api/wallet?before=", next)
		}
	}
	if len(seen) != 121 || pages != 3 {
		t.Errorf("%d movements on %d pages", len(seen), pages)
	}
	if page := client.Must(200, "GET", "/api/wallet", apptest.Token(t, bob), nil); len(page.JSON()["activity"].([]any)) != 1 {
		t.Errorf("Bob sees %s", page.Body)
	}
	client.Must(400, "GET", "/api/wallet?before=x", token, nil)
	client.Must(400, "GET", "/api/wallet?before=-1", token, nil)
	client.Must(401, "GET", "/api/wallet", "", nil)
	client.Must(401, "GET", "/api/wallet", "not.a.token", nil)
	empty := client.Must(200, "GET", "/api/wallet", apptest.Token(t, apptest.Person(t, app, "New")), nil)
	if string(empty.Body) == "" || empty.JSON()["accounts"] == nil || empty.JSON()["activity"] == nil {
		t.Errorf("an unused wallet: %s", empty.Body)
	}
}
