package orders_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
)

// campaign opens one of the shop with a code of that many uses; nil is no limit.
func (s *street) campaign(code string, uses *int64, more map[string]any) *core.Record {
	s.t.Helper()
	fields := map[string]any{
		"org": s.shop.Org.Id, "name": "Welcome", "kind": "order_percent", "percent_bp": 1000, "status": "active", "timezone": "Europe/Paris",
	}
	for key, value := range more {
		fields[key] = value
	}
	record := apptest.Record(s.t, s.app, "campaigns", fields)
	if _, err := campaigns.MakeCodes(s.app, record, campaigns.Making{Code: code, Uses: uses}, "test", clock.Now(s.app)); err != nil {
		s.t.Fatal(err)
	}
	return record
}

func (s *street) enter(path, token, code string) apptest.Answer {
	s.t.Helper()
	return s.client.Do("POST", path+"/coupon", token, map[string]any{"code": code})
}

// counted checks the counters against the rows that they count.
func (s *street) counted(app core.App) {
	s.t.Helper()
	var wrong int
	err := app.DB().NewQuery(`SELECT
		(SELECT count(*) FROM campaigns_codes c WHERE used <> (SELECT count(*) FROM campaigns_uses WHERE code = c.id AND used > 0)
			OR held <> (SELECT count(*) FROM campaigns_uses WHERE code = c.id AND used = 0)) +
		(SELECT count(*) FROM campaigns_terms t WHERE spent <> (SELECT COALESCE(sum(amount), 0) FROM campaigns_uses WHERE campaign = t.campaign AND used > 0)
			OR held <> (SELECT COALESCE(sum(amount), 0) FROM campaigns_uses WHERE campaign = t.campaign AND used = 0)) +
		(SELECT count(*) FROM campaigns_persons p WHERE uses <> (SELECT count(*) FROM campaigns_uses WHERE campaign = p.campaign AND person = p.person))`).Row(&wrong)
	if err != nil || wrong != 0 {
		s.t.Errorf("%d counters do not count (%v)", wrong, err)
	}
}

func ptr(n int64) *int64 { return &n }

// A code lowers the total, is held, taken out to exactly the earlier total, put in again otherwise written, and paid once.
func TestACodeInABasket(t *testing.T) {
	s := newStreet(t)
	s.campaign("WELCOME10", ptr(1), nil)
	_, ada := s.customer("Ada", 5000)
	_, bob := s.customer("Bob", 5000)
	path := s.basket(ada, s.bread, s.bread)
	if before := s.client.Must(200, "GET", path, ada, nil); before.Number("total") != 500 {
		t.Fatalf("without its code the campaign gave something: %s", before.Body)
	}
	entered := s.enter(path, ada, " welc0me-1o ")
	if entered.Status != 200 || entered.Number("total") != 450 {
		t.Fatalf("with the code: %d %s", entered.Status, entered.Body)
	}
	other := s.basket(bob, s.bread)
	refused(t, s.enter(other, bob, "WELCOME10"), 409, "code_not_usable")
	refused(t, s.enter(other, bob, "NOSUCHCODE"), 409, "code_not_usable")
	if out := s.client.Must(200, "DELETE", path+"/coupon", ada, nil); out.Number("total") != 500 {
		t.Errorf("taken out: %s", out.Body)
	}
	s.counted(s.app)
	if got := s.enter(other, bob, "WELCOME10"); got.Number("total") != 225 {
		t.Errorf("what Ada gave back Bob may have: %d %s", got.Status, got.Body)
	}
	s.client.Must(200, "POST", other+"/cancel", bob, nil)
	if got := s.enter(path, ada, "WELCOME10"); got.Number("total") != 450 {
		t.Fatalf("what Bob gave up: %d %s", got.Status, got.Body)
	}
	if paid := s.pay(path, ada); paid.Status != 200 || paid.Number("total") != 450 {
		t.Fatalf("paid: %d %s", paid.Status, paid.Body)
	}
	if used := s.count("SELECT used FROM campaigns_codes"); used != 1 {
		t.Errorf("used %d", used)
	}
	s.counted(s.app)
	s.sound()
}

// Limit 10, 200 baskets at once: ten get it, and ten have used it.
func TestTwoHundredBasketsForTenUses(t *testing.T) {
	s := newStreet(t)
	s.app.Settings().RateLimits.Enabled = false
	s.campaign("FIRSTTEN", ptr(10), nil)
	s.shop.Stock(s.bread, 1000)
	tokens, paths := make([]string, 200), make([]string, 200)
	for i := range tokens {
		_, tokens[i] = s.customer(fmt.Sprint("Person ", i), 1000)
		paths[i] = s.basket(tokens[i], s.bread)
	}
	var won, lower atomic.Int64
	var together sync.WaitGroup
	for i := range tokens {
		together.Go(func() {
			got := s.enter(paths[i], tokens[i], "FIRSTTEN")
			if got.Status == 200 {
				won.Add(1)
			} else if got.Code() != "code_not_usable" && got.Code() != "too_many_codes" { // they share an address
				t.Errorf("%d %s", got.Status, got.Body)
			}
			if paid := s.pay(paths[i], tokens[i]); paid.Status != 200 {
				t.Errorf("pay: %d %s", paid.Status, paid.Body)
			} else if paid.Number("total") == 225 {
				lower.Add(1)
			}
		})
	}
	together.Wait()
	if won.Load() != 10 || lower.Load() != 10 || s.count("SELECT used FROM campaigns_codes") != 10 {
		t.Errorf("%d entered it, %d paid less", won.Load(), lower.Load())
	}
	s.counted(s.app)
}

func TestAddedAndRemovedAThousandTimes(t *testing.T) {
	s := newStreet(t)
	s.app.Settings().RateLimits.Enabled = false
	s.campaign("AGAIN", ptr(20), nil)
	var together sync.WaitGroup
	for i := range 10 {
		_, token := s.customer(fmt.Sprint("Person ", i), 1000)
		path := s.basket(token, s.bread)
		for range 2 {
			together.Go(func() {
				for range 50 {
					if in := s.enter(path, token, "AGAIN"); in.Status != 200 || in.Number("total") != 225 {
						t.Errorf("in: %d %s", in.Status, in.Body)
					}
					if out := s.client.Do("DELETE", path+"/coupon", token, nil); out.Status != 200 || out.Number("total") != 250 {
						t.Errorf("out: %d %s", out.Status, out.Body)
					}
				}
			})
		}
	}
	together.Wait()
	if held := s.count("SELECT held + used FROM campaigns_codes"); held != 0 {
		t.Errorf("%d are still held", held)
	}
	s.counted(s.app)
}

// The campaign of a code is edited, ended and deleted while it is in a basket: the price says so before anybody pays.
func TestTheCampaignChangesUnderTheBasket(t *testing.T) {
	s := newStreet(t)
	campaign := s.campaign("MOVING", nil, nil)
	_, token := s.customer("Ada", 5000)
	path := s.basket(token, s.bread, s.bread)
	s.enter(path, token, "MOVING")
	campaign, err := s.app.FindRecordById("campaigns", campaign.Id)
	if err != nil {
		t.Fatal(err)
	}
	campaign.Set("percent_bp", 2000)
	if err := s.app.Save(campaign); err != nil {
		t.Fatal(err)
	}
	refused(t, s.pay(path, token), 409, "price_changed")
	campaign.Set("min_spend", 10_000)
	if err := s.app.Save(campaign); err != nil {
		t.Fatal(err)
	}
	changed := s.pay(path, token)
	refused(t, changed, 409, "price_changed")
	why := func(order map[string]any) any {
		return order["coupon"].(map[string]any)["reason"].(map[string]any)["code"]
	}
	if got := why(changed.Data()["order"].(map[string]any)); got != campaigns.CodeMinimum {
		t.Errorf("the price says %v", got)
	}
	campaign.Set("min_spend", 0)
	if err := s.app.Save(campaign); err != nil {
		t.Fatal(err)
	}
	if order := s.scan(path, token, s.bread); order.Number("total") != 600 {
		t.Errorf("three with 20 %% off: %s", order.Body)
	}
	if err := s.app.Delete(campaign); err != nil {
		t.Fatal(err)
	}
	changed = s.pay(path, token)
	refused(t, changed, 409, "price_changed")
	if got := why(changed.Data()["order"].(map[string]any)); got != campaigns.CodeEnded {
		t.Errorf("the price says %v", got)
	}
	if paid := s.pay(path, token); paid.Number("total") != 750 {
		t.Errorf("paid: %d %s", paid.Status, paid.Body)
	}
	s.counted(s.app)
}

// No limit is none, zero is zero; another shop's code is no code; a hundred percent is nothing, and can be paid.
func TestLimitsOfCodes(t *testing.T) {
	s := newStreet(t)
	s.campaign("ENDLESS", nil, map[string]any{"percent_bp": 10_000})
	s.campaign("NEVER", ptr(0), nil)
	abroad := shop.Open(t, s.app, "abroad")
	s.campaign("ABROAD", nil, map[string]any{"org": abroad.Org.Id})
	terms := s.campaign("ONCEEACH", nil, nil)
	_, token := s.customer("Ada", 5000)
	path := s.basket(token, s.bread)
	refused(t, s.enter(path, token, "NEVER"), 409, "code_not_usable")
	refused(t, s.enter(path, token, "ABROAD"), 409, "code_not_usable")
	if free := s.enter(path, token, "ENDLESS"); free.Number("total") != 0 {
		t.Errorf("all of it: %s", free.Body)
	}
	if paid := s.pay(path, token); paid.Status != 200 || paid.Number("total") != 0 {
		t.Errorf("paid nothing: %d %s", paid.Status, paid.Body)
	}
	owner := apptest.Person(t, s.app, "Owner")
	apptest.Staff(t, s.app, s.shop.Org, owner, "owner")
	boss := apptest.Token(t, owner)
	s.client.Must(200, "PATCH", "/api/campaigns/"+terms.Id+"/terms", boss, map[string]any{"each_person": 1, "budget": 30})
	path = s.basket(token, s.bread)
	if got := s.enter(path, token, "ONCEEACH"); got.Number("total") != 225 {
		t.Fatalf("once: %d %s", got.Status, got.Body)
	}
	if more := s.scan(path, token, s.bread); more.Number("total") != 500 {
		t.Errorf("50 of a budget of 30: %s", more.Body)
	}
	s.counted(s.app)
	s.client.Must(200, "PATCH", "/api/campaigns/"+terms.Id+"/terms", boss, map[string]any{"each_person": 1, "budget": nil})
	if got := s.enter(path, token, "ONCEEACH"); got.Number("total") != 450 {
		t.Fatalf("without a budget: %d %s", got.Status, got.Body)
	}
	s.pay(path, token)
	path = s.basket(token, s.bread)
	refused(t, s.enter(path, token, "ONCEEACH"), 409, "code_not_usable")
	for range campaigns.WrongPerPerson {
		s.enter(path, token, "GUESSED")
	}
	refused(t, s.enter(path, token, "ONCEEACH"), 429, "too_many_codes")
	refused(t, s.client.Do("GET", "/api/campaigns/"+terms.Id+"/codes", token, nil), 403, "not_staff")
	s.counted(s.app)
}

// A hold that lapses may be had by somebody else; who comes late hears at the till that it ran out.
func TestALapsedHold(t *testing.T) {
	s := newStreet(t)
	s.campaign("ONLYONE", ptr(1), nil)
	_, ada := s.customer("Ada", 5000)
	_, bob := s.customer("Bob", 5000)
	late, quick := s.basket(ada, s.bread), s.basket(bob, s.bread)
	s.enter(late, ada, "ONLYONE")
	if _, err := s.app.DB().NewQuery("UPDATE campaigns_uses SET expires = {:now}").
		Bind(dbx.Params{"now": clock.Now(s.app).UnixMilli() - 1}).Execute(); err != nil {
		t.Fatal(err)
	}
	if got := s.enter(quick, bob, "ONLYONE"); got.Number("total") != 225 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	refused(t, s.pay(late, ada), 409, "code_exhausted")
	if paid := s.pay(late, ada); paid.Number("total") != 250 {
		t.Errorf("%d %s", paid.Status, paid.Body)
	}
	if paid := s.pay(quick, bob); paid.Number("total") != 225 {
		t.Errorf("%d %s", paid.Status, paid.Body)
	}
	s.counted(s.app)
}

// Made in chunks, found by their beginning, handed out once, revoked and restored.
func TestCodesInBulk(t *testing.T) {
	s := newStreet(t)
	owner := apptest.Person(t, s.app, "Owner")
	apptest.Staff(t, s.app, s.shop.Org, owner, "owner")
	boss := apptest.Token(t, owner)
	path := "/api/campaigns/" + s.campaign("SEED", nil, nil).Id + "/codes"
	batch := s.client.Must(200, "POST", path, boss, map[string]any{"count": 1200, "prefix": "vip", "uses": 1})
	if batch.Number("made") != 1200 {
		t.Fatalf("%s", batch.Body)
	}
	words := s.client.Must(200, "POST", path+"/"+batch.Text("id")+"/export", boss, nil).JSON()["codes"].([]any)
	refused(t, s.client.Do("POST", path+"/"+batch.Text("id")+"/export", boss, nil), 409, "code_exported")
	refused(t, s.client.Do("POST", path, boss, map[string]any{"code": "seed"}), 409, "code_taken")
	refused(t, s.client.Do("POST", path, boss, map[string]any{"count": campaigns.MaxBatch + 1}), 400, "bad_code")
	word := words[700].(string)
	found := s.client.Must(200, "GET", path+"?q="+word, boss, nil).JSON()["items"].([]any)
	if len(words) != 1200 || len(found) != 1 {
		t.Fatalf("%d words, %d found", len(words), len(found))
	}
	_, token := s.customer("Ada", 5000)
	basket := s.basket(token, s.bread)
	code := fmt.Sprint(path, "/", int64(found[0].(map[string]any)["id"].(float64)))
	s.client.Must(204, "PATCH", code, boss, map[string]any{"revoked": true})
	refused(t, s.enter(basket, token, word), 409, "code_not_usable")
	s.client.Must(204, "PATCH", code, boss, map[string]any{"revoked": false})
	if got := s.enter(basket, token, word); got.Number("total") != 225 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	s.counted(s.app)
}

// kill -9 while codes are entered and paid: what is left counts exactly what is there.
func TestKilledWhileCodesAreUsed(t *testing.T) {
	s := newStreet(t)
	s.campaign("HURRY", ptr(60), nil)
	s.shop.Stock(s.bread, 10_000)
	tokens := make([]string, 8)
	for i := range tokens {
		_, tokens[i] = s.customer(fmt.Sprint("Payer ", i), 1_000_000)
	}
	v := s.victim()
	var paid atomic.Int64
	full := make(chan struct{})
	var together sync.WaitGroup
	for _, token := range tokens {
		together.Go(func() {
			for {
				order, ok := v.post("/api/orders", token, map[string]any{"place": s.shop.Place.Id, "channel": "scan"})
				if !ok {
					return
				}
				path := "/api/orders/" + order["id"].(string)
				v.post(path+"/scan", token, map[string]any{"code": s.bread.GetString("gtin")})
				v.post(path+"/coupon", token, map[string]any{"code": "HURRY"})
				if _, ok = v.post(path+"/pay", token, map[string]any{"method": "wallet"}); !ok {
					return
				}
				if paid.Add(1) == 40 {
					close(full)
				}
			}
		})
	}
	<-full
	if err := v.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	together.Wait()
	_ = v.process.Wait()
	app, err := reopen(v.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = app.ClearBootstrap() }()
	if _, err := ledger.Verify(app); err != nil {
		t.Error(err)
	}
	s.counted(app)
	var lower, used int64
	if err := app.DB().NewQuery("SELECT (SELECT count(*) FROM orders WHERE status = 'paid' AND total = 225), used FROM campaigns_codes").Row(&lower, &used); err != nil {
		t.Fatal(err)
	}
	if lower != used || used == 0 || used > 60 {
		t.Errorf("%d orders paid less, %d uses counted", lower, used)
	}
}
