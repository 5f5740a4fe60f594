package figures

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
)

// Everybody may read the four figures, unless the operator keeps them; and few people are not told.
func TestTheHeadlineIsForEverybody(t *testing.T) {
	s := newStreet(t)
	read := func() (h Headline) {
		t.Helper()
		if err := json.Unmarshal(s.client.Must(http.StatusOK, http.MethodGet, "/api/figures", "", nil).Body, &h); err != nil {
			t.Fatal(err)
		}
		return h
	}
	s.send(t, s.ann, s.open(t, s.ann, 0), batch(open(1)))
	if h := read(); h.PeopleToday != nil || h.Programs != 1 || h.Creators != 1 || h.Certified != 0 || h.Few != Few || len(h.Days) != 30 || *h.Days[0].People != 0 {
		t.Errorf("the headline is %+v", h)
	}
	program, err := s.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 5 {
		take(t, s, batchOf(program, fmt.Sprint("person", n), fmt.Sprint("s", n), open(1)), noon)
	}
	if h := read(); h.PeopleToday != nil {
		t.Errorf("asked again at once, the tables were read again: %+v", h)
	}
	clock.Set(s, noon.Add(2*time.Minute))
	if h := read(); h.PeopleToday == nil || *h.PeopleToday != 6 {
		t.Errorf("a while later it is %+v", h)
	}
	ops := apptest.Token(t, s.ops)
	s.client.Must(http.StatusOK, http.MethodPatch, "/api/figures/settings", ops, map[string]any{"headline": false})
	if got := s.client.Do(http.MethodGet, "/api/figures", "", nil); got.Status != http.StatusNotFound || got.Code() != "figures_private" {
		t.Errorf("kept, it is %d %s", got.Status, got.Body)
	}
	s.client.Must(http.StatusOK, http.MethodGet, "/api/figures", ops, nil)
	if got := s.client.Must(http.StatusOK, http.MethodGet, "/api/figures/settings", ops, nil); got.Number("trail_days") != 30 {
		t.Errorf("what was not said has changed: %s", got.Body)
	}
}

// The place is the operator's to read, an organisation its owners' and managers', a program its makers'.
func TestWhoMayReadWhat(t *testing.T) {
	s := newStreet(t)
	program, err := s.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	org := program.GetString("org")
	record, err := s.FindRecordById("orgs", org)
	if err != nil {
		t.Fatal(err)
	}
	till := apptest.Person(t, s, "Till")
	apptest.Staff(t, s, record, till, "cashier")
	tokens := map[string]string{
		"operator": apptest.Token(t, s.ops), "owner": apptest.Token(t, s.maker), "cashier": apptest.Token(t, till),
		"stranger": apptest.Token(t, s.ann), "guest": "",
	}
	for _, c := range []struct{ of, who, code string }{
		{"platform", "operator", ""},
		{"platform", "owner", "operator_only"},
		{"platform", "guest", "operator_only"},
		{org, "operator", ""},
		{org, "owner", ""},
		{org, "cashier", "role_required"},
		{org, "stranger", "not_staff"},
		{org, "guest", "not_staff"},
		{"hello", "operator", ""},
		{"hello", "owner", ""},
		{"hello", "stranger", "not_maker"},
		{"hello", "guest", "sign_in_required"},
		{"nothing", "operator", "figures_of_nothing"},
		{"nothing", "stranger", "figures_of_nothing"},
	} {
		for _, path := range []string{"", "/live"} {
			if got := s.client.Do(http.MethodGet, "/api/figures/"+c.of+path, tokens[c.who], nil); got.Code() != c.code {
				t.Errorf("%s reads %s%s: %d %s", c.who, c.of, path, got.Status, got.Body)
			}
		}
	}
	for _, bad := range []string{"?from=x", "?from=2026-03-11&to=2026-03-10"} {
		if got := s.client.Do(http.MethodGet, "/api/figures/platform"+bad, tokens["operator"], nil); got.Code() != "bad_period" {
			t.Errorf("%s: %d %s", bad, got.Status, got.Body)
		}
	}
	for _, c := range []struct {
		method, path, code string
		body               any
	}{
		{http.MethodGet, "settings", "operator_only", nil},
		{http.MethodPatch, "settings", "operator_only", map[string]any{"headline": false}},
		{http.MethodPost, "rebuild", "operator_only", nil},
	} {
		if got := s.client.Do(c.method, "/api/figures/"+c.path, tokens["owner"], c.body); got.Code() != c.code {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.Status, got.Body)
		}
	}
	if got := s.client.Do(http.MethodPatch, "/api/figures/settings", tokens["operator"], map[string]any{"trail_days": 91}); got.Code() != "bad_figures_settings" {
		t.Errorf("91 days: %d %s", got.Status, got.Body)
	}
	s.client.Must(http.StatusOK, http.MethodPost, "/api/figures/rebuild", tokens["operator"], nil)
}

// A week of late events counts nothing and disturbs nothing: their launch has ended.
func TestAWeekOfLateEventsCountsNothing(t *testing.T) {
	s := newStreet(t)
	launch := s.open(t, s.ann, 0)
	s.send(t, s.ann, launch, batch(open(1), Event{Seq: 2, Kind: KindError}))
	for day := range 7 {
		clock.Set(s, noon.AddDate(0, 0, day+1))
		if err := sweep(s, clock.Now(s)); err != nil { // the launch is forgotten on the way
			t.Fatal(err)
		}
		if got := s.send(t, s.ann, launch, batch(open(1), Event{Seq: 2, Kind: KindError}, Event{Seq: 3 + day, Kind: KindError})); got.Code() != "launch_expired" {
			t.Errorf("after %d days: %d %s", day+1, got.Status, got.Body)
		}
	}
	if got := placeOf(t, s, whole, "", "", noon.AddDate(0, 0, 7)); got.Totals.Opens != 1 || got.Totals.Errors != 1 {
		t.Errorf("counted are %+v", got.Totals.Totals)
	}
}

// What a figure is, is said in three languages, and the document says the same.
func TestEveryFigureIsDefined(t *testing.T) {
	list, err := Definitions()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range list {
		if seen[d.Key] || strings.TrimSpace(d.Key) == "" {
			t.Errorf("%q is defined twice, or nothing", d.Key)
		}
		seen[d.Key] = true
		for _, words := range []Words{d.Name, d.Text} {
			if words.EN == "" || words.FR == "" || words.ZH == "" {
				t.Errorf("%s lacks words: %+v", d.Key, words)
			}
		}
	}
	for _, key := range []string{sumOrders, sumBills, sumTurnover, sumRefunded, sumIssued, sumSpent, sumExpired, sumRevoked, "outstanding", "people", "opens", "newcomers", "errors", "p75_ms", "week", "month"} {
		if !seen[key] {
			t.Errorf("%s is not defined", key)
		}
	}
	document(t, list)
}
