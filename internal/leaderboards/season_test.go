package leaderboards

import (
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
)

func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A period is half-open: the instant of a reset is the first of the new one, and a millisecond before it the last of the
// old one. A clock change neither doubles a period nor loses one.
func TestPeriodsOfAReset(t *testing.T) {
	for _, c := range []struct{ zone, reset, at, starts, ends string }{
		{"Europe/Paris", "0 0 * * *", "2026-11-24T22:59:59.999Z", "2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z"},
		{"Europe/Paris", "0 0 * * *", "2026-11-24T23:00:00Z", "2026-11-24T23:00:00Z", "2026-11-25T23:00:00Z"},
		{"Europe/Paris", "0 0 * * 1", "2026-11-25T11:00:00Z", "2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z"},
		{"Europe/Paris", "0 0 1 * *", "2026-11-25T11:00:00Z", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"},
		{"Europe/Paris", "0 0 29 2 *", "2026-11-25T11:00:00Z", "2024-02-28T23:00:00Z", "2028-02-28T23:00:00Z"},
		// In the night of 25 October 2026 half past two comes twice: the season begins at the first.
		{"Europe/Paris", "30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		{"Europe/Paris", "30 2 * * *", "2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		// In that of 28 March 2027 it does not come at all: that day's season goes on from the day before.
		{"Europe/Paris", "30 2 * * *", "2027-03-28T12:00:00Z", "2027-03-27T01:30:00Z", "2027-03-29T00:30:00Z"},
		// On Lord Howe clocks change by half an hour: 5 April 2026 has 1:30 to 2:00 twice, 4 October lacks 2:00 to 2:30.
		{"Australia/Lord_Howe", "45 1 * * *", "2026-04-04T14:45:00Z", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"},
		{"Australia/Lord_Howe", "45 1 * * *", "2026-04-04T15:15:00Z", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"},
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-04T12:00:00Z", "2026-10-02T15:45:00Z", "2026-10-04T15:15:00Z"},
		{"UTC", "", "2026-11-25T11:00:00Z", "", ""},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := spanOf(check.ManifestBoard{Reset: c.reset}, at, zoneNamed(t, c.zone))
		if err != nil || told(got.starts) != c.starts || told(got.ends) != c.ends {
			t.Errorf("%s %q at %s is from %s to %s (%v), want %s to %s", c.zone, c.reset, c.at, told(got.starts), told(got.ends), err, c.starts, c.ends)
		}
	}
}

func told(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// A tournament lasts as many minutes as it says, also through a clock change, and never into the next one.
func TestPeriodsOfATournament(t *testing.T) {
	paris := zoneNamed(t, "Europe/Paris")
	for _, c := range []struct {
		starts     string
		minutes    int
		at         string
		from, to   string
		closedNext string
	}{
		{"0 12 * * *", 60, "2026-11-25T11:00:00Z", "2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z", ""},
		{"0 12 * * *", 60, "2026-11-25T11:59:59.999Z", "2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z", ""},
		{"0 12 * * *", 60, "2026-11-25T12:00:00Z", "", "", "2026-11-26T11:00:00Z"},
		{"0 12 * * *", 60, "2026-11-25T10:59:59.999Z", "", "", "2026-11-25T11:00:00Z"},
		{"30 2 * * *", 60, "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", ""},
		{"30 2 * * *", 60, "2026-10-25T01:30:00Z", "", "", "2026-10-26T01:30:00Z"}, // half past two once more
		{"0 * * * *", 90, "2026-11-25T11:59:00Z", "2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z", ""},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := spanOf(check.ManifestBoard{Tournament: &check.ManifestTournament{Starts: c.starts, Minutes: c.minutes}}, at, paris)
		if c.closedNext != "" {
			want(t, err, ErrTournamentClosed)
			continue
		}
		if err != nil || told(got.starts) != c.from || told(got.ends) != c.to {
			t.Errorf("%q at %s is from %s to %s (%v), want %s to %s", c.starts, c.at, told(got.starts), told(got.ends), err, c.from, c.to)
		}
	}
}

// A score at the very instant of the reset is one of the new season, and both seasons stay to be looked at.
func TestAScoreAtTheInstantOfTheReset(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "daily", Reset: "0 0 * * *"})
	midnight := time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC)
	h.score("Ana", "daily", 10, noon)
	h.score("Ben", "daily", 20, midnight.Add(-time.Millisecond))
	if out := h.score("Ana", "daily", 5, midnight); out.Season != "2026-11-26T00:00" || out.Rank != 1 || out.Best != 5 {
		t.Errorf("at midnight: %+v", out)
	}
	h.wantLine("daily", "2026-11-25T00:00", midnight, "1 Ben 20, 2 Ana 10")
	h.wantLine("daily", "2026-11-26T00:00", midnight, "1 Ana 5")
	h.wantLine("daily", "", midnight.Add(-time.Millisecond), "1 Ben 20, 2 Ana 10")
	h.wantLine("daily", "", midnight, "1 Ana 5")
	if n := h.close(midnight.Add(-time.Millisecond)); n != 0 {
		t.Errorf("%d seasons are closed before their end", n)
	}
	if n := h.close(midnight) + h.close(midnight); n != 1 {
		t.Errorf("the season is closed %d times", n)
	}
	// What was on its way when the season was closed, or comes with a clock that lags, counts for the next one.
	if out := h.score("Cid", "daily", 9, midnight.Add(-time.Second)); out.Season != "2026-11-26T00:00" {
		t.Errorf("a late score is one of %s", out.Season)
	}
	list, err := Seasons(h.App, h.by("Ana"), "daily", midnight)
	if err != nil || len(list) != 2 || !list[0].Running || list[1].Running || !list[1].Closed || list[1].Players != 2 {
		t.Errorf("the seasons are %+v (%v)", list, err)
	}
	_, err = Top(h.App, h.by("Ana"), Query{Board: "daily", Season: "2020-01-01T00:00"}, midnight)
	want(t, err, ErrSeasonUnknown)
}

// Weeks without a server are made up for: what was open is closed, what came since is where it belongs.
func TestAfterAWeekOfDowntime(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "daily", Reset: "0 0 * * *"}, check.ManifestBoard{ID: "ever"})
	h.score("Ana", "daily", 10, noon)
	h.score("Ana", "ever", 10, noon)
	later := noon.AddDate(0, 0, 9)
	if out := h.score("Ben", "daily", 1, later); out.Season != "2026-12-04T00:00" || out.Rank != 1 {
		t.Errorf("after a week: %+v", out)
	}
	if out := h.score("Ben", "ever", 1, later); out.Season != "all" || out.Rank != 2 {
		t.Errorf("after a week: %+v", out)
	}
	if n := h.close(later); n != 1 {
		t.Errorf("%d seasons are closed, want the one of that day", n)
	}
	// A clock that is put back puts a score between what is there, and breaks nothing.
	if out := h.score("Cid", "daily", 3, noon.AddDate(0, 0, 3)); out.Season != "2026-11-28T00:00" {
		t.Errorf("with the clock put back: %+v", out)
	}
	if out := h.score("Cid", "daily", 3, noon.AddDate(-1, 0, 0)); out.Season != "2025-11-25T00:00" {
		t.Errorf("a year before: %+v", out)
	}
	var overlaps int
	err := h.DB().NewQuery(`SELECT COUNT(*) FROM leaderboards_seasons a JOIN leaderboards_seasons b ON a.board = b.board AND a.id < b.id
		WHERE a.starts < CASE b.ends WHEN 0 THEN 1 << 62 ELSE b.ends END AND b.starts < CASE a.ends WHEN 0 THEN 1 << 62 ELSE a.ends END`).Row(&overlaps)
	if err != nil || overlaps != 0 {
		t.Errorf("%d seasons overlap (%v)", overlaps, err)
	}
}

// A board that is sorted or counted in another way begins anew at once; what was is kept. Any other change waits for the
// next season, and a board that is not declared any more takes nothing and comes back with its history.
func TestReleasesChangeBoards(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", Sort: "desc"}, check.ManifestBoard{ID: "old"})
	h.score("Ana", "b", 10, noon)
	h.score("Ben", "b", 20, noon)
	h.score("Ana", "old", 1, noon)
	later := noon.Add(time.Hour)
	h.declareAt(h.program, later, check.ManifestBoard{ID: "b", Sort: "asc"})
	_, err := Submit(h.App, h.by("Ana"), sent("old", 2), later)
	want(t, err, ErrBoardUnknown)
	h.wantLine("b", "all", later, "1 Ben 20, 2 Ana 10")
	if out := h.score("Ben", "b", 20, later); out.Season != "2026-11-25T13:00.1" || out.Rank != 1 {
		t.Errorf("after the change: %+v", out)
	}
	h.score("Ana", "b", 10, later)
	h.wantLine("b", "", later, "1 Ana 10, 2 Ben 20")
	h.wantLine("b", "all", later, "1 Ben 20, 2 Ana 10")
	h.declareAt(h.program, later, check.ManifestBoard{ID: "b", Sort: "asc", Max: whole(15)}, check.ManifestBoard{ID: "old"})
	h.score("Cid", "b", 99, later) // what the season began with holds until it ends
	h.wantLine("old", "", later, "1 Ana 1")
	if n := h.close(later); n != 1 {
		t.Errorf("%d seasons are over, want the one that the change has ended", n)
	}
	// A board that never ended gets an end when it gets resets.
	h.declareAt(h.program, later, check.ManifestBoard{ID: "b", Sort: "asc", Max: whole(15), Reset: "0 0 * * *"}, check.ManifestBoard{ID: "old"})
	if out := h.score("Dan", "b", 15, noon.AddDate(0, 0, 1)); out.Season != "2026-11-26T00:00.1" || out.Rank != 1 {
		t.Errorf("after the first reset: %+v", out)
	}
	_, err = Submit(h.App, h.by("Cid"), sent("b", 99), noon.AddDate(0, 0, 1))
	want(t, err, ErrOutOfBounds)
}

// A season is named and cut by the clock of the organisation; that of the house is a person's.
func TestTheClockIsTheOrganisations(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", Reset: "0 0 * * *"})
	h.org.Set("timezone", "Australia/Lord_Howe")
	if err := h.Save(h.org); err != nil {
		t.Fatal(err)
	}
	if out := h.score("Ana", "b", 1, noon); out.Season != "2026-11-25T00:00" {
		t.Errorf("on Lord Howe it is %s", out.Season)
	}
	if out := h.score("Ana", "b", 1, noon.Add(2*time.Hour)); out.Season != "2026-11-26T00:00" {
		t.Errorf("on Lord Howe it is %s", out.Season)
	}
	h.program = h.newProgram("own", "")
	h.declare(h.program, check.ManifestBoard{ID: "b", Reset: "0 0 * * *"})
	if out := h.score("Ana", "b", 1, noon); out.Season != "2026-11-25T00:00" {
		t.Errorf("without a house it is %s", out.Season)
	}
}

// Deleting a program takes its boards with it.
func TestBoardsGoWithTheirProgram(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b"})
	h.score("Ana", "b", 1, noon)
	record, err := h.FindRecordById("programs", h.program.ID)
	if err == nil {
		err = h.RunInTransaction(func(tx core.App) error { return tx.Delete(record) })
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"boards", "seasons", "scores"} {
		if n := h.count("leaderboards_" + table); n != 0 {
			t.Errorf("%d %s are left", n, table)
		}
	}
}
