package programs_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/programs"
)

const (
	here      = "session-here"
	elsewhere = "session-elsewhere"
)

// grant stores a decision of the customer on the scope orders.
func (h house) grant(t *testing.T, state, duration, session string) {
	t.Helper()
	decision := programs.Decision{State: state, Duration: duration, Session: session}
	if err := programs.Consent(h.App, h.customer.Id, "hello", "orders", decision); err != nil {
		t.Fatal(err)
	}
}

// state is what holds of the scope orders in that launch.
func (h house) state(t *testing.T, session string) string {
	t.Helper()
	consents, err := programs.Consents(h.App, h.customer.Id, "hello", session)
	if err != nil {
		t.Fatal(err)
	}
	return consents["orders"]
}

// A yes holds as long as the person said: in one launch, or in all; a no and a yes for always take the place of whatever
// was said in some launch.
func TestAConsentHoldsAsLongAsWasSaid(t *testing.T) {
	h, _ := open(t)
	expect := func(what, inHere, inElsewhere string) {
		t.Helper()
		if a, b := h.state(t, here), h.state(t, elsewhere); a != inHere || b != inElsewhere {
			t.Errorf("%s: %q here and %q elsewhere, want %q and %q", what, a, b, inHere, inElsewhere)
		}
	}
	expect("nothing said", "", "")
	h.grant(t, programs.Granted, programs.Open, here)
	expect("while it is open", programs.Granted, "")
	h.grant(t, programs.Granted, programs.Once, elsewhere)
	expect("once in another launch", programs.Granted, programs.Granted)
	h.grant(t, programs.Denied, "", "")
	expect("never", programs.Denied, programs.Denied)
	h.grant(t, programs.Granted, programs.Open, here)
	expect("open after never", programs.Granted, "")
	h.grant(t, programs.Granted, programs.Always, here)
	expect("always", programs.Granted, programs.Granted)
	if decisions, err := programs.Decisions(h.App, h.customer.Id, now); err != nil || len(decisions) != 1 || decisions[0].Duration != programs.Always || decisions[0].Session != "" {
		t.Errorf("decisions are %+v (%v)", decisions, err)
	}
	if err := programs.Withdraw(h.App, h.customer.Id, "hello", "orders"); err != nil {
		t.Fatal(err)
	}
	expect("withdrawn", "", "")
}

// A new launch has a session of its own, so that what was allowed while the last one was open is over.
func TestANewLaunchStartsWithoutWhatWasForTheLast(t *testing.T) {
	h, opened := open(t)
	_, claims, err := programs.Running(h.App, h.customer, "hello", opened.Token, now)
	if err != nil {
		t.Fatal(err)
	}
	h.grant(t, programs.Granted, programs.Open, claims.Session)
	again, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil || len(again.Consents) != 0 {
		t.Errorf("launched again with %v (%v)", again.Consents, err)
	}
	_, later, err := programs.Running(h.App, h.customer, "hello", again.Token, now)
	if err != nil || later.Session == claims.Session || h.state(t, later.Session) != "" || h.state(t, claims.Session) != programs.Granted {
		t.Errorf("the new launch has %q (%v)", h.state(t, later.Session), err)
	}
}

// A yes for once is used up by one call, however many come at the same time; nothing else is ever used up.
func TestOnceIsOnce(t *testing.T) {
	h, _ := open(t)
	use := func(session string) bool {
		used, err := programs.UseUp(h.App, h.customer.Id, "hello", "orders", session)
		if err != nil {
			t.Error(err)
		}
		return used
	}
	for range 3 {
		h.grant(t, programs.Granted, programs.Once, here)
		if use(elsewhere) {
			t.Error("another launch used it up")
		}
		var passed atomic.Int32
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				if use(here) {
					passed.Add(1)
				}
			})
		}
		all.Wait()
		if passed.Load() != 1 || h.state(t, here) != "" {
			t.Errorf("%d of 16 calls had it, and %q is left", passed.Load(), h.state(t, here))
		}
	}
	for _, duration := range []string{programs.Open, programs.Always} {
		h.grant(t, programs.Granted, duration, here)
		if use(here) || h.state(t, here) != programs.Granted {
			t.Errorf("%s was used up", duration)
		}
	}
}

// What means nothing is refused: a no for a while, a while without a launch, a word that is none.
func TestConsentsThatMeanNothing(t *testing.T) {
	h, _ := open(t)
	long := string(make([]byte, 65))
	for _, one := range []struct {
		decision programs.Decision
		refused  error
	}{
		{programs.Decision{State: programs.Denied, Duration: programs.Open, Session: here}, programs.ErrBadConsent},
		{programs.Decision{State: programs.Granted, Duration: "forever"}, programs.ErrBadConsent},
		{programs.Decision{Duration: programs.Always}, programs.ErrBadConsent},
		{programs.Decision{State: programs.Granted, Duration: programs.Once}, programs.ErrNoLaunch},
		{programs.Decision{State: programs.Granted, Duration: programs.Open}, programs.ErrNoLaunch},
		{programs.Decision{State: programs.Granted, Duration: programs.Open, Session: long}, programs.ErrNoLaunch},
	} {
		want(t, programs.Consent(h.App, h.customer.Id, "hello", "orders", one.decision), one.refused)
	}
	want(t, programs.Consent(h.App, h.customer.Id, "hello", "location", programs.Decision{State: programs.Granted, Duration: programs.Open, Session: here}), programs.ErrBadScope)
	if h.state(t, here) != "" {
		t.Errorf("something was stored: %q", h.state(t, here))
	}
}

// The person's own list shows what holds, once for each scope, and forgets launches that have ended.
func TestTheListShowsWhatHolds(t *testing.T) {
	h, _ := open(t)
	clock.Set(h.App, now)
	h.grant(t, programs.Granted, programs.Open, elsewhere)
	h.grant(t, programs.Granted, programs.Once, here)
	listed := func(at time.Time) []programs.Decided {
		t.Helper()
		decisions, err := programs.Decisions(h.App, h.customer.Id, at)
		if err != nil {
			t.Fatal(err)
		}
		return decisions
	}
	if list := listed(now); len(list) != 1 || list[0].Scope != "orders" || list[0].Session == "" {
		t.Errorf("listed: %+v", list)
	}
	if list := listed(now.Add(3 * time.Hour)); len(list) != 0 {
		t.Errorf("after the launches: %+v", list)
	}
	clock.Set(h.App, now.Add(3*time.Hour))
	if err := programs.Consent(h.App, h.customer.Id, "hello", "points", programs.Decision{State: programs.Granted}); err != nil {
		t.Fatal(err)
	}
	if left := count(t, h, "programs_consents"); left != 1 {
		t.Errorf("%d rows are left, want the one for always", left)
	}
}

// Over HTTP a yes for a while is of the launch whose token comes along; a person's own list may bring one back by its session.
func TestDurationsOverHTTP(t *testing.T) {
	h, _ := open(t)
	clock.Set(h.App, now)
	opened, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	_, claims, err := programs.Running(h.App, h.customer, "hello", opened.Token, now)
	if err != nil {
		t.Fatal(err)
	}
	client, token := apptest.NewClient(t, h.App), apptest.Token(t, h.customer)
	launch := map[string]string{programs.LaunchHeader: opened.Token}
	const path = "/api/mp/hello/consents"
	for what, one := range map[string]struct {
		body   map[string]any
		header map[string]string
		status int
		code   string
	}{
		"no launch":        {map[string]any{"scope": "orders", "state": "granted", "duration": "open"}, nil, 400, "launch_required"},
		"a foreign launch": {map[string]any{"scope": "orders", "state": "granted", "duration": "open"}, map[string]string{programs.LaunchHeader: opened.Token + "A"}, 401, "launch_invalid"},
		"no such duration": {map[string]any{"scope": "orders", "state": "granted", "duration": "soon"}, launch, 400, "bad_consent"},
		"undeclared":       {map[string]any{"scope": "location", "state": "granted", "duration": "open"}, launch, 400, "scope_undeclared"},
	} {
		if answer := client.Do("POST", path, token, one.body, one.header); answer.Status != one.status || answer.Code() != one.code {
			t.Errorf("%s: %d %s", what, answer.Status, answer.Body)
		}
	}
	client.Must(200, "POST", path, token, map[string]any{"scope": "orders", "state": "granted", "duration": "open", "session": "another"}, launch)
	if h.state(t, claims.Session) != programs.Granted || h.state(t, "another") != "" {
		t.Error("the session is not the launch's own")
	}
	list := client.Must(200, "GET", "/api/consents", token, nil)
	client.Must(204, "DELETE", path+"/orders", token, nil)
	if h.state(t, claims.Session) != "" {
		t.Errorf("after withdrawing: %s", list.Body)
	}
	client.Must(200, "POST", path, token, map[string]any{"scope": "orders", "state": "granted", "duration": "open", "session": claims.Session})
	if h.state(t, claims.Session) != programs.Granted {
		t.Error("the undo did not bring it back")
	}
	client.Must(200, "POST", path, token, map[string]any{"scope": "orders", "state": "denied"})
	if h.state(t, claims.Session) != programs.Denied {
		t.Error("a no without a duration is not for always")
	}
}
