package ledger_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
)

// The books show everybody his own part: a person his wallet, staff the shop's, the operator all of it, and a
// stranger nothing. Nobody writes through them.
func TestTheBooksShowEverybodyHisOwn(t *testing.T) {
	app := apptest.New(t)
	ann, bob, carl, olga := apptest.Person(t, app, "Ann"), apptest.Person(t, app, "Bob"), apptest.Person(t, app, "Carl"), apptest.Operator(t, app, "Olga")
	shop, other := apptest.Org(t, app, "shop"), apptest.Org(t, app, "other")
	apptest.Staff(t, app, shop, carl, "cashier")
	apptest.Staff(t, app, other, bob, "owner")
	wallet := wallet(t, app, ann.Id, 1000)
	if err := post(app, transfer("sale", wallet, open(t, app, "org:"+shop.Id, ledger.KindSales), 300)); err != nil {
		t.Fatal(err)
	}
	write(t, app, func(tx core.App) error { return ledger.Audit(tx, "user:x", "act", "it", nil, noon) })
	client := apptest.NewClient(t, app)

	for name, person := range map[string]struct {
		token                      string
		accounts, transfers, audit int64
	}{
		"guest": {"", 0, 0, 0},
		"ann":   {apptest.Token(t, ann), 1, 2, 0},
		"bob":   {apptest.Token(t, bob), 0, 0, 0},
		"carl":  {apptest.Token(t, carl), 1, 1, 0},
		"olga":  {apptest.Token(t, olga), 3, 2, 1},
	} {
		for view, want := range map[string]int64{"ledger_accounts": person.accounts, "ledger_transfers": person.transfers, "audit": person.audit} {
			path := "/api/collections/" + view + "/records"
			if got := client.Must(http.StatusOK, "GET", path, person.token, nil); got.Number("totalItems") != want {
				t.Errorf("%s sees %d of %s, want %d: %s", name, got.Number("totalItems"), view, want, got.Body)
			}
			for _, attempt := range [][2]string{{"POST", path}, {"PATCH", path + "/" + wallet}, {"DELETE", path + "/" + wallet}} {
				if got := client.Do(attempt[0], attempt[1], person.token, `{"balance":1000000}`); got.Status < 400 {
					t.Errorf("%s may %s %s: %s", name, attempt[0], view, got.Body)
				}
			}
		}
	}
	seen := client.Must(http.StatusOK, "GET", "/api/collections/ledger_accounts/records/"+wallet, apptest.Token(t, ann), nil)
	if seen.Number("balance") != 700 || seen.Text("user") != ann.Id || seen.Text("currency") != "EUR" {
		t.Errorf("ann's wallet reads %s", seen.Body)
	}
	wantSound(t, app)
}

// The operator can have the books proved; nobody else.
func TestOnlyTheOperatorHasTheBooksProved(t *testing.T) {
	app := apptest.New(t, ledger.Register)
	ann, olga := apptest.Person(t, app, "Ann"), apptest.Operator(t, app, "Olga")
	for i := range 3 {
		wallet(t, app, fmt.Sprint(i), 10)
	}
	client := apptest.NewClient(t, app)
	if code := client.Must(http.StatusUnauthorized, "GET", "/api/ledger/proof", "", nil).Code(); code != "sign_in_required" {
		t.Errorf("a guest: %s", code)
	}
	if code := client.Must(http.StatusForbidden, "GET", "/api/ledger/proof", apptest.Token(t, ann), nil).Code(); code != "operator_only" {
		t.Errorf("ann: %s", code)
	}
	proof := client.Must(http.StatusOK, "GET", "/api/ledger/proof", apptest.Token(t, olga), nil)
	if proof.Number("transfers") != 3 || proof.JSON()["sound"] != true {
		t.Errorf("the proof reads %s", proof.Body)
	}
}
