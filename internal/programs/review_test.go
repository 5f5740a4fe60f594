package programs_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

// desk is a house with reviewers and a program whose versions are rows: nothing here opens a package.
type desk struct {
	house
	rival *core.Record // another operator
}

func newDesk(t *testing.T) desk {
	t.Helper()
	d := desk{house: newHouse(t)}
	d.rival = apptest.Operator(t, d, "rival")
	d.version(t, "hello", 1)
	return d
}

// version adds a checked version to the program, which it makes if need be.
func (d desk) version(t *testing.T, appid string, number int) {
	t.Helper()
	program, err := d.FindFirstRecordByData("programs", "appid", appid)
	if err != nil {
		program = apptest.Record(t, d, "programs", map[string]any{
			"appid": appid, "org": d.org, "name": "Hello", "kind": "app", "status": "draft", "tier": "unverified",
		})
	}
	hash := fmt.Sprintf("%064x", len(appid)*1000+number)
	apptest.Record(t, d, "programs_versions", map[string]any{
		"program": program.Id, "number": number, "package": hash, "bundle": hash, "size": 1000, "kind": "app", "state": "checked",
		"uploaded_by": d.owner.Id, "scopes": []string{}, "domains": []string{}, "manifest": map[string]any{"app_id": appid, "name": "Hello"},
		"report": map[string]any{"sizes": map[string]any{"files": 3}, "findings": []weapp.Finding{{Severity: "warning", Code: "x", Message: "y"}}},
	})
}

func (d desk) submit(t *testing.T, number int) *core.Record {
	t.Helper()
	review, err := programs.Submit(d, "hello", number, programs.Submission{Notes: "New colours.", TestAccount: "guest / 1234"}, d.owner.Id, now)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	return review
}

func (d desk) state(t *testing.T, number int) string {
	t.Helper()
	program := d.program(t)
	version, err := d.FindFirstRecordByFilter("programs_versions", "program = {:program} && number = {:number}",
		map[string]any{"program": program.Id, "number": number})
	if err != nil {
		t.Fatal(err)
	}
	return version.GetString("state")
}

func wantState(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("the version is %s, want %s", got, want)
	}
}

var noGood = programs.Rejection{
	Rule: "3.1", Reason: "Why does a clock need orders?",
	Findings: []weapp.Finding{{File: "pages/index/index.js", Line: 12, Message: "asks for orders at start"}},
}

// The whole road: rejected with a reason that cites a rule, answered on the same bytes, approved.
func TestAVersionIsRejectedAndThenApproved(t *testing.T) {
	d := newDesk(t)
	review := d.submit(t, 1)
	wantState(t, d.state(t, 1), "in_review")
	if again := d.submit(t, 1); again.Id != review.Id {
		t.Errorf("submitting what waits made another review")
	}
	if _, err := programs.Claim(d, review.Id, d.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		rejected, err := programs.Reject(d, review.Id, noGood, d.operator.Id, now.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if rejected.GetString("rule") != "3.1" || !strings.Contains(rejected.GetString("findings"), `"line":12`) {
			t.Errorf("rejected: %v", rejected.FieldsData())
		}
	}
	wantState(t, d.state(t, 1), "rejected")
	_, err := programs.Approve(d, review.Id, "", d.operator.Id, now)
	want(t, err, programs.ErrReviewDecided)

	second := d.submit(t, 1)
	if second.Id == review.Id || second.GetInt("risk") <= review.GetInt("risk") {
		t.Errorf("the answer is review %s of risk %d, after %s of %d", second.Id, second.GetInt("risk"), review.Id, review.GetInt("risk"))
	}
	for range 2 {
		approved, err := programs.Approve(d, second.Id, "Thank you.", d.operator.Id, now.Add(time.Hour)) // nobody has claimed it
		if err != nil || approved.GetString("state") != "approved" || approved.GetString("decided_by") != d.operator.Id {
			t.Fatalf("approve: %v %v", approved, err)
		}
	}
	wantState(t, d.state(t, 1), "approved")
	if n := count(t, d, "programs_versions WHERE reviewed"); n != 1 {
		t.Errorf("%d versions are reviewed", n)
	}
	_, err = programs.Submit(d, "hello", 1, programs.Submission{}, d.owner.Id, now)
	want(t, err, programs.ErrNotSubmittable)
	for act, n := range map[string]int{"submit": 2, "claim": 1, "reject": 1, "approve": 1} {
		if got := count(t, d, "ledger_audit WHERE act = 'programs."+act+"'"); got != n {
			t.Errorf("the audit tells %d times of %s, want %d", got, act, n)
		}
	}
}

func TestOneSubmissionAtATime(t *testing.T) {
	d := newDesk(t)
	d.version(t, "hello", 2)
	first := d.submit(t, 1)
	_, err := programs.Submit(d, "hello", 2, programs.Submission{}, d.owner.Id, now)
	want(t, err, programs.ErrReviewOpen)
	if _, err := programs.WithdrawSubmission(d, first.Id, d.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	wantState(t, d.state(t, 1), "checked")
	if _, err := programs.WithdrawSubmission(d, first.Id, d.owner.Id, now); err != nil {
		t.Errorf("withdrawing twice: %v", err)
	}
	_, err = programs.Approve(d, first.Id, "", d.operator.Id, now)
	want(t, err, programs.ErrReviewWithdrawn)
	_, err = programs.Claim(d, first.Id, d.operator.Id, now)
	want(t, err, programs.ErrReviewWithdrawn)
	d.submit(t, 2)
	for what, s := range map[string]programs.Submission{
		"notes": {Notes: strings.Repeat("é", 4001)}, "account": {TestAccount: strings.Repeat("x", 501)},
	} {
		if _, err := programs.Submit(d, "hello", 2, s, d.owner.Id, now); !errors.Is(err, programs.ErrBadText) {
			t.Errorf("long %s: %v", what, err)
		}
	}
	_, err = programs.Submit(d, "hello", 3, programs.Submission{}, d.owner.Id, now)
	want(t, err, programs.ErrVersionNotFound)
	d.takeDown(t, programs.Takedown{Scope: "program", AppID: "hello", Reason: "Harmful."})
	_, err = programs.Submit(d, "hello", 1, programs.Submission{}, d.owner.Id, now)
	want(t, err, programs.ErrTakenDown)
}

// Many clicks on "submit" at once are one review.
func TestSubmissionsAtOnceAreOne(t *testing.T) {
	d := newDesk(t)
	d.version(t, "hello", 2)
	var clicks sync.WaitGroup
	for i := range 12 {
		clicks.Go(func() {
			_, err := programs.Submit(d, "hello", 1+i%2, programs.Submission{}, d.owner.Id, now)
			if err != nil && !errors.Is(err, programs.ErrReviewOpen) {
				t.Error(err)
			}
		})
	}
	clicks.Wait()
	if n := count(t, d, "programs_reviews"); n != 1 {
		t.Errorf("there are %d reviews", n)
	}
	if n := count(t, d, "programs_versions WHERE state = 'in_review'"); n != 1 {
		t.Errorf("%d versions are in review", n)
	}
}

// A claim holds others off for half an hour, is renewed by whoever has it, and then is anybody's.
func TestAClaimLocksForHalfAnHour(t *testing.T) {
	d := newDesk(t)
	review := d.submit(t, 1)
	claim := func(who *core.Record, at time.Duration) error {
		_, err := programs.Claim(d, review.Id, who.Id, now.Add(at))
		return err
	}
	if err := claim(d.operator, 0); err != nil {
		t.Fatal(err)
	}
	err := claim(d.rival, 29*time.Minute)
	want(t, err, programs.ErrReviewClaimed)
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", no.Details); !strings.Contains(text, "operator") || !strings.Contains(text, "09:30:00") {
		t.Errorf("the refusal says %s, want who and until when", text)
	}
	_, err = programs.Approve(d, review.Id, "", d.rival.Id, now.Add(time.Minute))
	want(t, err, programs.ErrReviewClaimed)
	_, err = programs.Reject(d, review.Id, noGood, d.rival.Id, now.Add(time.Minute))
	want(t, err, programs.ErrReviewClaimed)
	_, err = programs.Unclaim(d, review.Id, d.rival.Id, now.Add(time.Minute))
	want(t, err, programs.ErrReviewClaimed)
	if err := claim(d.operator, 20*time.Minute); err != nil { // renewed
		t.Fatal(err)
	}
	want(t, claim(d.rival, 31*time.Minute), programs.ErrReviewClaimed)
	if _, err := programs.Say(d, review.Id, programs.SideReviewer, "Which account?", d.operator.Id, now.Add(45*time.Minute)); err != nil { // renewed
		t.Fatal(err)
	}
	want(t, claim(d.rival, 74*time.Minute), programs.ErrReviewClaimed)
	if err := claim(d.rival, 75*time.Minute); err != nil {
		t.Errorf("an ended claim could not be taken: %v", err)
	}
	want(t, claim(d.operator, 76*time.Minute), programs.ErrReviewClaimed)
	for range 2 {
		if back, err := programs.Unclaim(d, review.Id, d.rival.Id, now.Add(77*time.Minute)); err != nil || back.GetString("state") != "waiting" {
			t.Errorf("unclaim: %v", err)
		}
	}
	if err := claim(d.operator, 78*time.Minute); err != nil {
		t.Error(err)
	}
}

// Nobody judges what they make, by whichever tie.
func TestNobodyReviewsTheirOwn(t *testing.T) {
	for tie, bind := range map[string]func(t *testing.T, d desk){
		"the owner": func(t *testing.T, d desk) { d.set(t, "programs", "owner", d.operator.Id) },
		"a cashier of the organisation": func(t *testing.T, d desk) {
			org, err := d.FindRecordById("orgs", d.org)
			if err != nil {
				t.Fatal(err)
			}
			apptest.Staff(t, d, org, d.operator, "cashier")
		},
		"staff of the agency": func(t *testing.T, d desk) {
			agency := apptest.Org(t, d, "builders")
			apptest.Staff(t, d, agency, d.operator, "manager")
			d.set(t, "programs", "agency", agency.Id)
		},
		"who uploaded it":  func(t *testing.T, d desk) { d.set(t, "programs_versions", "uploaded_by", d.operator.Id) },
		"who submitted it": func(t *testing.T, d desk) { d.set(t, "programs_reviews", "submitted_by", d.operator.Id) },
	} {
		d := newDesk(t)
		review := d.submit(t, 1)
		bind(t, d)
		for verb, err := range map[string]error{
			"claim":   second(programs.Claim(d, review.Id, d.operator.Id, now)),
			"approve": second(programs.Approve(d, review.Id, "", d.operator.Id, now)),
			"reject":  second(programs.Reject(d, review.Id, noGood, d.operator.Id, now)),
		} {
			if !errors.Is(err, programs.ErrOwnProgram) {
				t.Errorf("%s may %s: %v", tie, verb, err)
			}
		}
		if _, err := programs.Approve(d, review.Id, "", d.rival.Id, now); err != nil {
			t.Errorf("%s holds up the others: %v", tie, err)
		}
	}
}

func second(_ *core.Record, err error) error { return err }

// set changes the only row of the collection.
func (d desk) set(t *testing.T, collection, field string, value any) {
	t.Helper()
	record, err := d.FindFirstRecordByFilter(collection, "id != ''")
	if err != nil {
		t.Fatal(err)
	}
	record.Set(field, value)
	if err := d.Save(record); err != nil {
		t.Fatal(err)
	}
}

func TestARejectionSaysWhy(t *testing.T) {
	d := newDesk(t)
	review := d.submit(t, 1)
	page, err := filesystem.NewFileFromBytes([]byte("<html></html>"), "seen.png")
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		rejection programs.Rejection
		want      error
	}{
		"nothing":              {programs.Rejection{Rule: "3.1"}, programs.ErrReasonRequired},
		"spaces":               {programs.Rejection{Rule: "3.1", Reason: " \n\t"}, programs.ErrReasonRequired},
		"no rule":              {programs.Rejection{Reason: "Ugly."}, programs.ErrRuleUnknown},
		"an invented rule":     {programs.Rejection{Rule: "9.9", Reason: "Ugly."}, programs.ErrRuleUnknown},
		"a book":               {programs.Rejection{Rule: "3.1", Reason: strings.Repeat("x", 4001)}, programs.ErrBadText},
		"too many findings":    {programs.Rejection{Rule: "3.1", Reason: "See.", Findings: make([]weapp.Finding, 101)}, programs.ErrBadFindings},
		"an empty finding":     {programs.Rejection{Rule: "3.1", Reason: "See.", Findings: []weapp.Finding{{File: "a.js"}}}, programs.ErrBadFindings},
		"a negative line":      {programs.Rejection{Rule: "3.1", Reason: "See.", Findings: []weapp.Finding{{Message: "x", Line: -1}}}, programs.ErrBadFindings},
		"a page as screenshot": {programs.Rejection{Rule: "3.1", Reason: "See.", Screenshot: page}, programs.ErrBadFile},
	} {
		_, err := programs.Reject(d, review.Id, c.rejection, d.operator.Id, now)
		if !errors.Is(err, c.want) {
			t.Errorf("rejected with %s: %v, want %v", what, err, c.want)
		}
	}
	wantState(t, d.state(t, 1), "in_review")
	seen, err := filesystem.NewFileFromBytes(picture, "seen.png")
	if err != nil {
		t.Fatal(err)
	}
	rejection := noGood
	rejection.Screenshot = seen
	rejected, err := programs.Reject(d, review.Id, rejection, d.operator.Id, now)
	if err != nil || rejected.GetString("screenshot") == "" {
		t.Errorf("with a screenshot: %v", err)
	}
}

// A reviewer and a creator who act at the same second: one wins, the other is told, and the version stands where
// the winner put it. So it is for two reviewers.
func TestReviewerAndCreatorAtTheSameSecond(t *testing.T) {
	d := newDesk(t)
	withdraw := func(id string) error { return second(programs.WithdrawSubmission(d, id, d.owner.Id, now)) }
	approve := func(id string) error { return second(programs.Approve(d, id, "", d.operator.Id, now)) }
	reject := func(id string) error { return second(programs.Reject(d, id, noGood, d.rival.Id, now)) }
	ends := map[string]int{}
	for round := range 24 {
		number := round + 2
		d.version(t, "hello", number)
		review := d.submit(t, number)
		acts := []func(string) error{withdraw, approve, reject}
		if round%2 == 1 {
			slices.Reverse(acts)
		}
		if round%3 == 0 {
			acts = acts[:2]
		}
		errs := make([]error, len(acts))
		var start, all sync.WaitGroup
		start.Add(1)
		for i, act := range acts {
			all.Go(func() { start.Wait(); errs[i] = act(review.Id) })
		}
		start.Done()
		all.Wait()
		record, err := d.FindRecordById("programs_reviews", review.Id)
		if err != nil {
			t.Fatal(err)
		}
		state, won := record.GetString("state"), 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case state == "withdrawn" && errors.Is(err, programs.ErrReviewWithdrawn):
			case state != "withdrawn" && errors.Is(err, programs.ErrReviewDecided):
			default:
				t.Errorf("round %d ended %s, and somebody was told %v", round, state, err)
			}
		}
		wantState(t, d.state(t, number), map[string]string{"withdrawn": "checked", "approved": "approved", "rejected": "rejected"}[state])
		if won != 1 {
			t.Errorf("round %d: %d won", round, won)
		}
		ends[state]++
	}
	t.Log(ends)
}

// The order does not matter when one is clearly first.
func TestWhoComesSecondIsTold(t *testing.T) {
	d := newDesk(t)
	review := d.submit(t, 1)
	if _, err := programs.Claim(d, review.Id, d.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.WithdrawSubmission(d, review.Id, d.owner.Id, now); err != nil { // also while somebody looks
		t.Fatal(err)
	}
	_, err := programs.Reject(d, review.Id, noGood, d.operator.Id, now)
	want(t, err, programs.ErrReviewWithdrawn)
	_, err = programs.Unclaim(d, review.Id, d.operator.Id, now)
	want(t, err, programs.ErrReviewWithdrawn)
	review = d.submit(t, 1)
	if _, err := programs.Approve(d, review.Id, "", d.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	_, err = programs.WithdrawSubmission(d, review.Id, d.owner.Id, now)
	want(t, err, programs.ErrReviewDecided)
	_, err = programs.Reject(d, review.Id, noGood, d.rival.Id, now)
	want(t, err, programs.ErrReviewDecided)
	wantState(t, d.state(t, 1), "approved")
}

// What people have in the unverified tier stays with them while it is looked at, and gains rights when approved.
func TestALiveProgramGainsRightsByReview(t *testing.T) {
	d := newDesk(t)
	live := func() (state, tier string, reviewed bool) {
		program := d.program(t)
		version, err := d.FindRecordById("programs_versions", program.GetString("release"))
		if err != nil {
			t.Fatal(err)
		}
		return version.GetString("state"), program.GetString("tier"), version.GetBool("reviewed")
	}
	version, err := d.FindFirstRecordByFilter("programs_versions", "number = 1")
	if err != nil {
		t.Fatal(err)
	}
	version.Load(map[string]any{"state": "released", "released_at": now})
	if err := d.Save(version); err != nil {
		t.Fatal(err)
	}
	d.set(t, "programs", "release", version.Id)
	d.set(t, "programs", "status", "live")
	review := d.submit(t, 1)
	if state, tier, reviewed := live(); state != "released" || tier != "unverified" || reviewed {
		t.Errorf("while it is looked at: %s %s %v", state, tier, reviewed)
	}
	if _, err := programs.Reject(d, review.Id, noGood, d.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	if state, tier, _ := live(); state != "released" || tier != "unverified" {
		t.Errorf("rejected: %s %s", state, tier)
	}
	review = d.submit(t, 1)
	if _, err := programs.Approve(d, review.Id, "", d.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	if state, tier, reviewed := live(); state != "released" || tier != "reviewed" || !reviewed {
		t.Errorf("approved: %s %s %v", state, tier, reviewed)
	}
}

func TestTheThreadIsBoundedAndKeepsItsSides(t *testing.T) {
	d := newDesk(t)
	review := d.submit(t, 1)
	for _, text := range []string{"", " \n", strings.Repeat("x", 4001)} {
		_, err := programs.Say(d, review.Id, programs.SideCreator, text, d.owner.Id, now)
		want(t, err, programs.ErrBadText)
	}
	for i := range 500 {
		apptest.Record(t, d, "programs_messages", map[string]any{"review": review.Id, "side": "creator", "text": fmt.Sprint(i), "author": d.owner.Id})
	}
	_, err := programs.Say(d, review.Id, programs.SideCreator, "one more", d.owner.Id, now)
	want(t, err, programs.ErrThreadFull)
	_, err = programs.Say(d, "nothing", programs.SideCreator, "hello", d.owner.Id, now)
	want(t, err, programs.ErrReviewNotFound)
	standing, err := programs.StandingOf(d, d.program(t), true, now)
	if err != nil || len(standing.Thread) != 200 || standing.Thread[199].Text != "499" {
		t.Errorf("the thread has %d messages (%v)", len(standing.Thread), err)
	}
}

var picture = append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), bytes.Repeat([]byte{0}, 64)...)
