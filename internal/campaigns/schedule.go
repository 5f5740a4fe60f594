package campaigns

import (
	"iter"
	"net/http"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

// ErrSchedule refuses a schedule that can never work as written; data.field names the field, data.problem the
// kind of mistake: unknown_zone, end_before_start, bad_time, bad_date, bad_weekday or empty_window.
var ErrSchedule = refusal.New(http.StatusBadRequest, "bad_schedule", "This schedule is not valid.")

// Schedule is when a campaign works: between two instants and, if it recurs, in a window of local wall-clock time
// on some weekdays. A window that ends before it starts crosses midnight and belongs to the day it starts on.
type Schedule struct {
	Zone        string         // IANA name; "" counts as UTC
	From, Until time.Time      // [From, Until); zero is open
	Days        []time.Weekday // none means every day
	Start, End  string         // local "17:00"; "" is the start or the end of the day; End may be "24:00"
}

// Window is a half-open interval of instants.
type Window struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

const (
	daySeconds = 24 * 60 * 60
	dayMinutes = 24 * 60
	everyDay   = 1<<7 - 1
	// searchSeconds is how far NextChange looks: a week, and another in case a clock change swallowed the window.
	searchSeconds = 16 * daySeconds
	// maxWindows bounds the answer of Windows.
	maxWindows = 5000
)

// Active tells whether at lies in the schedule. A schedule that Validate refuses for its times is never active.
func (s Schedule) Active(at time.Time) bool {
	r, ok := s.recurrence()
	if !ok || at.Before(s.From) || (!s.Until.IsZero() && !at.Before(s.Until)) {
		return false
	}
	return r.always || r.active(at.Unix())
}

// Windows is what of the schedule lies in [from, to), in order, with windows that touch joined into one.
func (s Schedule) Windows(from, to time.Time) []Window {
	out := []Window{}
	from = later(from, s.From)
	if !s.Until.IsZero() {
		to = earlier(to, s.Until)
	}
	r, ok := s.recurrence()
	if !ok || !from.Before(to) {
		return out
	}
	if r.always {
		return append(out, Window{from.UTC(), to.UTC()})
	}
	for start, end := range r.windows(from.Unix()) {
		w := Window{later(time.Unix(start, 0), from).UTC(), earlier(time.Unix(end, 0), to).UTC()}
		if !w.Start.Before(to) || len(out) == maxWindows {
			break
		}
		if w.Start.Before(w.End) {
			out = append(out, w)
		}
	}
	return out
}

// NextChange is the first instant after at when Active answers otherwise than at at; false if there is none.
func (s Schedule) NextChange(at time.Time) (time.Time, bool) {
	r, ok := s.recurrence()
	if !ok || (!s.Until.IsZero() && (!at.Before(s.Until) || !s.From.Before(s.Until))) {
		return time.Time{}, false
	}
	from := later(at, s.From)
	start, end, ok := r.next(from)
	switch {
	case !ok, !s.Until.IsZero() && !start.Before(s.Until):
		return time.Time{}, false
	case start.After(at): // not active yet
		return start.UTC(), true
	case end.IsZero() || (!s.Until.IsZero() && s.Until.Before(end)):
		return s.Until.UTC(), !s.Until.IsZero()
	default:
		return end.UTC(), true
	}
}

// Validate refuses, naming the field, what a merchant cannot have meant.
func (s Schedule) Validate() error {
	if _, ok := findZone(s.Zone); !ok {
		return unknownZone(s.Zone)
	}
	if !s.From.IsZero() && !s.Until.IsZero() && !s.From.Before(s.Until) {
		return wrong("ends_at", "end_before_start", "The campaign ends before it starts.")
	}
	if minutes, ok := parseClock(s.Start, 0); !ok || minutes == dayMinutes {
		return wrong("start_time", "bad_time", "%q is not a time of day. Write it like 17:00.", s.Start)
	}
	if _, ok := parseClock(s.End, dayMinutes); !ok {
		return wrong("end_time", "bad_time", "%q is not a time of day. Write it like 17:00.", s.End)
	}
	for _, day := range s.Days {
		if day < time.Sunday || day > time.Saturday {
			return wrong("weekdays", "bad_weekday", "%d is not a weekday: 0 is Sunday, 6 is Saturday.", int(day))
		}
	}
	if _, ok := s.recurrence(); !ok {
		return wrong("end_time", "empty_window", "The time of day ends when it starts.")
	}
	return nil
}

// Days is the instants of whole local days, the last one included: from the first instant of first to the first
// instant of the day after last. Dates are written 2026-12-31; an empty one leaves that side open.
func Days(zoneName, first, last string) (from, until time.Time, err error) {
	z, ok := findZone(zoneName)
	if !ok {
		return from, until, unknownZone(zoneName)
	}
	if first != "" {
		day, err := time.Parse(time.DateOnly, first)
		if err != nil {
			return from, until, wrong("starts_at", "bad_date", "%q is not a date. Write it like 2026-12-31.", first)
		}
		from = time.Unix(z.instant(day.Unix()), 0).UTC()
	}
	if last != "" {
		day, err := time.Parse(time.DateOnly, last)
		if err != nil {
			return from, until, wrong("ends_at", "bad_date", "%q is not a date. Write it like 2026-12-31.", last)
		}
		until = time.Unix(z.instant(day.Unix()+daySeconds), 0).UTC()
	}
	return from, until, nil
}

func unknownZone(name string) error {
	return wrong("timezone", "unknown_zone", "%q is not a time zone. Use a name like Europe/Paris.", name)
}

func wrong(field, problem, sentence string, args ...any) error {
	return ErrSchedule.With("field", field).With("problem", problem).Saying(sentence, args...)
}

// recurrence is a schedule's weekly part, parsed. Start and end are minutes from the midnight that begins the day
// a window belongs to.
type recurrence struct {
	zone       *zone
	days       uint8 // bit per weekday
	start, end int64
	always     bool
}

func (s Schedule) recurrence() (recurrence, bool) {
	z, zoneOK := findZone(s.Zone)
	start, startOK := parseClock(s.Start, 0)
	end, endOK := parseClock(s.End, dayMinutes)
	r := recurrence{zone: z, start: start, end: end}
	if !zoneOK || !startOK || !endOK || start == dayMinutes || start == end {
		return r, false
	}
	if end < start {
		r.end += dayMinutes
	}
	for _, day := range s.Days {
		if day < time.Sunday || day > time.Saturday {
			return r, false
		}
		r.days |= 1 << day
	}
	if len(s.Days) == 0 {
		r.days = everyDay
	}
	r.always = r.days == everyDay && r.start == 0 && r.end == dayMinutes
	return r, true
}

// window is the one that belongs to a local day, if that weekday has one and no clock change swallows it.
func (r recurrence) window(day int64) (start, end int64, ok bool) {
	// 1970-01-01 was a Thursday.
	if weekday := ((day+4)%7 + 7) % 7; r.days&(1<<weekday) == 0 {
		return 0, 0, false
	}
	start = r.zone.instant(day*daySeconds + r.start*60)
	end = r.zone.instant(day*daySeconds + r.end*60)
	return start, end, start < end
}

// active looks at today's window and at the two before, which may have crossed midnight and been pushed on by a
// clock change.
func (r recurrence) active(at int64) bool {
	today := r.zone.day(at)
	for day := today - 2; day <= today; day++ {
		if start, end, ok := r.window(day); ok && start <= at && at < end {
			return true
		}
	}
	return false
}

// next is the window that holds from, or else the next one, cut at from. An end of zero is none.
func (r recurrence) next(from time.Time) (start, end time.Time, ok bool) {
	if r.always {
		return from, time.Time{}, true
	}
	at := from.Unix()
	for first, last := range r.windows(at) {
		if first > at+searchSeconds {
			break
		}
		if last > at {
			return later(time.Unix(first, 0), from), time.Unix(last, 0), true
		}
	}
	return start, end, false
}

// windows are the recurring windows from about two days before at, in order, joined where they touch. It must not
// be asked of a recurrence that always holds, for that window has no end.
func (r recurrence) windows(at int64) iter.Seq2[int64, int64] {
	return func(yield func(start, end int64) bool) {
		day := r.zone.day(at) - 2
		start, end, open := r.window(day)
		for {
			day++
			s, e, ok := r.window(day)
			switch {
			case ok && open && s <= end:
				start, end = min(start, s), max(end, e)
			case ok && open:
				if !yield(start, end) {
					return
				}
				start, end = s, e
			case ok:
				start, end, open = s, e, true
			case open && day*daySeconds > end+2*daySeconds: // no later window can still touch this one
				if !yield(start, end) {
					return
				}
				open = false
			}
		}
	}
}

// parseClock reads "17:00" as minutes; "" is whatever empty stands for.
func parseClock(text string, empty int64) (int64, bool) {
	if text == "" {
		return empty, true
	}
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	hour := int64(text[0]-'0')*10 + int64(text[1]-'0')
	minute := int64(text[3]-'0')*10 + int64(text[4]-'0')
	minutes := hour*60 + minute
	return minutes, minute < 60 && minutes <= dayMinutes
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
