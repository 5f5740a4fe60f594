package programs_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
)

// Releasing moves one pointer, is written down, and can be taken back; doing it twice does nothing.
func TestReleaseSupersedesAndRollsBack(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.upload(t, edition(t, "second"))
	h.release(t, 1)
	before := count(t, h, "ledger_audit WHERE act = 'programs.release'")
	h.release(t, 1)
	if after := count(t, h, "ledger_audit WHERE act = 'programs.release'"); before != 1 || after != 1 {
		t.Errorf("audit has %d, then %d releases, want 1", before, after)
	}
	h.wantStates(t, "released checked")
	h.release(t, 2)
	h.wantStates(t, "superseded released")
	_, err := programs.Release(h.App, "hello", 1, 100, h.owner.Id, now)
	want(t, err, programs.ErrNotApproved) // going back has its own word
	h.rollback(t, 1)
	h.rollback(t, 1)
	h.wantStates(t, "released rolled_back")
	if n := count(t, h, "ledger_audit WHERE act = 'programs.rollback'"); n != 1 {
		t.Errorf("audit has %d roll-backs, want 1", n)
	}
	_, err = programs.Release(h.App, "hello", 3, 100, h.owner.Id, now)
	want(t, err, programs.ErrVersionNotFound)
	_, err = programs.Release(h.App, "nobody", 1, 100, h.owner.Id, now)
	want(t, err, programs.ErrNotFound)
	h.suspend(t)
	_, err = programs.Rollback(h.App, "hello", 2, "", h.owner.Id, now)
	want(t, err, programs.ErrTakenDown)
}

// Makers may go back as far as they like, but only to what people have had.
func TestRollbackReachesAnyEarlierVersion(t *testing.T) {
	h := newHouse(t)
	for _, words := range []string{"one", "two", "three", "four"} {
		h.upload(t, edition(t, words))
	}
	for number := 1; number <= 3; number++ {
		h.release(t, number)
	}
	h.rollback(t, 1)
	h.wantStates(t, "released superseded rolled_back checked")
	h.rollback(t, 3)
	h.wantStates(t, "rolled_back superseded released checked")
	h.rollback(t, 2)
	h.wantStates(t, "rolled_back released rolled_back checked")
	_, err := programs.Rollback(h.App, "hello", 4, "", h.owner.Id, now)
	want(t, err, programs.ErrNeverReleased)
	_, err = programs.Rollback(h.App, "hello", 1, strings.Repeat("x", 2001), h.owner.Id, now)
	want(t, err, programs.ErrBadText)
}

// Releases, roll-backs and roll-outs of all at once end with one version for everybody, and pointers that agree.
func TestReleasesAndRollbacksAtOnceLeaveOneReleased(t *testing.T) {
	h := newHouse(t)
	for number, words := range []string{"one", "two", "three"} {
		h.upload(t, edition(t, words))
		h.release(t, number+1)
	}
	h.upload(t, edition(t, "four"))
	var moves sync.WaitGroup
	for i := range 24 {
		moves.Go(func() {
			var err error
			if i%4 == 3 {
				_, err = programs.Release(h.App, "hello", 4, []int{20, 100}[i/4%2], h.owner.Id, now)
			} else {
				_, err = programs.Rollback(h.App, "hello", 1+i%3, "", h.owner.Id, now)
			}
			if err != nil && !errors.Is(err, programs.ErrNotApproved) {
				t.Error(err)
			}
		})
	}
	moves.Wait()
	if n := count(t, h, "programs_versions v JOIN programs p ON p.`release` = v.id WHERE v.state = 'released'"); n != 1 {
		t.Errorf("%d versions are released", n)
	}
	if n := count(t, h, "programs_versions WHERE state = 'released'"); n != 1 {
		t.Errorf("%d versions say that they are released", n)
	}
	rolling := count(t, h, "programs_versions v JOIN programs p ON p.rollout = v.id WHERE v.state = 'rolling_out'")
	if said := count(t, h, "programs_versions WHERE state = 'rolling_out'"); rolling != said || (h.program(t).GetString("rollout") != "") != (said == 1) {
		t.Errorf("%d versions are rolling out, %d of them known to the program", said, rolling)
	}
}

// Without a review a program may live, until it has had one: from then on its versions wait for theirs.
func TestOnlyApprovedVersionsFollowAReviewedOne(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.release(t, 1)
	if tier := h.program(t).GetString("tier"); tier != "unverified" {
		t.Errorf("tier is %s", tier)
	}
	h.upload(t, edition(t, "second"))
	h.approve(t, 2)
	h.wantStates(t, "released approved")
	h.upload(t, edition(t, "third"))
	h.release(t, 3) // nothing reviewed is out yet
	h.release(t, 2)
	if tier := h.program(t).GetString("tier"); tier != "reviewed" {
		t.Errorf("tier is %s", tier)
	}
	h.upload(t, edition(t, "fourth"))
	_, err := programs.Release(h.App, "hello", 4, 100, h.owner.Id, now)
	want(t, err, programs.ErrNotApproved)
	_, err = programs.Release(h.App, "hello", 4, 1, h.owner.Id, now)
	want(t, err, programs.ErrNotApproved)
}

// Some shelves of the store are for organisations that the operator has certified.
func TestCertifiedCategoriesAreForCertifiedOrganisations(t *testing.T) {
	h := newHouse(t)
	files := project(t)
	files["manifest.json"] = []byte(strings.Replace(string(files["manifest.json"]), `"shopping"`, `"health"`, 1))
	if !strings.Contains(string(files["manifest.json"]), "health") {
		t.Fatalf("%s", files["manifest.json"])
	}
	h.upload(t, pack(t, files))
	org, err := h.FindRecordById("orgs", h.org)
	if err != nil {
		t.Fatal(err)
	}
	org.Set("certified", false)
	if err := h.Save(org); err != nil {
		t.Fatal(err)
	}
	_, err = programs.Release(h.App, "hello", 1, 100, h.owner.Id, now)
	want(t, err, programs.ErrNotCertified)
	org.Set("certified", true)
	if err := h.Save(org); err != nil {
		t.Fatal(err)
	}
	h.release(t, 1)
}

// A program is looked at as it is released, and by the hand that made it: what the drawer, the store and the
// makers' list say comes from the manifest of what people have.
func TestTheVersionsListTellsWhatMayBeDone(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.release(t, 1)
	files := project(t)
	files["manifest.json"] = []byte(strings.Replace(string(files["manifest.json"]), `, "points"]`, `]`, 1))
	h.upload(t, pack(t, files))
	h.approve(t, 2)
	h.rollOut(t, 2, 20)
	h.upload(t, edition(t, "third"))
	history, err := programs.Versions(h.App, h.program(t))
	if err != nil || len(history.Versions) != 3 {
		t.Fatalf("%d versions, %v", len(history.Versions), err)
	}
	third, second, first := history.Versions[0], history.Versions[1], history.Versions[2]
	for _, c := range []struct {
		entry programs.Entry
		acts  string
	}{{third, "submit"}, {second, "release schedule"}, {first, "submit rollback"}} {
		if got := strings.Join(c.entry.NextActs, " "); got != c.acts {
			t.Errorf("version %d may %q, want %q", c.entry.Number, got, c.acts)
		}
	}
	if second.Diff.Against != 1 || strings.Join(second.Diff.ScopesRemoved, " ") != "points" || len(second.Diff.ScopesAdded) != 0 || second.Diff.SizeBefore == 0 {
		t.Errorf("diff is %+v", second.Diff)
	}
	if first.Diff.Against != 0 || len(first.Diff.ScopesAdded) != 3 {
		t.Errorf("the first version's diff is %+v", first.Diff)
	}
	h.suspend(t)
	if history, err = programs.Versions(h.App, h.program(t)); err != nil || len(history.Versions[1].NextActs) != 0 {
		t.Errorf("a program that was taken down may %v (%v)", history.Versions[1].NextActs, err)
	}
}

// A person's program goes the same road as an organisation's, and answers under the person's name.
func TestAPersonsProgram(t *testing.T) {
	h := newHouse(t)
	maker := apptest.Person(t, h, "Ana")
	c := serve(t, h)
	if got := c.send("GET", "/api/mp/hello/available", maker, nil); got.JSON()["available"] != true {
		t.Errorf("available: %d %s", got.Status, got.Body)
	}
	got := c.send("POST", "/api/mp", maker, []byte(`{"appid":"hello","name":"Salut","category":"tools","description":"Says hello.","kind":"app"}`))
	if got.Status != 200 || got.Text("status") != "draft" || got.Text("owner") != maker.Id || got.Text("org") != "" {
		t.Fatalf("create: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", "/api/mp", h.customer, []byte(`{"appid":"hello","name":"Mine","kind":"app"}`)); got.Code() != "appid_taken" {
		t.Errorf("a taken appid: %d %s", got.Status, got.Body)
	}
	for body, field := range map[string]string{
		`{"appid":"hi","name":" "}`: "name", `{"appid":"hi","name":"Hi","category":"nonsense"}`: "category", `{"appid":"hi","name":"Hi","kind":"film"}`: "kind",
	} {
		if got := c.send("POST", "/api/mp", maker, []byte(body)); got.Code() != "bad_program" || got.Data()["field"] != field {
			t.Errorf("%s: %d %s", body, got.Status, got.Body)
		}
	}
	if got := c.send("POST", "/api/mp", maker, []byte(`{"appid":"hi","name":"Hi","org":"`+h.org+`"}`)); got.Code() != "not_maker" {
		t.Errorf("for an organisation that is not theirs: %d %s", got.Status, got.Body)
	}
	c.send("POST", "/api/mp/hello/versions", maker, pack(t, project(t)))
	if got := c.send("POST", "/api/mp/hello/versions/1/release", maker, nil); got.Text("state") != "released" {
		t.Fatalf("release: %d %s", got.Status, got.Body)
	}
	opened, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil || opened.Publisher != (programs.Publisher{Name: "Ana", ID: maker.Id, Kind: "person"}) || opened.Certified || opened.Org != "Ana" {
		t.Errorf("launched %+v (%v)", opened, err)
	}
	if got := c.send("GET", "/api/mp/hello/available", maker, nil); got.JSON()["available"] != false || got.Text("reason") != "appid_taken" {
		t.Errorf("available: %d %s", got.Status, got.Body)
	}
}

// An ended program is gone for everybody, at once and for good.
func TestADeletedProgramIsGoneForGood(t *testing.T) {
	h, opened := open(t)
	c := serve(t, h)
	h.upload(t, edition(t, "second"))
	if _, err := programs.Submit(h.App, "hello", 2, programs.Submission{}, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	if got := c.send("DELETE", "/api/mp/hello", h.customer, nil); got.Code() != "not_maker" {
		t.Errorf("a stranger deletes: %d %s", got.Status, got.Body)
	}
	for range 2 {
		if got := c.send("DELETE", "/api/mp/hello", h.owner, nil); got.Status != 204 {
			t.Errorf("delete: %d %s", got.Status, got.Body)
		}
	}
	if n := count(t, h, "programs_reviews WHERE state IN ('waiting', 'claimed')"); n != 0 {
		t.Errorf("%d versions wait for a reviewer", n)
	}
	_, _, err := programs.Running(h.App, h.customer, "hello", opened.Token, now)
	want(t, err, programs.ErrDeleted)
	_, err = programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	want(t, err, programs.ErrDeleted)
	_, err = programs.Release(h.App, "hello", 2, 100, h.owner.Id, now)
	want(t, err, programs.ErrDeleted)
	_, err = h.send(h.org, "hello", edition(t, "third"), h.owner.Id)
	want(t, err, programs.ErrDeleted)
	_, err = programs.Create(h.App, programs.Owner{User: h.customer.Id}, programs.Draft{AppID: "hello", Name: "Mine", Kind: "app"}, h.customer.Id, now)
	want(t, err, programs.ErrAppIDTaken)
	for path, status := range map[string]int{opened.Frame: 410, opened.Frame + "app.js": 410} {
		if got := c.send("GET", path, nil, nil); got.Status != status {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	if n := count(t, h, "ledger_audit WHERE act = 'programs.delete'"); n != 1 {
		t.Errorf("audit has %d ends, want 1", n)
	}
}

// Every act of the road is in the audit, by the person who did it.
func TestEveryActIsWrittenDown(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.upload(t, edition(t, "second"))
	h.approve(t, 1)
	h.approve(t, 2)
	h.release(t, 1)
	h.rollOut(t, 2, 20)
	h.rollback(t, 1)
	if _, err := programs.Schedule(h.App, "hello", 2, 100, now.Add(time.Hour), h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Unschedule(h.App, "hello", 2, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	takedown := h.suspend(t)
	if _, err := programs.Appeal(h.App, takedown.Id, "It does not.", h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Restore(h.App, takedown.Id, "Indeed.", h.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	var acts []string
	if err := h.DB().NewQuery("SELECT act FROM ledger_audit WHERE act LIKE 'programs.%' ORDER BY rowid").Column(&acts); err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(strings.Join(acts, " "), "programs.", "")
	if got != "upload upload submit approve submit approve release release rollback schedule unschedule takedown appeal restore" {
		t.Errorf("the audit has %s", got)
	}
}
