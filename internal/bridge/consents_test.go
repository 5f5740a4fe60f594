package bridge

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
)

// say stores what the customer says of a scope in the launch that is open.
func (town *town) say(t *testing.T, scope, state, duration string) {
	t.Helper()
	_, claims, err := programs.Running(town.App, town.customer, "hello", town.launch.Token, now)
	if err != nil {
		t.Fatal(err)
	}
	decision := programs.Decision{State: state, Duration: duration, Session: claims.Session}
	if err := programs.Consent(town.App, town.customer.Id, "hello", scope, decision); err != nil {
		t.Fatal(err)
	}
}

func wantAnswer(t *testing.T, what string, got apptest.Answer, code string) {
	t.Helper()
	if got.Code() != code || (code == "") != (got.Status == 200) {
		t.Errorf("%s: %d %s, want %q", what, got.Status, got.Body, code)
	}
}

// A yes for once is had by the call that needed it, and by no other: not by one that is refused for another reason, not
// by the next, not by the next launch.
func TestOnceIsForOneCall(t *testing.T) {
	town := newTown(t)
	wantAnswer(t, "before", town.page(t, "identity.profile", nil), "consent_required")
	town.say(t, programs.ScopeProfile, programs.Granted, programs.Once)
	wantAnswer(t, "a call that is too large", town.page(t, "identity.profile", strings.Repeat("x", ArgsLimit)), "args_too_large")
	wantAnswer(t, "another scope", town.page(t, "loyalty.statement", map[string]any{"org": town.shop.Id}), "consent_required")
	wantAnswer(t, "the call", town.page(t, "identity.profile", nil), "")
	wantAnswer(t, "the next call", town.page(t, "identity.profile", nil), "consent_required")
	town.say(t, programs.ScopeProfile, programs.Granted, programs.Once)
	town.open(t)
	wantAnswer(t, "the next launch", town.page(t, "identity.profile", nil), "consent_required")
}

// Of many calls at the same time exactly one has what was granted for once.
func TestOnceAmongManyCalls(t *testing.T) {
	town := newTown(t)
	for range 3 {
		town.say(t, programs.ScopeProfile, programs.Granted, programs.Once)
		var passed atomic.Int32
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				switch got := town.page(t, "identity.profile", nil); {
				case got.Status == 200:
					passed.Add(1)
				case got.Code() != "consent_required":
					t.Errorf("%d %s", got.Status, got.Body)
				}
			})
		}
		all.Wait()
		if passed.Load() != 1 {
			t.Errorf("%d calls passed", passed.Load())
		}
	}
}

// A cloud function has a yes for once for all that it does in one run, also for what it does at the same time.
func TestOnceIsForOneRunOfAFunction(t *testing.T) {
	town := newTown(t)
	town.publish(t, map[string]string{"cloudfunctions/echo/index.js": `
		const cloud = require("wx-server-sdk")
		exports.main = async () => {
			const first = await cloud.plaza.call("identity.profile")
			const more = await Promise.all([1, 2, 3].map(() => cloud.plaza.call("identity.profile")))
			return [first, ...more].map((one) => one.name)
		}`})
	town.open(t)
	run := func() apptest.Answer {
		return town.send(t, town.customer, "/api/mp/hello/call/echo", town.launch.Token, map[string]any{})
	}
	wantAnswer(t, "before", run(), "consent_required")
	town.say(t, programs.ScopeProfile, programs.Granted, programs.Once)
	got := run()
	var names struct {
		Result []string `json:"result"`
	}
	if err := json.Unmarshal(got.Body, &names); err != nil || strings.Join(names.Result, " ") != "Ana Ana Ana Ana" {
		t.Errorf("the run: %d %s (%v)", got.Status, got.Body, err)
	}
	wantAnswer(t, "the next run", run(), "consent_required")
}

// While it is open means this launch: the next one asks again. Always means all of them, and never none.
func TestDurationsOfAConsent(t *testing.T) {
	town := newTown(t)
	town.say(t, programs.ScopeProfile, programs.Granted, programs.Open)
	for range 2 {
		wantAnswer(t, "while it is open", town.page(t, "identity.profile", nil), "")
	}
	town.open(t)
	wantAnswer(t, "opened again", town.page(t, "identity.profile", nil), "consent_required")
	town.say(t, programs.ScopeProfile, programs.Granted, programs.Always)
	town.open(t)
	wantAnswer(t, "always", town.page(t, "identity.profile", nil), "")
	town.say(t, programs.ScopeProfile, programs.Denied, "")
	got := town.page(t, "identity.profile", nil)
	if wantAnswer(t, "never", got, "consent_required"); got.Data()["state"] != programs.Denied {
		t.Errorf("never says %s", got.Body)
	}
	town.open(t)
	wantAnswer(t, "never, opened again", town.page(t, "identity.profile", nil), "consent_required")
}

// What the host does on the device asks for its scope through the same gates as a method of the table.
func TestTheHostTakesAScope(t *testing.T) {
	town := newTown(t)
	town.publish(t, map[string]string{"manifest.json": `{"app_id":"hello","name":"Hello","x_plaza":{"scopes":["location","camera"]}}`})
	town.open(t)
	use := func(scope string, keep bool) apptest.Answer {
		return town.page(t, "consents.use", map[string]any{"scope": scope, "keep": keep})
	}
	wantAnswer(t, "not asked", use("location", false), "consent_required")
	wantAnswer(t, "undeclared", use("microphone", false), "scope_undeclared")
	wantAnswer(t, "no scope", use("", false), "bad_args")
	town.say(t, programs.ScopeLocation, programs.Granted, programs.Once)
	wantAnswer(t, "kept", use("location", true), "")
	wantAnswer(t, "used", use("location", false), "")
	wantAnswer(t, "used up", use("location", true), "consent_required")
	town.say(t, programs.ScopeLocation, programs.Granted, programs.Open)
	town.say(t, programs.ScopeCamera, programs.Denied, "")
	got := town.page(t, "consents.get", nil)
	want := map[string]any{"consents": map[string]any{
		"camera":   map[string]any{"state": "denied", "duration": "always"},
		"location": map[string]any{"state": "granted", "duration": "open"},
	}}
	if !reflect.DeepEqual(got.JSON(), want) {
		t.Errorf("consents: %s", got.Body)
	}
	if err := town.unreview(t); err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, "a tier without the right", use("location", false), "tier_not_allowed")
}

// unreview makes the program's version one that no operator has seen.
func (town *town) unreview(t *testing.T) error {
	t.Helper()
	version, err := town.FindFirstRecordByFilter("programs_versions", "state = 'released'")
	if err != nil {
		return err
	}
	version.Set("reviewed", false)
	return town.Save(version)
}

// A profile passes the gate of its scope, and tells a page nothing that it could not learn with it.
func TestAProfileNeedsItsScope(t *testing.T) {
	town := newTown(t)
	wantAnswer(t, "before", town.page(t, "identity.userinfo", nil), "consent_required")
	wantAnswer(t, "no login yet", town.page(t, "identity.session", nil), "")
	town.say(t, programs.ScopeProfile, programs.Granted, programs.Once)
	got := town.page(t, "identity.userinfo", nil)
	if got.Status != 200 || strings.Contains(string(got.Body), town.launch.OpenID) || strings.Contains(string(got.Body), "session_key") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	wantAnswer(t, "again", town.page(t, "identity.userinfo", nil), "consent_required")
}
