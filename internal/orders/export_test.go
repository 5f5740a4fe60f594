package orders_test

import (
	"encoding/csv"
	"net/url"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/clock"
)

// The export holds the paid orders of the period, for staff; a name that is a formula stays a name.
func TestExport(t *testing.T) {
	s := newStreet(t)
	rival := shop.Open(t, s.app, "rival")
	named := func(name, as string) string {
		user, token := s.customer(name, 1000)
		user.Set("name", as)
		if err := s.app.Save(user); err != nil {
			t.Fatal(err)
		}
		return token
	}
	evil, token := named("Mallory", "=HYPERLINK(1)"), named("Ada", "Ada, the \"first\"")
	clock.Set(s.app, at(10, 0))
	s.pay(s.basket(evil, s.bread), evil)
	clock.Set(s.app, at(11, 0))
	s.pay(s.basket(token, s.bread, s.milk), token)
	clock.Set(s.app, at(12, 0))
	s.basket(token, s.bread) // open: not in it

	get := func(query url.Values, token string) apptest.Answer {
		query.Set("org", s.shop.Org.Id)
		return s.client.Do("GET", "/api/orders/export.csv?"+query.Encode(), token, nil)
	}
	rows := func(answer apptest.Answer) [][]string {
		t.Helper()
		body, marked := strings.CutPrefix(string(answer.Body), "\ufeff")
		out, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || !marked || answer.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Fatalf("%v: %s", err, answer.Body)
		}
		return out
	}
	all := rows(get(url.Values{}, s.till))
	if len(all) != 3 || all[1][0] != "000001" || all[1][3] != "'=HYPERLINK(1)" || all[2][3] != "Ada, the \"first\"" ||
		all[2][10] != "3.70" || all[2][13] != "3" {
		t.Errorf("all: %v", all)
	}
	eleven := at(11, 0).Format(time.RFC3339)
	if before := rows(get(url.Values{"to": {eleven}}, s.till)); len(before) != 2 || before[1][0] != "000001" {
		t.Errorf("before eleven: %v", before)
	}
	if after := rows(get(url.Values{"from": {eleven}}, s.till)); len(after) != 2 || after[1][0] != "000002" {
		t.Errorf("from eleven: %v", after)
	}
	refused(t, get(url.Values{"from": {eleven}, "to": {eleven}}, s.till), 400, "bad_period")
	refused(t, get(url.Values{"from": {"yesterday"}}, s.till), 400, "bad_period")
	refused(t, get(url.Values{}, token), 403, "not_staff")
	refused(t, get(url.Values{}, apptest.Token(t, rival.Owner)), 403, "not_staff")
	refused(t, get(url.Values{}, ""), 401, "sign_in_required")
	refused(t, s.client.Do("GET", "/api/orders/export.csv", s.till, nil), 403, "not_staff")
}
