package orders_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
)

// Fifty taps on the same button are one purchase: one charge, one earn, one stock movement, one receipt.
func TestFiftyTapsPayOnce(t *testing.T) {
	for name, key := range map[string]func(i int) string{
		"the same key":   func(int) string { return "tap" },
		"different keys": func(i int) string { return fmt.Sprint("tap-", i) },
		"no key":         func(int) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t)
			ada, token := s.customer("Ada", 10_000)
			path := s.basket(token, s.bread, s.bread)
			var paid, closed atomic.Int64
			var together sync.WaitGroup
			for i := range 50 {
				together.Go(func() {
					headers := map[string]string{}
					if k := key(i); k != "" {
						headers["Idempotency-Key"] = k
					}
					answer := s.client.Do("POST", path+"/pay", token, `{"method":"wallet"}`, headers)
					switch {
					case answer.Status == 200 && answer.Text("number") == "000001":
						paid.Add(1)
					case answer.Code() == "order_not_open":
						closed.Add(1)
					default:
						t.Errorf("answered %d %s", answer.Status, answer.Body)
					}
				})
			}
			together.Wait()
			if want := map[bool]int64{true: 50, false: 1}[key(0) == key(1) && key(0) != ""]; paid.Load() != want || paid.Load()+closed.Load() != 50 {
				t.Errorf("%d paid, %d were closed", paid.Load(), closed.Load())
			}
			if purse, till, points, shelf := shop.Purse(t, s.app, ada), s.shop.Takings(), s.points(ada), s.shop.OnShelf(s.bread); purse != 9500 ||
				till != 500 || points != 5 || shelf != 98 {
				t.Errorf("purse %d, till %d, points %d, shelf %d", purse, till, points, shelf)
			}
			if n := s.count("SELECT count(*) FROM catalog_stock_moves WHERE ref LIKE 'order:%'"); n != 1 {
				t.Errorf("%d stock movements", n)
			}
			s.sound()
		})
	}
}

// Ten are left and thirty people pay at once: ten are sold, twenty are told, and nobody who was told has paid.
func TestThirtyPeopleBuyTheLastTen(t *testing.T) {
	s := newStreet(t)
	cake := s.shop.Sell(20, "Cake", 400, nil)
	s.shop.Stock(cake, 10)
	type buyer struct {
		user        *core.Record
		token, path string
	}
	buyers := make([]buyer, 30)
	for i := range buyers {
		user, token := s.customer(fmt.Sprint("Buyer ", i), 1000)
		buyers[i] = buyer{user, token, s.basket(token, cake)}
	}
	var sold atomic.Int64
	var together sync.WaitGroup
	for _, b := range buyers {
		together.Go(func() {
			switch answer := s.pay(b.path, b.token); {
			case answer.Status == 200:
				sold.Add(1)
			case answer.Code() != "out_of_stock" || answer.Data()["name"] != "Cake":
				t.Errorf("answered %d %s", answer.Status, answer.Body)
			}
		})
	}
	together.Wait()
	if sold.Load() != 10 || s.shop.OnShelf(cake) != 0 || s.shop.Takings() != 4000 {
		t.Errorf("%d sold, %d left, %d taken", sold.Load(), s.shop.OnShelf(cake), s.shop.Takings())
	}
	var spent ledger.Amount
	for _, b := range buyers {
		spent += 1000 - shop.Purse(t, s.app, b.user)
	}
	if spent != 4000 {
		t.Errorf("the buyers spent %d", spent)
	}
	if numbers := s.count("SELECT count(DISTINCT number) FROM orders WHERE status = 'paid' AND number BETWEEN '000001' AND '000010'"); numbers != 10 {
		t.Errorf("%d receipts", numbers)
	}
	s.sound()
}

// at is a wall-clock time in Paris on a Wednesday without a change of the clocks near.
func at(hour, minute int) time.Time {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 25, hour, minute, 0, 0, paris)
}

func (s *street) happyHour() {
	s.t.Helper()
	apptest.Record(s.t, s.app, "campaigns", map[string]any{
		"org": s.shop.Org.Id, "name": "Happy hour", "kind": "percent", "percent_bp": 2000, "status": "active",
		"timezone": "Europe/Paris", "weekdays": []int{0, 1, 2, 3, 4, 5, 6}, "start_time": "17:00", "end_time": "18:00",
	})
}

// A happy hour ends between scan and pay: the first tap shows the new price and takes nothing, the second
// pays it. Never silently.
func TestAHappyHourEndsBetweenScanAndPay(t *testing.T) {
	s := newStreet(t)
	s.happyHour()
	clock.Set(s.app, at(17, 30))
	ada, token := s.customer("Ada", 2000)
	path := s.basket(token, s.bread)
	order := s.client.Must(200, "GET", path, token, nil)
	discounts := order.JSON()["discounts"].([]any)
	if order.Number("total") != 200 || len(discounts) != 1 || discounts[0].(map[string]any)["name"] != "Happy hour" {
		t.Fatalf("at 17:30: %s", order.Body)
	}
	if order.Text("changes_at") != at(18, 0).UTC().Format("2006-01-02 15:04:05.000Z") {
		t.Errorf("the price changes at %s", order.Text("changes_at"))
	}

	clock.Set(s.app, at(18, 0))
	changed := s.pay(path, token)
	refused(t, changed, 409, "price_changed")
	shown, _ := changed.Data()["order"].(map[string]any)
	if changed.Data()["previous_total"] != 200.0 || changed.Data()["total"] != 250.0 || shown["total"] != 250.0 || shown["status"] != "open" {
		t.Errorf("the notice: %s", changed.Body)
	}
	if shop.Purse(t, s.app, ada) != 2000 || s.shop.OnShelf(s.bread) != 100 {
		t.Error("the notice moved something")
	}
	if saved := s.client.Must(200, "GET", path, token, nil); saved.Number("total") != 250 || len(saved.JSON()["discounts"].([]any)) != 0 {
		t.Errorf("it was not saved: %s", saved.Body)
	}
	paid := s.pay(path, token)
	if paid.Status != 200 || paid.Number("total") != 250 || shop.Purse(t, s.app, ada) != 1750 {
		t.Errorf("paying again: %d %s", paid.Status, paid.Body)
	}
	s.sound()
}

// A price that falls is told too: the customer decides whether to look at the receipt again, not we.
func TestAHappyHourBeginsBetweenScanAndPay(t *testing.T) {
	s := newStreet(t)
	s.happyHour()
	clock.Set(s.app, at(16, 59))
	_, token := s.customer("Ada", 2000)
	path := s.basket(token, s.bread)
	clock.Set(s.app, at(17, 0))
	refused(t, s.pay(path, token), 409, "price_changed")
	if paid := s.pay(path, token); paid.Number("total") != 200 {
		t.Errorf("paid %s", paid.Body)
	}
}

// A phone that sends the sum it shows cannot pay another one, also when the notice was lost on the way and
// the order has been shown its new price already.
func TestTheShownTotalIsWhatIsPaid(t *testing.T) {
	s := newStreet(t)
	s.happyHour()
	clock.Set(s.app, at(17, 30))
	ada, token := s.customer("Ada", 2000)
	path := s.basket(token, s.bread)
	clock.Set(s.app, at(18, 0))
	key := map[string]string{"Idempotency-Key": "pay"}
	for range 3 { // the first answer is lost, the phone sends it again by itself
		answer := s.client.Do("POST", path+"/pay", token, `{"method":"wallet","total":200}`, key)
		refused(t, answer, 409, "price_changed")
	}
	if shop.Purse(t, s.app, ada) != 2000 {
		t.Error("a price was paid that nobody saw")
	}
	if paid := s.pay(path, token, map[string]any{"total": 250}); paid.Status != 200 {
		t.Errorf("with the new total: %d %s", paid.Status, paid.Body)
	}
}

// When the merchant edits a price during the visit, the customer pays the lower of scan and now.
func TestAMerchantEditsThePrice(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 2000)
	edit := func(price ledger.Amount) {
		t.Helper()
		err := ledger.Write(s.app, func(tx core.App) error {
			return catalog.SetPrice(tx, s.bread.Id, price, s.shop.Owner.Id, clock.Now(s.app))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	path := s.basket(token, s.bread)
	edit(300)
	order := s.scan(path, token, s.bread) // one more, still at the price of the first scan
	line := order.JSON()["lines"].([]any)[0].(map[string]any)
	if order.Number("total") != 500 || line["unit"] != 250.0 || line["listed"] != 300.0 {
		t.Errorf("dearer: %s", order.Body)
	}
	edit(200)
	refused(t, s.pay(path, token), 409, "price_changed")
	edit(280)
	refused(t, s.pay(path, token), 409, "price_changed")
	if paid := s.pay(path, token); paid.Number("total") != 500 {
		t.Errorf("paid %s", paid.Body)
	}
}
