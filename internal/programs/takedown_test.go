package programs_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
)

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (h house) restore(t *testing.T, takedown *core.Record) {
	t.Helper()
	for range 2 {
		if _, err := programs.Restore(h.App, takedown.Id, "Mended.", h.operator.Id, now); err != nil {
			t.Fatalf("restore: %v", err)
		}
	}
}

// A version that is taken down gives way to the one that people had before it, and comes back by its makers' hand.
func TestATakenDownVersionGivesWay(t *testing.T) {
	h := newHouse(t)
	for number, words := range []string{"one", "two", "three"} {
		h.upload(t, edition(t, words))
		h.release(t, number+1)
	}
	third := h.takeDown(t, programs.Takedown{Scope: programs.ScopeVersion, AppID: "hello", Number: 3, Reason: "It spies."})
	if again := h.takeDown(t, programs.Takedown{Scope: programs.ScopeVersion, AppID: "hello", Number: 3, Reason: "It spies!"}); again.Id != third.Id {
		t.Error("a double click took it down twice")
	}
	h.wantStates(t, "superseded released taken_down")
	if live, err := programs.Live(h.App, "hello"); err != nil || live.Number != 2 {
		t.Errorf("version %d is live (%v)", live.Number, err)
	}
	_, err := programs.Rollback(h.App, "hello", 3, "", h.owner.Id, now)
	want(t, err, programs.ErrNeverReleased)
	h.restore(t, third)
	h.wantStates(t, "superseded released superseded")
	h.rollback(t, 3)
	h.wantStates(t, "superseded rolled_back released")
}

// A program that loses its only version says so; restoring it, or releasing a better one, opens it again.
func TestAProgramThatLosesItsOnlyVersion(t *testing.T) {
	h, opened := open(t)
	takedown := h.takeDown(t, programs.Takedown{Scope: programs.ScopeVersion, AppID: "hello", Number: 1, Reason: "It spies.", Notice: "Wait."})
	_, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	want(t, err, programs.ErrTakenDown)
	_, _, err = programs.Running(h.App, h.customer, "hello", opened.Token, now)
	want(t, err, programs.ErrTakenDown)
	h.restore(t, takedown)
	if _, _, err = programs.Running(h.App, h.customer, "hello", opened.Token, now); err != nil {
		t.Errorf("after the restore: %v", err)
	}
	h.takeDown(t, programs.Takedown{Scope: programs.ScopeVersion, AppID: "hello", Number: 1, Reason: "Again."})
	h.upload(t, edition(t, "better"))
	h.approve(t, 2)
	h.release(t, 2)
	if live, err := programs.Live(h.App, "hello"); err != nil || live.Number != 2 {
		t.Errorf("version %d is live (%v)", live.Number, err)
	}
}

// A taken-down organisation takes all its programs with it; each comes back to what it was, unless something else
// holds it.
func TestAnOrganisationsProgramsGoTogether(t *testing.T) {
	h, _ := open(t)
	files := project(t)
	files["manifest.json"] = []byte(`{"app_id":"other","name":"Other"}`)
	if _, err := h.send(h.org, "other", pack(t, files), h.owner.Id); err != nil {
		t.Fatal(err)
	}
	own := h.suspend(t)
	all := h.takeDown(t, programs.Takedown{Scope: programs.ScopeOrg, Org: h.org, Reason: "A fraud."})
	status := func() string {
		var status []string
		if err := h.DB().NewQuery("SELECT status FROM programs ORDER BY appid").Column(&status); err != nil {
			t.Fatal(err)
		}
		return strings.Join(status, " ")
	}
	if got := status(); got != "taken_down taken_down" {
		t.Errorf("programs are %s", got)
	}
	h.restore(t, own)
	if got := status(); got != "taken_down taken_down" {
		t.Errorf("one restored, programs are %s", got)
	}
	h.restore(t, all)
	if got := status(); got != "live draft" {
		t.Errorf("both restored, programs are %s", got)
	}
}

// An organisation is not deleted from under its programs: they would fall to whoever made their rows.
func TestAnOrganisationWithProgramsStays(t *testing.T) {
	h, _ := open(t)
	org, err := h.FindRecordById("orgs", h.org)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(org); err == nil || h.program(t).GetString("org") != h.org {
		t.Errorf("deleted (%v), the program is of %q", err, h.program(t).GetString("org"))
	}
}

// Makers may answer a takedown, once and in time; the operator has the last word, which may be a late one.
func TestATakedownIsAppealed(t *testing.T) {
	h, _ := open(t)
	c := serve(t, h)
	post := func(path string, user *core.Record, body string) apptest.Answer {
		return c.send("POST", path, user, []byte(body))
	}
	for _, user := range []*core.Record{h.owner, h.customer} {
		if got := post("/api/takedowns", user, `{"scope":"program","appid":"hello","reason":"x"}`); got.Code() != "operator_only" {
			t.Errorf("take down: %d %s", got.Status, got.Body)
		}
	}
	for body, field := range map[string]string{
		`{"scope":"program","appid":"hello"}`: "reason", `{"scope":"all","appid":"hello","reason":"x"}`: "scope",
		`{"scope":"org","org":"nobody","reason":"x"}`: "org", `{"scope":"program","appid":"hello","reason":"x","rule":"99.9"}`: "rule",
	} {
		if got := post("/api/takedowns", h.operator, body); got.Code() != "bad_takedown" || got.Data()["field"] != field {
			t.Errorf("%s: %d %s", body, got.Status, got.Body)
		}
	}
	got := post("/api/takedowns", h.operator, `{"scope":"program","appid":"hello","reason":"It lies.","notice":"Closed."}`)
	id := got.Text("id")
	if got.Status != 200 || id == "" {
		t.Fatalf("take down: %d %s", got.Status, got.Body)
	}
	if got := post("/api/takedowns/"+id+"/appeal", h.customer, `{"text":"No."}`); got.Code() != "not_maker" {
		t.Errorf("a stranger appeals: %d %s", got.Status, got.Body)
	}
	if got := post("/api/takedowns/"+id+"/appeal", h.owner, `{"text":" "}`); got.Code() != "bad_text" {
		t.Errorf("an empty appeal: %d %s", got.Status, got.Body)
	}
	for range 2 {
		if got := post("/api/takedowns/"+id+"/appeal", h.owner, `{"text":"It does not."}`); got.Text("state") != "appealed" {
			t.Errorf("appeal: %d %s", got.Status, got.Body)
		}
	}
	if got := post("/api/takedowns/"+id+"/appeal", h.owner, `{"text":"Really."}`); got.Code() != "takedown_closed" {
		t.Errorf("a second appeal: %d %s", got.Status, got.Body)
	}
	if got := c.send("GET", "/api/takedowns?state=appealed", h.operator, nil); !strings.Contains(string(got.Body), `"appeal":"It does not."`) {
		t.Errorf("appeals: %s", got.Body)
	}
	if got := post("/api/takedowns/"+id+"/uphold", h.owner, `{}`); got.Code() != "operator_only" {
		t.Errorf("a maker upholds: %d %s", got.Status, got.Body)
	}
	if got := post("/api/takedowns/"+id+"/uphold", h.operator, `{"answer":"It does."}`); got.Text("state") != "upheld" {
		t.Errorf("uphold: %d %s", got.Status, got.Body)
	}
	if got := post("/api/takedowns/"+id+"/restore", h.operator, `{"answer":"It did."}`); got.Text("state") != "restored" {
		t.Errorf("restore: %d %s", got.Status, got.Body)
	}
	if got := post("/api/takedowns/"+id+"/uphold", h.operator, `{}`); got.Code() != "takedown_closed" {
		t.Errorf("uphold what is restored: %d %s", got.Status, got.Body)
	}
	if got := post("/api/takedowns/nothing/restore", h.operator, `{}`); got.Code() != "takedown_not_found" {
		t.Errorf("nothing: %d %s", got.Status, got.Body)
	}
	late := h.suspend(t)
	_, err := programs.Appeal(h.App, late.Id, "Too late.", h.owner.Id, now.AddDate(1, 0, 1))
	want(t, err, programs.ErrTakedownClosed)
}

// A release and a takedown at the same second: whichever comes first, the program is stopped in the end.
func TestATakedownWinsAgainstReleases(t *testing.T) {
	h, _ := open(t)
	h.upload(t, edition(t, "second"))
	h.approve(t, 2)
	var acts sync.WaitGroup
	for i := range 12 {
		acts.Go(func() {
			switch i % 3 {
			case 0:
				_, _ = programs.Release(h.App, "hello", 2, 100, h.owner.Id, now)
			case 1:
				_, _ = programs.Rollback(h.App, "hello", 1, "", h.owner.Id, now)
			default:
				h.suspend(t)
			}
		})
	}
	acts.Wait()
	if status := h.program(t).GetString("status"); status != "taken_down" {
		t.Errorf("the program is %s", status)
	}
	if n := count(t, h, "programs_takedowns"); n != 1 {
		t.Errorf("%d takedowns", n)
	}
}

// follow subscribes the user to a topic and gives what its events say of the program's status.
func follow(t *testing.T, c client, user *core.Record, topic string) <-chan string {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, c.Server.URL+"/api/realtime", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	heard, connected := make(chan string, 16), make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, found := strings.CutPrefix(lines.Text(), "data:")
			var event struct {
				ClientID string `json:"clientId"`
				Record   struct {
					Status string `json:"status"`
				} `json:"record"`
			}
			if !found || json.Unmarshal([]byte(data), &event) != nil {
				continue
			}
			if event.ClientID != "" {
				connected <- event.ClientID
				continue
			}
			heard <- event.Record.Status
		}
		close(heard)
	}()
	select {
	case id := <-connected:
		body := encoded(t, map[string]any{"clientId": id, "subscriptions": []string{topic}})
		if got := c.send("POST", "/api/realtime", user, body); got.Status != 204 {
			t.Fatalf("subscribe: %d %s", got.Status, got.Body)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no realtime connection")
	}
	return heard
}

// The page that is open while its program is taken down, restored or ended hears it, as anybody's page.
func TestAnOpenPageHearsThatItsProgramIsStopped(t *testing.T) {
	h, opened := open(t)
	c := serve(t, h)
	heard := follow(t, c, h.customer, "programs/"+opened.ID)
	hears := func(status string) {
		t.Helper()
		select {
		case got := <-heard:
			if got != status {
				t.Errorf("heard %q, want %q", got, status)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("did not hear that the program is %s", status)
		}
	}
	takedown := h.suspend(t)
	hears("taken_down")
	h.restore(t, takedown)
	hears("live")
	if err := programs.Delete(h.App, "hello", h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	hears("deleted")
}
