package loyalty_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/loyalty"
)

// A member reads his own points over HTTP, staff see the lots of their shop, and nobody writes them.
func TestPointsAreReadByTheirMember(t *testing.T) {
	w := newTown(t, map[string]any{"expiry_kind": "end_of_month", "expiry_months": 1})
	member, stranger, cashier := apptest.Person(t, w.app, "Ann"), apptest.Person(t, w.app, "Bob"), apptest.Person(t, w.app, "Carl")
	shop, err := w.app.FindRecordById("orgs", w.org)
	w.ok(err)
	apptest.Staff(t, w.app, shop, cashier, "cashier")
	w.user = member.Id
	now := clock.Now(w.app)
	w.earn("order:1", 5_000, now)
	w.ok(w.spend("order:1:points", 20, now))
	client := apptest.NewClient(t, w.app)
	token := apptest.Token(t, member)

	one := client.Must(http.StatusOK, "GET", "/api/loyalty/"+w.org, token, nil)
	if one.Number("spendable") != 30 || one.Number("value") != 60 || one.Text("program") != "Club" || one.Text("currency") != "EUR" {
		t.Errorf("the statement reads %s", one.Body)
	}
	lots, _ := one.JSON()["lots"].([]any)
	history, _ := one.JSON()["history"].([]any)
	if len(lots) != 1 || len(history) != 2 || lots[0].(map[string]any)["expires_at"] == nil {
		t.Errorf("the statement reads %s", one.Body)
	}
	if all := client.Must(http.StatusOK, "GET", "/api/loyalty", token, nil); len(all.Body) < 100 || all.Body[0] != '[' {
		t.Errorf("all statements: %s", all.Body)
	}
	if none := client.Must(http.StatusOK, "GET", "/api/loyalty", apptest.Token(t, stranger), nil); string(none.Body) != "[]\n" && string(none.Body) != "[]" {
		t.Errorf("a stranger's statements: %s", none.Body)
	}
	if code := client.Must(http.StatusUnauthorized, "GET", "/api/loyalty", "", nil).Code(); code != "sign_in_required" {
		t.Errorf("a guest: %s", code)
	}
	if code := client.Must(http.StatusNotFound, "GET", "/api/loyalty/nowhere", token, nil).Code(); code != "no_program" {
		t.Errorf("an unknown organisation: %s", code)
	}

	const view = "/api/collections/lots/records"
	for token, want := range map[string]int64{"": 0, token: 1, apptest.Token(t, stranger): 0, apptest.Token(t, cashier): 1} {
		if seen := client.Must(http.StatusOK, "GET", view, token, nil); seen.Number("totalItems") != want {
			t.Errorf("sees %s, want %d lots", seen.Body, want)
		}
		if made := client.Do("POST", view, token, `{"points":1000}`); made.Status < 400 {
			t.Errorf("a lot was made: %s", made.Body)
		}
	}
}

// Only managers make the rules of a programme, and rules that cannot work are refused with the field and words.
func TestAProgrammeIsMadeByManagersAndMakesSense(t *testing.T) {
	app := apptest.New(t, loyalty.Register)
	shop, other := apptest.Org(t, app, "shop"), apptest.Org(t, app, "other")
	owner, cashier, rival := apptest.Person(t, app, "Olive"), apptest.Person(t, app, "Carl"), apptest.Person(t, app, "Rita")
	apptest.Staff(t, app, shop, owner, "owner")
	apptest.Staff(t, app, shop, cashier, "cashier")
	apptest.Staff(t, app, other, rival, "owner")
	client := apptest.NewClient(t, app)
	const path = "/api/collections/loyalty_programs/records"
	rules := func(change map[string]any) map[string]any {
		all := map[string]any{
			"org": shop.Id, "name": "Club", "spend_per_point": 100, "point_value": 1,
			"expiry_kind": "rolling", "expiry_months": 12, "timezone": "Europe/Paris",
		}
		for field, value := range change {
			all[field] = value
		}
		return all
	}
	token := apptest.Token(t, owner)
	for field, change := range map[string]map[string]any{
		"timezone":      {"timezone": "Europe/Pari"},
		"expiry_months": {"expiry_months": 0},
		"expiry_date":   {"expiry_kind": "fixed", "expiry_date": "02-30"},
	} {
		answer := client.Must(http.StatusBadRequest, "POST", path, token, rules(change))
		if answer.Code() != "bad_program" || answer.Data()["field"] != field {
			t.Errorf("a bad %s is answered %s", field, answer.Body)
		}
	}
	for _, change := range []map[string]any{{"spend_per_point": 0}, {"spend_per_point": 1.5}, {"expiry_kind": "soon"}, {"pending_days": -1}, {"point_value": 1e9}} {
		client.Must(http.StatusBadRequest, "POST", path, token, rules(change))
	}
	for _, nobody := range []string{"", apptest.Token(t, cashier), apptest.Token(t, rival)} {
		if answer := client.Do("POST", path, nobody, rules(nil)); answer.Status < 400 {
			t.Errorf("somebody else made the programme: %s", answer.Body)
		}
	}
	made := client.Must(http.StatusOK, "POST", path, token, rules(nil))
	client.Must(http.StatusBadRequest, "POST", path, token, rules(nil)) // one each
	record := path + "/" + made.Text("id")
	client.Must(http.StatusOK, "PATCH", record, token, `{"point_value":2}`)
	client.Must(http.StatusNotFound, "PATCH", record, token, map[string]any{"org": other.Id})
	client.Must(http.StatusNotFound, "PATCH", record, apptest.Token(t, rival), `{"point_value":9}`)
	client.Must(http.StatusOK, "GET", record, "", nil)
}

// Moving the clock past the end of a lot makes the registered job write it down.
func TestTheJobFollowsTheClock(t *testing.T) {
	w := newTown(t, map[string]any{"expiry_kind": "rolling", "expiry_months": 1})
	w.earn("a", 10_000, noon)
	ended := func() (rows int) {
		w.Helper()
		w.ok(w.app.DB().NewQuery("SELECT COUNT(*) FROM loyalty_movements WHERE kind = 'expire'").Row(&rows))
		return rows
	}
	run := func(at time.Time) {
		w.Helper()
		clock.Set(w.app, at)
		_, err := jobs.RunDue(w.app, clock.Now(w.app))
		w.ok(err)
	}
	run(noon.Add(time.Hour))
	if rows := ended(); rows != 0 {
		t.Errorf("%d lots ended early", rows)
	}
	run(noon.AddDate(0, 1, 1))
	run(noon.AddDate(0, 1, 1))
	if rows := ended(); rows != 1 {
		t.Errorf("%d lots ended, want 1", rows)
	}
	w.sound()
	w.refused(w.do(func(tx core.App) error {
		return loyalty.Spend(tx, w.user, w.org, "late", 1, clock.Now(tx))
	}), loyalty.ErrInsufficientPoints)
}
