package programs_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/programs"
)

func source(t *testing.T, policy check.Policy) []byte {
	t.Helper()
	raw, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func current(t *testing.T, app core.App) check.Policy {
	t.Helper()
	policy, err := programs.CurrentPolicy(app)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// A new installation has the default policy; each one that the operator writes has the next number, and the
// earlier ones stay as they were.
func TestPoliciesAreNumberedAndKept(t *testing.T) {
	d := newDesk(t)
	policy := current(t, d)
	if policy.Number != 0 || len(policy.Rules) == 0 {
		t.Fatalf("the first policy is %+v", policy)
	}
	for number := 1; number <= 3; number++ {
		policy.AppealDays = 20 + number
		record, err := programs.SetPolicy(d, source(t, policy), "Longer appeals.", d.operator.Id, now)
		if err != nil || record.GetInt("number") != number {
			t.Fatalf("policy %d: %v", number, err)
		}
		same, err := programs.SetPolicy(d, source(t, policy), "Again.", d.operator.Id, now)
		if err != nil || same.Id != record.Id {
			t.Errorf("the same policy again: %v", err)
		}
		policy = current(t, d)
		if policy.Number != number || policy.AppealDays != 20+number {
			t.Errorf("what holds is %d with %d days", policy.Number, policy.AppealDays)
		}
	}
	first, err := d.FindFirstRecordByData("programs_policies", "number", 1)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := check.ParsePolicy([]byte(first.GetString("policy"))); err != nil || kept.AppealDays != 21 || kept.Number != 1 {
		t.Errorf("the first is kept as %+v (%v)", kept, err)
	}
	if n := count(t, d, "ledger_audit WHERE act = 'programs.policy'"); n != 3 {
		t.Errorf("the audit tells %d", n)
	}
}

// Two operators who change the same policy: the second is told, and nothing of the first is lost.
func TestAPolicyWrittenOnAnOldOneIsRefused(t *testing.T) {
	d := newDesk(t)
	var wait sync.WaitGroup
	errs := make([]error, 8)
	policy := current(t, d) // all of them write on this one
	for i := range errs {
		policy.AppealDays = 30 + i
		raw := source(t, policy)
		wait.Go(func() { _, errs[i] = programs.SetPolicy(d, raw, "", d.operator.Id, now) })
	}
	wait.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, programs.ErrPolicyChanged) {
			t.Error(err)
		}
	}
	if won != 1 || count(t, d, "programs_policies") != 1 {
		t.Errorf("%d won, %d rows", won, count(t, d, "programs_policies"))
	}
}

func TestPoliciesThatAreRefused(t *testing.T) {
	d := newDesk(t)
	c := serve(t, d.house)
	good := check.Default()
	for what, body := range map[string]struct {
		user *core.Record
		raw  []byte
		code string
	}{
		"a maker":         {d.owner, encoded(t, map[string]any{"policy": good}), "operator_only"},
		"nothing":         {d.operator, []byte(`{}`), "bad_policy"},
		"a misspelling":   {d.operator, []byte(`{"policy":{"limitz":{}}}`), "bad_policy"},
		"no rules":        {d.operator, encoded(t, map[string]any{"policy": func() check.Policy { p := check.Default(); p.Rules = nil; return p }()}), "bad_policy"},
		"an early number": {d.operator, encoded(t, map[string]any{"policy": func() check.Policy { p := check.Default(); p.Number = 7; return p }()}), "policy_changed"},
		"a long note":     {d.operator, encoded(t, map[string]any{"policy": good, "note": string(slices.Repeat([]byte("x"), 2001))}), "bad_text"},
	} {
		if got := c.send("POST", "/api/policy", body.user, body.raw); got.Code() != body.code {
			t.Errorf("%s: %d %s, want %s", what, got.Status, got.Body, body.code)
		}
	}
	if count(t, d, "programs_policies") != 0 {
		t.Error("a refused policy was kept")
	}
	first := c.send("GET", "/api/store/policy", nil, nil)
	if first.Status != 200 || first.Number("number") != 0 || first.Header.Get("ETag") == "" {
		t.Fatalf("%d %s", first.Status, first.Body)
	}
	unchanged := map[string]string{"If-None-Match": first.Header.Get("ETag")}
	if again := c.send("GET", "/api/store/policy", nil, nil, unchanged); again.Status != 304 || len(again.Body) != 0 {
		t.Errorf("unchanged: %d %s", again.Status, again.Body)
	}
	good.AppealDays++
	if set := c.send("POST", "/api/policy", d.operator, encoded(t, map[string]any{"policy": good, "note": "One more day."})); set.Status != 200 || set.Number("number") != 1 {
		t.Fatalf("set: %d %s", set.Status, set.Body)
	}
	if now := c.send("GET", "/api/store/policy", nil, nil, unchanged); now.Status != 200 || now.Number("number") != 1 || now.Number("appeal_days") != int64(good.AppealDays) {
		t.Errorf("changed: %d %s", now.Status, now.Body)
	}
	if list := c.send("GET", "/api/collections/programs_policies/records", nil, nil); list.Number("totalItems") != 1 {
		t.Errorf("the history is %s", list.Body)
	}
	if got := c.send("PATCH", "/api/collections/programs_policies/records/"+first.Text("id"), d.operator, []byte(`{"note":"x"}`)); got.Status < 400 {
		t.Errorf("the history can be changed: %s", got.Body)
	}
}

// A stricter policy is for what comes: what people have goes on, can be rolled back, and is not sent away.
func TestAStricterPolicyBreaksNothingThatIsOut(t *testing.T) {
	h := newHouse(t)
	h.upload(t, edition(t, "one"))
	h.upload(t, edition(t, "two"))
	h.release(t, 1)
	h.release(t, 2)
	policy := current(t, h)
	policy.Limits.Files, policy.Limits.PackageBytes, policy.Limits.TotalBytes = 1, 1, 1
	policy.Categories = slices.DeleteFunc(policy.Categories, func(c check.Category) bool { return c.ID == "shopping" })
	if _, err := programs.SetPolicy(h, source(t, policy), "", h.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Launch(h, h.customer, "hello", programs.Opening{}, now); err != nil {
		t.Errorf("launch: %v", err)
	}
	h.rollback(t, 1)
	_, err := h.send(h.org, "hello", edition(t, "three"), h.owner.Id)
	want(t, err, programs.ErrTooLarge)
	policy = current(t, h)
	policy.Limits = check.Default().Limits
	if _, err := programs.SetPolicy(h, source(t, policy), "", h.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	_, err = h.send(h.org, "hello", edition(t, "three"), h.owner.Id)
	want(t, err, programs.ErrInvalid) // there is no such category any more
}

// A row that a superuser has spoilt by hand leaves the one before it in force.
func TestASpoiltPolicyIsPassedOver(t *testing.T) {
	d := newDesk(t)
	for days := range 2 {
		policy := current(t, d)
		policy.AppealDays = 40 + days
		if _, err := programs.SetPolicy(d, source(t, policy), "", d.operator.Id, now); err != nil {
			t.Fatal(err)
		}
	}
	latest, err := d.FindFirstRecordByData("programs_policies", "number", 2)
	if err != nil {
		t.Fatal(err)
	}
	latest.Set("policy", map[string]any{"number": 2, "rules": "none"})
	if err := d.Save(latest); err != nil {
		t.Fatal(err)
	}
	if policy := current(t, d); policy.Number != 1 || policy.AppealDays != 40 {
		t.Errorf("what holds is %d with %d days", policy.Number, policy.AppealDays)
	}
	next := current(t, d)
	next.AppealDays = 50
	if record, err := programs.SetPolicy(d, source(t, next), "", d.operator.Id, now); err != nil || record.GetInt("number") != 3 {
		t.Errorf("the way out is %v", err)
	}
	if policy := current(t, d); policy.Number != 3 || policy.AppealDays != 50 {
		t.Errorf("afterwards it is %d with %d days", policy.Number, policy.AppealDays)
	}
}
