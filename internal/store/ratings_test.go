package store_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/store"
)

// known is somebody who has an account for long and opened the program days ago.
func known(t testing.TB, app core.App, name string, opened ...*core.Record) *core.Record {
	t.Helper()
	return person(t, app, name, 30*24*time.Hour, opened...)
}

// person has an account of that age, and opened the programs two days ago, or when they came.
func person(t testing.TB, app core.App, name string, age time.Duration, opened ...*core.Record) *core.Record {
	t.Helper()
	user := apptest.Person(t, app, name)
	now := clock.Now(app)
	_, err := app.NonconcurrentDB().NewQuery("UPDATE users SET created = {:at} WHERE id = {:id}").
		Bind(dbx.Params{"id": user.Id, "at": now.Add(-age).Format("2006-01-02 15:04:05.000Z")}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range opened {
		apptest.Record(t, app, "programs_uses", map[string]any{
			"program": program.Id, "user": user.Id, "opens": 1, "first_at": now.Add(-min(age, 48*time.Hour)), "last_at": now,
		})
	}
	user, err = app.FindRecordById("users", user.Id)
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func rate(t testing.TB, app core.App, user *core.Record, appid string, stars int, text string) *core.Record {
	t.Helper()
	rating, err := store.Rate(app, user, appid, store.Rating{Stars: stars, Text: text}, clock.Now(app))
	if err != nil {
		t.Fatalf("%s rates %s: %v", user.GetString("name"), appid, err)
	}
	return rating
}

// sums is what the program's row says, which must also be what a recount says.
func sums(t testing.TB, app core.App, program *core.Record) (stars, ratings int) {
	t.Helper()
	drifted, err := store.Recount(app)
	if err != nil || len(drifted) > 0 {
		t.Errorf("the sums of %v had drifted (%v)", drifted, err)
	}
	if err := app.DB().NewQuery("SELECT stars, ratings FROM programs WHERE id = {:id}").Bind(dbx.Params{"id": program.Id}).Row(&stars, &ratings); err != nil {
		t.Fatal(err)
	}
	return stars, ratings
}

func expect(t testing.TB, app core.App, program *core.Record, when string, stars, ratings int) {
	t.Helper()
	if s, r := sums(t, app, program); s != stars || r != ratings {
		t.Errorf("%s: %d stars of %d ratings, want %d of %d", when, s, r, stars, ratings)
	}
}

// One person has one rating, which they may change and take back; the sums follow whatever happens to it.
func TestARatingFromItsBeginningToItsEnd(t *testing.T) {
	app := newStore(t)
	program := listed(t, app, "bakery", nil)
	anna, bob := known(t, app, "Anna Maria Moreau", program), known(t, app, "Bob", program)
	first := rate(t, app, anna, "bakery", 5, "  Lovely bread.\r\nEvery day.  ")
	expect(t, app, program, "after one", 5, 1)
	rate(t, app, bob, "bakery", 2, "")
	if again := rate(t, app, anna, "bakery", 4, "Good bread."); again.Id != first.Id {
		t.Error("a second rating by the same person")
	}
	expect(t, app, program, "after a change", 6, 2)
	detail, err := store.Show(app, "bakery", "en", anna)
	if err != nil || detail.Histogram != [5]int{0, 1, 0, 1, 0} || detail.Rating != 30 || detail.MyRating == nil || detail.MyRating.Text != "Good bread." || !detail.CanRate {
		t.Errorf("the page is %+v (%v)", detail, err)
	}
	opinions, err := store.Ratings(app, "bakery", "", 1, bob.Id)
	if err != nil || len(opinions.Items) != 2 || opinions.Items[0].Name != "Bob" || !opinions.Items[0].Mine || opinions.Items[1].Name != "Anna M." {
		t.Errorf("ratings %+v (%v)", opinions, err)
	}
	for sort, want := range map[string]int{"low": 2, "high": 4, "helpful": 4} {
		if sorted, err := store.Ratings(app, "bakery", sort, 1, ""); err != nil || sorted.Items[0].Stars != want {
			t.Errorf("%s: %+v (%v)", sort, sorted, err)
		}
	}
	for range 2 {
		if err := store.Unrate(app, anna, "bakery", clock.Now(app)); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, app, program, "after taking back", 2, 1)
	// Somebody who leaves Plaza takes their rating with them.
	if err := app.Delete(bob); err != nil {
		t.Fatal(err)
	}
	expect(t, app, program, "after leaving", 0, 0)
}

// Who has not used it, and who makes or tests it, does not rate it.
func TestWhoMayRate(t *testing.T) {
	app := newStore(t)
	org, agency := apptest.Org(t, app, "shop"), apptest.Org(t, app, "builders")
	owner, cashier, builder := apptest.Person(t, app, "owner"), apptest.Person(t, app, "cashier"), apptest.Person(t, app, "builder")
	apptest.Staff(t, app, org, owner, "owner")
	apptest.Staff(t, app, org, cashier, "cashier")
	apptest.Staff(t, app, agency, builder, "manager")
	program := listed(t, app, "bakery", map[string]any{"org": org.Id, "agency": agency.Id})
	solo := listed(t, app, "solo", map[string]any{"owner": owner.Id})
	tester, stranger := known(t, app, "tester", program), known(t, app, "stranger")
	apptest.Record(t, app, "programs_testers", map[string]any{"program": program.Id, "user": tester.Id})
	for _, user := range []*core.Record{owner, cashier, builder, tester} {
		if _, err := store.Rate(app, user, "bakery", store.Rating{Stars: 5}, clock.Now(app)); !errors.Is(err, store.ErrOwnProgram) {
			t.Errorf("%s: %v", user.GetString("name"), err)
		}
	}
	if _, err := store.Rate(app, owner, "solo", store.Rating{Stars: 5}, clock.Now(app)); !errors.Is(err, store.ErrOwnProgram) {
		t.Errorf("their own as a person: %v", err)
	}
	if _, err := store.Rate(app, stranger, "bakery", store.Rating{Stars: 1}, clock.Now(app)); !errors.Is(err, store.ErrNotUsed) {
		t.Errorf("a stranger: %v", err)
	}
	expect(t, app, program, "after refusals", 0, 0)
	expect(t, app, solo, "after refusals", 0, 0)
}

// A hundred new accounts move nothing: young ones do not count, and many at once wait for the operator.
func TestAHundredNewAccountsMoveNothing(t *testing.T) {
	app := newStore(t)
	program := listed(t, app, "bakery", nil)
	other := listed(t, app, "other", nil)
	regular := known(t, app, "regular", program, other)
	rate(t, app, regular, "other", 3, "")
	rate(t, app, regular, "bakery", 2, "")
	expect(t, app, program, "before", 2, 1)
	var crowd sync.WaitGroup
	for i := range 100 {
		user := person(t, app, fmt.Sprint("new", i), time.Hour, program)
		crowd.Go(func() {
			if _, err := store.Rate(app, user, "bakery", store.Rating{Stars: 5}, clock.Now(app)); err != nil {
				t.Errorf("%s: %v", user.GetString("name"), err)
			}
		})
	}
	crowd.Wait()
	expect(t, app, program, "after a hundred", 2, 1)
	reports, err := store.ReportsOf(app, "open", 1, "en")
	if err != nil || len(reports.Items) != 1 || !reports.Items[0].House || reports.Items[0].Held != 100 {
		t.Fatalf("the operator reads %+v (%v)", reports, err)
	}
	// Old enough, they still wait: they came as a burst.
	later := clock.Now(app).Add(8 * 24 * time.Hour)
	if err := store.CountRatings(app, later); err != nil {
		t.Fatal(err)
	}
	expect(t, app, program, "a week later", 2, 1)
	operator := apptest.Operator(t, app, "operator")
	for range 2 {
		if _, err := store.CloseReport(app, reports.Items[0].ID, store.Verdict{Answer: "It was a fair.", HideRating: false}, operator.Id, later); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, app, program, "let go", 2, 1)
	if err := store.CountRatings(app, later); err != nil {
		t.Fatal(err)
	}
	expect(t, app, program, "counted", 502, 101)
}

// Accounts that have grown old in silence, and act at once, are held too; hiding them is for good.
func TestOldAccountsAtOnceAreHeld(t *testing.T) {
	app := newStore(t)
	program := listed(t, app, "bakery", nil)
	var last *core.Record
	for i := range 12 {
		last = known(t, app, fmt.Sprint("sleeper", i), program)
		rate(t, app, last, "bakery", 1, "bad")
	}
	expect(t, app, program, "after twelve", 0, 0)
	reports, err := store.ReportsOf(app, "", 1, "en")
	if err != nil || len(reports.Items) != 1 {
		t.Fatalf("reports %+v (%v)", reports, err)
	}
	if _, err := store.CloseReport(app, reports.Items[0].ID, store.Verdict{HideRating: true}, "", clock.Now(app)); err != nil {
		t.Fatal(err)
	}
	if err := store.Unrate(app, last, "bakery", clock.Now(app)); err != nil {
		t.Fatal(err)
	}
	rate(t, app, last, "bakery", 1, "bad again")
	opinions, err := store.Ratings(app, "bakery", "", 1, "")
	if err != nil || len(opinions.Items) != 0 {
		t.Errorf("still read: %+v (%v)", opinions.Items, err)
	}
	expect(t, app, program, "hidden", 0, 0)
}

// A rating counts once its author is known for as long as the policy asks.
func TestARatingCountsLater(t *testing.T) {
	app := newStore(t)
	program := listed(t, app, "bakery", nil)
	rate(t, app, person(t, app, "new", time.Hour, program), "bakery", 5, "")
	expect(t, app, program, "at once", 0, 0)
	now := clock.Now(app)
	if err := store.CountRatings(app, now.Add(6*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	expect(t, app, program, "after six days", 0, 0)
	if err := store.CountRatings(app, now.Add(7*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	expect(t, app, program, "after seven days", 5, 1)
}

// Parallel ratings, changes and withdrawals leave sums that a recount confirms.
func TestSumsHoldInACrowd(t *testing.T) {
	app := newStore(t)
	program := listed(t, app, "bakery", nil)
	other := listed(t, app, "other", nil)
	var crowd sync.WaitGroup
	for i := range 12 {
		user := known(t, app, fmt.Sprint("person", i), program, other)
		rate(t, app, user, "other", 3, "")
		crowd.Go(func() {
			for n := range 6 {
				if n == 3 && i%2 == 0 {
					if err := store.Unrate(app, user, "bakery", clock.Now(app)); err != nil {
						t.Error(err)
					}
					continue
				}
				if _, err := store.Rate(app, user, "bakery", store.Rating{Stars: 1 + (i+n)%5}, clock.Now(app)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	crowd.Wait()
	if _, ratings := sums(t, app, program); ratings != 12 {
		t.Errorf("%d ratings, want 12", ratings)
	}
	// What somebody changes by hand is noticed and made right.
	if _, err := app.NonconcurrentDB().NewQuery("UPDATE programs SET stars = 999 WHERE id = {:id}").Bind(dbx.Params{"id": program.Id}).Execute(); err != nil {
		t.Fatal(err)
	}
	if drifted, err := store.Recount(app); err != nil || len(drifted) != 1 {
		t.Errorf("drifted %v (%v)", drifted, err)
	}
	sums(t, app, program)
}

// Over HTTP: refusals have their words, makers answer once, people report, the operator closes.
func TestRatingsAndReportsOverHTTP(t *testing.T) {
	app := newStore(t)
	org := apptest.Org(t, app, "shop")
	owner := apptest.Person(t, app, "owner")
	apptest.Staff(t, app, org, owner, "owner")
	program := listed(t, app, "bakery", map[string]any{"org": org.Id})
	other := listed(t, app, "other", nil)
	anna, bob := known(t, app, "Anna M", program), known(t, app, "Bob", program)
	operator := apptest.Operator(t, app, "operator")
	client := apptest.NewClient(t, app)
	do := func(user *core.Record, method, path string, body any) apptest.Answer {
		token := ""
		if user != nil {
			token = apptest.Token(t, user)
		}
		return client.Do(method, path, token, body)
	}
	rating := do(anna, http.MethodPut, "/api/store/bakery/rating", map[string]any{"stars": 4, "text": "Good"}).Text("id")
	for _, c := range []struct {
		what   string
		answer apptest.Answer
		status int
		code   string
	}{
		{"a guest rates", do(nil, "PUT", "/api/store/bakery/rating", map[string]any{"stars": 4}), 401, "sign_in_required"},
		{"no stars", do(anna, "PUT", "/api/store/bakery/rating", map[string]any{"stars": 0}), 400, "bad_rating"},
		{"six stars", do(anna, "PUT", "/api/store/bakery/rating", map[string]any{"stars": 6}), 400, "bad_rating"},
		{"half a star", do(anna, "PUT", "/api/store/bakery/rating", map[string]any{"stars": 3.5}), 400, "bad_body"},
		{"too long", do(anna, "PUT", "/api/store/bakery/rating", map[string]any{"stars": 4, "text": strings.Repeat("é", 2001)}), 400, "bad_rating"},
		{"hidden signs", do(anna, "PUT", "/api/store/bakery/rating", map[string]any{"stars": 4, "text": "a\u202eb"}), 400, "bad_rating"},
		{"not used", do(bob, "PUT", "/api/store/other/rating", map[string]any{"stars": 4}), 403, "not_used"},
		{"own", do(owner, "PUT", "/api/store/bakery/rating", map[string]any{"stars": 5}), 403, "own_program"},
		{"of nothing", do(bob, "PUT", "/api/store/nothing/rating", map[string]any{"stars": 4}), 404, "program_not_found"},
		{"a guest replies", do(nil, "PUT", "/api/store/ratings/"+rating+"/reply", map[string]any{"text": "x"}), 401, "sign_in_required"},
		{"a stranger replies", do(bob, "PUT", "/api/store/ratings/"+rating+"/reply", map[string]any{"text": "x"}), 403, "not_maker"},
		{"a reply to nothing", do(owner, "PUT", "/api/store/ratings/nothing/reply", map[string]any{"text": "x"}), 404, "rating_not_found"},
		{"a report of no kind", do(bob, "POST", "/api/store/bakery/report", map[string]any{"kind": "boring"}), 400, "bad_report"},
		{"a report of another's rating", do(bob, "POST", "/api/store/other/report", map[string]any{"kind": "other", "rating": rating}), 404, "rating_not_found"},
		{"reports for anybody", do(bob, "GET", "/api/reports", nil), 403, "operator_only"},
		{"closing by anybody", do(bob, "POST", "/api/reports/x/close", nil), 403, "operator_only"},
		{"closing nothing", do(operator, "POST", "/api/reports/x/close", nil), 404, "report_not_found"},
	} {
		if c.answer.Status != c.status || c.answer.Code() != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.what, c.answer.Status, c.answer.Body, c.status, c.code)
		}
	}
	for _, text := range []string{"Thank you", "Thank you!"} {
		if answer := do(owner, "PUT", "/api/store/ratings/"+rating+"/reply", map[string]any{"text": text}); answer.Status != 200 || answer.Text("reply") != text {
			t.Errorf("reply: %d %s", answer.Status, answer.Body)
		}
	}
	first := do(bob, "POST", "/api/store/bakery/report", map[string]any{"kind": "harmful", "text": "no", "rating": rating}).Text("id")
	if again := do(bob, "POST", "/api/store/bakery/report", map[string]any{"kind": "other", "rating": rating}).Text("id"); again != first || first == "" {
		t.Errorf("a second open report of the same: %q and %q", first, again)
	}
	whole := do(bob, "POST", "/api/store/bakery/report", map[string]any{"kind": "broken"}).Text("id")
	if whole == first || whole == "" {
		t.Errorf("the report of the program is %q, that of the rating %q", whole, first)
	}
	detail, err := store.Show(app, "bakery", "en", bob)
	if err != nil || !detail.ReportOpen {
		t.Errorf("his report is not open on the page (%v)", err)
	}
	reports := do(operator, "GET", "/api/reports", nil)
	if reports.Status != 200 || reports.Number("total") != 2 || !strings.Contains(string(reports.Body), `"open":2`) {
		t.Errorf("reports: %s", reports.Body)
	}
	expect(t, app, program, "before hiding", 4, 1)
	for range 2 {
		if answer := do(operator, "POST", "/api/reports/"+first+"/close", map[string]any{"answer": "Hidden.", "hide_rating": true}); answer.Status != 200 {
			t.Errorf("close: %d %s", answer.Status, answer.Body)
		}
	}
	expect(t, app, program, "after hiding", 0, 0)
	if closed := do(operator, "GET", "/api/reports?state=closed", nil); closed.Number("total") != 1 {
		t.Errorf("closed: %s", closed.Body)
	}
	expect(t, app, other, "untouched", 0, 0)
}
