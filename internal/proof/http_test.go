package proof

import (
	"net/http"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
)

// The operator proves, reads what was found, acknowledges it with a reason and may take that back; the next night keeps
// an acknowledgement for as long as the figures are the same. Nobody else gets in.
func TestTheOperatorsRoom(t *testing.T) {
	app := apptest.New(t, ledger.Register, Register)
	operator, stranger := apptest.Token(t, apptest.Operator(t, app, "olive")), apptest.Token(t, apptest.Person(t, app, "sam"))
	client := apptest.NewClient(t, app)
	for _, path := range []string{"/api/proof", "/api/proof/run", "/api/proof/findings/x/acknowledge", "/api/proof/findings/x/reopen"} {
		method := http.MethodPost
		if path == "/api/proof" {
			method = http.MethodGet
		}
		if got := client.Do(method, path, stranger, map[string]any{"reason": "x"}); got.Code() != "operator_only" {
			t.Errorf("%s answers a stranger %d %s", path, got.Status, got.Body)
		}
	}
	if first := client.Must(http.StatusOK, http.MethodGet, "/api/proof", operator, nil).JSON(); first["run"] != nil || len(first["rules"].([]any)) != len(Rules()) {
		t.Errorf("before the first run: %v", first)
	}
	unlock(t, app)
	run(t, app, `INSERT INTO loyalty_debts (user, org, points) VALUES ('u', 'o', 7)`)
	again := func() (one map[string]any) {
		t.Helper()
		begun := client.Must(http.StatusOK, http.MethodPost, "/api/proof/run", operator, map[string]any{})
		if second := client.Must(http.StatusOK, http.MethodPost, "/api/proof/run", operator, map[string]any{}); second.Text("id") != begun.Text("id") {
			t.Errorf("two runs at once: %s %s", begun.Body, second.Body)
		}
		if err := work(app, begun.Text("id"), clock.Now(app)); err != nil {
			t.Fatal(err)
		}
		seen := client.Must(http.StatusOK, http.MethodGet, "/api/proof", operator, nil).JSON()
		found := seen["findings"].([]any)
		if len(found) != 1 || seen["run"].(map[string]any)["id"] != begun.Text("id") {
			t.Fatalf("seen %v", seen)
		}
		return found[0].(map[string]any)
	}
	one := again()
	if one["table"] != "loyalty_debts" || one["row"] != "u @ o" || one["expected"] != "0" || one["actual"] != "7" || one["state"] != Open {
		t.Errorf("found %v", one)
	}
	path := "/api/proof/findings/" + one["id"].(string)
	if got := client.Do(http.MethodPost, path+"/acknowledge", operator, map[string]any{"reason": "  "}); got.Code() != "reason_required" {
		t.Errorf("no reason: %d %s", got.Status, got.Body)
	}
	if got := client.Do(http.MethodPost, "/api/proof/findings/none/reopen", operator, map[string]any{}); got.Code() != "finding_not_found" {
		t.Errorf("no finding: %d %s", got.Status, got.Body)
	}
	client.Must(http.StatusOK, http.MethodPost, path+"/acknowledge", operator, map[string]any{"reason": "an import of 2019"})
	if kept := again(); kept["state"] != Acknowledged || kept["reason"] != "an import of 2019" {
		t.Errorf("the next run has %v", kept)
	}
	run(t, app, `UPDATE loyalty_debts SET points = 9`)
	if other := again(); other["state"] != Open {
		t.Errorf("with other figures it is %v", other)
	}
	run(t, app, `UPDATE loyalty_debts SET points = 7`)
	kept := again()
	if kept["state"] != Acknowledged {
		t.Errorf("with the same figures again it is %v", kept)
	}
	if back := client.Must(http.StatusOK, http.MethodPost, "/api/proof/findings/"+kept["id"].(string)+"/reopen", operator, map[string]any{}); back.Text("state") != Open {
		t.Errorf("reopened: %s", back.Body)
	}
	var acts int
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM ledger_audit WHERE act IN ('proof.acknowledge', 'proof.reopen')").Row(&acts); err != nil || acts != 2 {
		t.Errorf("%d acts are audited (%v), want 2", acts, err)
	}
	if got := client.Do(http.MethodGet, "/api/proof?run=none", operator, nil); got.Code() != "proof_run_not_found" {
		t.Errorf("no run: %d %s", got.Status, got.Body)
	}
	for _, collection := range []string{"proof_runs", "proof_findings"} {
		if got := client.Do(http.MethodGet, "/api/collections/"+collection+"/records", stranger, nil); got.Number("totalItems") != 0 {
			t.Errorf("a stranger reads %s: %s", collection, got.Body)
		}
	}
}

// A run whose job was given up does not stand in the way for ever, and only so many are kept.
func TestOldRunsGo(t *testing.T) {
	app := apptest.New(t, ledger.Register, Register)
	now := clock.Now(app)
	dead, err := Start(app, "", now)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := Start(app, "", now.Add(StaleAfter+1e9))
	if err != nil || fresh.ID == dead.ID {
		t.Fatalf("after an hour without progress the run is still %s (%v)", fresh.ID, err)
	}
	if dead, err = Find(app, dead.ID); err != nil || dead.State != Failed {
		t.Errorf("the dead run is %+v (%v)", dead, err)
	}
	for range RunsKept + 3 {
		if _, err := jobs.RunDue(app, now.Add(3*StaleAfter)); err != nil {
			t.Fatal(err)
		}
		if _, err := Start(app, "", now.Add(2*StaleAfter)); err != nil {
			t.Fatal(err)
		}
	}
	var kept int
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM proof_runs").Row(&kept); err != nil || kept > RunsKept+2 {
		t.Errorf("%d runs are kept (%v)", kept, err)
	}
}
