package store_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/internal/store"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

func newStore(t testing.TB) core.App {
	t.Helper()
	return apptest.New(t, func(app core.App) { programs.Register(app, nil, nil) }, store.Register)
}

// listed is a live program with a released version, as a release leaves it; more overrides its fields.
func listed(t testing.TB, app core.App, appid string, more map[string]any) *core.Record {
	t.Helper()
	fields := map[string]any{
		"appid": appid, "name": appid, "status": "live", "kind": "app", "category": "food", "tier": "reviewed",
		"released_at": clock.Now(app).Add(-time.Hour), "color": "#0a7d5a", "icon": "box",
	}
	for name, value := range more {
		fields[name] = value
	}
	live := fields["status"]
	fields["status"] = "draft"
	program := apptest.Record(t, app, "programs", fields)
	rolling := fields["percent"] != nil
	state, place := "released", "release"
	if rolling {
		state, place = "rolling_out", "rollout"
	}
	manifest := fmt.Sprintf(`{"app_id":%q,"name":%q,"x_plaza":{"scopes":["orders"],"domains":{"request":["api.example.com"]},"screenshots":["shots/a.png"]}}`, appid, appid)
	version := apptest.Record(t, app, "programs_versions", map[string]any{
		"program": program.Id, "number": 1, "name": "1.0", "package": strings.Repeat("a", 64), "bundle": strings.Repeat("b", 64),
		"size": 1234, "state": state, "reviewed": true, "kind": "app", "released_at": clock.Now(app), "manifest": manifest,
	})
	program.Set("status", live)
	program.Set(place, version.Id)
	save(t, app, program)
	return program
}

func save(t testing.TB, app core.App, record *core.Record) {
	t.Helper()
	if err := app.Save(record); err != nil {
		t.Fatalf("save %s: %v", record.Collection().Name, err)
	}
}

func find(t testing.TB, app core.App, query store.Query) []string {
	t.Helper()
	page, err := store.Search(app, query)
	if err != nil {
		t.Fatalf("%+v: %v", query, err)
	}
	found := []string{}
	for _, card := range page.Items {
		found = append(found, card.AppID)
	}
	return found
}

func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// A program is found by its name in any of its languages, by what it says of itself, and by who publishes it.
func TestPeopleFindAProgram(t *testing.T) {
	app := newStore(t)
	org := apptest.Org(t, app, "halle-market")
	listed(t, app, "bakery", map[string]any{
		"org": org.Id, "name": "Bakery", "names": map[string]string{"fr": "Boulangerie Légère", "zh": "面包店"},
		"description": "Fresh bread", "keywords": []string{"croissant"},
	})
	listed(t, app, "other", map[string]any{"category": "games", "kind": "game"})
	for _, words := range []string{"bakery", "BOULANGERIE", "legere", "面包", "包店", "fresh bread", "croissant", "halle", "bakrey", "bak"} {
		same(t, words, find(t, app, store.Query{Q: words}), "bakery")
	}
	page, err := store.Search(app, store.Query{Q: "boulangerei", Language: "fr"})
	if err != nil || page.Corrected != "boulangerie" || len(page.Items) != 1 || page.Items[0].Name != "Boulangerie Légère" {
		t.Errorf("a slip finds %+v (%v)", page, err)
	}
	same(t, "nothing", find(t, app, store.Query{Q: "submarine"}))
	same(t, "in its category", find(t, app, store.Query{Q: "bakery", Category: "food"}), "bakery")
	same(t, "in another category", find(t, app, store.Query{Q: "bakery", Category: "games"}))
	same(t, "games", find(t, app, store.Query{Kind: "game"}), "other")
	same(t, "certified", find(t, app, store.Query{Certified: true}))

	org.Set("certified", true)
	org.Set("name", "Market of the Halle")
	save(t, app, org)
	if _, err := jobs.RunDue(app, clock.Now(app)); err != nil {
		t.Fatal(err)
	}
	same(t, "certified now", find(t, app, store.Query{Certified: true}), "bakery")
	same(t, "by the publisher's new name", find(t, app, store.Query{Q: "market of"}), "bakery")
}

// Whatever way a program goes, it is gone from every list at once; back again, it is there again.
func TestOnlyLiveProgramsAreListed(t *testing.T) {
	app := newStore(t)
	program := listed(t, app, "bakery", map[string]any{"name": "Bakery"})
	everywhere := func() (found []string) {
		found = append(found, find(t, app, store.Query{})...)
		found = append(found, find(t, app, store.Query{Q: "bakery"})...)
		found = append(found, find(t, app, store.Query{Sort: store.SortNew})...)
		front, err := store.Open(app, "en", clock.Now(app))
		if err != nil {
			t.Fatal(err)
		}
		for _, card := range front.Picks {
			found = append(found, card.AppID)
		}
		return found
	}
	for _, status := range []string{"live", "taken_down", "live", "draft", "live", "deleted"} {
		program.Set("status", status)
		save(t, app, program)
		found := everywhere()
		if status == "live" && len(found) != 4 {
			t.Errorf("live: listed in %d of 4 places", len(found))
		}
		if status != "live" && len(found) > 0 {
			t.Errorf("%s: still listed in %d places", status, len(found))
		}
	}
	// The row of the program decides, even while the index is behind.
	program.Set("status", "live")
	save(t, app, program)
	if _, err := app.NonconcurrentDB().NewQuery("UPDATE programs SET status = 'taken_down'").Execute(); err != nil {
		t.Fatal(err)
	}
	if found := everywhere(); len(found) > 0 {
		t.Errorf("taken down behind the index's back: listed in %d places", len(found))
	}
	if _, err := store.Show(app, "bakery", "en", nil); err == nil {
		t.Error("its page is still shown")
	}
}

// A crash between a commit and its entry is made up for by the next start, whatever was missed.
func TestAStartCatchesUp(t *testing.T) {
	app := newStore(t)
	if err := store.Reindex(app); err != nil {
		t.Fatal(err)
	}
	listed(t, app, "kept", nil)
	listed(t, app, "renamed", nil)
	listed(t, app, "stopped", nil)
	listed(t, app, "missed", nil)
	for _, statement := range []string{
		"UPDATE programs SET name = 'Submarine', updated = '2030-01-01 00:00:00.000Z' WHERE appid = 'renamed'",
		"UPDATE programs SET status = 'taken_down' WHERE appid = 'stopped'",
	} {
		if _, err := app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Reindex(app); err != nil {
		t.Fatal(err)
	}
	same(t, "renamed", find(t, app, store.Query{Q: "submarine"}), "renamed")
	var entries int
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM store_entries").Row(&entries); err != nil || entries != 3 {
		t.Errorf("%d entries (%v), want 3", entries, err)
	}
	// An index of another version is built anew, and says the same.
	before := find(t, app, store.Query{})
	if _, err := app.NonconcurrentDB().NewQuery("UPDATE store_state SET value = 'old'").Execute(); err != nil {
		t.Fatal(err)
	}
	if err := store.Reindex(app); err != nil {
		t.Fatal(err)
	}
	after := find(t, app, store.Query{})
	slices.Sort(before)
	slices.Sort(after)
	if !slices.Equal(before, after) || len(after) != 3 {
		t.Errorf("before %v, after %v", before, after)
	}
}

// A first release that is being rolled out is found by the people whom it has reached, and by its testers.
func TestAFirstRolloutIsFoundByWhomItReached(t *testing.T) {
	app := newStore(t)
	program := listed(t, app, "early", map[string]any{"percent": 20})
	listed(t, app, "public", nil)
	in, out := []string{}, []string{}
	for i := range 60 {
		person := apptest.Person(t, app, fmt.Sprint("person", i)).Id
		if slices.Contains(find(t, app, store.Query{User: person}), "early") {
			in = append(in, person)
		} else {
			out = append(out, person)
		}
	}
	if len(in) < 3 || len(in) > 25 {
		t.Errorf("%d of 60 people find it", len(in))
	}
	same(t, "a guest", find(t, app, store.Query{}), "public")
	same(t, "a guest by name", find(t, app, store.Query{Q: "early"}))
	for _, person := range in {
		if programs.Bucket(program.Id, person) >= 20 {
			t.Errorf("%s finds it and would not get it", person)
		}
	}
	apptest.Record(t, app, "programs_testers", map[string]any{"program": program.Id, "user": out[0]})
	same(t, "a tester", find(t, app, store.Query{Q: "early", User: out[0]}), "early")
	same(t, "somebody else", find(t, app, store.Query{Q: "early", User: out[1]}))

	program.Set("release", program.GetString("rollout"))
	program.Set("rollout", "")
	save(t, app, program)
	same(t, "a guest, once it is released", find(t, app, store.Query{Q: "early"}), "early")
}

// The night's work puts what people use and like before what they do not, and finds what is rising.
func TestRanks(t *testing.T) {
	app := newStore(t)
	now := clock.Now(app)
	listed(t, app, "plain", nil)
	loved := listed(t, app, "loved", nil)
	rising := listed(t, app, "rising", nil)
	falling := listed(t, app, "falling", nil)
	unverified := listed(t, app, "unverified", map[string]any{"tier": "unverified"})
	same(t, "newest first among equals, by arrival", find(t, app, store.Query{}), "plain", "loved", "rising", "falling", "unverified")
	opens := func(program *core.Record, daysAgo, count int) {
		_, err := app.NonconcurrentDB().NewQuery("INSERT INTO figures_days (program, day, opens) VALUES ({:program}, {:day}, {:opens})").
			Bind(dbx.Params{"program": program.Id, "day": now.AddDate(0, 0, -daysAgo).Format("2006-01-02"), "opens": count}).Execute()
		if err != nil {
			t.Fatal(err)
		}
	}
	opens(rising, 2, 500)
	opens(rising, 9, 30)
	opens(falling, 2, 30)
	opens(falling, 9, 500)
	opens(unverified, 1, 19)
	if _, err := app.NonconcurrentDB().NewQuery("UPDATE programs SET people = 100000 WHERE id = {:id}").Bind(dbx.Params{"id": loved.Id}).Execute(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := store.Rank(app, now); err != nil {
			t.Fatal(err)
		}
		found := find(t, app, store.Query{})
		if found[0] != "loved" || found[4] != "unverified" {
			t.Errorf("in order: %v", found)
		}
		same(t, "rising", find(t, app, store.Query{Sort: store.SortRising}), "rising")
		same(t, "by name after moving", find(t, app, store.Query{Q: "loved"}), "loved")
	}
}

// What the operator features is shown in its time, in its slot, in its order.
func TestFeaturesHaveTheirTime(t *testing.T) {
	app := newStore(t)
	now := clock.Now(app)
	first, second := listed(t, app, "first", nil), listed(t, app, "second", nil)
	feature := func(program *core.Record, slot string, position int, from, to time.Duration) {
		fields := map[string]any{"program": program.Id, "slot": slot, "position": position, "starts_at": now.Add(from), "titles": map[string]string{"fr": "À voir"}}
		if to != 0 {
			fields["ends_at"] = now.Add(to)
		}
		apptest.Record(t, app, "store_features", fields)
	}
	feature(first, "picks", 2, -time.Hour, 0)
	feature(second, "picks", 1, -time.Hour, time.Hour)
	feature(first, "banner", 1, time.Hour, 2*time.Hour)
	shown := func(at time.Time) (picks, banner []string) {
		front, err := store.Open(app, "fr", at)
		if err != nil {
			t.Fatal(err)
		}
		for _, card := range front.Picks {
			picks = append(picks, card.AppID)
			if card.Title != "À voir" {
				t.Errorf("the title is %q", card.Title)
			}
		}
		for _, card := range front.Banner {
			banner = append(banner, card.AppID)
		}
		return picks, banner
	}
	picks, banner := shown(now)
	same(t, "picks now", picks, "second", "first")
	same(t, "banner now", banner)
	picks, banner = shown(now.Add(90 * time.Minute))
	same(t, "picks later", picks, "first")
	same(t, "banner later", banner, "first")

	front, err := store.Open(app, "fr", now)
	if err != nil {
		t.Fatal(err)
	}
	for _, category := range front.Categories {
		if (category.ID == "food") != (category.Count == 2) || category.Names["fr"] == "" {
			t.Errorf("category %+v", category)
		}
	}
}

// Pages neither repeat nor leave out, by number and by cursor, and nonsense is refused by name.
func TestPages(t *testing.T) {
	app := newStore(t)
	for i := range 25 {
		listed(t, app, fmt.Sprintf("program-%02d", i), nil)
	}
	client := apptest.NewClient(t, app)
	seen := map[string]bool{}
	get := func(path string) store.Page {
		var page store.Page
		if err := json.Unmarshal(client.Must(http.StatusOK, http.MethodGet, path, "", nil).Body, &page); err != nil {
			t.Fatal(err)
		}
		for _, card := range page.Items {
			seen[card.AppID] = true
		}
		return page
	}
	for _, query := range []string{"q=program", "", "sort=new", "category=food&kind=app"} {
		clear(seen)
		first := get("/api/store?per_page=10&" + query)
		second := get("/api/store?per_page=10&page=2&" + query)
		third := get("/api/store?per_page=10&page=3&" + query)
		if len(seen) != 25 || !first.More || !second.More || third.More {
			t.Errorf("%q: %d programs in three pages, more: %v %v %v", query, len(seen), first.More, second.More, third.More)
		}
	}
	clear(seen)
	page := get("/api/store?per_page=10&q=program")
	for page.More {
		page = get("/api/store?per_page=10&q=program&after=" + page.After)
	}
	if len(seen) != 25 {
		t.Errorf("%d programs by cursor", len(seen))
	}
	for _, bad := range []string{"page=x", "page=-1", "page=51", "per_page=51", "sort=best", "kind=film", "after=9.1", "after=x", "after=1.-5"} {
		if answer := client.Do(http.MethodGet, "/api/store?"+bad, "", nil); answer.Status != http.StatusBadRequest || answer.Code() != "bad_query" {
			t.Errorf("%s: %d %s", bad, answer.Status, answer.Body)
		}
	}
}

// A program's page says what it asks for, who answers for it, and what this person may do.
func TestAProgramsPage(t *testing.T) {
	app := newStore(t)
	org, agency := apptest.Org(t, app, "shop"), apptest.Org(t, app, "builders")
	agency.Set("certified_agency", true)
	save(t, app, agency)
	listed(t, app, "bakery", map[string]any{"org": org.Id, "agency": agency.Id, "name": "Bakery", "names": map[string]string{"en": "Bakery", "zh": "面包店"}})
	detail, err := store.Show(app, "bakery", "zh", nil)
	if err != nil {
		t.Fatal(err)
	}
	if detail.Name != "面包店" || detail.Publisher.Name != "shop" || detail.Publisher.Kind != "org" || detail.Agency == nil || detail.Agency.Name != "builders" ||
		!detail.Agency.Certified || !slices.Equal(detail.Scopes, []string{"orders"}) || !slices.Equal(detail.Domains, []string{"api.example.com"}) ||
		len(detail.Versions) != 1 || detail.Size != 1234 || !slices.Equal(detail.Languages, []string{"en", "zh"}) {
		t.Errorf("the page is %+v", detail)
	}
	if want := programs.Address("bakery", strings.Repeat("a", 64)) + "res/shots/a.png"; len(detail.Screenshots) != 1 || detail.Screenshots[0] != want {
		t.Errorf("screenshots %v, want %s", detail.Screenshots, want)
	}
	if _, err := store.Show(app, "nothing", "en", nil); err == nil {
		t.Error("what is not there has a page")
	}
}

// The acts of the registry show in the store as soon as they are done.
func TestTheRegistrysActsShowAtOnce(t *testing.T) {
	app := newStore(t)
	listed(t, app, "bakery", nil)
	operator, owner := apptest.Operator(t, app, "operator"), apptest.Person(t, app, "owner")
	now := clock.Now(app)
	takedown, err := programs.TakeDown(app, programs.Takedown{Scope: "program", AppID: "bakery", Rule: "1.1", Reason: "It is not bread."}, operator.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "taken down", find(t, app, store.Query{Q: "bakery"}))
	if _, err := programs.Restore(app, takedown.Id, "It is bread.", operator.Id, now); err != nil {
		t.Fatal(err)
	}
	same(t, "restored", find(t, app, store.Query{Q: "bakery"}), "bakery")
	if err := programs.Delete(app, "bakery", owner.Id, now); err != nil {
		t.Fatal(err)
	}
	same(t, "deleted", find(t, app, store.Query{Q: "bakery"}))
}
