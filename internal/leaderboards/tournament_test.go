package leaderboards

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
)

// daily is a tournament at noon for an hour, with prizes for the first three.
func daily(attempts, size int, join bool) check.ManifestBoard {
	return check.ManifestBoard{ID: "cup", Tournament: &check.ManifestTournament{
		Starts: "0 12 * * *", Minutes: 60, Attempts: attempts, Size: size, Join: join,
		Prizes: []check.ManifestPrize{{From: 1, To: 1, Points: 100}, {From: 2, To: 3, Points: 25}},
	}}
}

var end = noon.Add(time.Hour)

// A tournament takes scores from its first instant to before its last, and pays its first three once, in the points of
// the program's organisation.
func TestATournamentPaysOnce(t *testing.T) {
	h := newHouse(t, daily(0, 0, false))
	_, err := Submit(h.App, h.by("Ana"), sent("cup", 1), noon.Add(-time.Millisecond))
	want(t, err, ErrTournamentClosed)
	for i, name := range []string{"Ana", "Ben", "Cid", "Dan"} {
		h.score(name, "cup", int64(10-i), noon.Add(time.Duration(i)*time.Second))
	}
	h.score("Dan", "cup", 10, end.Add(-time.Millisecond)) // the same as Ana's, but later
	_, err = Submit(h.App, h.by("Ben"), sent("cup", 99), end)
	want(t, err, ErrTournamentClosed)
	_, err = Play(h.App, h.by("Ben"), "cup", end)
	want(t, err, ErrTournamentClosed)
	if n := h.close(end.Add(-time.Millisecond)); n != 0 || h.count("leaderboards_prizes") != 0 {
		t.Errorf("%d are closed before the end", n)
	}
	for range 3 {
		h.close(end)
	}
	if got := fmt.Sprint(h.points("Ana"), h.points("Dan"), h.points("Ben"), h.points("Cid")); got != "100 25 25 0" {
		t.Errorf("the points are %s", got)
	}
	if n := h.count("loyalty_ops WHERE kind = 'grant'"); n != 3 {
		t.Errorf("%d gifts", n)
	}
	if n := h.count("ledger_audit WHERE act = 'leaderboards.prizes'"); n != 1 {
		t.Errorf("%d lines in the audit trail", n)
	}
	// What came too late, with the play or the clock of before, is too late.
	_, err = Submit(h.App, h.by("Ben"), sent("cup", 99), end.Add(-time.Second))
	want(t, err, ErrTournamentClosed)
	mine, err := Mine(h.App, h.by("Ana"), "cup", "", end)
	if err != nil || mine.Prize != 100 || mine.Running || mine.Rank != 1 {
		t.Errorf("Ana stands as %+v (%v)", mine, err)
	}
	list, err := List(h.App, h.by("Ana"), end)
	if err != nil || list[0].Running || list[0].Next == nil || !list[0].Next.Equal(noon.AddDate(0, 0, 1)) {
		t.Errorf("the boards are %+v (%v)", list, err)
	}
	h.score("Ben", "cup", 1, noon.AddDate(0, 0, 1)) // the next day's begins anew
	h.wantLine("cup", "", noon.AddDate(0, 0, 1), "1 Ben 1")
	// Prizes end as the programme's points do.
	if _, err := h.App.NonconcurrentDB().NewQuery("UPDATE loyalty_programs SET expiry_kind = 'rolling', expiry_months = 1").Execute(); err != nil {
		t.Fatal(err)
	}
	h.close(end.AddDate(0, 0, 1))
	if h.points("Ben") != 125 {
		t.Errorf("Ben has %d points", h.points("Ben"))
	}
	var ending int
	if err := h.App.DB().NewQuery("SELECT count(*) FROM loyalty_lots WHERE expires > '2026-12'").Row(&ending); err != nil || ending != 1 {
		t.Errorf("%d prizes end (%v)", ending, err)
	}
	b, _ := boardOf(h.App, h.by("Ana"), "cup")
	prizes, err := Prizes(h.App, b, "2026-11-25T12:00")
	if err != nil || len(prizes) != 3 || prizes[0].State != PrizePaid || prizes[0].Points != 100 || prizes[1].Rank != 2 {
		t.Errorf("the prizes are %+v (%v)", prizes, err)
	}
}

// Closers from all sides at once, again and again, pay once, while the last scores come in.
func TestPrizesOnceUnderParallelCloses(t *testing.T) {
	boards := []check.ManifestBoard{}
	for i := range 12 {
		board := daily(0, 0, false)
		board.ID = fmt.Sprint("cup", i)
		boards = append(boards, board)
	}
	h := newHouse(t, boards...)
	for _, name := range []string{"Ana", "Ben", "Cid", "Dan"} {
		for _, board := range boards {
			h.score(name, board.ID, int64(len(name)), noon)
		}
	}
	var closed atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 3 {
				n, err := CloseDue(h.App, end)
				if err != nil {
					t.Error(err)
				}
				closed.Add(int64(n))
			}
		})
		all.Go(func() {
			_, err := Submit(h.App, h.by("Ana"), sent(boards[i].ID, 50), end.Add(-time.Millisecond))
			if err != nil && !errors.Is(err, ErrTournamentClosed) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if closed.Load() != 12 {
		t.Errorf("12 tournaments were closed %d times", closed.Load())
	}
	if n := h.count("leaderboards_prizes WHERE state = 'paid'"); n != 36 {
		t.Errorf("%d prizes", n)
	}
	total := h.points("Ana") + h.points("Ben") + h.points("Cid") + h.points("Dan")
	if total != 12*150 || h.count("loyalty_ops WHERE kind = 'grant'") != 36 {
		t.Errorf("%d points were given", total)
	}
	// The prizes are those of the ranking as it was closed.
	if n := h.count(`leaderboards_prizes p WHERE p.rank <> 1 + (SELECT COUNT(*) FROM leaderboards_scores a, leaderboards_scores b
		WHERE a.season = p.season AND a.person = p.person AND b.season = p.season AND (b.key, b.at, b.id) < (a.key, a.at, a.id))`); n != 0 {
		t.Errorf("%d prizes are another's", n)
	}
}

// A close that dies in the middle has done nothing, and the next one does all of it; that it was done is known even to a
// server that was away for it.
func TestACloseThatDiesInTheMiddle(t *testing.T) {
	h := newHouse(t, daily(0, 0, false))
	for i, name := range []string{"Ana", "Ben", "Cid"} {
		h.score(name, "cup", int64(10-i), noon)
	}
	_, err := h.NonconcurrentDB().NewQuery(`CREATE TRIGGER dies BEFORE INSERT ON leaderboards_prizes WHEN NEW.rank = 3
		BEGIN SELECT RAISE(ABORT, 'the machine stops'); END`).Execute()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.RunDue(h.App, end); err == nil || !strings.Contains(err.Error(), "the machine stops") {
		t.Errorf("the job says %v", err)
	}
	if _, err := jobs.RunDue(h.App, end); err != nil {
		t.Errorf("what failed is tried again at once: %v", err)
	}
	if _, err := CloseDue(h.App, end); err == nil || !strings.Contains(err.Error(), "the machine stops") {
		t.Errorf("it failed with %v", err)
	}
	if n := h.count("leaderboards_prizes") + h.count("loyalty_ops") + h.count("leaderboards_seasons WHERE closed > 0"); n != 0 {
		t.Errorf("%d traces of a close that did not happen", n)
	}
	// It is repaired while the server is away; two days later the job makes up for it, and for nothing twice.
	if _, err := h.NonconcurrentDB().NewQuery("DROP TRIGGER dies").Execute(); err != nil {
		t.Fatal(err)
	}
	h.Store().Remove(failedKey) // it is another process
	for range 2 {
		for _, at := range []time.Time{end.AddDate(0, 0, 2), end.AddDate(0, 0, 2).Add(time.Minute)} {
			if _, err := jobs.RunDue(h.App, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := fmt.Sprint(h.points("Ana"), h.points("Ben"), h.points("Cid")); got != "100 25 25" {
		t.Errorf("the points are %s", got)
	}
}

// Attempts are exact, however many plays are started at once; and so is the size of a tournament.
func TestAttemptsAndPlacesAreExact(t *testing.T) {
	h := newHouse(t, daily(3, 5, false))
	for i := range 12 {
		h.person(fmt.Sprint("P", i))
	}
	var started, used, full atomic.Int64
	var all sync.WaitGroup
	for i := range 12 {
		for range 5 {
			all.Go(func() {
				_, err := Play(h.App, h.by(fmt.Sprint("P", i)), "cup", noon)
				switch {
				case err == nil:
					started.Add(1)
				case errors.Is(err, ErrAttemptsUsed):
					used.Add(1)
				case errors.Is(err, ErrTournamentFull):
					full.Add(1)
				default:
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if started.Load() != 15 || used.Load() != 10 || full.Load() != 35 {
		t.Errorf("%d plays began, %d were one too many, %d came to a full tournament", started.Load(), used.Load(), full.Load())
	}
	if n := h.count("leaderboards_seasons WHERE entrants = 5"); n != 1 {
		t.Error("the season counts its entrants wrongly")
	}
}

// A play is one of its tournament: it counts the attempt, ends with it and is none of the next.
func TestPlaysOfATournament(t *testing.T) {
	board := daily(2, 0, false)
	board.Tournament.Starts, board.Tournament.Minutes = "0 * * * *", 60 // one after the other without a pause
	h := newHouse(t, board)
	play := h.play("Ana", "cup", end.Add(-time.Minute))
	if play.AttemptsLeft == nil || *play.AttemptsLeft != 1 || !play.Expires.Equal(end) {
		t.Errorf("the play is %+v", play)
	}
	_, err := Submit(h.App, h.by("Ana"), sent("cup", 9), noon)
	want(t, err, ErrPlayRequired) // or attempts would not count
	_, err = Submit(h.App, h.by("Ana"), sent("cup", 9).of(play.Play), end)
	want(t, err, ErrPlayExpired)
}

// Who must join first does, and then has a place.
func TestJoiningFirst(t *testing.T) {
	h := newHouse(t, daily(0, 1, true))
	_, err := Play(h.App, h.by("Ana"), "cup", noon)
	want(t, err, ErrJoinFirst)
	_, err = Submit(h.App, h.by("Ana"), sent("cup", 1), noon)
	want(t, err, ErrJoinFirst)
	for range 2 {
		if mine, err := Join(h.App, h.by("Ana"), "cup", noon); err != nil || !mine.Joined {
			t.Errorf("%+v (%v)", mine, err)
		}
	}
	h.play("Ana", "cup", noon)
	_, err = Join(h.App, h.by("Ben"), "cup", noon)
	want(t, err, ErrTournamentFull)
	_, err = Join(h.App, h.by("Ben"), "cup", end)
	want(t, err, ErrTournamentClosed)
}

// Where nobody can give points, or too many were given, it is written down; and given once it can be.
func TestPrizesThatCannotBeGiven(t *testing.T) {
	h := newHouse(t)
	club, err := h.FindFirstRecordByData("loyalty_programs", "org", h.org.Id)
	if err == nil {
		err = h.Delete(club)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.declare(h.program, daily(0, 0, false))
	h.score("Ana", "cup", 5, noon)
	h.close(end)
	b, err := boardOf(h.App, h.by("Ana"), "cup")
	if err != nil {
		t.Fatal(err)
	}
	states := func() string {
		t.Helper()
		prizes, err := Prizes(h.App, b, "")
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, p := range prizes {
			list = append(list, p.State)
		}
		return strings.Join(list, " ")
	}
	if states() != PrizeNoProgramme || h.points("Ana") != 0 {
		t.Errorf("the prizes are %s", states())
	}
	pay := func(want int) {
		t.Helper()
		if n, err := PayAgain(h.App, h.maker.Id, b, "2026-11-25T12:00", end); err != nil || n != want {
			t.Errorf("%d are given (%v), want %d", n, err, want)
		}
	}
	pay(0)
	h.giveClub(t)
	var all sync.WaitGroup
	var given atomic.Int64
	for range 6 {
		all.Go(func() {
			n, err := PayAgain(h.App, h.maker.Id, b, "2026-11-25T12:00", end)
			if err != nil {
				t.Error(err)
			}
			given.Add(int64(n))
		})
	}
	all.Wait()
	pay(0)
	if given.Load() != 1 || states() != PrizePaid || h.points("Ana") != 100 {
		t.Errorf("%d were given, the prizes are %s, Ana has %d", given.Load(), states(), h.points("Ana"))
	}
	// A person's program has no points to give.
	h.program = h.newProgram("own", "")
	h.declare(h.program, daily(0, 0, false))
	h.score("Ben", "cup", 5, end) // noon in a house without a place
	h.close(end.Add(time.Hour))
	if b, err = boardOf(h.App, h.by("Ben"), "cup"); err != nil || states() != PrizeNoOrganisation || h.points("Ben") != 0 {
		t.Errorf("the prizes are %s (%v)", states(), err)
	}
}

func (h *house) giveClub(t *testing.T) {
	t.Helper()
	collection, err := h.FindCollectionByNameOrId("loyalty_programs")
	if err != nil {
		t.Fatal(err)
	}
	record := core.NewRecord(collection)
	record.Load(map[string]any{"org": h.org.Id, "name": "Club", "spend_per_point": 100, "point_value": 1, "expiry_kind": "never", "timezone": "Europe/Paris"})
	if err := h.Save(record); err != nil {
		t.Fatal(err)
	}
}

// However many tournaments a program holds, it gives no more than its day's points.
func TestADaysPointsAreBounded(t *testing.T) {
	boards := []check.ManifestBoard{}
	for i := range 3 {
		boards = append(boards, check.ManifestBoard{ID: fmt.Sprint("cup", i), Tournament: &check.ManifestTournament{
			Starts: "0 12 * * *", Minutes: 60, Prizes: []check.ManifestPrize{{From: 1, To: 1, Points: check.MaxSeasonPoints}},
		}})
	}
	h := newHouse(t, boards...)
	for _, board := range boards {
		h.score("Ana", board.ID, 1, noon)
	}
	h.close(end)
	if h.points("Ana") != PointsPerDay || h.count("leaderboards_prizes WHERE state = 'over_limit'") != 1 {
		t.Errorf("Ana has %d", h.points("Ana"))
	}
}

// Makers take scores out and put them back, keep players out and let them in again; each act is in the audit trail.
func TestMakersLookAfterTheirBoard(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b"}, check.ManifestBoard{ID: "c"})
	for i, name := range []string{"Eve", "Ana", "Ben"} {
		h.score(name, "b", int64(100-i), noon)
		h.score(name, "c", int64(100-i), noon)
	}
	b, err := boardOf(h.App, h.by("Ana"), "b")
	if err != nil {
		t.Fatal(err)
	}
	page, err := Scores(h.App, b, Query{}, false, noon)
	if err != nil || len(page.Entries) != 3 {
		t.Fatalf("%+v (%v)", page, err)
	}
	eve := page.Entries[0].ID
	do := func(err, expected error) {
		t.Helper()
		want(t, err, expected)
	}
	do(Remove(h.App, h.maker.Id, b, eve, " ", noon), ErrReason)
	do(Remove(h.App, h.maker.Id, b, 999, "cheated", noon), ErrScoreUnknown)
	c, _ := boardOf(h.App, h.by("Ana"), "c")
	do(Remove(h.App, h.maker.Id, c, eve, "cheated", noon), ErrScoreUnknown) // it is another board's
	do(Remove(h.App, h.maker.Id, b, eve, "cheated", noon), nil)
	do(Remove(h.App, h.maker.Id, b, eve, "cheated", noon), nil) // and again changes nothing
	h.wantLine("b", "", noon, "1 Ana 99, 2 Ben 98")
	if hidden, err := Scores(h.App, b, Query{}, true, noon); err != nil || len(hidden.Entries) != 1 || hidden.Entries[0].Hidden != hiddenRemoved || hidden.Entries[0].Rank != 0 {
		t.Errorf("hidden are %+v (%v)", hidden, err)
	}
	do(Restore(h.App, h.maker.Id, b, eve, noon), nil)
	h.wantLine("b", "", noon, "1 Eve 100, 2 Ana 99, 3 Ben 98")
	do(Remove(h.App, h.maker.Id, b, eve, "cheated", noon), nil)
	if out := h.score("Eve", "b", 50, noon); out.Rank != 3 || out.Best != 50 || !out.Improved {
		t.Errorf("with an honest score: %+v", out)
	}
	do(Ban(h.App, h.maker.Id, b, eve, "again", noon), nil)
	do(Ban(h.App, h.maker.Id, b, eve, "again", noon), nil)
	h.wantLine("b", "", noon, "1 Ana 99, 2 Ben 98")
	h.wantLine("c", "", noon, "1 Eve 100, 2 Ana 99, 3 Ben 98") // the other board is not touched
	_, err = Submit(h.App, h.by("Eve"), sent("b", 1), noon)
	do(err, ErrBanned)
	_, err = Play(h.App, h.by("Eve"), "b", noon)
	do(err, ErrBanned)
	do(Restore(h.App, h.maker.Id, b, eve, noon), ErrBanned)
	if mine, err := Mine(h.App, h.by("Eve"), "b", "", noon); err != nil || mine.Played || !mine.Banned {
		t.Errorf("Eve stands as %+v (%v)", mine, err)
	}
	bans, err := Bans(h.App, b)
	if err != nil || len(bans) != 1 || bans[0].Reason != "again" {
		t.Fatalf("%+v (%v)", bans, err)
	}
	do(Unban(h.App, h.maker.Id, b, bans[0].ID, noon), nil)
	do(Unban(h.App, h.maker.Id, b, bans[0].ID, noon), ErrScoreUnknown)
	h.wantLine("b", "", noon, "1 Ana 99, 2 Ben 98, 3 Eve 50")
	for act, n := range map[string]int{"remove": 2, "restore": 1, "ban": 1, "unban": 1} {
		if got := h.count("ledger_audit WHERE act = {:act} AND actor = {:actor}", dbx.Params{"act": "leaderboards." + act, "actor": h.maker.Id}); got != n {
			t.Errorf("%d lines of %s, want %d", got, act, n)
		}
	}
	var csv strings.Builder
	if err := WriteCSV(h.App, b, "", noon, &csv); err != nil || strings.Count(csv.String(), "\n") != 4 || !strings.Contains(csv.String(), ",99,2026-11-25T11:00:00Z,1\n") {
		t.Errorf("the table is %q (%v)", csv.String(), err)
	}
}

// Who goes leaves the ranking, and who was behind moves up; the points that they won stay in the ledger.
func TestWhoGoesLeavesTheRanking(t *testing.T) {
	h := newHouse(t, daily(2, 0, false), check.ManifestBoard{ID: "b"})
	for i, name := range []string{"Ana", "Ben"} {
		h.score(name, "b", int64(10-i), noon)
		if _, err := Submit(h.App, h.by(name), sent("cup", 10-i).of(h.play(name, "cup", noon).Play), noon); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = Submit(h.App, h.by("Ana"), sent("b", "x"), noon)
	kept, err := Export(h.App, h.person("Ana").Id, "game")
	if err != nil || len(kept) != 2 || kept[0].Score != 10 {
		t.Errorf("Ana takes %+v with her (%v)", kept, err)
	}
	if n, err := KeptBy(h.App, h.person("Ana").Id, "game"); err != nil || n != 2 {
		t.Errorf("%d are kept (%v)", n, err)
	}
	if n, err := Erase(h.App, h.person("Ana").Id, "elsewhere"); err != nil || n != 0 {
		t.Errorf("another program's erasure took %d (%v)", n, err)
	}
	if n, err := Erase(h.App, h.person("Ana").Id, "game"); err != nil || n != 2 {
		t.Errorf("%d were erased (%v)", n, err)
	}
	h.wantLine("b", "", noon, "1 Ben 9")
	if mine, err := Mine(h.App, h.by("Ana"), "cup", "", noon); err != nil || mine.AttemptsLeft == nil || *mine.AttemptsLeft != 1 {
		t.Errorf("erasing gave attempts back: %+v (%v)", mine, err)
	}
	h.close(end)
	if h.points("Ben") != 100 {
		t.Errorf("Ben has %d", h.points("Ben"))
	}
	ben, err := h.FindRecordById("users", h.person("Ben").Id)
	if err == nil {
		err = h.Delete(ben)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"scores", "plays", "tries", "entrants", "prizes"} {
		if n := h.count("leaderboards_"+table+" WHERE person = {:person}", dbx.Params{"person": h.person("Ben").Id}); n != 0 {
			t.Errorf("%d %s of who is gone", n, table)
		}
	}
	if n := h.count("leaderboards_prizes WHERE state = 'paid' AND person = ''"); n != 1 {
		t.Errorf("%d prizes stay without a name", n)
	}
	if err := ledger.Write(h.App, func(tx core.App) error { return forgetProgram(tx, h.program.ID) }); err != nil {
		t.Error(err)
	}
	if n := h.count("leaderboards_prizes"); n != 1 {
		t.Errorf("%d prizes outlive the program", n)
	}
}
