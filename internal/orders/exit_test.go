package orders_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/orders"
)

// bought is a paid order and its exit code.
func (s *street) bought(token string) (path, code string) {
	s.t.Helper()
	path = s.basket(token, s.bread)
	paid := s.pay(path, token)
	if paid.Status != 200 {
		s.t.Fatalf("pay: %d %s", paid.Status, paid.Body)
	}
	return path, paid.Text("exit_code")
}

func (s *street) door(token, code, place string) string {
	s.t.Helper()
	return s.client.Must(200, "POST", "/api/exit-checks", token, map[string]any{"code": code, "place": place}).Text("result")
}

// Every answer of the door.
func TestTheDoor(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 10_000)
	rival := shop.Open(t, s.app, "rival")
	annex := apptest.Place(t, s.app, s.shop.Org, "Annex")
	here := s.shop.Place.Id
	path, code := s.bought(token)

	for _, who := range []string{token, apptest.Token(t, rival.Owner)} {
		refused(t, s.client.Do("POST", "/api/exit-checks", who, map[string]any{"code": code, "place": here}), 403, "not_staff")
	}
	refused(t, s.client.Do("POST", "/api/exit-checks", token, map[string]any{"code": code}), 403, "not_staff")
	refused(t, s.client.Do("POST", "/api/exit-checks", "", map[string]any{"code": code}), 401, "sign_in_required")
	elsewhere := s.client.Must(200, "POST", "/api/exit-checks", apptest.Token(t, rival.Owner), map[string]any{"code": code})
	if elsewhere.Text("result") != "wrong_place" || elsewhere.JSON()["order"] != nil {
		t.Errorf("the rival's door: %s", elsewhere.Body)
	}
	for _, c := range []struct{ code, place, want string }{
		{"NOSUCHCODE22", here, "unknown"},
		{"", here, "unknown"},
		{"' OR 1=1 --", here, "unknown"},
		{code, annex.Id, "wrong_place"},
		{code[:4] + "-" + code[4:8] + " " + code[8:], here, "ok"}, // as people type it
		{code, here, "already_used"},
	} {
		if got := s.door(s.till, c.code, c.place); got != c.want {
			t.Errorf("%q at %s: %s, want %s", c.code, c.place, got, c.want)
		}
	}
	if order := s.client.Must(200, "GET", path, token, nil); order.Text("status") != "checked" || order.Text("checked_at") == "" {
		t.Errorf("after the door: %s", order.Body)
	}
	_, late := s.bought(token)
	clock.Set(s.app, clock.Now(s.app).Add(orders.ExitFor))
	if got := s.door(s.till, late, here); got != "expired" {
		t.Errorf("half an hour later: %s", got)
	}
}

// A copied code opens one door once, however many hold it up at the same moment.
func TestACopiedCodeLetsOneOut(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 1000)
	_, code := s.bought(token)
	var out atomic.Int64
	var together sync.WaitGroup
	for range 20 {
		together.Go(func() {
			if s.door(s.till, code, s.shop.Place.Id) == "ok" {
				out.Add(1)
			}
		})
	}
	together.Wait()
	if out.Load() != 1 {
		t.Errorf("%d got out", out.Load())
	}
}

// A basket that is drawn is looked at first; the same code then lets the customer out. The draw is stored
// with its reasons, made once, and nobody can read it over the API.
func TestADrawnBasketIsLookedAt(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 10_000)
	orders.SetAuditChance(s.app, 10_000)
	path, code := s.bought(token)
	look := s.client.Must(200, "POST", "/api/exit-checks", s.till, map[string]any{"code": code})
	if look.Text("result") != "audit" || look.JSON()["order"].(map[string]any)["status"] != "paid" {
		t.Errorf("first: %s", look.Body)
	}
	orders.SetAuditChance(s.app, 0) // a second look draws no second lot
	for _, want := range []string{"ok", "already_used"} {
		if got := s.door(s.till, code, s.shop.Place.Id); got != want {
			t.Errorf("then %s, want %s", got, want)
		}
	}
	var stored types.JSONRaw
	err := s.app.DB().NewQuery("SELECT audit FROM orders WHERE id = {:id}").Bind(dbx.Params{"id": path[len("/api/orders/"):]}).Row(&stored)
	if err != nil || len(stored) < 20 {
		t.Errorf("the draw: %s, %v", stored, err)
	}
	kept := func(after time.Duration) int64 {
		t.Helper()
		if err := orders.ForgetDraws(s.app, clock.Now(s.app).Add(after)); err != nil {
			t.Fatal(err)
		}
		return s.count("SELECT count(*) FROM orders WHERE audit IS NOT NULL")
	}
	if early, late := kept(orders.DrawKept-time.Hour), kept(orders.DrawKept+time.Hour); early != 1 || late != 0 {
		t.Errorf("%d draws are kept within the time, %d after it", early, late)
	}
	if order := s.client.Must(200, "GET", path, s.till, nil); order.JSON()["audit"] != nil {
		t.Errorf("the draw is public: %s", order.Body)
	}
}

// A code dies with its time also when the basket was being looked at.
func TestALookDoesNotKeepACodeAlive(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 10_000)
	orders.SetAuditChance(s.app, 10_000)
	_, code := s.bought(token)
	if got := s.door(s.till, code, ""); got != "audit" {
		t.Errorf("first: %s", got)
	}
	clock.Set(s.app, clock.Now(s.app).Add(orders.ExitFor+time.Second))
	if got := s.door(s.till, code, ""); got != "expired" {
		t.Errorf("later: %s", got)
	}
}
