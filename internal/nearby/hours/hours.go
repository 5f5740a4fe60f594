// Package hours reads opening hours as OpenStreetMap writes them, and tells whether a place is open.
//
// It knows no app and no clock: a value goes in, states of instants come out, in the zone of the instants that are
// asked for. The invariant: a value is read whole or not at all; one that cannot be read is an error, which its
// caller calls unknown, and never a guess. Where the calendar of public or school holidays is not known, whatever
// depends on it is unknown too.
//
// A rule after `;` takes the days that it names from the rules before it, one after `,` adds to them, one after `||`
// counts only where nothing else does. What goes past midnight belongs to the day on which it began. Sunrise, sunset,
// dawn and dusk are fixed at 6:00, 18:00, 5:30 and 18:30, because a value knows no place.
package hours

import (
	"fmt"
	"slices"
	"time"
)

// State is what a schedule says of an instant.
type State int

// The states.
const (
	Closed State = iota
	Open
	Unknown
)

// String is the state in a word.
func (s State) String() string {
	return [...]string{"closed", "open", "unknown"}[s]
}

// Interval is a stretch of time in one state that is not Closed; Until is not in it.
type Interval struct {
	From, Until time.Time
	State       State
	Comment     string
}

const (
	// ValueLimit is how many bytes a value may have. OpenStreetMap allows 255.
	ValueLimit = 2_000
	// PartsLimit is how many days and times a value may name: each is looked at for each day of a year.
	PartsLimit = 150
	// Horizon is how many days ahead At looks for a change.
	Horizon = 366
	// windowDays is how many days Intervals answers for at most.
	windowDays = 3_700
	// OpenEnd is the comment of a time that has a beginning only, in the words of the reference implementation.
	OpenEnd = "Specified as open end. Closing time was guessed."
)

// SyntaxError says where a value cannot be read, and why.
type SyntaxError struct {
	Offset int // in bytes
	Reason string
}

// Error is the reason with its place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("opening hours, at byte %d: %s", e.Offset, e.Reason)
}

// Schedule is a value that was read. It does not change, so many may ask it at a time.
type Schedule struct {
	rules []rule
	// weekly is set when only the weekday matters: then the seven days are painted once.
	weekly bool
	week   [7]painted
	doubts bool // some rule names public or school holidays
}

// Parse reads a value. Spelling is forgiven where it can mean one thing only.
func Parse(value string) (*Schedule, error) {
	if len(value) > ValueLimit {
		return nil, &SyntaxError{Offset: ValueLimit, Reason: fmt.Sprintf("the value has more than %d bytes", ValueLimit)}
	}
	tokens, err := scan(value)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	rules, err := p.rules()
	if err != nil {
		return nil, err
	}
	parts := 0
	for _, r := range rules {
		parts += 1 + len(r.spans)
		for _, group := range r.groups {
			parts += len(group)
		}
	}
	if parts > PartsLimit {
		return nil, &SyntaxError{Offset: 0, Reason: fmt.Sprintf("the value has more than %d days and times", PartsLimit)}
	}
	s := &Schedule{rules: rules}
	s.prepare()
	return s, nil
}

// prepare computes what is asked often.
func (s *Schedule) prepare() {
	s.weekly = true
	for i := range s.rules {
		s.rules[i].settle()
		s.weekly = s.weekly && s.rules[i].plain
		s.doubts = s.doubts || s.rules[i].doubts()
	}
	if s.weekly {
		for weekday := range s.week {
			// 1970-01-04 was a Sunday; which one does not matter.
			s.week[weekday] = s.paint(dateOf(3+weekday+7), stray{}, calendar{})
		}
	}
}

// Comments tells whether what the schedule says besides its state can change while the state does not.
func (s *Schedule) Comments() bool {
	if s.doubts {
		return true
	}
	for i := range s.rules {
		if s.rules[i].comment != "" {
			return true
		}
	}
	return false
}

// Day is a day with hours of its own.
type Day struct {
	Date    time.Time // its year, month and day count
	Value   string    // times, or "off"
	Comment string
}

// Except is the schedule with other hours on some days. What began on the day before goes on past midnight all the
// same, and what begins on such a day is its own.
func (s *Schedule) Except(days []Day) (*Schedule, error) {
	out, unless := &Schedule{rules: slices.Clone(s.rules)}, map[int]bool{}
	for _, day := range days {
		own, err := Parse(day.Value)
		if err != nil {
			return nil, err
		}
		year, month, dayOf := day.Date.Date()
		unless[daysOf(year, int(month), dayOf)] = true
		only := bound{year: year, month: int(month), day: dayOf}
		for _, r := range own.rules {
			if r.state == Closed && len(r.spans) == 0 && !r.dated() {
				continue // the night before may still be open
			}
			r.groups = append([][]selector{{{kind: ofDates, first: only, last: only}}}, r.groups...)
			r.joint = max(r.joint, additional)
			if r.comment == "" {
				r.comment = day.Comment
			}
			out.rules = append(out.rules, r)
		}
	}
	for i := range s.rules {
		out.rules[i].unless = unless
	}
	out.prepare()
	return out, nil
}
