package orders_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/orders"
)

// What a basket does not take, and that it stays as it was.
func TestABasketRefuses(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 2000)
	_, stranger := s.customer("Eve", 2000)
	rival := shop.Open(t, s.app, "rival")
	theirs := rival.Sell(50, "Rival's tea", 300, nil)
	gone := s.shop.Sell(51, "Withdrawn", 100, map[string]any{"archived": true})
	path := s.basket(token, s.bread)
	before := s.client.Must(200, "GET", path, token, nil)
	gtin := s.bread.GetString("gtin")
	wrong := gtin[:13] + string('0'+(gtin[13]-'0'+1)%10)
	code := func(code string) string { return fmt.Sprintf(`{"code":%q}`, code) }
	many := func(n string) string { return fmt.Sprintf(`{"code":%q,"quantity":%s}`, gtin, n) }
	line := before.JSON()["lines"].([]any)[0].(map[string]any)["id"].(string)

	for _, c := range []struct {
		name, method, path, token, body string
		status                          int
		code                            string
	}{
		{"a bad check digit", "POST", path + "/scan", token, code(wrong), 400, "bad_check_digit"},
		{"no barcode", "POST", path + "/scan", token, code("hello"), 400, "not_a_gtin"},
		{"an empty code", "POST", path + "/scan", token, `{}`, 400, "not_a_gtin"},
		{"a product nobody knows", "POST", path + "/scan", token, code(shop.GTIN(99)), 404, "unknown_product"},
		{"another shop's product", "POST", path + "/scan", token, code(theirs.GetString("gtin")), 404, "unknown_product"},
		{"a withdrawn product", "POST", path + "/scan", token, code(gone.GetString("gtin")), 404, "unknown_product"},
		{"quantity 0", "POST", path + "/scan", token, many("0"), 400, "bad_quantity"},
		{"quantity -1", "POST", path + "/scan", token, many("-1"), 400, "bad_quantity"},
		{"quantity 1000", "POST", path + "/scan", token, many("1000"), 400, "bad_quantity"},
		{"quantity a billion", "POST", path + "/scan", token, many("1000000000"), 400, "bad_quantity"},
		{"999 more than there are", "POST", path + "/scan", token, many("999"), 400, "bad_quantity"},
		{"half a bread", "POST", path + "/scan", token, many("0.5"), 400, "bad_body"},
		{"more than a number", "POST", path + "/scan", token, many("1e400"), 400, "bad_body"},
		{"a quantity in words", "POST", path + "/scan", token, many(`"two"`), 400, "bad_body"},
		{"broken JSON", "POST", path + "/scan", token, `{"code":`, 400, "bad_body"},
		{"a body of 2 MB", "POST", path + "/scan", token, code(strings.Repeat("1", 2<<20)), 413, "body_too_large"},
		{"a line that is not there", "POST", path + "/lines", token, `{"line":"nope","quantity":1}`, 404, "unknown_line"},
		{"a line with -1", "POST", path + "/lines", token, fmt.Sprintf(`{"line":%q,"quantity":-1}`, line), 400, "bad_quantity"},
		{"a line with 1000", "POST", path + "/lines", token, fmt.Sprintf(`{"line":%q,"quantity":1000}`, line), 400, "bad_quantity"},
		{"a line without a quantity", "POST", path + "/lines", token, fmt.Sprintf(`{"line":%q}`, line), 400, "bad_quantity"},
		{"an order that is not there", "POST", "/api/orders/nope/scan", token, code(gtin), 404, "order_not_found"},
		{"a stranger's scan", "POST", path + "/scan", stranger, code(gtin), 404, "order_not_found"},
		{"a stranger's look", "GET", path, stranger, "", 404, "order_not_found"},
		{"a stranger's payment", "POST", path + "/pay", stranger, `{"method":"wallet"}`, 404, "order_not_found"},
		{"a stranger's cancel", "POST", path + "/cancel", stranger, "", 404, "order_not_found"},
		{"a stranger's line", "POST", path + "/lines", stranger, fmt.Sprintf(`{"line":%q,"quantity":0}`, line), 404, "order_not_found"},
		{"the rival's look", "GET", path, apptest.Token(t, rival.Owner), "", 404, "order_not_found"},
		{"the rival's cash", "POST", path + "/pay", apptest.Token(t, rival.Owner), `{"method":"cash"}`, 404, "order_not_found"},
		{"the cashier's scan", "POST", path + "/scan", s.till, code(gtin), 404, "order_not_found"},
		{"a malformed token", "POST", path + "/scan", "x.y.z", code(gtin), 401, "sign_in_required"},
		{"no token", "GET", path, "", "", 401, "sign_in_required"},
		{"a place that is not there", "POST", "/api/orders", token, `{"place":"nope","channel":"scan"}`, 404, "place_not_found"},
		{"no place", "POST", "/api/orders", token, `{"channel":"scan"}`, 404, "place_not_found"},
		{"a strange channel", "POST", "/api/orders", token, fmt.Sprintf(`{"place":%q,"channel":"teleport"}`, s.shop.Place.Id), 400, "bad_channel"},
		{"a strange way to pay", "POST", path + "/pay", token, `{"method":"iou"}`, 409, "method_unavailable"},
		{"points below zero", "POST", path + "/pay", token, `{"method":"wallet","points":-5}`, 400, "bad_points"},
		{"a rule-made order", "POST", "/api/collections/orders/records", token, `{}`, 403, ""},
		{"a rule-made payment", "PATCH", "/api/collections/orders/records/" + path[len("/api/orders/"):], token, `{"status":"paid"}`, 403, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, s.client.Do(c.method, c.path, c.token, c.body), c.status, c.code)
		})
	}
	after := s.client.Must(200, "GET", path, token, nil)
	if string(after.Body) != string(before.Body) {
		t.Errorf("the basket changed:\n%s\n%s", before.Body, after.Body)
	}
	answer := s.client.Do("POST", path+"/scan", token, code(wrong))
	if answer.Data()["expected"] != gtin[13:] {
		t.Errorf("the right digit is %s: %s", gtin[13:], answer.Body)
	}
}

// A closed shop starts and fills no basket; who is inside may still pay.
func TestAClosedShop(t *testing.T) {
	s := newStreet(t)
	_, inside := s.customer("Ada", 2000)
	_, outside := s.customer("Bob", 2000)
	path := s.basket(inside, s.bread)
	s.shop.Place.Set("closed", true)
	if err := s.app.Save(s.shop.Place); err != nil {
		t.Fatal(err)
	}
	refused(t, s.client.Do("POST", "/api/orders", outside, map[string]any{"place": s.shop.Place.Id, "channel": "scan"}), 409, "shop_closed")
	refused(t, s.client.Do("POST", path+"/scan", inside, map[string]any{"code": s.milk.GetString("gtin")}), 409, "shop_closed")
	if paid := s.pay(path, inside); paid.Status != 200 {
		t.Errorf("inside: %d %s", paid.Status, paid.Body)
	}
}

// What a payment does not do, and that then nothing has moved: no money, points, stock or number.
func TestAPaymentRefuses(t *testing.T) {
	s := newStreet(t)
	ada, token := s.customer("Ada", 249) // one cent short of a bread
	path := s.start(token)
	refused(t, s.pay(path, token), 409, "empty_order")
	s.scan(path, token, s.bread)
	refused(t, s.pay(path, token), 402, "insufficient_funds")
	if s.shop.OnShelf(s.bread) != 100 || shop.Purse(t, s.app, ada) != 249 || s.shop.Takings() != 0 || s.points(ada) != 0 ||
		s.count("SELECT count(*) FROM orders_numbers") != 0 || s.count("SELECT count(*) FROM ledger_transfer_rows") != 1 {
		t.Error("a refused payment moved something")
	}
	shop.Fund(t, s.app, ada, 1)
	if paid := s.pay(path, token); paid.Status != 200 || shop.Purse(t, s.app, ada) != 0 {
		t.Errorf("to the last cent: %d %s", paid.Status, paid.Body)
	}
	again := s.pay(path, token)
	refused(t, again, 409, "order_not_open")
	if again.Data()["status"] != "paid" {
		t.Errorf("it does not say what became of the order: %s", again.Body)
	}
	refused(t, s.client.Do("POST", path+"/scan", token, map[string]any{"code": s.bread.GetString("gtin")}), 409, "order_not_open")
	refused(t, s.client.Do("POST", path+"/cancel", token, nil), 409, "order_not_open")

	shop.Fund(t, s.app, ada, 100_000)
	path = s.start(token)
	s.client.Must(200, "POST", path+"/scan", token, map[string]any{"code": s.bread.GetString("gtin"), "quantity": 100})
	s.scan(path, token, s.milk)
	short := s.pay(path, token)
	refused(t, short, 409, "out_of_stock")
	if short.Data()["name"] != "Bread" || short.Data()["product"] != s.bread.Id || short.Data()["available"] != 99.0 {
		t.Errorf("it does not name the product: %s", short.Body)
	}
	s.client.Must(200, "POST", path+"/cancel", token, nil)
	refused(t, s.pay(path, token), 409, "order_not_open")
	s.sound()
}

// The same key is the same answer; with another body it is a mistake; a failure is not kept.
func TestIdempotencyKeys(t *testing.T) {
	s := newStreet(t)
	ada, token := s.customer("Ada", 0)
	path := s.basket(token, s.bread)
	key := map[string]string{"Idempotency-Key": "pay-1"}
	pay := func(body string) apptest.Answer { return s.client.Do("POST", path+"/pay", token, body, key) }
	refused(t, pay(`{"method":"wallet"}`), 402, "insufficient_funds")
	shop.Fund(t, s.app, ada, 1000)
	first := pay(`{"method":"wallet"}`)
	second := pay(`{"method":"wallet"}`)
	if first.Status != 200 || string(first.Body) != string(second.Body) {
		t.Errorf("%d %s\n%d %s", first.Status, first.Body, second.Status, second.Body)
	}
	refused(t, pay(`{"method":"wallet","points":1}`), 409, "idempotency_mismatch")
	refused(t, s.client.Do("POST", path+"/pay", token, `{"method":"wallet"}`,
		map[string]string{"Idempotency-Key": strings.Repeat("x", 256)}), 400, "bad_idempotency_key")

	path = s.start(token)
	scan := fmt.Sprintf(`{"code":%q}`, s.milk.GetString("gtin"))
	for range 3 {
		s.client.Must(200, "POST", path+"/scan", token, scan, map[string]string{"Idempotency-Key": "scan-1"})
	}
	if order := s.client.Must(200, "GET", path, token, nil); order.Number("total") != 120 {
		t.Errorf("one scan sent three times: %s", order.Body)
	}
	if shop.Purse(t, s.app, ada) != 750 {
		t.Errorf("purse %d", shop.Purse(t, s.app, ada))
	}
}

// A basket holds so many lines and no more.
func TestAFullBasket(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 0)
	path := s.start(token)
	for i := range orders.MaxLines {
		s.scan(path, token, s.shop.Sell(1000+i, fmt.Sprint("Thing ", i), 100, nil))
	}
	one := s.shop.Sell(5000, "One more", 100, nil)
	refused(t, s.client.Do("POST", path+"/scan", token, map[string]any{"code": one.GetString("gtin")}), 409, "too_many_lines")
}

// A sum that no number can hold exactly is not a price.
func TestABasketBeyondNumbers(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 1)
	gold := s.shop.Sell(70, "All the gold", int64(ledger.MaxAmount), nil)
	path := s.start(token)
	scan := func(quantity int) apptest.Answer {
		return s.client.Do("POST", path+"/scan", token, map[string]any{"code": gold.GetString("gtin"), "quantity": quantity})
	}
	refused(t, scan(999), 400, "bad_basket")
	if once := scan(1); once.Number("total") != int64(ledger.MaxAmount) {
		t.Errorf("the largest price: %d %s", once.Status, once.Body)
	}
	refused(t, scan(1), 400, "bad_basket")
	refused(t, s.pay(path, token), 402, "insufficient_funds")
}

// Restricted goods wait for a clerk, whose approval is for what was in the basket then.
func TestAgeCheck(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 10_000)
	rival := shop.Open(t, s.app, "rival")
	path := s.basket(token, s.bread)
	approve := func(token string) apptest.Answer { return s.client.Do("POST", path+"/approve-age", token, nil) }
	refused(t, approve(s.till), 409, "age_check_not_required")
	wine := s.scan(path, token, s.wine)
	if wine.Text("status") != "awaiting_approval" || wine.JSON()["age_required"] != true {
		t.Errorf("with wine: %s", wine.Body)
	}
	refused(t, s.pay(path, token), 403, "age_check_required")
	refused(t, approve(token), 403, "own_order")
	refused(t, approve(apptest.Token(t, rival.Owner)), 404, "order_not_found")
	_, stranger := s.customer("Eve", 0)
	refused(t, approve(stranger), 404, "order_not_found")
	if approved := approve(s.till); approved.Text("status") != "open" || approved.Text("age_approved_by") != "grocer cashier" {
		t.Errorf("approved: %s", approved.Body)
	}
	// Bread changes nothing; a second wine was not seen by anybody.
	if order := s.scan(path, token, s.bread); order.Text("status") != "open" {
		t.Errorf("bread: %s", order.Body)
	}
	order := s.scan(path, token, s.wine)
	if order.Text("status") != "awaiting_approval" || order.Text("age_approved_by") != "" {
		t.Errorf("a second wine: %s", order.Body)
	}
	refused(t, s.pay(path, token), 403, "age_check_required")
	approve(s.till)
	line := func(answer apptest.Answer, name string) string {
		for _, l := range answer.JSON()["lines"].([]any) {
			if l := l.(map[string]any); l["name"] == name {
				return l["id"].(string)
			}
		}
		t.Fatalf("no %s in %s", name, answer.Body)
		return ""
	}
	wineLine := line(order, "Wine")
	set := func(quantity int) apptest.Answer {
		return s.client.Must(200, "POST", path+"/lines", token, map[string]any{"line": wineLine, "quantity": quantity})
	}
	if order := set(3); order.Text("status") != "awaiting_approval" {
		t.Errorf("a third wine by its line: %s", order.Body)
	}
	approve(s.till)
	if order := set(1); order.Text("status") != "open" {
		t.Errorf("fewer wines: %s", order.Body)
	}
	if order := set(0); order.Text("status") != "open" || order.JSON()["age_required"] != false || order.Text("age_approved_by") != "" {
		t.Errorf("no wine: %s", order.Body)
	}
	s.scan(path, token, s.wine)
	approve(s.till)
	if paid := s.pay(path, token); paid.Status != 200 {
		t.Errorf("paid: %s", paid.Body)
	}
	refused(t, approve(s.till), 409, "order_not_open")
	if n := s.count("SELECT count(*) FROM ledger_audit WHERE act = 'orders.approve_age' AND actor = {:who}",
		dbx.Params{"who": s.shop.Cashier.Id}); n != 4 {
		t.Errorf("%d approvals in the audit trail", n)
	}
}

// The rules of the collection itself: the customer and the shop's staff see an order, nobody writes one.
func TestWhoMaySeeAnOrder(t *testing.T) {
	s := newStreet(t)
	_, customer := s.customer("Ada", 2000)
	_, stranger := s.customer("Eve", 0)
	rival := shop.Open(t, s.app, "rival")
	path := s.basket(customer, s.bread)
	s.pay(path, customer)
	id := path[len("/api/orders/"):]
	base := "/api/collections/orders/records"
	for _, c := range []struct {
		who, token string
		sees       bool
	}{
		{"the customer", customer, true},
		{"the cashier", s.till, true},
		{"the manager", apptest.Token(t, s.shop.Manager), true},
		{"the owner", apptest.Token(t, s.shop.Owner), true},
		{"a stranger", stranger, false},
		{"another shop's owner", apptest.Token(t, rival.Owner), false},
		{"an operator", apptest.Token(t, apptest.Operator(t, s.app, "Op")), false},
		{"a guest", "", false},
	} {
		list := s.client.Do("GET", base, c.token, nil)
		if seen := strings.Contains(string(list.Body), id); seen != c.sees {
			t.Errorf("%s lists: %v", c.who, seen)
		}
		view := s.client.Do("GET", base+"/"+id, c.token, nil)
		if (view.Status == 200) != c.sees {
			t.Errorf("%s views: %d", c.who, view.Status)
		}
		if _, told := view.JSON()["audit"]; told {
			t.Errorf("%s sees the draw: %s", c.who, view.Body)
		}
		for _, try := range []apptest.Answer{
			s.client.Do("POST", base, c.token, `{"org":"x"}`),
			s.client.Do("PATCH", base+"/"+id, c.token, `{"total":1}`),
			s.client.Do("DELETE", base+"/"+id, c.token, nil),
		} {
			if try.Status != 403 {
				t.Errorf("%s writes: %d", c.who, try.Status)
			}
		}
	}
}
