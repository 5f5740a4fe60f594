package bridge

import (
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/contacts"
	"plaza.internal/plaza/internal/programs"
)

// The token of an open data context is good for one's own standing and that of friends, and for nothing else: no other
// method, no function, no consent, no login, no socket, no token after it, and nobody else's hands.
func TestTheOpenDataContextCanAskForTwoThings(t *testing.T) {
	town := newTown(t)
	town.boards(t)
	if got := town.page(t, "leaderboards.submit", map[string]any{"board": "points", "score": 7}); got.Status != 200 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	friend := apptest.Person(t, town.App, "Friend")
	invite, err := contacts.MakeInvite(town.App, town.customer, now)
	if err == nil {
		_, err = contacts.Accept(town.App, friend, invite.Code, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	made := town.send(t, town.customer, "/api/mp/hello/open-data", town.launch.Token, nil)
	open := made.Text("token")
	if made.Status != 200 || open == "" || made.Text("expires") != now.Add(programs.OpenDataTTL).Format(time.RFC3339) {
		t.Fatalf("%d %s", made.Status, made.Body)
	}
	ask := func(name string) apptest.Answer {
		t.Helper()
		return town.send(t, town.customer, "/api/mp/hello/bridge/"+name, open, map[string]any{"args": map[string]any{"board": "points"}})
	}
	friends := ask("leaderboards.friends")
	if friends.Status != 200 || !strings.Contains(string(friends.Body), `"score":7`) || strings.Contains(string(friends.Body), town.customer.Id) {
		t.Errorf("friends: %d %s", friends.Status, friends.Body)
	}
	if got := ask("leaderboards.mine"); got.Status != 200 || got.JSON()["rank"] != 1.0 {
		t.Errorf("mine: %d %s", got.Status, got.Body)
	}
	for name, m := range methods {
		if !m.open {
			if got := ask(name); got.Code() != "open_context" {
				t.Errorf("%s: %d %s", name, got.Status, got.Body)
			}
		}
	}
	for _, path := range []string{"call/echo", "consents", "open-data", "upload"} {
		if got := town.send(t, town.customer, "/api/mp/hello/"+path, open, map[string]any{"scope": programs.ScopeProfile, "state": "granted"}); got.Status < 400 {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	if got := town.send(t, town.stranger, "/api/mp/hello/bridge/leaderboards.friends", open, map[string]any{}); got.Code() != "launch_invalid" {
		t.Errorf("a stranger with the token: %d %s", got.Status, got.Body)
	}
	if got := town.page(t, "leaderboards.friends", map[string]any{"board": "points"}); got.Code() != "only_open_context" {
		t.Errorf("a page: %d %s", got.Status, got.Body)
	}
	if got := town.function(t, "leaderboards.friends", map[string]any{"board": "points"}); got.Code() != "only_open_context" {
		t.Errorf("a function: %d %s", got.Status, got.Body)
	}
	clock.Set(town.App, now.Add(programs.OpenDataTTL))
	if got := ask("leaderboards.mine"); got.Code() != "launch_expired" {
		t.Errorf("too late: %d %s", got.Status, got.Body)
	}
}

// On a board that is the functions' own, a page's score is refused and a function's is taken, as that of who called.
func TestOnlyFunctionsSubmitToAnAuthoritativeBoard(t *testing.T) {
	town := newTown(t)
	town.boards(t)
	if _, err := town.NonconcurrentDB().NewQuery(`UPDATE leaderboards_boards SET spec = '{"id":"points","authoritative":true}'`).Execute(); err != nil {
		t.Fatal(err)
	}
	args := map[string]any{"board": "points", "score": 7}
	if got := town.page(t, "leaderboards.submit", args); got.Code() != "board_authoritative" {
		t.Errorf("a page: %d %s", got.Status, got.Body)
	}
	if got := town.function(t, "leaderboards.submit", args); got.Status != 200 {
		t.Errorf("a function: %d %s", got.Status, got.Body)
	}
	if got := town.page(t, "leaderboards.mine", args); got.JSON()["score"] != 7.0 {
		t.Errorf("mine: %d %s", got.Status, got.Body)
	}
}
