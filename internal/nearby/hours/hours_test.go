package hours_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/nearby/hours"
)

// What each form of a value means, at an instant in Paris.
func TestWhatValuesMean(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct {
		value, at string
		want      hours.State
		change    string // "" is never
		comment   string
	}{
		{"Mo-Fr 08:00-12:00; Mo 13:00-17:00", "2026-11-23 09:00", hours.Closed, "2026-11-23 13:00", ""},
		{"Mo-Fr 08:00-12:00, Mo 13:00-17:00", "2026-11-23 09:00", hours.Open, "2026-11-23 12:00", ""},
		{"Fr 18:00-02:00", "2026-11-28 01:59", hours.Open, "2026-11-28 02:00", ""},
		{"Fr 18:00-26:00", "2026-11-28 01:59", hours.Open, "2026-11-28 02:00", ""},
		{"Mo-Su 18:00-02:00; Tu off", "2026-11-24 01:00", hours.Closed, "2026-11-25 00:00", ""},
		{"24/7", "2026-11-28 01:59", hours.Open, "", ""},
		{"24/7 off", "2026-11-28 01:59", hours.Closed, "", ""},
		{"24/7; PH off", "2026-12-25 12:00", hours.Closed, "2026-12-26 00:00", ""},
		{"off", "2026-11-28 01:59", hours.Closed, "", ""},
		{"10:00-12:00; PH 14:00-15:00", "2026-11-11 14:30", hours.Open, "2026-11-11 15:00", "Armistice 1918"},
		{"Mo-Su 10:00-18:00; SH off", "2026-10-20 12:00", hours.Closed, "2026-11-02 10:00", ""},
		{"Mo-Su 17:00+", "2026-11-24 18:00", hours.Unknown, "2026-11-25 03:00", hours.OpenEnd},
		{"Mo-Su 17:00+", "2026-11-24 16:00", hours.Closed, "2026-11-24 17:00", ""},
		{`Mo-Fr 10:00-14:00 || "by phone"`, "2026-11-28 12:00", hours.Unknown, "2026-11-30 10:00", "by phone"},
		{`Mo-Fr 10:00-14:00 open "ring the bell"`, "2026-11-24 12:00", hours.Open, "2026-11-24 14:00", "ring the bell"},
		{"unknown", "2026-11-24 12:00", hours.Unknown, "", ""},
		{"Th[-1] 10:00-12:00", "2026-11-26 11:00", hours.Open, "2026-11-26 12:00", ""},
		{"Th[1] 10:00-12:00", "2026-11-26 11:00", hours.Closed, "2026-12-03 10:00", ""},
		{"Dec 24-Jan 2 off; 10:00-12:00", "2026-12-30 11:00", hours.Open, "2026-12-30 12:00", ""},
		{"10:00-12:00; Dec 24-Jan 2 off", "2026-12-30 11:00", hours.Closed, "2027-01-03 10:00", ""},
		{"Apr-Sep: Mo-Su 10:00-20:00; Oct-Mar: Tu-Su 11:00-17:00", "2026-11-24 18:00", hours.Closed, "2026-11-25 11:00", ""},
		{"easter 10:00-12:00", "2026-11-24 18:00", hours.Closed, "2027-03-28 10:00", ""},
		{"easter +1 day 10:00-12:00", "2027-03-29 11:00", hours.Open, "2027-03-29 12:00", ""},
		{"week 48 10:00-12:00", "2026-11-24 11:00", hours.Open, "2026-11-24 12:00", ""},
		{"week 1-53/2 10:00-12:00", "2026-11-24 11:00", hours.Closed, "2026-11-30 10:00", ""},
		{"2027+ 10:00-12:00", "2026-11-24 11:00", hours.Closed, "2027-01-01 10:00", ""},
		{"2028 10:00-12:00", "2026-11-24 11:00", hours.Closed, "", ""},
		{"sunrise-sunset", "2026-11-24 06:00", hours.Open, "2026-11-24 18:00", ""},
		{"(sunrise+01:00)-(sunset-01:30)", "2026-11-24 06:00", hours.Closed, "2026-11-24 07:00", ""},
		{"Mar Su[-1]-Oct Su[-1] 10:00-12:00", "2026-11-24 11:00", hours.Closed, "2027-03-28 10:00", ""},
		{"Su 02:00-03:00", "2026-03-28 12:00", hours.Closed, "2026-04-05 02:00", ""}, // the hour that is not
		// Odd spellings.
		{" mo - fr  9 : 00 – 12h30 ", "2026-11-24 12:29", hours.Open, "2026-11-24 12:30", ""},
		{"Lundi-vendredi 9h-12h; samedi fermé", "2026-11-24 11:00", hours.Open, "2026-11-24 12:00", ""},
		{"Monday to Friday 10am-6:30pm", "2026-11-24 18:29", hours.Open, "2026-11-24 18:30", ""},
		{"daily 10.00-midnight", "2026-11-24 23:00", hours.Open, "2026-11-25 00:00", ""},
		{"周一至周五 9:00-18:00", "2026-11-24 12:00", hours.Open, "2026-11-24 18:00", ""},
	} {
		s, err := hours.Parse(c.value)
		if err != nil {
			t.Errorf("%q: %v", c.value, err)
			continue
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, paris)
		if err != nil {
			t.Fatal(err)
		}
		state, change, comment := s.At(at)
		got := ""
		if !change.IsZero() {
			got = change.Format("2006-01-02 15:04")
		}
		if state != c.want || got != c.change || comment != c.comment {
			t.Errorf("%q at %s: %v until %q %q; want %v until %q %q", c.value, c.at, state, got, comment, c.want, c.change, c.comment)
		}
	}
}

// What could mean two things, or nothing, is not read; then nobody says closed.
func TestWhatIsNotRead(t *testing.T) {
	for _, value := range []string{
		"", " ", ";", "Lu-Sam 10:00-21:00", "Mo-Fr 10:00", "10:00-", "-10:00", "Mo 25:00-26:00", "Mo 10:60-12:00", "Mo 00:00-49:00",
		"Mo[6] 10:00-12:00", "Mo[0] 10:00-12:00", "Feb 30 10:00-12:00", "week 54 10:00-12:00", "2020-2018 10:00-12:00",
		`10:00-12:00 "no end`, "10:00-16:00/01:30", "Mo-Fr 10:00-12:00 Sa 14:00-15:00", "ask us", "10:00am-12:00", "13pm-14pm",
		"Mo-Fr 1000-1200", "Mo-Fr 10:00-12:00 ||", "24/7 Mo-Fr 10:00-12:00", "\xff\xfe", "Mo-Fr 10:00-12:00 €5",
		strings.Repeat("Mo 10:00-12:00; ", 10_000/16),
	} {
		if _, err := hours.Parse(value); err == nil {
			t.Errorf("%.40q was read", value)
		}
	}
}

// A zone whose holidays nobody has told us: what hangs on them is unknown, all else is as certain as ever.
func TestHolidaysThatNobodyKnows(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, shanghai)
	for value, want := range map[string]hours.State{
		"Mo-Su,PH 10:00-20:00": hours.Open, "Mo-Su 10:00-20:00; PH off": hours.Unknown, "Mo-Su 14:00-20:00; PH off": hours.Closed,
	} {
		s, err := hours.Parse(value)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := s.At(at); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
	// In Paris school holidays end to be known, when no calendar has been decreed yet.
	s, _ := hours.Parse("Mo-Su 10:00-20:00; SH off")
	if got, _, _ := s.At(time.Date(2029, 3, 6, 12, 0, 0, 0, zone(t, "Europe/Paris"))); got != hours.Unknown {
		t.Errorf("school holidays of 2029: %v", got)
	}
}

// Minute by minute, in zones with and without changes of the clock, At says what Intervals say, and changes when it says.
func TestMinuteByMinute(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	zones := []*time.Location{zone(t, "Europe/Paris"), zone(t, "Asia/Shanghai"), zone(t, "America/St_Johns"), time.UTC, zone(t, "Australia/Lord_Howe")}
	starts := []time.Time{
		time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 23, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 30, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 3, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC),
	}
	for range 60 {
		value := randomValue(r)
		s, err := hours.Parse(value)
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		loc := zones[r.IntN(len(zones))]
		from := starts[r.IntN(len(starts))].In(loc)
		walk(t, s, value, from, 3*24*60)
	}
}

func walk(t *testing.T, s *hours.Schedule, value string, from time.Time, minutes int) {
	t.Helper()
	list := s.Intervals(from, from.Add(time.Duration(minutes)*time.Minute))
	for i, each := range list {
		if !each.From.Before(each.Until) || each.State == hours.Closed || (i > 0 && each.From.Before(list[i-1].Until)) {
			t.Fatalf("%q: interval %d is %v", value, i, each)
		}
	}
	var until time.Time
	last := hours.State(-1)
	for minute := range minutes {
		at := from.Add(time.Duration(minute) * time.Minute)
		want, comment := hours.Closed, ""
		for _, each := range list {
			if !at.Before(each.From) && at.Before(each.Until) {
				want, comment = each.State, each.Comment
			}
		}
		if minute%7 != 0 && at.Hour() > 4 { // each minute of the night, every seventh of the day
			continue
		}
		state, change, said := s.At(at)
		if state != want || said != comment {
			t.Fatalf("%q at %v: %v %q, the intervals say %v %q", value, at, state, said, want, comment)
		}
		if !change.IsZero() && !change.After(at) {
			t.Fatalf("%q at %v: changes at %v", value, at, change)
		}
		if last >= 0 && (state != last) != (!until.IsZero() && !at.Before(until)) {
			t.Fatalf("%q at %v: %v after %v, which was to change at %v", value, at, state, last, until)
		}
		last, until = state, change
	}
}

func randomValue(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	days := func() string { return pick("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su") }
	clock := func() string {
		return pick("00", "01", "02", "03", "06", "09", "12", "17", "19", "22", "23") + ":" + pick("00", "15", "30", "59")
	}
	span := func() string {
		return pick(clock()+"-"+clock(), clock()+"-"+clock(), clock()+"+", clock()+"-"+clock()+"+", clock()+"-26:30", "sunrise-sunset", "00:00-24:00")
	}
	rules := make([]string, 1+r.IntN(4))
	for i := range rules {
		var parts []string
		if r.IntN(4) == 0 {
			parts = append(parts, pick("Mar-Oct", "Oct-Mar", "Mar 28-Apr 2", "Nov 1", "easter -2 days", "week 10-50/2", "2026", "2027+", "Mar Su[-1]-Oct Su[-1]", "Feb 29"))
		}
		if r.IntN(4) > 0 {
			parts = append(parts, pick(days(), days()+"-"+days(), days()+","+days(), days()+"[1]", days()+"[-1] -1 day", "PH", "SH", "Mo-Fr,PH"))
		}
		if r.IntN(5) > 0 || len(parts) == 0 {
			parts = append(parts, pick(span(), span()+","+span()))
		}
		if r.IntN(4) == 0 {
			parts = append(parts, pick("off", "unknown", `"call"`, `open "ring"`))
		}
		rules[i] = strings.Join(parts, " ")
	}
	return strings.Join(rules, pick("; ", "; ", ", ", " || "))
}

// Values that are as bad as they can be within the limit take little time: nobody can slow a search with one.
func TestHostileValuesAreQuick(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	fill := func(piece string) string {
		return strings.TrimRight(strings.Repeat(piece, hours.ValueLimit/len(piece)), ", ;|")
	}
	for _, value := range []string{
		fill("PH off,"), fill("Mo[5] 23:59-23:58;"), fill("SH,PH 00:01-00:02||"), fill("Feb 29 off;"), fill("easter -9 days-easter +9 days 1:00+;"),
		fill("0:0-0:1,"), fill(`"x",`), fill("2099 off,"), fill("week 53 off,"), "24/7 off; " + fill("Jan-Dec Mo[1-5] 00:00-48:00;")[:1900],
		"off; " + fill("PH -99 days off;")[:1900],
	} {
		began := time.Now()
		s, err := hours.Parse(value)
		if err != nil {
			continue // refused is as good
		}
		s.At(time.Date(2026, 11, 24, 12, 0, 0, 0, paris))
		if took := time.Since(began); took > 250*time.Millisecond {
			t.Errorf("%.30q… took %v", value, took)
		}
	}
}

// Intervals over a window without end are bounded.
func TestAWindowWithoutEnd(t *testing.T) {
	s, err := hours.Parse("Mo-Su 10:00-12:00")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Intervals(time.Unix(0, 0), time.Unix(1<<40, 0))); n > 4000 {
		t.Errorf("%d intervals", n)
	}
	if list := s.Intervals(time.Unix(100, 0), time.Unix(0, 0)); len(list) != 0 {
		t.Errorf("a window that ends before it begins: %v", list)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range read(f).Cases {
		f.Add(c.Value)
	}
	for _, value := range []string{"24/7 off", "Mo[1-3] +1 day 10:00-12:00", `easter -2 days-easter 10:00+ || "x"`, "2026 Mar 28-2026 Apr 2", "Dec 25: 10am-noon", "周一 9:00-18:00"} {
		f.Add(value)
	}
	paris := zone(f, "Europe/Paris")
	f.Fuzz(func(t *testing.T, value string) {
		s, err := hours.Parse(value)
		if err != nil {
			return
		}
		from := time.Date(2026, 3, 28, 20, 0, 0, 0, paris)
		list := s.Intervals(from, from.AddDate(0, 0, 4))
		for minute := 0; minute < 3*24*60; minute += 97 {
			at := from.Add(time.Duration(minute) * time.Minute)
			state, _, _ := s.At(at)
			inside := slices.IndexFunc(list, func(i hours.Interval) bool { return !at.Before(i.From) && at.Before(i.Until) })
			if (inside >= 0) != (state != hours.Closed) {
				t.Errorf("%q at %v: %v, %v", value, at, state, list)
			}
		}
	})
}

// 230 values, asked in turn: what one evaluation costs.
func BenchmarkAt(b *testing.B) {
	paris := zone(b, "Europe/Paris")
	var all []*hours.Schedule
	for _, c := range read(b).Cases {
		s, err := hours.Parse(c.Value)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, s)
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, paris)
	for i := 0; b.Loop(); i++ {
		all[i%len(all)].At(at.Add(time.Duration(i%10_000) * time.Minute))
	}
}

func BenchmarkParse(b *testing.B) {
	cases := read(b).Cases
	for i := 0; b.Loop(); i++ {
		_, _ = hours.Parse(cases[i%len(cases)].Value)
	}
}

// A day with hours of its own ends when it says, and the night before and after are whole.
func TestDaysWithTheirOwnHours(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	base, err := hours.Parse("Mo-Sa 12:00-02:00")
	if err != nil {
		t.Fatal(err)
	}
	day := func(d int, value string) hours.Day {
		return hours.Day{Date: time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC), Value: value, Comment: "inventory"}
	}
	s, err := base.Except([]hours.Day{day(24, "off"), day(26, "18:00-03:00")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range s.Intervals(time.Date(2026, 11, 23, 0, 0, 0, 0, paris), time.Date(2026, 11, 28, 0, 0, 0, 0, paris)) {
		got = append(got, i.From.Format("2 15:04")+"-"+i.Until.Format("2 15:04"))
	}
	want := []string{"23 12:00-24 02:00", "25 12:00-26 02:00", "26 18:00-27 03:00", "27 12:00-28 00:00"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if _, err := base.Except([]hours.Day{day(24, "perhaps")}); err == nil {
		t.Error("hours that cannot be read")
	}
}
