package programs_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/programs"
)

// crowd is so many people.
func crowd(t *testing.T, h house, size int) []*core.Record {
	t.Helper()
	people := make([]*core.Record, size)
	for i := range people {
		people[i] = apptest.Person(t, h, fmt.Sprintf("person %d", i))
	}
	return people
}

// having is which of the people get the version.
func having(t *testing.T, h house, people []*core.Record, number int) []string {
	t.Helper()
	var have []string
	for _, person := range people {
		program, err := programs.For(h.App, person.Id, "hello")
		if err != nil {
			t.Fatal(err)
		}
		if program.Number == number {
			have = append(have, person.Id)
		}
	}
	return have
}

// Whoever got a version keeps it while its percentage grows; lowering takes it from the latest to come.
func TestAPersonOfTheRollOutStaysInIt(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.upload(t, edition(t, "second"))
	h.release(t, 1)
	people := crowd(t, h, 60)
	var before []string
	for _, percent := range []int{0, 20, 50, 80} {
		h.rollOut(t, 2, percent)
		now := having(t, h, people, 2)
		for _, person := range before {
			if !slices.Contains(now, person) {
				t.Errorf("at %d %% somebody lost the version", percent)
			}
		}
		for _, person := range people {
			if in := programs.Bucket(h.program(t).Id, person.Id) < percent; in != slices.Contains(now, person.Id) {
				t.Errorf("at %d %% a bucket and the version disagree", percent)
			}
		}
		before = now
	}
	if len(before) < 30 || len(before) == 60 {
		t.Errorf("at 80 %% %d of 60 have the version", len(before))
	}
	h.rollOut(t, 2, 20)
	lowered := having(t, h, people, 2)
	if len(lowered) >= len(before) {
		t.Errorf("at 80, then 20 %% %d, then %d have the version", len(before), len(lowered))
	}
	h.release(t, 2)
	if all := having(t, h, people, 2); len(all) != 60 {
		t.Errorf("%d of 60 have the released version", len(all))
	}
	if p := h.program(t); p.GetString("rollout") != "" || p.GetInt("percent") != 0 {
		t.Errorf("the roll-out is not over: %v", p.FieldsData())
	}
	h.wantStates(t, "superseded released")
}

// An open page of somebody who is taken out of a roll-out is told to open again, and then opens the version that
// they get; others are not disturbed.
func TestALoweredPercentageEndsLaunchesOfTheVersion(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.upload(t, edition(t, "second"))
	h.release(t, 1)
	launched, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	bucket := programs.Bucket(launched.ID, h.customer.Id)
	h.rollOut(t, 2, bucket)
	if _, _, err := programs.Running(h.App, h.customer, "hello", launched.Token, now); err != nil {
		t.Errorf("somebody outside the roll-out: %v", err)
	}
	h.rollOut(t, 2, bucket+1)
	_, _, err = programs.Running(h.App, h.customer, "hello", launched.Token, now)
	want(t, err, programs.ErrLaunchStale)
	second, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil || second.Version != 2 {
		t.Fatalf("version %d (%v)", second.Version, err)
	}
	h.rollOut(t, 2, bucket)
	_, _, err = programs.Running(h.App, h.customer, "hello", second.Token, now)
	want(t, err, programs.ErrLaunchStale)
}

// Testers get a roll-out before anybody else, also the first one of a program, which others cannot open yet.
func TestTestersComeFirst(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	tester := apptest.Person(t, h, "tester")
	h.rollOut(t, 1, 0)
	_, err := programs.Launch(h.App, tester, "hello", programs.Opening{}, now)
	want(t, err, programs.ErrNotYours)
	if err := programs.AddTester(h.App, h.program(t), "tester@plaza.test", h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	opened, err := programs.Launch(h.App, tester, "hello", programs.Opening{}, now)
	if err != nil || opened.Version != 1 || opened.Trial {
		t.Errorf("launched %+v (%v)", opened, err)
	}
	_, err = programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	want(t, err, programs.ErrNotYours)
	h.suspend(t)
	_, err = programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	want(t, err, programs.ErrTakenDown)
}

// A newer roll-out takes the place of an older one, which may go on later; abandoning one leaves the release.
func TestRollOutsReplaceEachOther(t *testing.T) {
	h := newHouse(t)
	for _, words := range []string{"one", "two", "three"} {
		h.upload(t, edition(t, words))
	}
	h.release(t, 1)
	h.rollOut(t, 2, 20)
	h.rollOut(t, 3, 10)
	h.wantStates(t, "released superseded rolling_out")
	h.rollback(t, 1)
	h.wantStates(t, "released superseded rolled_back")
	if p := h.program(t); p.GetString("rollout") != "" {
		t.Error("the abandoned version is still rolling out")
	}
	_, err := programs.Rollback(h.App, "hello", 2, "", h.owner.Id, now)
	want(t, err, programs.ErrNeverReleased)
	h.rollOut(t, 2, 30)
	h.release(t, 3)
	h.wantStates(t, "superseded superseded released")
}

// A trial is for testers and makers, of any version and before any release, and ends with their testing.
func TestTrialsAreForTestersAndMakers(t *testing.T) {
	h := newHouse(t)
	version := h.upload(t, pack(t, project(t)))
	tester := apptest.Person(t, h, "tester")
	trial := programs.Opening{Version: 1}
	_, err := programs.Launch(h.App, tester, "hello", trial, now)
	want(t, err, programs.ErrNotTester)
	if err := programs.AddTester(h.App, h.program(t), "tester@plaza.test", h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	for _, person := range []*core.Record{tester, h.owner} {
		opened, err := programs.Launch(h.App, person, "hello", trial, now)
		if err != nil || !opened.Trial || opened.Version != 1 || !strings.Contains(opened.Frame, version.GetString("package")) {
			t.Fatalf("launched %+v (%v)", opened, err)
		}
		program, claims, err := programs.Running(h.App, person, "hello", opened.Token, now)
		if err != nil || !program.Trial || !claims.Trial || program.Number != 1 {
			t.Errorf("running %+v, %+v (%v)", program, claims, err)
		}
		if _, _, err := programs.Running(h.App, h.customer, "hello", opened.Token, now); err == nil {
			t.Error("a trial's token is good in other hands")
		}
		if used, err := programs.Used(h.App, person.Id, program.ID); used != nil || err != nil {
			t.Errorf("a trial counts as a use (%v)", err)
		}
	}
	if n := h.program(t).GetInt("people"); n != 0 {
		t.Errorf("trials count %d people", n)
	}
	if err := programs.Consent(h.App, tester.Id, "hello", "profile", programs.Decision{State: programs.Denied}); err != nil {
		t.Errorf("a tester decides: %v", err)
	}
	_, err = programs.Launch(h.App, tester, "hello", programs.Opening{Version: 9}, now)
	want(t, err, programs.ErrNotFound)
	opened, err := programs.Launch(h.App, tester, "hello", trial, now)
	if err != nil {
		t.Fatal(err)
	}
	testers, err := programs.Testers(h.App, h.program(t).Id)
	if err != nil || len(testers) != 1 {
		t.Fatalf("testers are %v (%v)", testers, err)
	}
	if err := programs.RemoveTester(h.App, h.program(t), testers[0].ID, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	_, _, err = programs.Running(h.App, tester, "hello", opened.Token, now)
	want(t, err, programs.ErrNotTester)
}

// A reviewer opens what was submitted, as it would be for everybody, and nothing else.
func TestReviewersOpenWhatWasSubmitted(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.upload(t, edition(t, "second"))
	if _, err := programs.Submit(h.App, "hello", 1, programs.Submission{}, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	opened, err := programs.Launch(h.App, h.operator, "hello", programs.Opening{Version: 1}, now)
	if err != nil || !opened.Trial || opened.Version != 1 {
		t.Fatalf("launched %+v (%v)", opened, err)
	}
	if program, _, err := programs.Running(h.App, h.operator, "hello", opened.Token, now); err != nil || program.Number != 1 {
		t.Errorf("running %+v (%v)", program, err)
	}
	if err := programs.Consent(h.App, h.operator.Id, "hello", "profile", programs.Decision{State: programs.Granted}); err != nil {
		t.Errorf("a reviewer decides: %v", err)
	}
	for what, c := range map[string]struct {
		person *core.Record
		number int
	}{"what was not submitted": {h.operator, 2}, "somebody else": {h.customer, 1}} {
		_, err := programs.Launch(h.App, c.person, "hello", programs.Opening{Version: c.number}, now)
		if !errors.Is(err, programs.ErrNotTester) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// capped lets unverified programs have so many people.
func capped(t *testing.T, h house, people int) {
	t.Helper()
	policy := check.Default()
	tier := policy.Tiers[programs.TierUnverified]
	tier.People = people
	policy.Tiers[programs.TierUnverified] = tier
	if _, err := programs.SetPolicy(h.App, encoded(t, policy), "", h.operator.Id, now); err != nil {
		t.Fatal(err)
	}
}

// Fifty newcomers at once at the last ten places: ten get in, and those stay in.
func TestTheUnverifiedTierHasACapOfPeople(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.release(t, 1)
	capped(t, h, 10)
	people := crowd(t, h, 50)
	var in, out atomic.Int32
	var openings sync.WaitGroup
	for _, person := range people {
		openings.Go(func() {
			for range 2 {
				switch _, err := programs.Launch(h.App, person, "hello", programs.Opening{}, now); {
				case err == nil:
					in.Add(1)
				case errors.Is(err, programs.ErrFull):
					out.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	openings.Wait()
	if in.Load() != 20 || out.Load() != 80 || h.program(t).GetInt("people") != 10 {
		t.Errorf("%d openings, %d refused, %d people", in.Load(), out.Load(), h.program(t).GetInt("people"))
	}
	h.upload(t, edition(t, "second"))
	h.approve(t, 2)
	h.release(t, 2)
	for _, person := range people {
		if _, err := programs.Launch(h.App, person, "hello", programs.Opening{}, now); err != nil {
			t.Errorf("a reviewed program: %v", err)
		}
	}
	if n := h.program(t).GetInt("people"); n != 50 {
		t.Errorf("%d people, want 50", n)
	}
}

// A planned release happens at its time, once; called off it does not, and planned anew only then.
func TestAPlannedReleaseHappensAtItsTime(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	plan := func(at time.Time, percent int) {
		t.Helper()
		for range 2 {
			version, err := programs.Schedule(h.App, "hello", 1, percent, at, h.owner.Id, now)
			if err != nil || !version.GetDateTime("scheduled_at").Time().Equal(at) {
				t.Fatalf("planned for %v (%v)", version, err)
			}
		}
	}
	run := func(at time.Time) {
		t.Helper()
		if _, err := jobs.RunDue(h.App, at); err != nil {
			t.Fatal(err)
		}
	}
	plan(now.Add(time.Hour), 100)
	if _, err := programs.Unschedule(h.App, "hello", 1, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	run(now.Add(time.Hour))
	h.wantStates(t, "checked")
	plan(now.Add(2*time.Hour), 100)
	plan(now.Add(3*time.Hour), 30)
	run(now.Add(2 * time.Hour))
	h.wantStates(t, "checked")
	run(now.Add(3 * time.Hour))
	h.wantStates(t, "rolling_out")
	if p := h.program(t); p.GetInt("percent") != 30 {
		t.Errorf("percent is %d", p.GetInt("percent"))
	}
	run(now.Add(4 * time.Hour))
	if n := count(t, h, "ledger_audit WHERE act = 'programs.release'"); n != 1 {
		t.Errorf("%d releases, want 1", n)
	}
	for _, at := range []time.Time{now, now.Add(-time.Minute), now.AddDate(2, 0, 0)} {
		_, err := programs.Schedule(h.App, "hello", 1, 50, at, h.owner.Id, now)
		want(t, err, programs.ErrBadTime)
	}
}

// What is not allowed any more when its time comes is dropped and written down, and nothing is half done.
func TestAPlannedReleaseThatIsNotAllowedIsDropped(t *testing.T) {
	for name, spoil := range map[string]func(h house){
		"taken down":       func(h house) { h.suspend(t) },
		"no longer maker":  func(h house) { remove(t, h, "staff", "user", h.owner.Id) },
		"program ended":    func(h house) { _ = programs.Delete(h.App, "hello", h.owner.Id, now) },
		"review overtakes": func(h house) { h.upload(t, edition(t, "second")); h.approve(t, 2); h.release(t, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.upload(t, pack(t, project(t)))
			second := apptest.Person(t, h, "second owner")
			org, err := h.FindRecordById("orgs", h.org)
			if err != nil {
				t.Fatal(err)
			}
			apptest.Staff(t, h, org, second, "owner")
			if _, err := programs.Schedule(h.App, "hello", 1, 100, now.Add(time.Hour), h.owner.Id, now); err != nil {
				t.Fatal(err)
			}
			spoil(h)
			before := h.states(t)
			if _, err := jobs.RunDue(h.App, now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			h.wantStates(t, before)
			if n := count(t, h, "programs_versions WHERE scheduled_at != ''"); n != 0 {
				t.Errorf("%d releases are still planned", n)
			}
			dropped := count(t, h, "ledger_audit WHERE act = 'programs.schedule_dropped'")
			if name == "program ended" && dropped != 0 || name != "program ended" && dropped != 1 {
				t.Errorf("%d lines in the audit", dropped)
			}
		})
	}
}

func remove(t *testing.T, h house, collection, field, value string) {
	t.Helper()
	record, err := h.FindFirstRecordByData(collection, field, value)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(record); err != nil {
		t.Fatal(err)
	}
}
