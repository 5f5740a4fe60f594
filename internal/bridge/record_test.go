package bridge

import (
	"errors"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/programs"
)

// log is what the program's log has of one call; the first line is waited for.
func (town *town) log(t *testing.T, request string) []logs.Line {
	t.Helper()
	lines, _, err := logs.Tail(t.Context(), town, logs.Filter{AppID: "hello", Request: request}, 20*time.Second)
	if err != nil || request == "" {
		t.Fatalf("the log of %q: %v", request, err)
	}
	return lines
}

func (town *town) call(t *testing.T, function string, event any) apptest.Answer {
	t.Helper()
	return town.send(t, town.customer, "/api/mp/hello/call/"+function, town.launch.Token, map[string]any{"event": event})
}

// What a function says stands in its program's log, with the call's name, which its answer bears too.
func TestFunctionsSpeakToTheLog(t *testing.T) {
	town := newTown(t)
	town.publish(t, map[string]string{"cloudfunctions/echo/index.js": `exports.main = async (event) => {
		console.debug("looking"); console.log("hello", event.n); console.warn("careful")
		if (event.fail) throw new Error("no milk")
		return event
	}`})
	town.open(t)
	good, bad := town.call(t, "echo", map[string]any{"n": 7}), town.call(t, "echo", map[string]any{"fail": true})
	if good.Status != 200 || bad.Code() != "function_error" || good.Header.Get(RequestHeader) == bad.Header.Get(RequestHeader) {
		t.Fatalf("%d %s, %d %s", good.Status, good.Body, bad.Status, bad.Body)
	}
	lines := town.log(t, good.Header.Get(RequestHeader))
	if len(lines) != 3 || lines[0].Level != "debug" || lines[1].Level != "info" || lines[1].Text != "hello 7" || lines[2].Level != "warn" {
		t.Fatalf("the log has %+v", lines)
	}
	if line := lines[0]; line.Source != "echo" || line.Version != 2 || line.At.Sub(now) > time.Minute {
		t.Errorf("the line is %+v", line)
	}
	lines = town.log(t, bad.Header.Get(RequestHeader))
	if len(lines) != 4 || lines[3].Level != "error" || !strings.Contains(lines[3].Text, "no milk") || !strings.Contains(lines[3].Stack, "index.js") {
		t.Errorf("the log of the failure has %+v", lines)
	}
}

// A consent that is missing is no fault of the function, but its makers want to know.
func TestTheLogTellsWhatTheHouseRefused(t *testing.T) {
	town := newTown(t)
	got := town.function(t, "orders.list", nil)
	if got.Code() != "consent_required" {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	lines := town.log(t, got.Header.Get(RequestHeader))
	if last := lines[len(lines)-1]; last.Level != "warn" || !strings.Contains(last.Text, "consent_required") {
		t.Errorf("the log has %+v", lines)
	}
}

// Before a review a program gets what the policy gives strangers: no money, few scopes, whatever people granted;
// and people cannot be asked for what it may not have.
func TestATierHasItsRights(t *testing.T) {
	town := newTown(t)
	order, line := town.basket(t)
	samples := town.samples(order, line)
	town.decide(t, programs.Granted, declared...)
	town.review(t, false)
	for name, want := range map[string]string{
		"orders.start": programs.RightMoney, "orders.scan": programs.RightMoney, "orders.line": programs.RightMoney,
		"orders.get": programs.ScopeOrders, "orders.list": programs.ScopeOrders, "loyalty.statement": programs.ScopePoints, "loyalty.statements": programs.ScopePoints,
		"identity.profile": "", "catalog.product": "", "badge.set": "",
	} {
		page, function := town.page(t, name, samples[name]), town.function(t, name, samples[name])
		if want == "" {
			if page.Status != 200 || function.Status != 200 {
				t.Errorf("%s: %d %s, %d %s", name, page.Status, page.Body, function.Status, function.Body)
			}
			continue
		}
		if page.Status != 403 || page.Code() != "tier_not_allowed" || page.Data()["right"] != want || page.Data()["tier"] != "unverified" {
			t.Errorf("%s by a page: %d %s", name, page.Status, page.Body)
		}
		if function.Code() != "tier_not_allowed" || function.Data()["right"] != want {
			t.Errorf("%s by a function: %d %s", name, function.Status, function.Body)
		}
	}
	if err := programs.Consent(town, town.stranger.Id, "hello", programs.ScopeOrders, programs.Decision{State: programs.Granted}); !errors.Is(err, programs.ErrTierRight) {
		t.Errorf("a person was asked for orders: %v", err)
	}
	if err := programs.Consent(town, town.customer.Id, "hello", programs.ScopeProfile, programs.Decision{State: programs.Granted}); err != nil {
		t.Errorf("a person was not asked for their name: %v", err)
	}
	town.review(t, true)
	if got := town.page(t, "orders.get", samples["orders.get"]); got.Status != 200 {
		t.Errorf("after the review: %d %s", got.Status, got.Body)
	}
}

// review says that the released version was reviewed, or was not.
func (town *town) review(t *testing.T, reviewed bool) {
	t.Helper()
	version, err := town.FindFirstRecordByData("programs_versions", "state", "released")
	if err != nil {
		t.Fatal(err)
	}
	version.Set("reviewed", reviewed)
	if err := town.Save(version); err != nil {
		t.Fatal(err)
	}
}

// A count on the icon is the person's own, and is there to see.
func TestABadgeIsThePersonsOwn(t *testing.T) {
	town := newTown(t)
	if _, err := programs.Launch(town, town.stranger, "hello", programs.Opening{}, now); err != nil {
		t.Fatal(err)
	}
	if got := town.page(t, "badge.set", map[string]any{"count": 12}); got.Status != 200 || got.Number("count") != 12 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	for _, who := range []struct {
		id   string
		want int
	}{{town.customer.Id, 12}, {town.stranger.Id, 0}} {
		use, err := programs.Used(town, who.id, town.launch.ID)
		if err != nil || use == nil || use.GetInt("badge") != who.want {
			t.Errorf("the badge of %s is %v, %v", who.id, use, err)
		}
	}
}

// Programs of two persons must not know people by one id, as the programs of one organisation do.
func TestUnionIDEndsAtItsMaker(t *testing.T) {
	town := newTown(t)
	seen := map[string]string{}
	for name, program := range map[string]programs.Program{
		"ann's": {AppID: "a", Owner: "ann"}, "ben's": {AppID: "b", Owner: "ben"}, "the shop's": {AppID: "c", Org: town.shop.Id, Owner: "ann"},
		"an org that is called like ann": {AppID: "d", Org: "ann", Owner: "ann"},
	} {
		who, err := call{app: town, user: town.customer, program: program}.identifiers()
		if err != nil {
			t.Fatal(err)
		}
		unionID, _ := who["UNIONID"].(string)
		if other, known := seen[unionID]; known || unionID == "" {
			t.Errorf("%s and %s know people by %q", name, other, unionID)
		}
		seen[unionID] = name
	}
	one := call{app: town, user: town.customer, program: programs.Program{Owner: town.customer.Id}}
	if other := (call{app: town, user: town.stranger, program: one.program}); !one.byItsMakers() || other.byItsMakers() {
		t.Error("a person's own program is not theirs alone")
	}
}
