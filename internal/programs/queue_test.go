package programs_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
)

// waiting submits the first version of a program of that name, as it would have been with the risk, so long ago.
func (d desk) waiting(t *testing.T, appid string, risk int, ago time.Duration) *core.Record {
	t.Helper()
	d.version(t, appid, 1)
	review, err := programs.Submit(d, appid, 1, programs.Submission{}, d.owner.Id, now.Add(-ago))
	if err != nil {
		t.Fatal(err)
	}
	review.Set("risk", risk)
	if err := d.Save(review); err != nil {
		t.Fatal(err)
	}
	return review
}

// What waits for more than a day goes first, so that nothing waits for ever; then by class of risk; then by age.
func TestTheQueueIsByRiskAndAge(t *testing.T) {
	d := newDesk(t)
	d.waiting(t, "low-old", 10, 5*time.Hour)
	d.waiting(t, "low-older", 29, 6*time.Hour)
	d.waiting(t, "medium", 30, time.Minute)
	d.waiting(t, "high", 60, 2*time.Minute)
	high := d.waiting(t, "high-older", 99, 3*time.Minute)
	d.waiting(t, "forgotten", 0, 25*time.Hour)
	d.waiting(t, "forgotten-riskier", 100, 24*time.Hour)
	order := func(open bool, page, perPage int) string {
		queue, err := programs.Queue(d, open, page, perPage, d.operator, "fr", now)
		if err != nil {
			t.Fatal(err)
		}
		names := make([]string, 0, len(queue))
		for _, one := range queue {
			names = append(names, one.Program.AppID)
		}
		return strings.Join(names, " ")
	}
	all := "forgotten forgotten-riskier high-older high medium low-older low-old"
	if got := order(true, 1, 100); got != all {
		t.Errorf("the order is %s\nwant         %s", got, all)
	}
	if got := order(true, 2, 3); got != "high medium low-older" {
		t.Errorf("the second page is %s", got)
	}
	if got := order(true, 9, 3); got != "" {
		t.Errorf("behind the last page: %s", got)
	}
	standing := func(appid string, at time.Time) programs.Standing {
		program, err := d.FindFirstRecordByData("programs", "appid", appid)
		if err != nil {
			t.Fatal(err)
		}
		standing, err := programs.StandingOf(d, program, true, at)
		if err != nil {
			t.Fatal(err)
		}
		return standing
	}
	for i, appid := range strings.Fields(all) {
		if s := standing(appid, now); s.Position != i+1 || s.Waiting != 7 {
			t.Errorf("%s is at %d of %d, want %d of 7", appid, s.Position, s.Waiting, i+1)
		}
	}
	if _, err := programs.Claim(d, high.Id, d.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	if s := standing("high-older", now); s.Position != 0 || s.Waiting != 6 {
		t.Errorf("what is looked at is at %d of %d", s.Position, s.Waiting)
	}
	if s := standing("high", now); s.Position != 3 {
		t.Errorf("the next is at %d, want 3", s.Position)
	}
	if s := standing("high-older", now.Add(time.Hour)); s.Position != 3 || s.Waiting != 7 {
		t.Errorf("after the claim it is at %d of %d, want its old place", s.Position, s.Waiting)
	}
	if got := order(true, 1, 100); got != all {
		t.Errorf("with a claim the order is %s", got)
	}
	if got := order(false, 1, 100); got != "" {
		t.Errorf("decided: %s", got)
	}
}

// How long reviews take is the middle of the last fifty decisions, not of withdrawals.
func TestTheMedianIsOfTheLastFiftyDecisions(t *testing.T) {
	d := newDesk(t)
	program := d.program(t)
	version, err := d.FindFirstRecordByFilter("programs_versions", "number = 1")
	if err != nil {
		t.Fatal(err)
	}
	median := func() int {
		s, err := programs.StandingOf(d, program, true, now)
		if err != nil {
			t.Fatal(err)
		}
		return s.MedianSeconds
	}
	if median() != 0 {
		t.Errorf("nothing was decided, and it took %d s", median())
	}
	decide := func(state string, took time.Duration, ago int) {
		decided := now.Add(-time.Duration(ago) * time.Hour)
		apptest.Record(t, d, "programs_reviews", map[string]any{
			"program": program.Id, "version": version.Id, "state": state, "submitted_at": decided.Add(-took), "decided_at": decided,
		})
	}
	for i := range 30 { // long ago, when everything took a week
		decide("approved", 7*24*time.Hour, 1000+i)
	}
	for i := range 25 {
		decide("approved", time.Hour, 100+i)
		decide("rejected", 2*time.Hour, 200+i)
		decide("withdrawn", time.Second, i)
	}
	if got := median(); got != 5400 {
		t.Errorf("the median is %d s, want the middle between an hour and two", got)
	}
	decide("approved", time.Hour, 1)
	if got := median(); got != 3600 {
		t.Errorf("the median is %d s, want an hour", got)
	}
}

// The whole of it over HTTP, with everybody who must be turned away.
func TestReviewOverHTTP(t *testing.T) {
	d := newDesk(t)
	d.set(t, "programs_versions", "scopes", []string{"orders"})
	c := serve(t, d.house)
	post := func(user *core.Record, path, body string) apptest.Answer {
		return c.send("POST", path, user, []byte(body))
	}
	get := func(user *core.Record, path string) apptest.Answer { return c.send("GET", path, user, nil) }
	const version = "/api/mp/hello/versions/1/"
	for _, r := range []struct {
		user       *core.Record
		path, code string
	}{
		{nil, version + "submit", "sign_in_required"},
		{d.customer, version + "submit", "not_maker"},
		{d.operator, version + "submit", "not_maker"},
		{d.customer, version + "withdraw", "not_maker"},
		{d.owner, version + "withdraw", "review_not_found"},
		{d.owner, "/api/mp/hello/versions/9/submit", "version_not_found"},
		{d.owner, "/api/mp/hello/versions/x/submit", "version_not_found"},
		{d.owner, version + "approve", "operator_only"},
		{d.owner, version + "reject", "operator_only"},
		{d.operator, version + "approve", "review_not_found"},
		{d.owner, "/api/reviews/x/claim", "operator_only"},
		{d.operator, "/api/reviews/x/claim", "review_not_found"},
	} {
		if got := post(r.user, r.path, "{}"); got.Code() != r.code {
			t.Errorf("%s: %d %s, want %s", r.path, got.Status, got.Body, r.code)
		}
	}
	if got := get(d.owner, "/api/mp/hello/review"); got.Status != 200 || got.JSON()["review"] != nil || got.Number("waiting") != 0 {
		t.Errorf("before: %d %s", got.Status, got.Body)
	}
	d.owner.Set("language", "fr")
	if err := d.Save(d.owner); err != nil {
		t.Fatal(err)
	}
	submitted := post(d.owner, version+"submit", `{"notes":"Look at the clock.","test_account":"guest / 1234"}`)
	id := submitted.Text("id")
	if submitted.Status != 200 || submitted.Text("state") != "waiting" {
		t.Fatalf("submit: %d %s", submitted.Status, submitted.Body)
	}
	if got := get(d.owner, "/api/mp/hello/review"); got.Number("position") != 1 || got.Number("waiting") != 1 || got.Number("number") != 1 {
		t.Errorf("standing: %s", got.Body)
	}
	if got := get(d.customer, "/api/mp/hello/review"); got.Code() != "not_maker" {
		t.Errorf("a stranger reads %s", got.Body)
	}
	if got := get(d.operator, "/api/mp/hello/review"); got.Status != 200 {
		t.Errorf("the operator: %d %s", got.Status, got.Body)
	}
	for _, path := range []string{"/api/reviews", "/api/reviews/" + id} {
		if got := get(d.owner, path); got.Code() != "operator_only" {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	list := get(d.operator, "/api/reviews?state=open")
	for _, part := range []string{`"appid":"hello"`, `"scopes_added":["orders"]`, `"files_after":3`, `"warnings":1`, `"own":false`, `"report":null`, `new_money_scopes`, `"claimed_by_name":""`} {
		if !strings.Contains(string(list.Body), part) {
			t.Errorf("the list has no %s: %s", part, list.Body)
		}
	}
	if got := post(d.operator, "/api/reviews/"+id+"/claim", ""); got.Text("claimed_by_name") != "operator" || got.Text("test_account") != "guest / 1234" || got.Text("language") != "fr" {
		t.Errorf("claim: %d %s", got.Status, got.Body)
	}
	if got := post(d.rival, version+"approve", `{}`); got.Status != 409 || got.Code() != "review_claimed" || got.Data()["by"] != "operator" || got.Data()["until"] == "" {
		t.Errorf("a rival: %d %s", got.Status, got.Body)
	}

	if got := post(d.customer, "/api/reviews/"+id+"/messages", `{"text":"hello"}`); got.Code() != "review_not_found" {
		t.Errorf("a stranger writes: %s", got.Body)
	}
	post(d.operator, "/api/reviews/"+id+"/messages", `{"text":"Why orders?"}`)
	post(d.owner, "/api/reviews/"+id+"/messages", `{"text":"To show the last one."}`)
	makers := get(d.owner, "/api/mp/hello/review").JSON()["thread"].([]any)
	if len(makers) != 2 || fmt.Sprint(makers[0].(map[string]any)["author_name"], makers[1].(map[string]any)["author_name"]) != "owner" {
		t.Errorf("the makers read %v", makers)
	}
	if got := get(d.operator, "/api/reviews/"+id); !strings.Contains(string(got.Body), `"author_name":"operator"`) || !strings.Contains(string(got.Body), `"findings":[{`) {
		t.Errorf("the operator reads %s", got.Body)
	}

	kind, body := rejectionForm(t, map[string]string{"rule": "3.1", "reason": "A clock needs no orders.", "findings": `[{"file":"a.js","line":3,"message":"here"}]`}, picture)
	if got := c.send("POST", version+"reject", d.operator, body, map[string]string{"Content-Type": kind}); got.Status != 200 || got.Text("state") != "rejected" || got.Text("screenshot") == "" {
		t.Errorf("reject: %d %s", got.Status, got.Body)
	}
	if got := get(d.operator, "/api/reviews?state=decided"); !strings.Contains(string(got.Body), `"decided_by_name":"operator"`) {
		t.Errorf("decided: %s", got.Body)
	}
	if got := post(d.owner, version+"submit", ""); got.Status != 200 {
		t.Fatalf("submit again: %d %s", got.Status, got.Body)
	}
	if got := post(d.rival, version+"reject", `{"rule":"3.1","reason":""}`); got.Code() != "reason_required" {
		t.Errorf("an empty reason: %s", got.Body)
	}
	if got := post(d.rival, version+"approve", `{"note":"Good."}`); got.Status != 200 || got.Text("state") != "approved" {
		t.Errorf("approve: %d %s", got.Status, got.Body)
	}
	if got := post(d.owner, version+"withdraw", ""); got.Status != 409 || got.Code() != "review_decided" {
		t.Errorf("withdraw: %d %s", got.Status, got.Body)
	}
}

func rejectionForm(t *testing.T, fields map[string]string, screenshot []byte) (kind string, body []byte) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("screenshot", "seen.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(screenshot); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), out.Bytes()
}

// The reviewer is told which files changed, and a file that only pretends to be the same is among them.
func TestTheReviewerSeesWhichFilesChanged(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.approve(t, 1)
	h.release(t, 1)
	files := project(t)
	files["pages/index/index.wxml"] = []byte("<view>other</view>\n")
	files["pages/index/extra.js"] = []byte("module.exports = 1\n")
	delete(files, "images/icon.svg")
	files["manifest.json"] = bytes.Replace(files["manifest.json"], []byte(`"icons": [{ "src": "images/icon.svg" }],`), nil, 1)
	h.upload(t, pack(t, files))
	review, err := programs.Submit(h, "hello", 2, programs.Submission{}, h.owner.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := programs.Review(h, review.Id, h.operator, "en", now)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(seen.Added, seen.Changed, seen.Removed); got != "[pages/index/extra.js] [manifest.json pages/index/index.wxml] [images/icon.svg]" {
		t.Errorf("the reviewer sees %s", got)
	}
	if seen.Diff.Against != 1 || seen.Report == nil || seen.Report.Sizes.Files == 0 || seen.Diff.FilesBefore == 0 {
		t.Errorf("against %d: %+v", seen.Diff.Against, seen.Diff)
	}
}

// Whoever follows a review is told of the decision by its row, and strangers are told nothing.
func TestAReviewIsReadByItsMakersAndOperators(t *testing.T) {
	d := newDesk(t)
	c := serve(t, d.house)
	review := d.submit(t, 1)
	for _, r := range []struct {
		who    *core.Record
		status int
	}{{d.owner, http.StatusOK}, {d.operator, http.StatusOK}, {d.customer, http.StatusNotFound}, {nil, http.StatusNotFound}} {
		if got := c.send("GET", "/api/collections/programs_reviews/records/"+review.Id, r.who, nil); got.Status != r.status {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	}
	told := follow(t, c, d.owner, "programs_reviews/"+review.Id)
	if _, err := programs.Approve(d, review.Id, "", d.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Error("nobody was told")
	}
}
