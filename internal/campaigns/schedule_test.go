package campaigns

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

func problemOf(err error) string {
	var r *refusal.Refusal
	if !errors.As(err, &r) {
		return ""
	}
	problem, _ := r.Details["problem"].(string)
	return problem
}

func utc(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// The reference cases: both clock changes in Paris, none in Shanghai, dates as whole local days.
func TestScheduleCases(t *testing.T) {
	raw, err := os.ReadFile("testdata/campaign_schedule_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Recurring []struct {
			ID       string
			TZ       string
			Weekdays []int `json:"weekdays_mon0"`
			Start    string
			End      string
			From     string      `json:"from_date"`
			To       string      `json:"to_date_excl"`
			Expected [][2]string `json:"expected_utc_half_open"`
		}
		DateRanges []struct {
			TZ       string
			First    string    `json:"first_day"`
			Last     string    `json:"last_day_inclusive"`
			Expected [2]string `json:"expected_utc_half_open"`
		} `json:"date_ranges"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Recurring) != 4 || len(file.DateRanges) != 2 {
		t.Fatal("cases are missing")
	}
	for _, c := range file.Recurring {
		s := Schedule{Zone: c.TZ, Start: c.Start, End: c.End}
		for _, day := range c.Weekdays {
			s.Days = append(s.Days, time.Weekday((day+1)%7))
		}
		from, _, err := Days(c.TZ, c.From, "")
		to, _, err2 := Days(c.TZ, c.To, "")
		if err := errors.Join(err, err2, s.Validate()); err != nil {
			t.Fatal(err)
		}
		want := []Window{}
		for _, w := range c.Expected {
			want = append(want, Window{utc(t, w[0]), utc(t, w[1])})
		}
		if got := s.Windows(from, to); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", c.ID, got, want)
		}
	}
	for _, c := range file.DateRanges {
		from, until, err := Days(c.TZ, c.First, c.Last)
		if err != nil || !from.Equal(utc(t, c.Expected[0])) || !until.Equal(utc(t, c.Expected[1])) {
			t.Errorf("%s %s: got %s to %s (%v)", c.TZ, c.First, from, until, err)
		}
	}
}

// A window that crosses midnight belongs to the day on which it starts.
func TestWindowsCrossMidnight(t *testing.T) {
	friday := Schedule{Zone: "Europe/Paris", Days: []time.Weekday{time.Friday}, Start: "22:00", End: "02:00"}
	got := friday.Windows(utc(t, "2026-11-23T00:00:00Z"), utc(t, "2026-11-30T00:00:00Z"))
	want := []Window{{utc(t, "2026-11-27T21:00:00Z"), utc(t, "2026-11-28T01:00:00Z")}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if !friday.Active(utc(t, "2026-11-28T00:59:59Z")) || friday.Active(utc(t, "2026-11-28T01:00:00Z")) || friday.Active(utc(t, "2026-11-27T00:30:00Z")) {
		t.Error("the night after Friday is Friday's, the one before is not")
	}
	// In the spring night the end does not exist and moves forward by the gap: 02:30 is 03:30.
	saturday := Schedule{Zone: "Europe/Paris", Days: []time.Weekday{time.Saturday}, Start: "23:00", End: "02:30"}
	got = saturday.Windows(utc(t, "2026-03-28T00:00:00Z"), utc(t, "2026-03-31T00:00:00Z"))
	want = []Window{{utc(t, "2026-03-28T22:00:00Z"), utc(t, "2026-03-29T01:30:00Z")}}
	if !slices.Equal(got, want) {
		t.Errorf("spring: got %v, want %v", got, want)
	}
}

// Days that touch are one window, so that a countdown does not end at midnight.
func TestWholeDaysJoin(t *testing.T) {
	week := Schedule{Zone: "Europe/Paris", Days: []time.Weekday{1, 2, 3, 4, 5}}
	got := week.Windows(utc(t, "2026-11-25T12:00:00Z"), utc(t, "2026-12-01T12:00:00Z"))
	want := []Window{
		{utc(t, "2026-11-25T12:00:00Z"), utc(t, "2026-11-27T23:00:00Z")},
		{utc(t, "2026-11-29T23:00:00Z"), utc(t, "2026-12-01T12:00:00Z")},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if change, ok := week.NextChange(utc(t, "2026-11-25T12:00:00Z")); !ok || !change.Equal(want[0].End) {
		t.Errorf("next change %s %v", change, ok)
	}
}

// From and Until cut the recurrence, and the ends are announced.
func TestFromAndUntil(t *testing.T) {
	from, until := utc(t, "2026-12-01T17:30:00Z"), utc(t, "2026-12-02T16:30:00Z")
	s := Schedule{Zone: "Europe/Paris", From: from, Until: until, Start: "17:00", End: "19:00"}
	want := []Window{{from, utc(t, "2026-12-01T18:00:00Z")}, {utc(t, "2026-12-02T16:00:00Z"), until}}
	if got := s.Windows(utc(t, "2026-01-01T00:00:00Z"), utc(t, "2027-01-01T00:00:00Z")); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	at := utc(t, "2026-06-01T00:00:00Z")
	for _, edge := range []time.Time{want[0].Start, want[0].End, want[1].Start, want[1].End} {
		change, ok := s.NextChange(at)
		if !ok || !change.Equal(edge) {
			t.Fatalf("after %s: %s %v, want %s", at, change, ok, edge)
		}
		at = change
	}
	if change, ok := s.NextChange(at); ok {
		t.Errorf("after the end: %s", change)
	}
	open := Schedule{From: from, Until: until}
	if change, ok := open.NextChange(from); !ok || !change.Equal(until) {
		t.Errorf("end: %s %v", change, ok)
	}
	if change, ok := (Schedule{}).NextChange(from); ok || !(Schedule{}).Active(from) {
		t.Errorf("always: %s", change)
	}
}

// What a merchant cannot have meant is refused by name of the field.
func TestScheduleRefusals(t *testing.T) {
	for _, c := range []struct {
		s              Schedule
		field, problem string
	}{
		{Schedule{Zone: "Europe/Pariss"}, "timezone", "unknown_zone"},
		{Schedule{Zone: "Local"}, "timezone", "unknown_zone"},
		{Schedule{Zone: "../etc/passwd"}, "timezone", "unknown_zone"},
		{Schedule{From: noon, Until: noon.Add(-1)}, "ends_at", "end_before_start"},
		{Schedule{From: noon, Until: noon}, "ends_at", "end_before_start"},
		{Schedule{Start: "7:00"}, "start_time", "bad_time"},
		{Schedule{Start: "24:00"}, "start_time", "bad_time"},
		{Schedule{Start: "17:00", End: "24:01"}, "end_time", "bad_time"},
		{Schedule{End: "12:60"}, "end_time", "bad_time"},
		{Schedule{End: "1٢:00"}, "end_time", "bad_time"},
		{Schedule{Start: "17:00", End: "17:00"}, "end_time", "empty_window"},
		{Schedule{Days: []time.Weekday{7}}, "weekdays", "bad_weekday"},
		{Schedule{Days: []time.Weekday{-1}}, "weekdays", "bad_weekday"},
	} {
		err := c.s.Validate()
		var r *refusal.Refusal
		if !errors.As(err, &r) || r.Code != "bad_schedule" || r.Details["field"] != c.field || problemOf(err) != c.problem {
			t.Errorf("%+v: %v", c.s, err)
		}
		if c.problem != "end_before_start" && c.s.Active(noon) {
			t.Errorf("%+v is active", c.s)
		}
		if _, ok := c.s.NextChange(noon.Add(-time.Hour)); ok && c.problem != "end_before_start" {
			t.Errorf("%+v changes", c.s)
		}
	}
	for _, s := range []Schedule{{}, {Zone: "Asia/Shanghai", End: "24:00"}, {Start: "22:00", End: "02:00"}, {Start: "00:00", End: "00:01"}} {
		if err := s.Validate(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, _, err := Days("Europe/Paris", "", "2026-02-30"); problemOf(err) != "bad_date" {
		t.Errorf("30 February: %v", err)
	}
}

// The rule for local times, against an oracle that walks every minute: the first instant that shows the time, and
// for a time that is never shown, the instant as far behind the change as the time is.
func TestLocalTimesAgainstEveryMinute(t *testing.T) {
	for _, c := range []struct{ zone, around string }{
		{"Europe/Paris", "2026-03-29"},
		{"Europe/Paris", "2026-10-25"},
		{"America/New_York", "2026-03-08"},
		{"America/New_York", "2026-11-01"},
		{"Australia/Lord_Howe", "2026-04-05"},
		{"Australia/Lord_Howe", "2026-10-04"},
		{"America/Sao_Paulo", "2018-11-04"},
		{"America/Sao_Paulo", "2018-02-18"},
		{"America/Havana", "2026-11-01"},
		{"Pacific/Apia", "2011-12-30"},
		{"Asia/Kathmandu", "2026-06-01"},
		{"Africa/Cairo", "2026-04-24"},
	} {
		z, ok := findZone(c.zone)
		if !ok {
			t.Fatalf("no zone %s", c.zone)
		}
		day := utc(t, c.around+"T00:00:00Z").Unix()
		first := map[int64]int64{}
		for at := day - 3*daySeconds; at < day+4*daySeconds; at += 60 {
			_, offset := time.Unix(at, 0).In(z.loc).Zone()
			if _, seen := first[at+int64(offset)]; !seen {
				first[at+int64(offset)] = at
			}
		}
		lastShown := int64(0)
		for local := day - daySeconds; local < day+2*daySeconds; local += 60 {
			want, shown := first[local]
			if shown {
				lastShown = local
			} else {
				want = first[lastShown] + local - lastShown
			}
			if got := z.instant(local); got != want {
				t.Fatalf("%s %s: got %s, want %s", c.zone, time.Unix(local, 0).UTC(), time.Unix(got, 0).UTC(), time.Unix(want, 0).UTC())
			}
		}
	}
}

// Active, Windows and NextChange are three views of one thing, whatever the zone and the season.
func FuzzSchedule(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	names := []string{"Europe/Paris", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "America/Havana", ""}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := randomSchedule(r, names[r.IntN(len(names))])
		from := time.Unix(1760000000+r.Int64N(70_000_000), 0)
		if r.IntN(2) == 0 { // near the clock changes
			from = []time.Time{utc(t, "2026-03-27T00:00:00Z"), utc(t, "2026-10-23T00:00:00Z")}[r.IntN(2)]
		}
		to := from.Add(time.Duration(1+r.IntN(20*24)) * time.Hour)
		windows := s.Windows(from, to)
		for i, w := range windows {
			if !w.Start.Before(w.End) || w.Start.Before(from) || w.End.After(to) || (i > 0 && !w.Start.After(windows[i-1].End)) {
				t.Fatalf("%+v: windows %v", s, windows)
			}
		}
		for range 200 {
			at := from.Add(time.Duration(r.Int64N(int64(to.Sub(from)))))
			inside := slices.ContainsFunc(windows, func(w Window) bool { return !at.Before(w.Start) && at.Before(w.End) })
			if s.Active(at) != inside {
				t.Fatalf("%+v at %s: active %v, windows %v", s, at.UTC(), s.Active(at), windows)
			}
		}
		at := from
		for range 12 {
			change, ok := s.NextChange(at)
			if !ok {
				break
			}
			if !change.After(at) || s.Active(change) == s.Active(at) || s.Active(change.Add(-1)) != s.Active(at) {
				t.Fatalf("%+v: %s → %s is no change", s, at.UTC(), change)
			}
			middle := at.Add(change.Sub(at) / 2)
			if s.Active(middle) != s.Active(at) {
				t.Fatalf("%+v: a change between %s and %s was missed", s, at.UTC(), change)
			}
			at = change
		}
	})
}

func randomSchedule(r *rand.Rand, zone string) Schedule {
	s := Schedule{Zone: zone}
	clock := func() string {
		return time.Unix(int64(r.IntN(96))*900, 0).UTC().Format("15:04")
	}
	if r.IntN(4) > 0 {
		s.Start = clock()
	}
	if r.IntN(4) > 0 {
		s.End = clock()
	}
	for day := range time.Weekday(7) {
		if r.IntN(3) == 0 {
			s.Days = append(s.Days, day)
		}
	}
	base := time.Unix(1774000000+r.Int64N(20_000_000), r.Int64N(1e9))
	if r.IntN(3) == 0 {
		s.From = base
	}
	if r.IntN(3) == 0 {
		s.Until = base.Add(time.Duration(r.Int64N(int64(40 * 24 * time.Hour))))
	}
	return s
}
