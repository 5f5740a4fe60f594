package leaderboards

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/contacts"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
)

// The four operators, in both sorts; and who was first with a score stays before who comes with the same.
func TestOperators(t *testing.T) {
	for _, c := range []struct {
		sort, operator string
		scores         []int64
		best           []int64
		improved       string
	}{
		{"desc", "best", []int64{5, 3, 5, 8}, []int64{5, 5, 5, 8}, "yes no no yes"},
		{"asc", "best", []int64{5, 3, 8, 0}, []int64{5, 3, 3, 0}, "yes yes no yes"},
		{"desc", "set", []int64{5, 3, 8}, []int64{5, 3, 8}, "yes no yes"},
		{"asc", "set", []int64{5, 3, 8}, []int64{5, 3, 8}, "yes yes no"},
		{"desc", "incr", []int64{5, 3, 0}, []int64{5, 8, 8}, "yes yes no"},
		{"asc", "decr", []int64{5, 3}, []int64{-5, -8}, "yes yes"},
	} {
		h := newHouse(t, check.ManifestBoard{ID: "b", Sort: c.sort, Operator: c.operator})
		improved := []string{}
		for i, score := range c.scores {
			out := h.score("Ana", "b", score, noon.Add(time.Duration(i)*time.Second))
			if out.Best != c.best[i] || out.Rank != 1 || !out.Accepted || out.Players != 1 {
				t.Errorf("%s %s: after %d it is %+v, want %d", c.sort, c.operator, score, out, c.best[i])
			}
			improved = append(improved, map[bool]string{true: "yes", false: "no"}[out.Improved])
		}
		if got := strings.Join(improved, " "); got != c.improved {
			t.Errorf("%s %s: improved %s, want %s", c.sort, c.operator, got, c.improved)
		}
	}
}

// Of two equal scores the earlier one is first, also when it is sent again later; of two at the same instant the one that
// was written first.
func TestEqualScores(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b"}, check.ManifestBoard{ID: "s", Operator: "set"})
	h.score("Ben", "b", 7, noon.Add(time.Second))
	h.score("Ana", "b", 7, noon)
	h.score("Cid", "b", 7, noon)
	h.score("Ana", "b", 7, noon.Add(time.Hour))
	h.wantLine("b", "", noon.Add(time.Hour), "1 Ana 7, 2 Cid 7, 3 Ben 7")
	h.score("Ana", "b", 8, noon.Add(2*time.Hour))
	h.score("Ben", "b", 8, noon.Add(time.Hour))
	h.wantLine("b", "", noon.Add(2*time.Hour), "1 Ben 8, 2 Ana 8, 3 Cid 7")
	h.score("Ana", "s", 1, noon)
	h.score("Ben", "s", 1, noon.Add(time.Second))
	h.score("Ana", "s", 1, noon.Add(time.Hour))
	h.wantLine("s", "", noon.Add(time.Hour), "1 Ana 1, 2 Ben 1")
}

// What cannot be a score is refused in words, recorded, and changes nothing.
func TestImpossibleScores(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", Min: whole(0), Max: whole(100)}, check.ManifestBoard{ID: "sum", Operator: "incr"},
		check.ManifestBoard{ID: "wide"}, check.ManifestBoard{ID: "own", Authoritative: true}, check.ManifestBoard{ID: "down", Operator: "decr"})
	for _, c := range []struct {
		board, score string
		err          error
	}{
		{"b", "-1", ErrOutOfBounds},
		{"b", "101", ErrOutOfBounds},
		{"b", "1.5", ErrScoreInvalid},
		{"b", `"50"`, ErrScoreInvalid},
		{"b", "null", ErrScoreInvalid},
		{"b", "", ErrScoreInvalid},
		{"b", "true", ErrScoreInvalid},
		{"b", "[1]", ErrScoreInvalid},
		{"wide", "1e308", ErrScoreInvalid},
		{"wide", "1e999", ErrScoreInvalid},
		{"wide", "9007199254740992", ErrScoreInvalid},
		{"wide", "-9007199254740992", ErrScoreInvalid},
		{"wide", "99999999999999999999999999", ErrScoreInvalid},
		{"sum", "-1", ErrOutOfBounds},
		{"down", "-1", ErrOutOfBounds},
		{"own", "1", ErrAuthoritative},
		{"none", "1", ErrBoardUnknown},
	} {
		_, err := Submit(h.App, h.by("Eve"), sent(c.board, c.score), noon)
		want(t, err, c.err)
	}
	if n := h.count("leaderboards_scores"); n != 0 {
		t.Errorf("%d scores were taken", n)
	}
	if n := h.count("leaderboards_tries"); n != 16 { // all but that of no board
		t.Errorf("%d refused tries are kept", n)
	}
	h.score("Eve", "b", 100, noon)
	for _, text := range []string{"5.0", "5e0", " 5 "} {
		if out, err := Submit(h.App, h.by("Ana"), sent("wide", text), noon); err != nil || out.Best != 5 {
			t.Errorf("%s is %+v (%v)", text, out, err)
		}
	}
	h.score("Ana", "wide", check.MaxScore, noon)
	// A sum never grows beyond what can be counted.
	h.score("Ana", "sum", check.MaxScore, noon)
	_, err := Submit(h.App, h.by("Ana"), sent("sum", 1), noon)
	want(t, err, ErrOutOfBounds)
	h.score("Ana", "down", check.MaxScore, noon)
	_, err = Submit(h.App, h.by("Ana"), sent("down", 1), noon)
	want(t, err, ErrOutOfBounds)
	h.wantLine("sum", "", noon, "1 Ana 9007199254740991")
	h.wantLine("down", "", noon, "1 Ana -9007199254740991")
	if out, err := Submit(h.App, h.function("Ana"), sent("own", 3), noon); err != nil || out.Best != 3 {
		t.Errorf("a function's score is %+v (%v)", out, err)
	}
}

// A play is somebody's own, on one board, for one score: replayed, borrowed, stale and unstarted ones are refused, and a
// refused score has used its play up.
func TestAPlayIsForOneScore(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", MaxPerSecond: 10, MinSeconds: 5, Max: whole(1000)}, check.ManifestBoard{ID: "c"})
	try := func(name string, s Submission, at time.Time, expected error) {
		t.Helper()
		_, err := Submit(h.App, h.by(name), s, at)
		want(t, err, expected)
	}
	try("Ana", sent("b", 1), noon, ErrPlayRequired)
	play := h.play("Ana", "b", noon)
	if play.Seed == 0 || play.Season != "all" || !play.Expires.Equal(noon.Add(PlayTTL)) || play.AttemptsLeft != nil {
		t.Errorf("the play is %+v", play)
	}
	after := noon.Add(20 * time.Second)
	try("Ben", sent("b", 100).of(play.Play), after, ErrPlayUnknown)
	try("Ana", sent("c", 100).of(play.Play), after, ErrPlayUnknown)
	try("Ana", sent("b", 100).of("guessed"), after, ErrPlayUnknown)
	if out, err := Submit(h.App, h.by("Ana"), sent("b", 200).of(play.Play), after); err != nil || out.Rank != 1 {
		t.Fatalf("%+v (%v)", out, err)
	}
	try("Ana", sent("b", 200).of(play.Play), after, ErrPlayUsed)

	fast := h.play("Ana", "b", noon)
	try("Ana", sent("b", 201).of(fast.Play), after, ErrTooFast)
	try("Ana", sent("b", 10).of(fast.Play), after, ErrPlayUsed) // no second guess
	try("Ana", sent("b", 1).of(h.play("Ana", "b", noon).Play), noon.Add(4999*time.Millisecond), ErrTooFast)
	try("Ana", sent("b", 1001).of(h.play("Ana", "b", noon).Play), noon.Add(time.Hour), ErrOutOfBounds)
	try("Ana", sent("b", 10).of(h.play("Ana", "b", noon).Play), noon.Add(PlayTTL), ErrPlayExpired)
	try("Ana", sent("b", 10).of(h.play("Ana", "b", noon).Play), noon.Add(-time.Minute), ErrTooFast) // the clock was put back

	left := h.play("Ana", "b", noon)
	h.play("Ana", "b", noon)
	try("Ana", sent("b", 10).of(left.Play), after, ErrPlayUsed)
	h.wantLine("b", "", after, "1 Ana 200")
	if n := h.count("leaderboards_plays WHERE state = 'open'"); n != 1 {
		t.Errorf("%d plays are open", n)
	}
}

// What a device says of time may only make things harder for it: it cannot have played longer than has passed, and its
// log cannot run backwards.
func TestClocksOfDevices(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", MaxPerSecond: 10})
	try := func(score int64, at *float64, log string, expected error) {
		t.Helper()
		s := sent("b", score).of(h.play("Ana", "b", noon).Play)
		s.At, s.Log = at, json.RawMessage(log)
		if _, err := Submit(h.App, h.by("Ana"), s, noon.Add(10*time.Second)); !errors.Is(err, expected) {
			t.Errorf("%d at %v with %.60s: %v, want %v", score, at, log, err, expected)
		}
	}
	ms := func(at float64) *float64 { return &at }
	try(100, ms(10_000), "", nil)
	try(100, ms(11_900), "", nil) // a clock that is a little ahead
	try(1000, ms(100_000), "", ErrClock)
	try(1, ms(-1), "", ErrClock)
	try(60, ms(5_000), "", ErrTooFast) // by its own word
	try(1, nil, `[[0,"l"],[10,"r"],[10,"u"],{"t":9000},"x",[]]`, nil)
	try(1, nil, `[[10,"l"],[9,"r"]]`, ErrClock)
	try(1, nil, `[{"t":5},{"t":4}]`, ErrClock)
	try(1, nil, `[[12500,"l"]]`, ErrClock)
	try(1, nil, `{"t":5}`, ErrBadLog)
	try(1, nil, `[`, ErrBadLog)
	try(1, nil, `[`+strings.Repeat("1,", LogLimit)+`1]`, ErrBadLog)
	if n := h.count("leaderboards_logs"); n != 0 {
		t.Errorf("%d logs of scores that did not count are kept", n)
	}
	try(100, nil, `[[1,"l"]]`, nil) // the best is 100 already
	b, err := boardOf(h.App, h.by("Ana"), "b")
	if err != nil {
		t.Fatal(err)
	}
	h.score2(t, "Ben", `[[1,"l"]]`)
	var id int64
	if err := h.DB().NewQuery("SELECT score FROM leaderboards_logs").Row(&id); err != nil {
		t.Fatal(err)
	}
	if log, err := logOf(h.App, b, id); err != nil || log.Log != `[[1,"l"]]` {
		t.Errorf("the log is %+v (%v)", log, err)
	}
}

func (h *house) score2(t *testing.T, name, log string) {
	t.Helper()
	s := sent("b", 50).of(h.play(name, "b", noon).Play)
	s.Log = json.RawMessage(log)
	if _, err := Submit(h.App, h.by(name), s, noon.Add(10*time.Second)); err != nil {
		t.Fatal(err)
	}
}

// A request that is sent again, because its answer was lost, has the same answer and adds nothing.
func TestARequestSentAgain(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", Operator: "incr"})
	play := h.play("Ana", "b", noon)
	c := h.by("Ana")
	c.Key = "request-1"
	for range 3 {
		out, err := Submit(h.App, c, sent("b", 5).of(play.Play), noon)
		if err != nil || out.Best != 5 || out.Rank != 1 {
			t.Errorf("%+v (%v)", out, err)
		}
	}
	c.Key = "request-2"
	_, err := Submit(h.App, c, sent("b", 5).of(play.Play), noon)
	want(t, err, ErrPlayUsed)
	c.Key = ""
	_, err = Submit(h.App, c, sent("b", 5).of(play.Play), noon)
	want(t, err, ErrPlayUsed)
}

// A refused request that is sent again is refused again, whatever stands on the board from before.
func TestARefusedRequestSentAgain(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", MinSeconds: 5})
	c := h.by("Ana")
	if _, err := Submit(h.App, c, sent("b", 7).of(h.play("Ana", "b", noon).Play), noon.Add(10*time.Second)); err != nil {
		t.Fatal(err)
	}
	play := h.play("Ana", "b", noon.Add(time.Minute))
	c.Key = "request-1"
	for i, wanted := range []*refusal.Refusal{ErrTooFast, ErrPlayUsed, ErrPlayUsed} {
		_, err := Submit(h.App, c, sent("b", 9).of(play.Play), noon.Add(time.Minute+time.Duration(i)*time.Minute/60))
		want(t, err, wanted)
	}
}

// Of many scores for one play at once, one counts; and what many add at once is all there.
func TestScoresAtOnce(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", MinSeconds: 1}, check.ManifestBoard{ID: "sum", Operator: "incr"})
	play := h.play("Ana", "b", noon)
	h.person("Ben")
	var accepted, usedUp atomic.Int64
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			_, err := Submit(h.App, h.by("Ana"), sent("b", i).of(play.Play), noon.Add(time.Minute))
			switch {
			case err == nil:
				accepted.Add(1)
			case errors.Is(err, ErrPlayUsed):
				usedUp.Add(1)
			default:
				t.Error(err)
			}
			if _, err := Submit(h.App, h.by("Ben"), sent("sum", 3), noon); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if accepted.Load() != 1 || usedUp.Load() != 29 {
		t.Errorf("%d were accepted and %d refused", accepted.Load(), usedUp.Load())
	}
	h.wantLine("sum", "", noon, "1 Ben 90")
}

// Refused tries say why, in the words of the refusal; only the latest of a board are kept.
func TestRefusedTriesAreBounded(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", Max: whole(10)})
	for range TriesKept + 2*pruneEvery {
		_, err := Submit(h.App, h.by("Eve"), sent("b", strings.Repeat("9", 60)), noon)
		want(t, err, ErrScoreInvalid)
	}
	if n := h.count("leaderboards_tries"); n < TriesKept || n >= TriesKept+pruneEvery {
		t.Errorf("%d refused tries are kept", n)
	}
	_, err := Submit(h.App, h.by("Eve"), sent("b", 11), noon)
	var no *refusal.Refusal
	if !errors.As(err, &no) || no.Details["max"] != int64(10) {
		t.Errorf("the refusal is %v", err)
	}
	b, err := boardOf(h.App, h.by("Eve"), "b")
	if err != nil {
		t.Fatal(err)
	}
	tries, err := Refused(h.App, b, 0, 10)
	if err != nil || len(tries) != 10 || tries[0].Reason != "score_out_of_bounds" || tries[0].Score != "11" || !strings.Contains(tries[0].Detail, `"max":10`) ||
		tries[1].Reason != "score_invalid" || len(tries[1].Score) != scoreShown || tries[0].OpenID == "" || strings.Contains(tries[0].OpenID, h.person("Eve").Id) {
		t.Errorf("the tries are %+v (%v)", tries, err)
	}
	if err := Forget(h.App, noon.Add(TriesFor+time.Hour)); err != nil || h.count("leaderboards_tries") != 0 {
		t.Errorf("after a month %d are kept (%v)", h.count("leaderboards_tries"), err)
	}
}

// A ranking shows names to the program that may know them, masks to others, and never an id of anybody.
func TestNobodyLearnsAnID(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b"}, check.ManifestBoard{ID: "c"})
	for i, name := range []string{"Ana", "Ben", "Cid", "Dan"} {
		h.score(name, "b", int64(10-i), noon)
		h.score(name, "c", int64(10-i), noon)
	}
	consent := func(name string) {
		t.Helper()
		_, err := h.NonconcurrentDB().NewQuery(`INSERT INTO programs_consents (id, user, appid, scope, state, duration, session, until)
			VALUES ('c' || hex(randomblob(7)), {:user}, 'game', 'profile', 'granted', 'always', '', '')`).Bind(map[string]any{"user": h.person(name).Id}).Execute()
		if err != nil {
			t.Fatal(err)
		}
	}
	consent("Ben")
	befriend(t, h, "Ana", "Cid")
	page, err := Top(h.App, h.by("Ana"), Query{Board: "b"}, noon)
	if err != nil || len(page.Entries) != 4 || page.Players != 4 {
		t.Fatalf("%+v (%v)", page, err)
	}
	if page.Entries[1].Name != "Ben" || page.Entries[0].Name == "Ana" || !page.Entries[0].Me || page.Entries[1].Me {
		t.Errorf("the names are %+v", page.Entries)
	}
	other, err := Top(h.App, h.by("Ana"), Query{Board: "c"}, noon)
	if err != nil || other.Entries[2].Name == page.Entries[2].Name {
		t.Errorf("a mask is the same on two boards: %+v (%v)", other.Entries, err)
	}
	friends, err := Friends(h.App, h.by("Ana"), Query{Board: "b"}, noon)
	if err != nil || len(friends.Entries) != 2 || friends.Entries[0].Name != "Ana" || friends.Entries[1].Name != "Cid" || friends.Entries[1].Rank != 2 {
		t.Errorf("the friends are %+v (%v)", friends.Entries, err)
	}
	alone, err := Friends(h.App, h.by("Dan"), Query{Board: "b"}, noon)
	if err != nil || len(alone.Entries) != 1 || !alone.Entries[0].Me {
		t.Errorf("who has no friends sees %+v (%v)", alone.Entries, err)
	}
	around, err := Around(h.App, h.by("Cid"), Query{Board: "b"}, 1, noon)
	if err != nil || len(around.Entries) != 3 || around.Entries[0].Rank != 2 || !around.Entries[1].Me {
		t.Errorf("around Cid are %+v (%v)", around.Entries, err)
	}
	mine, err := Mine(h.App, h.by("Cid"), "b", "", noon)
	if err != nil || mine.Rank != 3 || mine.Score != 8 || !mine.Played || mine.Name != page.Entries[2].Name {
		t.Errorf("Cid stands as %+v (%v)", mine, err)
	}
	text, err := json.Marshal([]any{page, other, friends, alone, around, mine})
	if err != nil {
		t.Fatal(err)
	}
	for name, person := range h.people {
		if strings.Contains(string(text), person.Id) {
			t.Errorf("the id of %s is told: %s", name, text)
		}
	}
}

func befriend(t testing.TB, h *house, a, b string) {
	t.Helper()
	invite, err := contacts.MakeInvite(h.App, h.person(a), noon)
	if err == nil {
		_, err = contacts.Accept(h.App, h.person(b), invite.Code, noon)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Pages follow one another without a gap or a double while nobody moves; while somebody does, nobody who stays is lost.
func TestPagesWhileRanksMove(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", Operator: "set"})
	for i := range 25 {
		h.score(string(rune('A'+i))+"x", "b", int64(100-i), noon)
	}
	seen := map[int64]int{}
	q := Query{Board: "b", Limit: 10}
	for page := 0; ; page++ {
		got, err := Top(h.App, h.by("Ax"), q, noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got.Entries {
			seen[e.Score]++
		}
		if page == 0 { // the last comes first, and the first goes last
			h.score("Yx", "b", 200, noon)
			h.score("Ax", "b", 1, noon)
		}
		if page == 1 && (got.Entries[0].Rank != 11 || got.Entries[0].Score != 90) {
			t.Errorf("the second page begins with %+v", got.Entries[0])
		}
		if q.Cursor = got.NextCursor; q.Cursor == "" {
			break
		}
	}
	for score := int64(77); score <= 99; score++ { // those who stayed
		if seen[score] != 1 {
			t.Errorf("%d was shown %d times", score, seen[score])
		}
	}
	for _, bad := range []Query{{Board: "b", Limit: -1}, {Board: "b", Limit: 101}, {Board: "b", Cursor: "x"}, {Board: "b", Cursor: "MS4yLng"}} {
		_, err := Top(h.App, h.by("Ax"), bad, noon)
		want(t, err, ErrBadQuery)
	}
	_, err := Around(h.App, h.by("Ax"), Query{Board: "b"}, AroundLimit+1, noon)
	want(t, err, ErrBadQuery)
}

// What testers of a version play is on boards of its own, and wins nothing.
func TestTrialsAreApart(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b"})
	h.score("Ana", "b", 5, noon)
	_, err := h.NonconcurrentDB().NewQuery(`INSERT INTO programs_versions (id, program, number, package, manifest, state)
		VALUES ('trialversion123', {:program}, 9, 'pkg9', '{"x_plaza":{"leaderboards":[{"id":"b"},{"id":"new"}]}}', 'checked')`).
		Bind(map[string]any{"program": h.program.ID}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	trial := h.by("Ana")
	trial.Program.Trial, trial.Program.Version = true, programs.Version{Package: "pkg9"}
	for _, board := range []string{"b", "new"} {
		if out, err := Submit(h.App, trial, sent(board, 99), noon); err != nil || out.Rank != 1 || out.Players != 1 {
			t.Errorf("the trial's score is %+v (%v)", out, err)
		}
	}
	h.wantLine("b", "", noon, "1 Ana 5")
	_, err = Submit(h.App, h.by("Ana"), sent("new", 1), noon)
	want(t, err, ErrBoardUnknown)
}
