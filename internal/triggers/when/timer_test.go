package when_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/triggers/when"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func spec(t testing.TB, text string) when.Spec {
	t.Helper()
	s, err := when.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

const local = "2006-01-02 15:04:05 -0700"

// What WeChat's own documents show, and what else a field may hold.
func TestASpecIsDueWhenItsFieldsSay(t *testing.T) {
	for _, c := range []struct{ spec, after, next string }{
		{"*/10 * * * * * *", "2026-11-24 12:00:00 +0000", "2026-11-24 12:00:10 +0000"},
		{"0 0 2 1 * * *", "2026-11-24 12:00:00 +0000", "2026-12-01 02:00:00 +0000"},         // on the 1st at two
		{"0 15 10 * * MON-FRI *", "2026-11-27 10:15:00 +0000", "2026-11-30 10:15:00 +0000"}, // after a Friday
		{"0 0 10,14,16 * * * *", "2026-11-24 12:00:00 +0000", "2026-11-24 14:00:00 +0000"},
		{"0 */30 9-17 * * * *", "2026-11-24 17:30:00 +0000", "2026-11-25 09:00:00 +0000"},
		{"0 0 12 * * WED *", "2026-11-25 12:00:00 +0000", "2026-12-02 12:00:00 +0000"},
		{"0 0 0 * * 0 *", "2026-11-24 12:00:00 +0000", "2026-11-29 00:00:00 +0000"}, // Sunday
		{"0 0 0 29 FEB * *", "2026-11-24 12:00:00 +0000", "2028-02-29 00:00:00 +0000"},
		{"0 0 0 13 * 5 *", "2026-11-24 12:00:00 +0000", "2026-11-27 00:00:00 +0000"}, // either will do
		{"0 0 0 31 * * *", "2026-11-24 12:00:00 +0000", "2026-12-31 00:00:00 +0000"},
		{"5/20 * * * * * *", "2026-11-24 12:00:45 +0000", "2026-11-24 12:01:05 +0000"},
		{"0 0 0 1 1 * 2030", "2026-11-24 12:00:00 +0000", "2030-01-01 00:00:00 +0000"},
		{"0 0 0 1 1 * 2028/5", "2028-01-01 00:00:00 +0000", "2033-01-01 00:00:00 +0000"},
		{"0 0 0 1 1 * 2026-2027,2099", "2027-06-01 00:00:00 +0000", "2099-01-01 00:00:00 +0000"},
		{"0 0 0 1 1 * *", "2099-06-01 00:00:00 +0000", ""},
		{"11/20 * * * * * 2045", "2030-01-01 00:00:00 +0000", "2045-01-01 00:00:11 +0000"}, // after a leap year
		{"0 0 0 29 2 * 2092,2096", "2026-11-24 12:00:00 +0000", "2092-02-29 00:00:00 +0000"},
	} {
		s := spec(t, c.spec)
		after, err := time.Parse(local, c.after)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if next := s.Next(after, time.UTC); !next.IsZero() {
			got = next.Format(local)
		}
		if got != c.next {
			t.Errorf("%s after %s is due at %q, want %q", c.spec, c.after, got, c.next)
		}
		if s.Next(after, zone(t, "Europe/Paris")).IsZero() != (c.next == "") {
			t.Errorf("%s in Paris is due at another time of the century", c.spec)
		}
	}
}

// What cannot be meant is refused, with the field.
func TestAMistakenSpecIsRefused(t *testing.T) {
	for text, field := range map[string]string{
		"":                        "",
		"0 0 2 * * *":             "", // six fields
		"0 2 * * *":               "",
		"0 0 2 1 * * * *":         "",
		"60 0 2 1 * * *":          "second",
		"0 60 2 1 * * *":          "minute",
		"0 0 24 1 * * *":          "hour",
		"0 0 2 0 * * *":           "day",
		"0 0 2 32 * * *":          "day",
		"0 0 2 1 13 * *":          "month",
		"0 0 2 1 SMARCH * *":      "month",
		"0 0 2 1 * 7 *":           "weekday",
		"0 0 2 L * * *":           "day", // WeChat has no L
		"0 0 2 ? * * *":           "day",
		"0 0 2 1 * 1#2 *":         "weekday",
		"0 0 2 1 * * 1969":        "year",
		"0 0 2 1 * * 2100":        "year",
		"0 0 2 1 * * 2030-2029":   "year",
		"0 0 2 1 * * */0":         "year",
		"0 0 2 1 * * +2030":       "year",
		"0 0 2 1 * * x":           "year",
		"0 0 5-2 1 * * *":         "hour",
		"0 0 2,,3 1 * * *":        "hour",
		"0 0 , 1 * * *":           "hour",
		"0 0 */0 1 * * *":         "hour",
		"0 0 *5 1 * * *":          "hour",
		"0 0 1-2-3 1 * * *":       "hour",
		"-5 0 2 1 * * *":          "second",
		"* * * * * * *":           "second", // every second
		"*/5 * * * * * *":         "second",
		"0,55 * * * * * *":        "second", // five seconds, around the minute
		"0 0 0 30 2 * *":          "",       // never
		"0 0 0 31 4,6,9,11 * *":   "",
		"0 0 0 29 2 * 2027":       "",
		"0 0 0 1 1 * 2020":        "", // over before there were timers
		"CRON_TZ=UTC 0 2 1 * * *": "second",
		"@daily":                  "",
		"0 0 2 1 * * " + strings.Repeat("2030,", 50): "",
		"0 0 99999999999999999999 1 * * *":           "hour",
		"0 0 ２ 1 * * *":                              "hour",
	} {
		_, err := when.Parse(text)
		var mistake *when.Mistake
		if !errors.As(err, &mistake) {
			t.Errorf("%q was taken: %v", text, err)
		} else if mistake.Field != field || mistake.Problem == "" {
			t.Errorf("%q is refused for %q: %s", text, mistake.Field, mistake.Problem)
		}
	}
}

// dues are all instants at which the spec is due between two.
func dues(s when.Spec, from, to time.Time, z *time.Location) []string {
	var out []string
	for at := s.Next(from.Add(-time.Nanosecond), z); !at.IsZero() && at.Before(to); at = s.Next(at, z) {
		out = append(out, at.Format("01-02 15:04 -0700"))
	}
	return out
}

// The hour that a clock change repeats is one for what has an hour of its own, and the one that it swallows is none;
// what runs all the time goes on all the time. Lord Howe's clocks change by half an hour.
func TestClockChanges(t *testing.T) {
	for _, c := range []struct{ name, zone, spec, from, to, want string }{
		{
			"autumn", "Europe/Paris", "0 30 2 * * * *", "2026-10-24 12:00:00 +0000", "2026-10-26 12:00:00 +0000",
			"10-25 02:30 +0200, 10-26 02:30 +0100",
		},
		{
			"autumn, every half hour of that hour", "Europe/Paris", "0 */30 2 * * * *", "2026-10-24 12:00:00 +0000", "2026-10-25 12:00:00 +0000",
			"10-25 02:00 +0200, 10-25 02:30 +0200",
		},
		{
			"autumn, all hours", "Europe/Paris", "0 0 * * * * *", "2026-10-25 00:00:00 +0000", "2026-10-25 03:00:00 +0000",
			"10-25 02:00 +0200, 10-25 02:00 +0100, 10-25 03:00 +0100",
		},
		{
			"spring", "Europe/Paris", "0 30 2 * * * *", "2026-03-27 12:00:00 +0000", "2026-03-30 12:00:00 +0000",
			"03-28 02:30 +0100, 03-30 02:30 +0200",
		},
		{
			"spring, all hours", "Europe/Paris", "0 0 * * * * *", "2026-03-29 00:00:00 +0000", "2026-03-29 03:00:00 +0000",
			"03-29 01:00 +0100, 03-29 03:00 +0200, 03-29 04:00 +0200",
		},
		{
			"Lord Howe, autumn", "Australia/Lord_Howe", "0 45 1 * * * *", "2026-04-04 12:00:00 +0000", "2026-04-06 12:00:00 +0000",
			"04-05 01:45 +1100, 04-06 01:45 +1030",
		},
		{
			"Lord Howe, autumn, all hours", "Australia/Lord_Howe", "0 */15 * * * * *", "2026-04-04 14:29:00 +0000", "2026-04-04 15:31:00 +0000",
			"04-05 01:30 +1100, 04-05 01:45 +1100, 04-05 01:30 +1030, 04-05 01:45 +1030, 04-05 02:00 +1030",
		},
		{
			"Lord Howe, spring", "Australia/Lord_Howe", "0 0,15,30,45 2 * * * *", "2026-10-03 12:00:00 +0000", "2026-10-03 18:00:00 +0000",
			"10-04 02:30 +1100, 10-04 02:45 +1100",
		},
		{
			"a day that begins at one", "America/Santiago", "0 0 0 * * * *", "2026-09-05 12:00:00 +0000", "2026-09-08 12:00:00 +0000",
			"09-07 00:00 -0300, 09-08 00:00 -0300",
		},
		{
			"a day that never was", "Pacific/Apia", "0 0 12 * * * *", "2011-12-29 00:00:00 +0000", "2011-12-31 12:00:00 +0000",
			"12-29 12:00 -1000, 12-31 12:00 +1400",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, _ := time.Parse(local, c.from)
			to, _ := time.Parse(local, c.to)
			if got := strings.Join(dues(spec(t, c.spec), from, to, zone(t, c.zone)), ", "); got != c.want {
				t.Errorf("due at\n%s, want\n%s", got, c.want)
			}
		})
	}
}

// After downtime the last period counts, whether seconds or years went by.
func TestTheLatestPeriod(t *testing.T) {
	now := time.Date(2027, 3, 1, 12, 0, 5, 0, time.UTC)
	for text, c := range map[string]struct {
		from time.Time
		want string
	}{
		"*/10 * * * * * *": {now.Add(-90 * 24 * time.Hour).Truncate(10 * time.Second), "2027-03-01 12:00:00 +0000"},
		"0 0 2 * * * *":    {time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), "2027-03-01 02:00:00 +0000"},
		"0 0 0 1 1 * *":    {time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), "2027-01-01 00:00:00 +0000"},
		"0 0 0 29 2 * *":   {time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC), "2024-02-29 00:00:00 +0000"},
		"0 0 12 1 3 * *":   {time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC), "2027-03-01 12:00:00 +0000"},
	} {
		s := spec(t, text)
		if got := s.Latest(c.from, now, time.UTC).Format(local); got != c.want {
			t.Errorf("%s: the latest is %s, want %s", text, got, c.want)
		}
	}
}

// matches reads the spec's own fields again, the slow way.
func matches(text string, at time.Time) bool {
	f := strings.Fields(text)
	day, weekday := in(f[3], at.Day(), 1, 31), in(f[5], int(at.Weekday()), 0, 6)
	both := day && weekday
	if f[3] != "*" && f[5] != "*" {
		both = day || weekday
	}
	return both && in(f[0], at.Second(), 0, 59) && in(f[1], at.Minute(), 0, 59) && in(f[2], at.Hour(), 0, 23) &&
		in(f[4], int(at.Month()), 1, 12) && in(f[6], at.Year(), when.FirstYear, when.LastYear)
}

// Any spec, zone and instant: what is next is later, is what the fields say on the local clock, comes no sooner than
// the pause, and nothing between was left out that a clock showed for the first time.
func TestNextIsLaterAndMatches(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same specs each time
	zones := []*time.Location{time.UTC, zone(t, "Europe/Paris"), zone(t, "Australia/Lord_Howe"), zone(t, "America/Santiago"), zone(t, "Asia/Kathmandu")}
	tried := 0
	for tried < 3_000 {
		text := anySpec(random)
		s, err := when.Parse(text)
		if err != nil {
			continue
		}
		tried++
		z := zones[random.IntN(len(zones))]
		at := time.Unix(1_767_225_600+random.Int64N(15*365*86400), random.Int64N(1e9))
		next := s.Next(at, z)
		if next.IsZero() {
			continue
		}
		if !next.After(at) || !matches(text, next.In(z)) || next.Nanosecond() != 0 {
			t.Fatalf("%s after %s in %s is due at %s", text, at.In(z), z, next)
		}
		if later := s.Next(next, z); !later.IsZero() && later.Sub(next) < when.MinPause {
			t.Fatalf("%s is due at %s and %s", text, next, later)
		}
		for probe := range 200 {
			between := at.Truncate(time.Second).Add(time.Duration(1+probe*int(next.Sub(at)/time.Second)/200) * time.Second)
			repeated := z != time.UTC && !between.Equal(first(between, z))
			if between.After(at) && between.Before(next) && matches(text, between.In(z)) && !repeated {
				t.Fatalf("%s after %s in %s leaves out %s", text, at.In(z), z, between.In(z))
			}
		}
	}
}

// first is the first instant at which clocks in the zone show what they show at that one.
func first(at time.Time, z *time.Location) time.Time {
	begins, _ := at.In(z).ZoneBounds()
	if begins.IsZero() {
		return at
	}
	_, now := at.In(z).Zone()
	_, before := begins.Add(-1).In(z).Zone()
	if earlier := at.Add(time.Duration(now-before) * time.Second); earlier.Before(begins) {
		return earlier
	}
	return at
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"*/10 * * * * * *", "0 0 2 1 * * *", "0 15 10 * JAN-MAR MON-FRI 2026-2030/2", "5/20 1,2 * 29 2 6 *", "0 0 0 29 2 * 2096"} {
		f.Add(text, int64(1_800_000_000))
	}
	paris := zone(f, "Europe/Paris")
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		s, err := when.Parse(text)
		if err != nil {
			return
		}
		at := time.Unix(unix%4_500_000_000, 0)
		if next := s.Next(at, paris); !next.IsZero() && (!next.After(at) || next.Year() > when.LastYear) {
			t.Errorf("%s after %s is due at %s", text, at, next)
		}
	})
}

// An event has one line, and members that say what they are.
func TestEventsAreTold(t *testing.T) {
	seen := map[string]bool{}
	for n, event := range when.Events() {
		if kinds := when.Kinds(); len(kinds) != len(when.Events()) || kinds[n] != event.Kind {
			t.Errorf("the kinds are %v", kinds)
		}
		if seen[event.Kind] || event.Says == "" || len(event.Data) == 0 {
			t.Errorf("event %q is told badly", event.Kind)
		}
		seen[event.Kind] = true
	}
	if !when.IsEvent("order.paid") || when.IsEvent("order") {
		t.Error("IsEvent is wrong")
	}
}
