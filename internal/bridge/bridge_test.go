package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/inbox"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/receipts"
	"plaza.internal/plaza/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Main() // a worker is this very binary
	check.Main()
	os.Exit(m.Run())
}

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

const coffee = "03017620422003" // a valid GTIN-14

// town is a running house with one shop, one customer and the hello program.
type town struct {
	voucher string // that the customer holds
	core.App
	client             *apptest.Client
	customer, stranger *core.Record
	shop, place        *core.Record
	launch             programs.Launched
	neighbour          string // the address of a host that the program declares
}

func newTown(t *testing.T, more ...func(core.App)) *town {
	t.Helper()
	pool := sandbox.NewPool(sandbox.Options{Workers: 1})
	t.Cleanup(pool.Close)
	app := apptest.New(t, append(more, func(app core.App) { programs.Register(app, nil, nil) }, logs.Register,
		func(app core.App) { Register(app, pool) })...)
	clock.Set(app, now)
	town := &town{App: app, customer: apptest.Person(t, app, "Ana"), stranger: apptest.Person(t, app, "Stranger"), shop: apptest.Org(t, app, "shop")}
	town.place = apptest.Place(t, app, town.shop, "The shop")
	apptest.Product(t, app, town.shop, coffee, "Coffee", 450, map[string]any{"category": "coffee", "brand": "Bean & Co"})
	apptest.Record(t, app, "loyalty_programs", map[string]any{
		"org": town.shop.Id, "name": "Club", "spend_per_point": 100, "point_value": 1, "expiry_kind": "never", "timezone": "Europe/Paris",
	})
	apptest.Record(t, app, "nearby_listings", map[string]any{
		"id": "aplacenearby000", "name": "The shop", "category": "amenity/cafe", "lat": 48.85, "lon": 2.35, "band": 6942, "seq": 1, "timezone": "Europe/Paris",
	})
	town.client = apptest.NewClient(t, app)
	town.publish(t, nil)
	town.open(t)
	return town
}

// publish releases the hello program after a review, with some of its files changed.
func (town *town) publish(t *testing.T, changed map[string]string) {
	t.Helper()
	if _, err := programs.Release(town.App, "hello", town.reviewed(t, changed), 100, town.stranger.Id, now); err != nil {
		t.Fatal(err)
	}
}

// reviewed is the number of a version of the hello program that was seen and not released, with some of its files
// changed.
func (town *town) reviewed(t *testing.T, changed map[string]string) int {
	t.Helper()
	folder := fstest.MapFS{}
	const original = "../programs/testdata/hello/"
	for _, name := range []string{
		"manifest.json", "app.json", "app.js", "project.config.json", "images/icon.svg", "pages/index/index.wxml",
		"pages/index/index.js", "cloudfunctions/echo/index.js", "cloudfunctions/proxy/index.js",
	} {
		content, err := os.ReadFile(original + name)
		if err != nil {
			t.Fatal(err)
		}
		folder["hello/"+name] = &fstest.MapFile{Data: content}
	}
	folder["hello/clouddb.json"] = &fstest.MapFile{Data: []byte(`{"collections":{"notes":{"rules":{"read":true,"write":true}}}}`)}
	for name, content := range changed {
		folder["hello/"+name] = &fstest.MapFile{Data: []byte(content)}
	}
	packed, err := programs.Zip(folder, "hello")
	if err != nil {
		t.Fatal(err)
	}
	version, err := programs.Upload(town.App, programs.Owner{Org: town.shop.Id}, "hello", bytes.NewReader(packed), "", town.stranger.Id, now)
	if err != nil {
		t.Fatalf("upload: %v", err)
	}
	version.Set("reviewed", true)
	if err := town.Save(version); err != nil {
		t.Fatal(err)
	}
	return version.GetInt("number")
}

func (town *town) open(t *testing.T) {
	t.Helper()
	launch, err := programs.Launch(town.App, town.customer, "hello", programs.Opening{}, clock.Now(town))
	if err != nil {
		t.Fatal(err)
	}
	town.launch = launch
}

func (town *town) decide(t *testing.T, state string, scopes ...string) {
	t.Helper()
	for _, scope := range scopes {
		if err := programs.Consent(town.App, town.customer.Id, "hello", scope, programs.Decision{State: state}); err != nil {
			t.Fatal(err)
		}
	}
}

func (town *town) setStatus(t *testing.T, status string) {
	t.Helper()
	program, err := town.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	program.Set("status", status)
	if err := town.Save(program); err != nil {
		t.Fatal(err)
	}
}

// page calls a method as a page of the program does.
func (town *town) page(t *testing.T, name string, args any) apptest.Answer {
	t.Helper()
	return town.send(t, town.customer, "/api/mp/hello/bridge/"+name, town.launch.Token, map[string]any{"args": args})
}

// function calls the same method from inside a cloud function.
func (town *town) function(t *testing.T, name string, args any) apptest.Answer {
	t.Helper()
	event := map[string]any{"method": name, "args": args}
	return town.send(t, town.customer, "/api/mp/hello/call/proxy", town.launch.Token, map[string]any{"event": event})
}

func (town *town) send(t *testing.T, user *core.Record, path, launch string, body any, headers ...map[string]string) apptest.Answer {
	t.Helper()
	token := ""
	if user != nil {
		token = apptest.Token(t, user)
	}
	return town.client.Do("POST", path, token, body, append(headers, map[string]string{LaunchHeader: launch})...)
}

// samples are arguments with which each method succeeds, given an open order and its first line.
func (town *town) samples(order, line string) map[string]any {
	return map[string]any{
		"catalog.places":     map[string]any{},
		"catalog.products":   map[string]any{"place": town.place.Id, "q": "cof"},
		"catalog.product":    map[string]any{"place": town.place.Id, "code": "3017620422003"},
		"campaigns.offers":   map[string]any{"place": town.place.Id},
		"orders.start":       map[string]any{"place": town.place.Id},
		"orders.scan":        map[string]any{"order": order, "code": "3017620422003"},
		"orders.line":        map[string]any{"order": order, "line": line, "quantity": 3},
		"orders.coupon":      map[string]any{"order": order, "code": ""},
		"orders.get":         map[string]any{"order": order},
		"orders.current":     map[string]any{"place": town.place.Id},
		"orders.list":        map[string]any{},
		"loyalty.statement":  map[string]any{"org": town.shop.Id},
		"loyalty.statements": map[string]any{},
		"loyalty.rewards":    map[string]any{"org": town.shop.Id},
		"loyalty.take":       map[string]any{"org": town.shop.Id, "reward": "acoffeereward00", "cost": 5, "key": "taken"},
		"loyalty.vouchers":   map[string]any{"org": town.shop.Id},
		"loyalty.release":    map[string]any{"voucher": town.voucher},
		"identity.profile":   map[string]any{},
		"badge.set":          map[string]any{"count": 3},
		"messages.send": map[string]any{
			"touser": town.launch.OpenID, "templateId": "ready", "data": map[string]any{"thing1": map[string]any{"value": "Soup"}},
		},

		"nearby.search":     map[string]any{"lat": 48.85, "lon": 2.35},
		"nearby.categories": map[string]any{"q": "café", "lang": "fr"},
		"nearby.listing":    map[string]any{"id": "aplacenearby000"},
		"nearby.map":        map[string]any{},
		"nearby.report":     map[string]any{"listing": "aplacenearby000", "kind": "hours"},

		"bills.make":   map[string]any{"amount": 250, "title": "A ticket", "reference": "new"},
		"bills.get":    map[string]any{"reference": "paid"},
		"bills.refund": map[string]any{"reference": "paid", "key": "one", "amount": 100, "reason": "rain"},
		"bills.close":  map[string]any{"reference": "shut"},

		"receipts.issue": map[string]any{"reference": "new", "title": "A ticket", "language": "en"},
		"receipts.get":   map[string]any{"reference": "kept"},

		"leaderboards.list":    map[string]any{},
		"leaderboards.play":    map[string]any{"board": "points"},
		"leaderboards.join":    map[string]any{"board": "points"},
		"leaderboards.submit":  map[string]any{"board": "points", "score": 7},
		"leaderboards.top":     map[string]any{"board": "points"},
		"leaderboards.around":  map[string]any{"board": "points", "n": 2},
		"leaderboards.mine":    map[string]any{"board": "points"},
		"leaderboards.seasons": map[string]any{"board": "points"},
		"leaderboards.friends": map[string]any{"board": "points"},

		"network.request": map[string]any{"url": town.neighbour + "/echo"},

		"clouddb.get":         map[string]any{"collection": "notes"},
		"clouddb.count":       map[string]any{"collection": "notes"},
		"clouddb.aggregate":   map[string]any{"collection": "notes", "stages": []any{map[string]any{"$count": "n"}}},
		"clouddb.watch":       map[string]any{"collection": "notes"},
		"clouddb.add":         map[string]any{"collection": "notes", "data": map[string]any{"a": 1}},
		"clouddb.set":         map[string]any{"collection": "notes", "id": "x", "data": map[string]any{"a": 1}},
		"clouddb.update":      map[string]any{"collection": "notes", "where": map[string]any{}, "data": map[string]any{"$inc": map[string]any{"a": 1}}},
		"clouddb.remove":      map[string]any{"collection": "notes", "id": "x"},
		"clouddb.collection":  map[string]any{"name": "more"},
		"identity.userinfo":   map[string]any{},
		"identity.session":    map[string]any{},
		"consents.get":        map[string]any{},
		"consents.use":        map[string]any{"scope": programs.ScopeProfile},
		"clouddb.transaction": map[string]any{"act": "begin"},

		"files.upload":   map[string]any{"path": "new.txt", "body64": "aGk="},
		"files.download": map[string]any{"file": "cloud://hello/kept.txt"},
		"files.urls":     map[string]any{"files": []any{"cloud://hello/kept.txt"}},
		"files.delete":   map[string]any{"files": []any{"cloud://hello/gone.txt"}},
	}
}

// files keeps the file that the samples name.
func (town *town) files(t *testing.T) {
	t.Helper()
	who := cloudfiles.Caller{AppID: "hello", Server: true, Reviewed: true, Now: now}
	if _, err := cloudfiles.Put(t.Context(), town.App, who, "kept.txt", strings.NewReader("kept")); err != nil {
		t.Fatal(err)
	}
}

// messages lays down the template that the sample names, and has the customer agree to enough of them.
func (town *town) messages(t *testing.T) {
	t.Helper()
	template := inbox.Template{Code: "ready", Title: "It is ready", Fields: []inbox.Field{{Name: "thing1", Label: "What"}}}
	record, err := town.FindFirstRecordByData("programs", "appid", "hello")
	if err == nil {
		err = inbox.SetTemplate(town.App, record, template, "the maker", now)
	}
	for range 20 {
		if err == nil {
			err = inbox.Decide(town.App, town.customer.Id, record.Id, map[string]string{"ready": inbox.Accept})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// bills makes the bills that the samples name, one that is paid and one that nobody will pay, and a receipt.
func (town *town) bills(t *testing.T) {
	t.Helper()
	shop.Fund(t, town.App, town.customer, 1_000)
	draft := receipts.Draft{Reference: "kept", Title: "A ticket", Language: "fr", OpenID: town.launch.OpenID}
	if _, err := receipts.Issue(t.Context(), town.App, town.program(t), draft, now); err != nil {
		t.Fatal(err)
	}
	for _, reference := range []string{"paid", "shut"} {
		bill, err := bills.Make(town.App, town.program(t), town.customer, bills.Draft{Amount: 250, Title: "A ticket", Reference: reference}, now)
		if err == nil && reference == "paid" {
			_, err = bills.Pay(town.App, town.customer, bill.Id, payments.FromWallet, now)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (town *town) program(t *testing.T) programs.Program {
	t.Helper()
	program, err := programs.Live(town.App, "hello")
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// basket starts an order with one coffee in it.
func (town *town) basket(t *testing.T) (order, line string) {
	t.Helper()
	town.decide(t, programs.Granted, programs.ScopeOrders)
	order = town.page(t, "orders.start", map[string]any{"place": town.place.Id}).Text("id")
	scanned := town.page(t, "orders.scan", map[string]any{"order": order, "code": coffee})
	lines, _ := scanned.JSON()["lines"].([]any)
	if len(lines) != 1 {
		t.Fatalf("the basket is %d %s", scanned.Status, scanned.Body)
	}
	line, _ = lines[0].(map[string]any)["id"].(string)
	return order, line
}

// The one table is the whole of what programs may do, so the walk is the whole of the access test: each
// method, asked by a page and by a function, refused without consent, without a live program, without a
// declared scope, and answered otherwise.
func TestEveryMethodPassesEveryGateForBothCallers(t *testing.T) {
	town := newTown(t)
	order, line := town.basket(t)
	town.bills(t)
	town.rewards(t)
	town.files(t)
	town.messages(t)
	town.reach(t, echoNeighbour)
	town.boards(t)
	samples := town.samples(order, line)
	callers := map[string]func(*testing.T, string, any) apptest.Answer{
		"function": func(t *testing.T, name string, args any) apptest.Answer {
			return passed(name, town.function(t, name, args))
		},
		"page": func(t *testing.T, name string, args any) apptest.Answer {
			answer := passed(name, town.page(t, name, args))
			if answer.Code() == "function_only" && methods[name].function {
				answer.Status = 200 // it passed the gates that pages and functions share
			}
			if answer.Code() == "cloud_server_only" && (name == "clouddb.collection" || name == "clouddb.transaction") {
				answer.Status = 200 // it passed the gates; for pages these two end there
			}
			return answer
		},
	}
	rounds := 0
	each := func(check func(t *testing.T, name string, m method, call func() apptest.Answer)) {
		rounds++
		clock.Set(town.App, now.Add(time.Duration(rounds)*time.Minute)) // so that the quota is a fresh one
		for name, m := range methods {
			if name == "consents.use" {
				m.scope = programs.ScopeProfile // the one that its sample asks for
			}
			if samples[name] == nil {
				t.Fatalf("no sample for %s", name)
			}
			for caller, ask := range callers {
				t.Run(caller+" "+name, func(t *testing.T) {
					check(t, name, m, func() apptest.Answer { return ask(t, name, samples[name]) })
				})
			}
		}
	}
	refusedWith := func(code string) func(*testing.T, string, method, func() apptest.Answer) {
		return func(t *testing.T, _ string, _ method, call func() apptest.Answer) {
			if got := call(); got.Code() != code {
				t.Errorf("%d %s, want %s", got.Status, got.Body, code)
			}
		}
	}
	withoutConsent := func(t *testing.T, _ string, m method, call func() apptest.Answer) {
		got := call()
		if m.scope == "" && got.Status != 200 {
			t.Errorf("a method without scope: %d %s", got.Status, got.Body)
		}
		if m.scope != "" && (got.Status != 403 || got.Code() != "consent_required" || got.Data()["scope"] != m.scope) {
			t.Errorf("%d %s, want consent_required for %s", got.Status, got.Body, m.scope)
		}
	}
	if err := programs.Withdraw(town.App, town.customer.Id, "hello", programs.ScopeOrders); err != nil {
		t.Fatal(err)
	}
	each(withoutConsent)
	town.decide(t, programs.Denied, declared...)
	each(withoutConsent)
	town.decide(t, programs.Granted, declared...)
	each(func(t *testing.T, _ string, _ method, call func() apptest.Answer) {
		if got := call(); got.Status != 200 {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
	town.setStatus(t, "taken_down")
	each(refusedWith("program_taken_down"))
	town.setStatus(t, "draft")
	each(refusedWith("program_not_found"))
	town.setStatus(t, "live")

	stale := town.launch
	town.publish(t, map[string]string{"manifest.json": `{"app_id":"hello","name":"Hello"}`})
	each(refusedWith("launch_stale"))
	town.open(t)
	if town.launch.Token == stale.Token {
		t.Fatal("the launch is the old one")
	}
	each(func(t *testing.T, _ string, m method, call func() apptest.Answer) {
		got := call()
		if m.scope == "" && got.Status != 200 {
			t.Errorf("%d %s", got.Status, got.Body)
		}
		if m.scope != "" && !strings.Contains(string(got.Body), "scope_undeclared") {
			t.Errorf("%d %s, want scope_undeclared", got.Status, got.Body)
		}
	})
}

// passed is the answer, as that of somebody who came through the gates before the one for open data contexts alone.
func passed(name string, answer apptest.Answer) apptest.Answer {
	if answer.Code() == "only_open_context" && methods[name].onlyOpen {
		answer.Status = 200
	}
	return answer
}

// boards declares the leaderboard that the samples name.
func (town *town) boards(t *testing.T) {
	t.Helper()
	_, err := town.NonconcurrentDB().NewQuery(`INSERT INTO leaderboards_boards (program, appid, trial, board, spec, live, created, updated)
		VALUES ({:program}, 'hello', 0, 'points', '{"id":"points"}', 1, 1, 1)`).Bind(map[string]any{"program": town.program(t).ID}).Execute()
	if err != nil {
		t.Fatal(err)
	}
}

// declared is what the manifest of the test's program asks for.
var declared = []string{programs.ScopeProfile, programs.ScopeOrders, programs.ScopePoints}

// Every scope in the table is one that a manifest can ask for, and none that can be asked for is idle.
func TestTableAndScopesAgree(t *testing.T) {
	used := map[string]bool{}
	for name, m := range methods {
		if m.scope != "" && !slices.Contains(programs.Scopes(), m.scope) {
			t.Errorf("%s has the unknown scope %s", name, m.scope)
		}
		used[m.scope] = true
	}
	// What a device can do is the host's own: no method of the table stands behind these.
	host := []string{programs.ScopeLocation, programs.ScopeCamera, programs.ScopeMicrophone, programs.ScopeAlbum}
	for _, scope := range programs.Scopes() {
		if used[scope] == slices.Contains(host, scope) {
			t.Errorf("the table needs the scope %s: %v", scope, used[scope])
		}
	}
	scopes := map[string]string{}
	for name, m := range methods {
		scopes[name] = m.scope
	}
	if !maps.Equal(scopes, check.MethodScopes()) {
		t.Errorf("the check of packages knows %v, the table has %v", check.MethodScopes(), scopes)
	}
}

// A launch token without the person, or the person without the token, opens nothing.
func TestStrangersPassNoGate(t *testing.T) {
	town := newTown(t)
	for _, path := range []string{"/api/mp/hello/bridge/catalog.places", "/api/mp/hello/call/echo"} {
		for what, got := range map[string]apptest.Answer{
			"launch_invalid":    town.send(t, town.stranger, path, town.launch.Token, nil),
			"sign_in_required":  town.send(t, nil, path, town.launch.Token, nil),
			"program_not_found": town.send(t, town.customer, strings.Replace(path, "hello", "nobody", 1), town.launch.Token, nil),
		} {
			if got.Code() != what {
				t.Errorf("%s: %d %s, want %s", path, got.Status, got.Body, what)
			}
		}
		if got := town.send(t, town.customer, path, "", nil); got.Code() != "launch_invalid" {
			t.Errorf("%s without a token: %d %s", path, got.Status, got.Body)
		}
	}
	clock.Set(town.App, now.Add(3*time.Hour))
	if got := town.page(t, "catalog.places", nil); got.Code() != "launch_expired" {
		t.Errorf("an old launch: %d %s", got.Status, got.Body)
	}
}

// What is not there, and what is too much, has a name.
func TestBadCallsAreRefusedByName(t *testing.T) {
	town := newTown(t)
	order, line := town.basket(t)
	long := strings.Repeat("x", ArgsLimit+1)
	cases := []struct {
		method string
		args   any
		code   string
	}{
		{"orders.pay", map[string]any{"order": order}, "method_unknown"},
		{"__proto__", nil, "method_unknown"},
		{"catalog.places", map[string]any{"org": long}, "args_too_large"},
		{"catalog.places", "everything", "bad_args"},
		{"catalog.places", []int{1}, "bad_args"},
		{"catalog.products", map[string]any{"place": town.place.Id, "page": -1}, "bad_args"},
		{"catalog.products", map[string]any{"place": "nowhere"}, "place_not_found"},
		{"catalog.product", map[string]any{"place": town.place.Id, "code": "3017620422004"}, "bad_check_digit"},
		{"catalog.product", map[string]any{"place": town.place.Id, "code": "4006381333931"}, "unknown_product"},
		{"orders.start", map[string]any{"place": "nowhere"}, "place_not_found"},
		{"orders.scan", map[string]any{"order": "nothing", "code": coffee}, "order_not_found"},
		{"orders.scan", map[string]any{"order": order, "code": coffee, "quantity": 0}, "bad_quantity"},
		{"orders.scan", map[string]any{"order": order, "code": coffee, "quantity": 1.5}, "bad_args"},
		{"orders.line", map[string]any{"order": order, "line": line}, "bad_args"},
		{"orders.line", map[string]any{"order": order, "line": line, "quantity": -1}, "bad_quantity"},
		{"badge.set", map[string]any{}, "bad_args"},
		{"badge.set", map[string]any{"count": 1.5}, "bad_args"},
		{"badge.set", map[string]any{"count": -1}, "bad_badge"},
		{"badge.set", map[string]any{"count": 10_000}, "bad_badge"},
	}
	for _, c := range cases {
		if got := town.page(t, c.method, c.args); got.Code() != c.code {
			t.Errorf("%s %.60v: %d %.200s, want %s", c.method, c.args, got.Status, got.Body, c.code)
		}
	}
	if got := town.send(t, town.customer, "/api/mp/hello/bridge/catalog.places", town.launch.Token, "{"); got.Code() != "bad_body" {
		t.Errorf("half a body: %d %s", got.Status, got.Body)
	}
	if got := town.send(t, town.customer, "/api/mp/hello/call/none", town.launch.Token, nil); got.Status != 404 || got.Code() != "function_unknown" {
		t.Errorf("an unknown function: %d %s", got.Status, got.Body)
	}
	if got := town.send(t, town.customer, "/api/mp/hello/call/echo", town.launch.Token, map[string]any{"event": strings.Repeat("x", EventLimit+1)}); got.Code() != "args_too_large" {
		t.Errorf("a large event: %d %.200s", got.Status, got.Body)
	}
	if got := town.function(t, "orders.pay", nil); !strings.Contains(string(got.Body), "method_unknown") {
		t.Errorf("a function's unknown method: %d %s", got.Status, got.Body)
	}
}

// A program may not learn who the person is, nor hold the code that opens the door.
func TestProgramsSeeOrdersWithoutPeople(t *testing.T) {
	town := newTown(t)
	order, _ := town.basket(t)
	town.decide(t, programs.Granted, declared...)
	record, err := town.FindRecordById("orders", order)
	if err != nil {
		t.Fatal(err)
	}
	record.Load(map[string]any{"status": "paid", "exit_code": "SECRET42", "checked_by": "Clerk Kim"})
	if err := town.Save(record); err != nil {
		t.Fatal(err)
	}
	// scan of a paid order is refused with the order in the details
	for name, args := range map[string]any{
		"orders.get": map[string]any{"order": order}, "orders.list": nil, "orders.scan": map[string]any{"order": order, "code": coffee},
		"identity.profile": nil,
	} {
		for _, got := range []apptest.Answer{town.page(t, name, args), town.function(t, name, args)} {
			for _, secret := range []string{town.customer.Id, "SECRET42", "Clerk Kim", "@plaza.test"} {
				if strings.Contains(string(got.Body), secret) {
					t.Errorf("%s tells %s: %s", name, secret, got.Body)
				}
			}
		}
	}
	if got := town.page(t, "identity.profile", nil); got.Text("name") != "Ana" || got.Text("openid") != town.launch.OpenID {
		t.Errorf("the profile is %s", got.Body)
	}
}

// What the person may see as a member of staff, their programs may not.
func TestProgramsSeeOnlyThePersonsOwnOrders(t *testing.T) {
	town := newTown(t)
	order, _ := town.basket(t)
	apptest.Staff(t, town, town.shop, town.stranger, "owner")
	if err := programs.Consent(town.App, town.stranger.Id, "hello", programs.ScopeOrders, programs.Decision{State: programs.Granted}); err != nil {
		t.Fatal(err)
	}
	launch, err := programs.Launch(town.App, town.stranger, "hello", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"orders.get", "orders.scan"} {
		got := town.send(t, town.stranger, "/api/mp/hello/bridge/"+name, launch.Token, map[string]any{"args": map[string]any{"order": order, "code": coffee}})
		if got.Code() != "order_not_found" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
}

// The shop as a program shows it: places, products with today's price, offers.
func TestShopMethodsShowTodaysPrices(t *testing.T) {
	town := newTown(t)
	apptest.Record(t, town, "campaigns", map[string]any{
		"org": town.shop.Id, "name": "Happy hour", "kind": "sale", "percent_bp": 2000, "categories": []string{"coffee"},
		"timezone": "Europe/Paris", "status": "active",
	})
	product := town.page(t, "catalog.product", map[string]any{"place": town.place.Id, "code": coffee})
	if product.Number("price") != 450 || product.Number("sale_price") != 360 || !strings.Contains(string(product.Body), `"reasons":[{`) {
		t.Errorf("the product is %d %s", product.Status, product.Body)
	}
	for query, found := range map[string]int{"": 1, "COF": 1, "bean &": 1, "3017620422003": 1, "tea": 0, "%": 0, "_offee": 0} {
		got := town.page(t, "catalog.products", map[string]any{"place": town.place.Id, "q": query})
		products, ok := got.JSON()["products"].([]any)
		if !ok || len(products) != found {
			t.Errorf("%q finds %s, want %d", query, got.Body, found)
		}
	}
	places := town.page(t, "catalog.places", map[string]any{"org": town.shop.Id})
	if !strings.Contains(string(places.Body), `"name":"The shop"`) || !strings.Contains(string(places.Body), `"org_name":"shop"`) {
		t.Errorf("places are %s", places.Body)
	}
	offers := town.page(t, "campaigns.offers", map[string]any{"place": town.place.Id})
	if !strings.Contains(string(offers.Body), "Happy hour") {
		t.Errorf("offers are %d %s", offers.Status, offers.Body)
	}
}

// A second tap with the same key is the same scan; with another body it is refused.
func TestPageWritesTakeAnIdempotencyKey(t *testing.T) {
	town := newTown(t)
	order, _ := town.basket(t)
	scan := func(quantity int) apptest.Answer {
		args := map[string]any{"order": order, "code": coffee, "quantity": quantity}
		return town.send(t, town.customer, "/api/mp/hello/bridge/orders.scan", town.launch.Token, map[string]any{"args": args},
			map[string]string{"Idempotency-Key": "tap-1"})
	}
	first, second := scan(1), scan(1)
	if first.Status != 200 || string(first.Body) != string(second.Body) || first.Number("total") != 900 {
		t.Errorf("first %s, second %s", first.Body, second.Body)
	}
	if got := scan(2); got.Code() != "idempotency_mismatch" {
		t.Errorf("another body: %d %s", got.Status, got.Body)
	}
}

// A function learns who calls it in WeChat's words, and its logs reach its makers only.
func TestFunctionsRunAsThePersonWhoCalls(t *testing.T) {
	town := newTown(t)
	call := func() apptest.Answer {
		return town.send(t, town.customer, "/api/mp/hello/call/echo", town.launch.Token, map[string]any{"event": map[string]any{"n": 7}})
	}
	got := call()
	var answer struct {
		Result struct {
			Event   map[string]int
			Context map[string]string
		}
		Logs []sandbox.LogLine
	}
	if err := json.Unmarshal(got.Body, &answer); err != nil || got.Status != 200 {
		t.Fatalf("%d %s %v", got.Status, got.Body, err)
	}
	if answer.Result.Event["n"] != 7 || answer.Result.Context["OPENID"] != town.launch.OpenID || answer.Result.Context["APPID"] != "hello" || len(answer.Logs) != 0 {
		t.Errorf("the function answers %s", got.Body)
	}
	apptest.Staff(t, town, town.shop, town.customer, "manager")
	if got := call(); !strings.Contains(string(got.Body), `"logs":[{`) {
		t.Errorf("a maker sees no logs: %s", got.Body)
	}
}

// One program must not be able to keep the house busy; the next minute it may go on.
func TestQuotaIsPerProgramAndPerson(t *testing.T) {
	q := newQuota()
	record := core.NewRecord(core.NewAuthCollection("users"))
	record.Id = "ana"
	other := core.NewRecord(core.NewAuthCollection("users"))
	other.Id = "bob"
	c := call{user: record, program: programs.Program{AppID: "hello"}, now: now}
	for n := range CallsPerMinute {
		if err := q.take(c); err != nil {
			t.Fatalf("call %d: %v", n, err)
		}
	}
	if err := q.take(c); !errors.Is(err, ErrQuota) {
		t.Errorf("one call too many: %v", err)
	}
	if err := q.take(call{user: other, program: c.program, now: now}); err != nil {
		t.Errorf("another person: %v", err)
	}
	if err := q.take(call{user: record, program: programs.Program{AppID: "market"}, now: now}); err != nil {
		t.Errorf("another program: %v", err)
	}
	c.now = now.Add(-time.Hour)
	if err := q.take(c); !errors.Is(err, ErrQuota) {
		t.Errorf("a clock put back gave calls: %v", err)
	}
	c.now = c.now.Add(time.Second)
	for n := range CallsPerMinute / 60 {
		if err := q.take(c); err != nil {
			t.Errorf("call %d a second later: %v", n, err)
		}
	}
	if err := q.take(c); !errors.Is(err, ErrQuota) {
		t.Errorf("more than a second's worth: %v", err)
	}
}

// Remembering quotas must not fill the memory, nor forgive anybody.
func TestQuotaForgetsOnlyFullBuckets(t *testing.T) {
	q := newQuota()
	for n := range bucketsKept {
		q.buckets[bucketKey{appid: "hello", user: string(rune(n))}] = bucket{left: CallsPerMinute, at: now}
	}
	used := bucketKey{appid: "hello", user: "used"}
	q.buckets[used] = bucket{left: 0, at: now}
	record := core.NewRecord(core.NewAuthCollection("users"))
	record.Id = "new"
	if err := q.take(call{user: record, program: programs.Program{AppID: "hello"}, now: now}); err != nil {
		t.Fatal(err)
	}
	if _, kept := q.buckets[used]; !kept || len(q.buckets) != 2 {
		t.Errorf("%d buckets are left, the used one: %v", len(q.buckets), kept)
	}
}

// A function that runs on while its program is taken down gets no further answer.
func TestRunningFunctionLosesItsProgram(t *testing.T) {
	town := newTown(t)
	b := &Bridge{quota: newQuota()}
	c, err := enter(t.Context(), town.App, town.customer, "hello", town.launch.Token, clock.Now(town))
	if err != nil {
		t.Fatal(err)
	}
	c.vetted = vettedNow()
	town.setStatus(t, "taken_down")
	c.vetted.at = time.Now().Add(time.Hour) // it still holds, however slow this machine is
	if _, err := b.answer(c, "catalog.places", nil); err != nil {
		t.Errorf("while the last check holds: %v", err)
	}
	c.vetted.at = time.Now().Add(-vettingHolds)
	if _, err := b.answer(c, "catalog.places", nil); !errors.Is(err, programs.ErrTakenDown) {
		t.Errorf("after the take-down: %v", err)
	}
	town.setStatus(t, "live")
	clock.Set(town.App, now.Add(3*time.Hour))
	if _, err := b.answer(c, "catalog.places", nil); !errors.Is(err, programs.ErrLaunchExpired) {
		t.Errorf("after the launch's end: %v", err)
	}
}
