package hours

// joint is how a rule stands to those before it.
type joint int

const (
	normal     joint = iota // after ;
	additional              // after ,
	fallback                // after ||
)

// span is a time of the day, in minutes from its midnight; until may lie on the next day.
type span struct {
	from, until int
	open        bool // nobody knows when it ends: the state is unknown
}

const (
	dayMinutes = 24 * 60
	// longestSpan is how far a time may reach: to the end of the next day.
	longestSpan = 2 * dayMinutes
)

// rule is one rule of a value: on which days, at what times, what.
type rule struct {
	joint   joint
	groups  [][]selector // a day must match one selector of every group
	spans   []span       // none is the whole day
	state   State
	comment string
	unless  map[int]bool // days that have hours of their own

	plain bool  // only weekdays matter
	mask  uint8 // of a plain one: bit per weekday
	wraps bool  // some span goes past midnight
}

// dated tells whether the rule names days at all.
func (r *rule) dated() bool { return len(r.groups) > 0 }

// settle computes what is asked often.
func (r *rule) settle() {
	r.plain, r.mask = r.unless == nil, 1<<7-1
	for _, group := range r.groups {
		var mask uint8
		for i := range group {
			one := &group[i]
			one.settle()
			r.plain = r.plain && one.kind == ofWeek && one.nths == 0 && one.offset == 0
			mask |= one.mask
		}
		r.mask &= mask
	}
	for i, one := range r.spans {
		if one.open && i+1 < len(r.spans) && r.spans[i+1].from > one.from { // it ends when the next time begins
			r.spans[i].until = min(one.until, r.spans[i+1].from)
		}
		r.wraps = r.wraps || r.spans[i].until > dayMinutes
	}
}

// turns tells whether the rule looks at the midnight between the days, because a selector that it comes to holds on
// one of them alone; and whether it speaks of the day before.
func (r *rule) turns(before, after date) (turns, matched bool) {
	for _, group := range r.groups {
		found := false
		for i := range group {
			was, _ := group[i].matches(before, calendar{})
			is, _ := group[i].matches(after, calendar{})
			if was != is {
				return true, false
			}
			found = found || was
		}
		if !found {
			return false, false
		}
	}
	return false, true
}

// doubts tells whether the rule hangs on holidays, of which not every calendar is known.
func (r *rule) doubts() bool {
	for _, group := range r.groups {
		for _, one := range group {
			if one.kind == publicHoliday || one.kind == schoolHoliday {
				return true
			}
		}
	}
	return false
}

// matches tells whether the rule speaks of the day, and the name of the holiday because of which it does.
func (r *rule) matches(d date, c calendar) (bool, string) {
	if r.plain {
		return r.mask&(1<<d.weekday) != 0, ""
	}
	if r.unless[d.day] {
		return false, ""
	}
	holiday := ""
	for _, group := range r.groups {
		found := false
		for i := range group {
			ok, named := group[i].matches(d, c)
			found = found || ok
			if ok && named != "" {
				holiday = named
			}
		}
		if !found {
			return false, ""
		}
	}
	return true, holiday
}

// replaces tells whether the rule takes the day from the rules before it. before is the rule just before.
func (r *rule) replaces(before *rule) bool {
	if r.joint != normal || r.state == Closed {
		return false
	}
	return r.dated() || (before != nil && !before.dated() && r.state == Open)
}

// what is what a selector selects.
type what int

const (
	ofWeek what = iota
	publicHoliday
	schoolHoliday
	ofYears
	ofWeeks
	ofDates
)

// selector is a set of days.
type selector struct {
	kind           what
	mask           uint8  // ofWeek
	nths           uint16 // ofWeek: bits 1 to 5 from the beginning of the month, 9 to 13 from its end; 0 is each
	offset         int    // ofWeek with nths, holidays: days after
	from, to, step int    // ofYears, ofWeeks
	first, last    bound  // ofDates
	yearly         bool   // ofDates: a day and month of every year at both ends
}

// settle computes what is asked often.
func (s *selector) settle() {
	always := func(b bound) bool { return b.year == 0 && !b.easter && b.nth == 0 && b.offset == 0 }
	s.yearly = s.kind == ofDates && always(s.first) && always(s.last)
}

// inYear tells whether the day lies in a stretch of every year.
func (s *selector) inYear(d date) bool {
	from, until, day := s.first.month*32+s.first.day, s.last.month*32+s.last.day, d.month*32+d.dayOf
	if s.last.day == 0 {
		until += 31
	}
	if from <= until {
		return from <= day && day <= until
	}
	return from <= day || day <= until
}

func (s *selector) matches(d date, c calendar) (bool, string) {
	switch s.kind {
	case ofWeek:
		return s.weekday(d), ""
	case publicHoliday:
		return c.public(dateOf(d.day-s.offset), s.offset)
	case schoolHoliday:
		return c.school(d.day)
	case ofYears:
		return d.year >= s.from && d.year <= s.to && (d.year-s.from)%s.step == 0, ""
	case ofWeeks:
		week := d.week()
		return week >= s.from && week <= s.to && (week-s.from)%s.step == 0, ""
	}
	if s.yearly {
		return s.inYear(d), ""
	}
	return within(d, s.first, s.last), ""
}

func (s *selector) weekday(d date) bool {
	if s.offset != 0 {
		d = dateOf(d.day - s.offset)
	}
	if s.mask&(1<<d.weekday) == 0 {
		return false
	}
	fromEnd := (lastDay(d.year, d.month)-d.dayOf)/7 + 1
	return s.nths == 0 || s.nths&(1<<((d.dayOf-1)/7+1)) != 0 || s.nths&(1<<(8+fromEnd)) != 0
}

// bound is the first or last day of a stretch, in every year or in one.
type bound struct {
	year         int // 0 is every year
	easter       bool
	month, day   int // day 0 is the whole month
	weekday, nth int // with nth the weekday of the month: 1 is the first, -1 the last
	offset       int // days after
}

// in is the day in that year. Where there is none, on 29 February, it is the next one as a first day and the one
// before as a last day; exact tells whether there is.
func (b bound) in(year int, last bool) (day int, exact bool) {
	switch {
	case b.easter:
		return easter(year) + b.offset, true
	case b.nth > 0:
		first := daysOf(year, b.month, 1)
		return first + (b.weekday-weekdayOf(first)+7)%7 + 7*(b.nth-1) + b.offset, true
	case b.nth < 0:
		final := daysOf(year, b.month, lastDay(year, b.month))
		return final - (weekdayOf(final)-b.weekday+7)%7 + 7*(b.nth+1) + b.offset, true
	case b.day == 0 && last:
		return daysOf(year, b.month, lastDay(year, b.month)), true
	case b.day > lastDay(year, b.month) && last:
		return daysOf(year, b.month, lastDay(year, b.month)) + b.offset, false
	}
	return daysOf(year, b.month, max(b.day, 1)) + b.offset, b.day <= lastDay(year, b.month)
}

// within tells whether the day lies in a stretch, which may cross the new year.
func within(d date, first, last bound) bool {
	begin, end := d.year-1, d.year+1
	if first.year != 0 {
		begin, end = first.year, first.year
	}
	for year := begin; year <= end; year++ {
		from, exact := first.in(year, false)
		if first == last && !exact {
			continue // a single day that this year does not have
		}
		until, _ := last.in(max(year, last.year), true)
		if until < from && last.year == 0 {
			until, _ = last.in(year+1, true)
		}
		if from <= d.day && d.day <= until {
			return true
		}
	}
	return false
}
