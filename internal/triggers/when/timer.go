package when

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// MinPause is how far apart two runs of one timer are at least.
	MinPause = 10 * time.Second
	// SpecLimit is how many bytes a timer's spec may have.
	SpecLimit = 200
	// FirstYear is the first year that a spec may name.
	FirstYear = 1970
	// LastYear is the last one.
	LastYear = 2099
)

// beginning is from when on a spec must fire at all: it is fixed, so that a package is judged alike on every day.
var beginning = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

var fieldNames = []string{"second", "minute", "hour", "day", "month", "weekday", "year"}

// fields reads the first six; the year is read here.
var fields = cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// Spec is when a timer is due, in WeChat's seven fields: second, minute, hour, day, month, weekday and year. The zero
// Spec is never due.
type Spec struct {
	calendar *cron.SpecSchedule
	years    [LastYear - FirstYear + 1]bool
}

// Mistake is why a text is no spec.
type Mistake struct {
	Field   string // one of the seven, "" when it is about the whole
	Problem string // an English sentence
}

func (m *Mistake) Error() string { return m.Problem }

func wrong(field, problem string, args ...any) *Mistake {
	return &Mistake{Field: field, Problem: fmt.Sprintf(problem, args...)}
}

// Parse reads a spec. Fields hold numbers, names of months and weekdays, and `*`, `,`, `-` and `/`. When both the day
// and the weekday are restricted, either will do. Sunday is 0.
func Parse(text string) (Spec, error) {
	if len(text) > SpecLimit {
		return Spec{}, wrong("", "A timer may be written in at most %d bytes.", SpecLimit)
	}
	parts := strings.Fields(text)
	if len(parts) != len(fieldNames) {
		return Spec{}, wrong("", "A timer has seven fields (second minute hour day month weekday year), not %d.", len(parts))
	}
	for i, part := range parts {
		if err := tidy(fieldNames[i], part); err != nil {
			return Spec{}, err
		}
	}
	var s Spec
	for i, part := range parts[:6] { // one by one, so that the mistake can be named
		alone := []string{"*", "*", "*", "*", "*", "*"}
		alone[i] = part
		if _, err := fields.Parse(strings.Join(alone, " ")); err != nil {
			return Spec{}, wrong(fieldNames[i], "The %s %q cannot be: %v.", fieldNames[i], part, err)
		}
	}
	schedule, err := fields.Parse(strings.Join(parts[:6], " "))
	if err != nil {
		return Spec{}, wrong("", "This is no timer: %v.", err)
	}
	s.calendar = schedule.(*cron.SpecSchedule) //nolint:forcetypeassert // what the parser makes without descriptors
	if err := s.readYears(parts[6]); err != nil {
		return Spec{}, err
	}
	if pause := s.pause(); pause < MinPause {
		return Spec{}, wrong("second", "It would run every %d seconds; %d is the least.", pause/time.Second, MinPause/time.Second)
	}
	if s.Next(beginning.Add(-time.Second), time.UTC).IsZero() {
		return Spec{}, wrong("", "It would never run: no such day comes.")
	}
	return s, nil
}

// tidy refuses what the parser of the six fields would take or swallow though WeChat does not know it.
func tidy(field, part string) error {
	for _, r := range part {
		letter := (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		if !letter && (r < '0' || r > '9') && !strings.ContainsRune("*,-/", r) {
			return wrong(field, "The %s %q has a %q; there are numbers, names and * , - /.", field, part, string(r))
		}
	}
	for piece := range strings.SplitSeq(part, ",") {
		if piece == "" || (len(piece) > 1 && piece[0] == '*' && piece[1] != '/') {
			return wrong(field, "The %s %q cannot be read.", field, part)
		}
	}
	return nil
}

func (s *Spec) readYears(field string) error {
	for piece := range strings.SplitSeq(field, ",") {
		span, by, stepped := strings.Cut(piece, "/")
		low, high, ranged := strings.Cut(span, "-")
		first, last, step := FirstYear, LastYear, 1
		var err error
		number := func(text string) int {
			n, problem := strconv.Atoi(text)
			if problem != nil || strings.HasPrefix(text, "+") {
				err = wrong("year", "The year %q cannot be read.", field)
			}
			return n
		}
		if span != "*" {
			first = number(low)
			switch {
			case ranged:
				last = number(high)
			case !stepped:
				last = first
			}
		}
		if stepped {
			step = number(by)
		}
		switch {
		case err != nil:
			return err
		case first < FirstYear || last > LastYear || first > last || step < 1:
			return wrong("year", "The year %q cannot be: years are %d to %d.", field, FirstYear, LastYear)
		}
		for year := first; year <= last; year += step {
			s.years[year-FirstYear] = true
		}
	}
	return nil
}

// pause is the shortest time between two of its seconds, around the minute.
func (s *Spec) pause() time.Duration {
	seconds := s.calendar.Second & (1<<60 - 1)
	first := bits.TrailingZeros64(seconds)
	least, before := 60, first
	for second := first + 1; second < 60+first; second++ {
		if seconds&(1<<(second%60)) != 0 {
			least = min(least, second-before)
			before = second
		}
	}
	return time.Duration(min(least, first+60-before)) * time.Second
}

// everyHour tells whether the spec leaves the hour open: then it goes by the time that passes, not by the clock on
// the wall.
func (s *Spec) everyHour() bool {
	const all = 1<<24 - 1
	return s.calendar.Hour&all == all
}

// Next is the first instant after an instant at which the spec is due in the zone, zero when there is none any more.
// Of the hour that a clock change repeats, a spec with hours of its own is due in the first pass only, and it is not
// due at what no clock shows; a spec for every hour goes on as time passes.
func (s *Spec) Next(after time.Time, zone *time.Location) time.Time {
	if s.calendar == nil {
		return time.Time{}
	}
	for from := after; ; {
		// Until the clocks change, the one on the wall runs evenly, so the calendar can be asked without a zone.
		here := from.Add(time.Nanosecond).In(zone)
		begins, ends := here.ZoneBounds()
		if !ends.IsZero() && !ends.After(here) { // for the library, leap years of the future end a day early
			ends = here.Add(time.Hour)
		}
		shift := offset(here)
		var found time.Time
		for wall := s.onTheWall(from.UTC().Add(shift)); ; wall = s.onTheWall(wall) {
			if wall.IsZero() {
				return time.Time{}
			}
			found = wall.Add(-shift)
			if !ends.IsZero() && !found.Before(ends) {
				break
			}
			if s.everyHour() || !shownBefore(wall, begins, zone) {
				return found.In(zone)
			}
		}
		from = ends.Add(-time.Nanosecond)
		if far := found.Add(-clocksDiffer); far.After(from) { // nothing is due until then
			from = far
		}
	}
}

// Latest is the last instant up to now at which the spec is due, if from is such an instant and not later than now.
func (s *Spec) Latest(from, now time.Time, zone *time.Location) time.Time {
	latest, past := from, now
	for past.Sub(latest) > MinPause/2 { // by halves: years of downtime may hold millions of periods
		middle := latest.Add(past.Sub(latest) / 2)
		if next := s.Next(middle, zone); !next.IsZero() && !next.After(now) {
			latest = next
		} else {
			past = middle
		}
	}
	return latest
}

// clocksDiffer is more than any two clocks of one zone ever did.
const clocksDiffer = 48 * time.Hour

func offset(at time.Time) time.Duration {
	_, seconds := at.Zone()
	return time.Duration(seconds) * time.Second
}

// shownBefore tells whether the clock on the wall showed that time already before the change at begins.
func shownBefore(wall, begins time.Time, zone *time.Location) bool {
	if begins.IsZero() {
		return false
	}
	return wall.Add(-offset(begins.Add(-time.Nanosecond).In(zone))).Before(begins)
}

// onTheWall is the next time after one that the calendar and the years name, both as if there were no zones.
func (s *Spec) onTheWall(wall time.Time) time.Time {
	for {
		wall = s.calendar.Next(wall)
		if wall.IsZero() || wall.Year() > LastYear {
			return time.Time{}
		}
		if wall.Year() >= FirstYear && s.years[wall.Year()-FirstYear] {
			return wall
		}
		year := max(wall.Year()+1, FirstYear)
		for year <= LastYear && !s.years[year-FirstYear] {
			year++
		}
		if year > LastYear {
			return time.Time{}
		}
		wall = time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second)
	}
}
