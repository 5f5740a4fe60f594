package demo_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/demo"
	"plaza.internal/plaza/internal/figures"
	"plaza.internal/plaza/internal/gateway"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/internal/store"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

func quarter(t *testing.T) core.App {
	t.Helper()
	return apptest.New(t, ledger.Register, identity.Register, catalog.Register, campaigns.Register,
		loyalty.Register, payments.Register, orders.Register,
		func(app core.App) { programs.Register(app, nil, nil) }, store.Register, logs.Register, figures.Register)
}

// The demonstration is a place where something happens, and its books are sound: it was made by the same
// verbs as everything else.
func TestTheQuarterIsLivelyAndSound(t *testing.T) {
	app := quarter(t)
	if err := demo.Fill(app, io.Discard); err != nil {
		t.Fatal(err)
	}
	for collection, least := range map[string]int64{"places": 10, "products": 250, "orders": 500, "campaigns": 15, "loyalty_programs": 10, "users": 60} {
		if count, err := app.CountRecords(collection); err != nil || count < least {
			t.Errorf("%d %s (%v), want at least %d", count, collection, err, least)
		}
	}
	proof, err := ledger.Verify(app)
	if err != nil || len(proof.Findings) > 0 {
		t.Errorf("the ledger: %v %+v", err, proof.Findings)
	}
	person, err := app.FindAuthRecordByEmail("users", "person@plaza.example")
	if err != nil {
		t.Fatal(err)
	}
	wallet, err := ledger.Find(app, "user:"+person.Id, ledger.KindWallet, "EUR")
	if err != nil || wallet.Balance < 50_00 {
		t.Errorf("the person has %d (%v), too little to shop with", wallet.Balance, err)
	}
	statements, err := loyalty.Balances(app, person.Id, clock.Now(app))
	if err != nil || len(statements) == 0 {
		t.Errorf("the person has points nowhere (%v)", err)
	}
	for _, account := range []string{"person", "cashier", "merchant", "creator", "operator"} {
		record, err := app.FindAuthRecordByEmail("users", account+"@plaza.example")
		if err != nil || !record.ValidatePassword(demo.Password) {
			t.Errorf("%s cannot sign in (%v)", account, err)
		}
	}
	for status, least := range map[string]int64{bills.Paid: 20, bills.PartlyRefunded: 2, bills.Refunded: 2, bills.Closed: 2} {
		if count, err := app.CountRecords("bills", dbx.HashExp{"status": status}); err != nil || count < least {
			t.Errorf("%d bills are %s (%v), want at least %d", count, status, err, least)
		}
	}
	theProgramsAreSound(t, app)
	theStoreShowsThem(t, app)
}

// The programs are what people have made of them: every state that there is, and none that there cannot be.
func theProgramsAreSound(t *testing.T, app core.App) {
	t.Helper()
	one := func(what, query string, want any) {
		t.Helper()
		var got string
		if err := app.DB().NewQuery("SELECT " + query).Row(&got); err != nil || got != fmt.Sprint(want) {
			t.Errorf("%s: %s (%v), want %v", what, got, err, want)
		}
	}
	one("a program with two released versions", "count(*) FROM (SELECT program FROM programs_versions WHERE state = 'released' GROUP BY program HAVING count(*) > 1)", 0)
	one("live programs without exactly one release", `count(*) FROM programs p WHERE status = 'live' AND
		(SELECT count(*) FROM programs_versions v WHERE v.program = p.id AND v.state = 'released' AND v.id = p.release) != 1`, 0)
	one("live programs", "count(*) FROM programs WHERE status = 'live'", 16)
	one("errors in a report", `count(*) FROM programs_versions v, json_each(v.report, '$.findings') f WHERE f.value ->> 'severity' = 'error'`, 0)
	one("warnings in a report", `count(*) FROM programs_versions v, json_each(v.report, '$.findings') f`, 0)
	one("the version after a roll-back", "v.name FROM programs p JOIN programs_versions v ON v.id = p.release WHERE p.appid = 'skies'", "1.1.0")
	one("the share of a roll-out", "percent FROM programs WHERE appid = 'lanterns' AND rollout != ''", 20)
	one("the programs that nobody reviewed", "group_concat(appid) FROM programs WHERE status = 'live' AND tier = 'unverified'", "wheel")
	one("open reviews", "count(*) FROM programs_reviews WHERE state = 'waiting'", 2)
	one("a rejection with its rule and place", "rule || ' ' || (findings -> 0 ->> 'file') || ':' || (findings -> 0 ->> 'line') FROM programs_reviews WHERE state = 'rejected'", "2.1 main.js:5")
	one("a takedown with its appeal", "state FROM programs_takedowns", "appealed")
	one("waiting applications", "count(*) FROM certifications WHERE state = 'applied'", 1)
	one("certified agencies", "count(*) FROM orgs WHERE certified_agency", 1)
	one("open reports", "count(*) FROM store_reports WHERE state = 'open'", 3)
	one("ratings that do not count", "count(*) FROM store_ratings WHERE NOT counted", 0)
	// Just after midnight nobody has come today.
	one("days with figures", "count(DISTINCT day) >= 24 FROM figures_days", 1)
	one("people beyond those who opened a program", `count(*) FROM programs p WHERE people != (SELECT count(*) FROM programs_uses u WHERE u.program = p.id AND u.opens > 0)`, 0)
	one("anything that is still to come", "count(*) FROM programs_versions WHERE released_at > datetime('now', '+1 minute') OR created > datetime('now', '+1 minute')", 0)
}

func theStoreShowsThem(t *testing.T, app core.App) {
	t.Helper()
	now := clock.Now(app)
	for language, query := range map[string]string{"en": "lantern", "fr": "lanternes", "zh": "灯笼"} {
		page, err := store.Search(app, store.Query{Q: query, Language: language})
		if err != nil || len(page.Items) == 0 || page.Items[0].AppID != "lanterns" {
			t.Errorf("%q finds %+v (%v)", query, page.Items, err)
		}
	}
	front, err := store.Open(app, "fr", now)
	if err != nil || len(front.Banner) == 0 || len(front.Picks) == 0 || len(front.New) == 0 || len(front.Categories) < 5 {
		t.Errorf("the front is %+v (%v)", front, err)
	}
	if _, err := store.Show(app, "coupons", "en", nil); !errors.Is(err, programs.ErrNotFound) {
		t.Errorf("what was taken down: %v", err)
	}
	if skies, err := store.Show(app, "skies", "en", nil); err != nil || len(skies.Versions) != 2 || skies.Versions[0].Name != "1.1.0" {
		t.Errorf("after a roll-back the store tells of %+v (%v)", skies.Versions, err)
	}
	person, err := app.FindAuthRecordByEmail("users", "person@plaza.example")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := programs.Mine(app, person.Id, "en")
	if err != nil || len(mine.Recents) < 5 || len(mine.Favorites) != 6 {
		t.Errorf("the person's own are %+v (%v)", mine, err)
	}
	for _, appid := range []string{"skies", "bins", "lanterns", "phrases", "split", "breathe", "menu", "wheel", "swim", "todo"} {
		if _, err := programs.Launch(app, person, appid, programs.Opening{}, now); err != nil {
			t.Errorf("%s does not open: %v", appid, err)
		}
	}
}

// A demonstration that is there already is left as it is; real data is never mixed with one.
func TestFillTouchesNothingThatIsThere(t *testing.T) {
	app := quarter(t)
	apptest.Person(t, app, "somebody")
	if err := demo.Fill(app, io.Discard); err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("a folder with real people: %v", err)
	}
	if count, err := app.CountRecords("users"); err != nil || count != 1 {
		t.Errorf("%d users (%v), want the one", count, err)
	}
	// Nor does the name of a demonstration's login make one of real data, where money would then be free.
	stranger, err := app.FindFirstRecordByFilter("users", "id != ''")
	if err != nil {
		t.Fatal(err)
	}
	stranger.SetEmail("person" + gateway.DemoDomain)
	if err := app.Save(stranger); err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(app, io.Discard); !errors.Is(err, demo.ErrNotEmpty) || gateway.IsDemo(app) {
		t.Errorf("a folder with a real person of a demo address: %v, demo %t", err, gateway.IsDemo(app))
	}
	again := quarter(t)
	if err := demo.Fill(again, io.Discard); err != nil {
		t.Fatal(err)
	}
	before, err := again.CountRecords("orders")
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(again, io.Discard); err != nil {
		t.Errorf("a second start: %v", err)
	}
	if after, err := again.CountRecords("orders"); err != nil || after != before {
		t.Errorf("%d orders after a second start, %d before (%v)", after, before, err)
	}
}

// A start that was killed while it filled the folder must not leave half a quarter that looks whole.
func TestAnInterruptedFillIsNoticed(t *testing.T) {
	app := quarter(t)
	crash := errors.New("killed")
	app.OnRecordCreate("campaigns").BindFunc(func(*core.RecordEvent) error { return crash })
	if err := demo.Fill(app, io.Discard); !errors.Is(err, crash) {
		t.Fatal(err)
	}
	if err := demo.Fill(app, io.Discard); !errors.Is(err, demo.ErrUnfinished) || gateway.IsDemo(app) {
		t.Errorf("the next start: %v, demo %t", err, gateway.IsDemo(app))
	}
}
