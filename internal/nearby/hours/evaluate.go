package hours

import (
	"math"
	"time"
)

const (
	daySeconds = 24 * 60 * 60
	// weeklyHorizon is how many days decide whether a weekly schedule ever changes: two weeks, for a change of the
	// clock may swallow a time.
	weeklyHorizon = 16
)

// At is the state at an instant, when it next changes, and what the value says besides. The zone of the instant is
// the place's. A zero time says that nothing changes within a year.
func (s *Schedule) At(t time.Time) (State, time.Time, string) {
	w := walker{schedule: s, loc: t.Location(), calendar: calendarOf(t.Location())}
	at := t.Unix()
	first := w.start(t)
	state, comment, edge := Closed, "", at
	horizon := first + Horizon
	if s.weekly {
		horizon = first + weeklyHorizon
	}
	for day := first; day < horizon; day++ {
		pieces, until := w.day(day)
		for _, p := range pieces {
			if p.until <= at {
				continue
			}
			if p.from <= at {
				state, comment, edge = p.state, p.comment, p.until
				continue
			}
			if state == Closed || p.from > edge || p.state != state {
				if state == Closed {
					edge = p.from
				}
				return state, time.Unix(edge, 0).In(t.Location()), comment
			}
			edge = p.until
		}
		if state != Closed && until > edge {
			return state, time.Unix(edge, 0).In(t.Location()), comment
		}
	}
	return state, time.Time{}, comment
}

// Intervals are the stretches between from and until that are not closed, in order; stretches that touch are one when
// they have the same state and comment. The zone of from is the place's. At most ten years are looked at.
func (s *Schedule) Intervals(from, until time.Time) []Interval {
	loc := from.Location()
	w := walker{schedule: s, loc: loc, calendar: calendarOf(loc)}
	begin, finish := from.Unix(), until.Unix()
	out := []Interval{}
	first := w.start(from)
	for day := first; day < first+windowDays; day++ {
		pieces, over := w.day(day)
		for _, p := range pieces {
			a, b := max(p.from, begin), min(p.until, finish)
			if a >= b {
				continue
			}
			if n := len(out); n > 0 && out[n-1].Until.Unix() == a && out[n-1].State == p.state && out[n-1].Comment == p.comment {
				out[n-1].Until = time.Unix(b, 0).In(loc)
				continue
			}
			out = append(out, Interval{time.Unix(a, 0).In(loc), time.Unix(b, 0).In(loc), p.state, p.comment})
		}
		if over >= finish {
			break
		}
	}
	return out
}

// piece is a stroke in seconds since 1970.
type piece struct {
	from, until int64
	state       State
	comment     string
}

// walker goes through the days of a schedule in a zone.
type walker struct {
	schedule *Schedule
	loc      *time.Location
	calendar calendar
	// Between since and until the zone has one offset, so that most days need no calendar of Go's.
	since, until, offset int64
	pieces               [8]piece
}

// start prepares for the days around t and is the number of its day.
func (w *walker) start(t time.Time) int {
	_, offset := t.Zone()
	w.offset = int64(offset)
	w.since, w.until = math.MinInt64/2, math.MaxInt64/2
	since, until := t.ZoneBounds()
	if !since.IsZero() {
		w.since = since.Unix()
	}
	if !until.IsZero() {
		w.until = until.Unix()
	}
	return floor(int(t.Unix())+offset, daySeconds)
}

// day is the pieces of a local day, in order, and when the day ends. The pieces are good until the next call.
func (w *walker) day(day int) ([]piece, int64) {
	begin := int64(day)*daySeconds - w.offset
	// Yesterday counts too, because of what goes past midnight.
	if begin-2*daySeconds >= w.since && begin+daySeconds <= w.until {
		out := w.pieces[:0]
		for _, s := range w.schedule.day(day, stray{}, w.calendar) {
			out = append(out, piece{begin + int64(s.from)*60, begin + int64(s.until)*60, s.state, s.comment})
		}
		return out, begin + daySeconds
	}
	return w.oddDay(day)
}

// oddDay is a day on which the clock changes, or one after it.
func (w *walker) oddDay(day int) ([]piece, int64) {
	midnight := func(day int) (time.Time, int64) {
		d := dateOf(day)
		t := time.Date(d.year, time.Month(d.month), d.dayOf, 0, 0, 0, 0, w.loc)
		_, offset := t.Zone()
		return t, int64(offset)
	}
	_, before := midnight(day - 1)
	begin, now := midnight(day)
	over, after := midnight(day + 1)
	w.start(over) // from here on days are even again, for half a year
	var a stray
	if now > before {
		a = w.schedule.stray(day, int(now-before)/60)
	}
	_, change := begin.ZoneBounds()
	// A time in the hour that is missing counts from the midnight before, so it lies as much later.
	missing := func(minute int) bool {
		wall := int64(day)*daySeconds + int64(minute)*60
		return now != after && wall-now >= change.Unix() && wall-after < change.Unix()
	}
	instant := func(minute int) int64 {
		wall := int64(day)*daySeconds + int64(minute)*60
		if now == after || wall-now < change.Unix() || missing(minute) {
			return wall - now
		}
		return wall - after
	}
	out := w.pieces[:0]
	for _, s := range w.schedule.day(day, a, w.calendar) {
		if p := (piece{instant(s.from), instant(s.until), s.state, s.comment}); p.from < p.until && (!missing(s.from) || !missing(s.until)) {
			out = append(out, p)
		}
	}
	return out, over.Unix()
}

// day is the painting of a day.
func (s *Schedule) day(day int, a stray, c calendar) painted {
	if s.weekly && a == (stray{}) {
		return s.week[weekdayOf(day)]
	}
	if !s.doubts || c.knows(day) {
		return s.paint(dateOf(day), a, c)
	}
	yes, no := c, c
	yes.assume, no.assume = true, false
	return agree(s.paint(dateOf(day), a, yes), s.paint(dateOf(day), a, no))
}

// stray is which minutes of a day after one of 23 hours have another day before them, out of the first ones: from the
// first instant at which the value is looked at again.
func (s *Schedule) stray(day, minutes int) stray {
	before, after := dateOf(day-1), dateOf(day)
	first, midnight := minutes, false
	for i := range s.rules {
		r := &s.rules[i]
		turns, matched := r.turns(before, after)
		if turns {
			return stray{0, minutes}
		}
		if !matched {
			continue
		}
		if r.replaces(s.before(i)) {
			first, midnight = minutes, false
		}
		midnight = midnight || (len(r.spans) == 0 && r.dated())
		for _, one := range r.spans {
			midnight = midnight || one.from == 0 || one.until == dayMinutes
			if end := one.until - dayMinutes; end > 0 {
				first = min(first, end)
			}
		}
	}
	if midnight {
		first = 0
	}
	return stray{first, minutes}
}
