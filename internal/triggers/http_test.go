package triggers_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/internal/triggers"
)

func pauseOf(h *house, t testing.TB, appid, name string) (triggers.Trigger, error) {
	t.Helper()
	return triggers.Pause(h.App, appid, h.row(t, appid, name).ID, true, h.maker.Id, clock.Now(h.App))
}

// The program's makers see what runs by itself, run a timer by hand, pause and resume; nobody else does, and every act
// is written down.
func TestMakersLookAfterTheirTriggers(t *testing.T) {
	h := newHouse(t)
	h.program(t, "bread", h.org.Id, timer("nightly", "0 0 4 * * * *"), hook("scan"))
	h.program(t, "cake", apptest.Org(t, h.App, "other").Id, timer("nightly", "0 0 4 * * * *"))
	client, token := apptest.NewClient(t, h.App), apptest.Token(t, h.maker)
	cashier, stranger := apptest.Person(t, h.App, "Carl"), apptest.Person(t, h.App, "Stan")
	apptest.Staff(t, h.App, h.org, cashier, "cashier")
	id, scan, foreign := h.row(t, "bread", "nightly").ID, h.row(t, "bread", "scan").ID, h.row(t, "cake", "nightly").ID
	const path = "/api/mp/bread/triggers"
	for _, c := range []struct {
		method, path, token, code string
		status                    int
	}{
		{"GET", path, "", "sign_in_required", 401},
		{"GET", path, apptest.Token(t, cashier), "not_maker", 403},
		{"GET", path, apptest.Token(t, stranger), "not_maker", 403},
		{"POST", path + "/" + id + "/run", apptest.Token(t, cashier), "not_maker", 403},
		{"POST", path + "/" + id + "/pause", apptest.Token(t, stranger), "not_maker", 403},
		{"POST", path + "/" + id + "/resume", "", "sign_in_required", 401},
		{"POST", path + "/" + scan + "/run", token, "trigger_not_timer", 409},
		{"POST", path + "/" + foreign + "/run", token, "trigger_unknown", 404},
		{"POST", path + "/" + foreign + "/pause", token, "trigger_unknown", 404},
		{"POST", "/api/mp/cake/triggers/" + foreign + "/run", token, "not_maker", 403},
		{"GET", "/api/mp/nobody/triggers", token, "program_not_found", 404},
	} {
		if got := client.Do(c.method, c.path, c.token, nil); got.Status != c.status || got.Code() != c.code {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, got.Status, got.Body, c.status, c.code)
		}
	}
	h.want(t)

	shown := client.Must(http.StatusOK, "GET", path, token, nil).JSON()
	first := shown["triggers"].([]any)[0].(map[string]any)
	if shown["live"] != true || shown["zone"] != "Europe/Paris" || first["name"] != "nightly" || first["next"] != "2026-11-25 03:00:00.000Z" {
		t.Errorf("shown is %v", shown)
	}
	h.act = func(called) error { return sandbox.ErrTimeout }
	if got := client.Must(http.StatusOK, "POST", path+"/"+id+"/run", token, nil); got.Text("state") != "failed" || got.Text("last_error") == "" ||
		got.Text("next") != "2026-11-25 03:00:00.000Z" {
		t.Errorf("run by hand: %s", got.Body)
	}
	h.act = nil
	if got := client.Must(http.StatusOK, "POST", path+"/"+id+"/pause", token, nil); got.Text("next") != "" {
		t.Errorf("paused: %s", got.Body)
	}
	if got := client.Must(http.StatusOK, "POST", path+"/"+id+"/run", token, nil); got.Text("state") != "ok" || got.Text("next") != "" {
		t.Errorf("run by hand while paused: %s", got.Body)
	}
	h.heard()
	h.at(t, start.Add(30*time.Hour))
	h.want(t, "cake f nightly 2026-11-25T03:00:00Z")
	if got := client.Must(http.StatusOK, "POST", path+"/"+id+"/resume", token, nil); got.Text("next") != "2026-11-26 03:00:00.000Z" {
		t.Errorf("resumed: %s", got.Body)
	}
	client.Must(http.StatusOK, "POST", path+"/"+id+"/resume", token, nil)
	if runs, pauses, resumes := h.count(t, "ledger_audit WHERE act = 'triggers.run'"), h.count(t, "ledger_audit WHERE act = 'triggers.pause'"),
		h.count(t, "ledger_audit WHERE act = 'triggers.resume'"); runs != 2 || pauses != 1 || resumes != 1 {
		t.Errorf("the audit has %d runs, %d pauses and %d resumes", runs, pauses, resumes)
	}
	program, err := h.FindFirstRecordByData("programs", "appid", "bread")
	if err != nil {
		t.Fatal(err)
	}
	h.set(t, program, map[string]any{"status": "taken_down"})
	if _, err := triggers.RunNow(h.App, h.run, "bread", id, h.maker.Id, start); !errors.Is(err, triggers.ErrNotLive) {
		t.Errorf("a stopped program's timer was run: %v", err)
	}
	records := "/api/collections/programs_triggers/records"
	for who, want := range map[string]int64{"": 0, apptest.Token(t, stranger): 0, apptest.Token(t, cashier): 0, token: 2} {
		if seen := client.Must(http.StatusOK, "GET", records, who, nil); seen.Number("totalItems") != want {
			t.Errorf("somebody sees %s, want %d", seen.Body, want)
		}
	}
	for _, method := range []string{"POST", "PATCH", "DELETE"} {
		target := records
		if method != "POST" {
			target += "/" + id
		}
		if got := client.Do(method, target, token, map[string]any{"spec": "* * * * * * *"}); got.Status < 400 {
			t.Errorf("%s of a row: %d", method, got.Status)
		}
	}
}
