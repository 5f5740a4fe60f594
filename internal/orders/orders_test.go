package orders_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/payments"
)

// register binds everything that takes part in a purchase.
func register(app core.App) {
	for _, bind := range []func(core.App){
		ledger.Register, identity.Register, catalog.Register, campaigns.Register, loyalty.Register, payments.Register, orders.Register,
	} {
		bind(app)
	}
}

// street is a shop that gives a point per euro, served over HTTP, with nobody drawn for an audit.
type street struct {
	t      testing.TB
	app    core.App
	client *apptest.Client
	shop   *shop.Shop
	bread  *core.Record // 2.50
	milk   *core.Record // 1.20
	wine   *core.Record // 8.00, from 18 years on
	till   string       // the cashier's token
}

func newStreet(t testing.TB) *street {
	t.Helper()
	app := apptest.New(t, register)
	orders.SetAuditChance(app, 0)
	s := &street{t: t, app: app, client: apptest.NewClient(t, app), shop: shop.Open(t, app, "grocer")}
	s.bread = s.shop.Sell(1, "Bread", 250, map[string]any{"category": "bakery"})
	s.milk = s.shop.Sell(2, "Milk", 120, nil)
	s.wine = s.shop.Sell(3, "Wine", 800, map[string]any{"min_age": 18, "vat_bp": 2000})
	s.shop.Stock(s.bread, 100)
	s.till = apptest.Token(t, s.shop.Cashier)
	apptest.Record(t, app, "loyalty_programs", map[string]any{
		"org": s.shop.Org.Id, "name": "Points", "spend_per_point": 100, "point_value": 5,
		"expiry_kind": "rolling", "expiry_months": 12, "timezone": "Europe/Paris",
	})
	return s
}

// customer is a new person with money, signed in.
func (s *street) customer(name string, cents ledger.Amount) (*core.Record, string) {
	s.t.Helper()
	user := shop.Customer(s.t, s.app, name, cents)
	return user, apptest.Token(s.t, user)
}

// start opens a basket and returns its path.
func (s *street) start(token string) string {
	s.t.Helper()
	order := s.client.Must(200, "POST", "/api/orders", token, map[string]any{"place": s.shop.Place.Id, "channel": "scan"})
	return "/api/orders/" + order.Text("id")
}

// basket opens a basket with products in it and returns its path.
func (s *street) basket(token string, products ...*core.Record) string {
	s.t.Helper()
	path := s.start(token)
	for _, product := range products {
		s.scan(path, token, product)
	}
	return path
}

func (s *street) scan(path, token string, product *core.Record) apptest.Answer {
	s.t.Helper()
	return s.client.Must(200, "POST", path+"/scan", token, map[string]any{"code": product.GetString("gtin")})
}

func (s *street) pay(path, token string, more ...map[string]any) apptest.Answer {
	s.t.Helper()
	body := map[string]any{"method": "wallet"}
	for _, extra := range more {
		for key, value := range extra {
			body[key] = value
		}
	}
	return s.client.Do("POST", path+"/pay", token, body)
}

// refused checks that the answer is that refusal.
func refused(t testing.TB, answer apptest.Answer, status int, code string) {
	t.Helper()
	if answer.Status != status || answer.Code() != code {
		t.Errorf("answered %d %s, want %d %s", answer.Status, answer.Body, status, code)
	}
}

// count is the only cell of a query.
func (s *street) count(query string, params ...dbx.Params) int64 {
	s.t.Helper()
	var n int64
	q := s.app.DB().NewQuery(query)
	for _, p := range params {
		q.Bind(p)
	}
	if err := q.Row(&n); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// sound checks that the books balance.
func (s *street) sound() {
	s.t.Helper()
	if _, err := ledger.Verify(s.app); err != nil {
		s.t.Error(err)
	}
}

// points is what the user may spend.
func (s *street) points(user *core.Record) int64 {
	s.t.Helper()
	statement, err := loyalty.Balance(s.app, user.Id, s.shop.Org.Id, clock.Now(s.app))
	if err != nil {
		s.t.Fatal(err)
	}
	return statement.Spendable
}

// One purchase, end to end: two scans of bread and one of milk, a line changed, paid from the wallet, points
// earned, the receipt numbered, out through the door, once.
func TestOnePurchaseEndToEnd(t *testing.T) {
	s := newStreet(t)
	ada, token := s.customer("Ada", 2000)
	path := s.start(token)
	if again := s.start(token); again != path {
		t.Errorf("a second start opened %s beside %s", again, path)
	}
	s.scan(path, token, s.bread)
	s.scan(path, token, s.bread)
	order := s.scan(path, token, s.milk)
	if order.Number("total") != 620 || order.Number("points_to_earn") != 6 || order.Text("status") != "open" {
		t.Fatalf("after three scans: %s", order.Body)
	}
	lines := order.JSON()["lines"].([]any)
	milk := lines[1].(map[string]any)
	if len(lines) != 2 || milk["name"] != "Milk" || milk["unit"] != 120.0 || milk["listed"] != 120.0 || milk["discounts"] == nil {
		t.Fatalf("lines: %v", lines)
	}
	order = s.client.Must(200, "POST", path+"/lines", token, map[string]any{"line": milk["id"], "quantity": 3})
	if order.Number("total") != 860 {
		t.Fatalf("three milks: %s", order.Body)
	}
	order = s.client.Must(200, "POST", path+"/lines", token, map[string]any{"line": milk["id"], "quantity": 0})
	if order.Number("total") != 500 || len(order.JSON()["lines"].([]any)) != 1 {
		t.Fatalf("no milk: %s", order.Body)
	}

	paid := s.pay(path, token)
	if paid.Status != 200 || paid.Text("status") != "paid" || paid.Text("number") != "000001" || paid.Number("points_earned") != 5 ||
		paid.Text("method") != "wallet" || len(paid.Text("exit_code")) != 12 || paid.Text("paid_at") == "" {
		t.Fatalf("paid: %d %s", paid.Status, paid.Body)
	}
	if purse, till, shelf, points := shop.Purse(t, s.app, ada), s.shop.Takings(), s.shop.OnShelf(s.bread), s.points(ada); purse != 1500 ||
		till != 500 || shelf != 98 || points != 5 {
		t.Errorf("purse %d, till %d, shelf %d, points %d", purse, till, shelf, points)
	}
	refused(t, s.pay(path, token), 409, "order_not_open")
	receipt := s.client.Must(200, "GET", path, token, nil)
	if receipt.Text("exit_code") != paid.Text("exit_code") {
		t.Errorf("the receipt: %s", receipt.Body)
	}

	code := map[string]any{"code": paid.Text("exit_code"), "place": s.shop.Place.Id}
	if out := s.client.Must(200, "POST", "/api/exit-checks", s.till, code); out.Text("result") != "ok" {
		t.Errorf("the door: %s", out.Body)
	}
	if out := s.client.Must(200, "POST", "/api/exit-checks", s.till, code); out.Text("result") != "already_used" {
		t.Errorf("the door, again: %s", out.Body)
	}
	if out := s.client.Must(200, "GET", path, token, nil); out.Text("status") != "checked" || out.Text("checked_by") != "grocer cashier" {
		t.Errorf("after the door: %s", out.Body)
	}
	if next := s.start(token); next == path {
		t.Error("the paid order was opened again")
	}
	wallet := s.client.Must(200, "GET", "/api/wallet", token, nil)
	newest := wallet.JSON()["activity"].([]any)[0].(map[string]any)
	if newest["amount"] != -500.0 || newest["org_name"] != "grocer" || newest["points"] != 5.0 {
		t.Errorf("wallet: %s", wallet.Body)
	}
	s.sound()
}

// Points pay as far as they go, never past the total, and what they pay earns none.
func TestPointsPay(t *testing.T) {
	s := newStreet(t)
	ada, token := s.customer("Ada", 100_000)
	path := s.start(token)
	s.client.Must(200, "POST", path+"/scan", token, map[string]any{"code": s.bread.GetString("gtin"), "quantity": 40})
	if paid := s.pay(path, token); paid.Number("points_earned") != 100 {
		t.Fatalf("100 euros earn %s", paid.Body)
	}
	// 30 points are 1.50 of 2.50: 1.00 is left to pay and earns 1.
	paid := s.pay(s.basket(token, s.bread), token, map[string]any{"points": 30})
	if paid.Number("points_used") != 30 || paid.Number("points_value") != 150 || paid.Number("total") != 250 || paid.Number("points_earned") != 1 {
		t.Errorf("30 points: %s", paid.Body)
	}
	// 71 points would be 3.55: only 50 are taken for 2.50, and no money moves.
	before := shop.Purse(t, s.app, ada)
	paid = s.pay(s.basket(token, s.bread), token, map[string]any{"points": 71})
	if paid.Number("points_used") != 50 || paid.Number("points_value") != 250 || paid.Number("points_earned") != 0 {
		t.Errorf("more than enough points: %s", paid.Body)
	}
	if shop.Purse(t, s.app, ada) != before || s.points(ada) != 21 {
		t.Errorf("purse %d, was %d; points %d", shop.Purse(t, s.app, ada), before, s.points(ada))
	}
	path = s.basket(token, s.bread)
	refused(t, s.pay(path, token, map[string]any{"points": 22}), 402, "insufficient_points")
	refused(t, s.pay(path, token, map[string]any{"points": -1}), 400, "bad_points")
	if s.points(ada) != 21 || s.shop.OnShelf(s.bread) != 58 {
		t.Errorf("after refusals: points %d, shelf %d", s.points(ada), s.shop.OnShelf(s.bread))
	}
	s.sound()
}

// Receipts of one organisation are numbered without a gap, also around payments that fail; each
// organisation counts for itself.
func TestReceiptNumbersHaveNoGaps(t *testing.T) {
	s := newStreet(t)
	_, rich := s.customer("Rich", 10_000)
	_, poor := s.customer("Poor", 0)
	failing := s.basket(poor, s.bread)
	for i := 1; i <= 5; i++ {
		refused(t, s.pay(failing, poor), 402, "insufficient_funds")
		if paid := s.pay(s.basket(rich, s.milk), rich); paid.Text("number") != fmt.Sprintf("%06d", i) {
			t.Errorf("receipt %d: %s", i, paid.Body)
		}
	}
	other := shop.Open(t, s.app, "baker")
	roll := other.Sell(9, "Roll", 60, nil)
	order := s.client.Must(200, "POST", "/api/orders", rich, map[string]any{"place": other.Place.Id, "channel": "pickup"})
	path := "/api/orders/" + order.Text("id")
	s.scan(path, rich, roll)
	if paid := s.pay(path, rich); paid.Text("number") != "000001" || paid.Text("exit_code") != "" || paid.Number("points_earned") != 0 {
		t.Errorf("the baker's first receipt: %s", paid.Body)
	}
}

// A basket that nobody has touched for half a day is given up, by the clock and not by the sweep.
func TestForgottenBaskets(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 2000)
	path := s.basket(token, s.bread)
	start := clock.Now(s.app)
	clock.Set(s.app, start.Add(orders.OpenFor-time.Minute))
	if n, err := orders.ExpireOpen(s.app, clock.Now(s.app)); n != 0 || err != nil {
		t.Errorf("a minute early: %d, %v", n, err)
	}
	clock.Set(s.app, start.Add(orders.OpenFor+time.Second))
	refused(t, s.pay(path, token), 409, "order_not_open")
	next := s.start(token) // before any sweep
	if next == path {
		t.Error("a stale basket was resumed")
	}
	clock.Set(s.app, start.Add(2*orders.OpenFor+time.Minute))
	for _, want := range []int{1, 0} {
		if n, err := orders.ExpireOpen(s.app, clock.Now(s.app)); n != want || err != nil {
			t.Errorf("swept %d, want %d, %v", n, want, err)
		}
	}
	if order := s.client.Must(200, "GET", next, token, nil); order.Text("status") != "abandoned" {
		t.Errorf("after the sweep: %s", order.Body)
	}
}

// Cash is the staff's to take, for a customer who stands before them; it needs no wallet.
func TestStaffTakeCash(t *testing.T) {
	s := newStreet(t)
	ada, token := s.customer("Ada", 0)
	path := s.basket(token, s.bread, s.milk)
	refused(t, s.pay(path, token, map[string]any{"method": "cash"}), 409, "method_unavailable")
	refused(t, s.pay(path, s.till), 409, "method_unavailable")
	refused(t, s.pay(path, s.till, map[string]any{"method": "cash", "points": 1}), 409, "method_unavailable")
	paid := s.pay(path, s.till, map[string]any{"method": "cash"})
	if paid.Text("method") != "cash" || paid.Number("points_earned") != 3 || s.shop.Takings() != 370 || s.points(ada) != 3 {
		t.Errorf("cash: %s", paid.Body)
	}
	s.sound()
}

// A simulated card works in a demonstration and nowhere else.
func TestCards(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 0)
	path := s.basket(token, s.bread)
	refused(t, s.pay(path, token, map[string]any{"method": "card"}), 409, "method_unavailable")
	refused(t, s.pay(path, token, map[string]any{"method": "shells"}), 409, "method_unavailable")
	refused(t, s.pay(path, token, map[string]any{"method": ""}), 409, "method_unavailable")
	s.app.Store().Set("plaza.demo", true)
	if paid := s.pay(path, token, map[string]any{"method": "card"}); paid.Status != 200 || s.shop.Takings() != 250 {
		t.Errorf("card: %d %s", paid.Status, paid.Body)
	}
	s.sound()
}
