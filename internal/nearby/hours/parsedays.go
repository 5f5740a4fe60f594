package hours

// days reads the next group of selectors: years, weeks, dates or weekdays with holidays.
func (p *parser) days(r *rule) error {
	var group []selector
	var err error
	t := p.peek(0)
	switch {
	case t.is("week"):
		group, err = p.weeks()
	case p.year(0) && !p.yearOfDate():
		group, err = p.years()
	case p.year(0), t.kind == month, t.is("easter"):
		group, err = p.dates()
	default:
		group, err = p.weekdays()
	}
	if err != nil {
		return err
	}
	r.groups = append(r.groups, group)
	return nil
}

// yearOfDate tells whether the year ahead belongs to a day, as in "2026 Mar 28", and not to a stretch of years.
func (p *parser) yearOfDate() bool {
	if p.peek(1).is("easter") {
		return true
	}
	return p.peek(1).kind == month && (p.dayAhead(2) || p.nthAhead(2))
}

// years reads "2026", "2026+", "2025-2027", "2025-2031/2" and lists of them.
func (p *parser) years() ([]selector, error) {
	var out []selector
	for {
		if !p.year(0) {
			return nil, p.wrong("a year is missing")
		}
		one := selector{kind: ofYears, from: p.peek(0).value, to: p.peek(0).value, step: 1}
		p.at++
		switch {
		case p.take("+"):
			one.to = 9999
		case p.peek(0).is("-") && p.year(1):
			one.to = p.peek(1).value
			p.at += 2
			if err := p.step(&one); err != nil {
				return nil, err
			}
		}
		if one.to < one.from {
			return nil, p.wrong("the years end before they begin")
		}
		out = append(out, one)
		if !p.peek(0).is(",") || p.tokens[min(p.at+1, len(p.tokens)-1)].kind != number || !p.year(1) {
			return out, nil
		}
		p.at++
	}
}

// step reads "/2" after a stretch of years or weeks.
func (p *parser) step(one *selector) error {
	if !p.take("/") {
		return nil
	}
	t := p.peek(0)
	if t.kind != number || t.value < 1 || t.value > 99 {
		return p.wrong("a number is missing")
	}
	one.step = t.value
	p.at++
	return nil
}

// weeks reads "week 10", "week 10-20/2" and lists of them.
func (p *parser) weeks() ([]selector, error) {
	p.at++
	var out []selector
	number := func() (int, error) {
		t := p.peek(0)
		if t.kind != number || t.value < 1 || t.value > 53 {
			return 0, p.wrong("weeks are from 1 to 53")
		}
		p.at++
		return t.value, nil
	}
	for {
		from, err := number()
		if err != nil {
			return nil, err
		}
		one := selector{kind: ofWeeks, from: from, to: from, step: 1}
		if p.take("-") {
			if one.to, err = number(); err != nil {
				return nil, err
			}
			if err := p.step(&one); err != nil {
				return nil, err
			}
		}
		if one.to < one.from {
			return nil, p.wrong("the weeks end before they begin")
		}
		out = append(out, one)
		if !p.peek(0).is(",") || p.tokens[min(p.at+1, len(p.tokens)-1)].kind == end || !p.listed() {
			return out, nil
		}
		p.at++
	}
}

// listed tells whether a number after a comma goes on with a list, and is no time.
func (p *parser) listed() bool {
	return p.peek(1).kind == number && p.peek(1).digits <= 2 && !p.peek(2).is(":") && !p.peek(2).is(".") && !p.peek(2).is("h")
}

// dates reads "Dec 25", "Dec 24-26", "Oct-Mar", "2026 Mar 28-2026 Apr 2", "easter -2 days-easter +1 day",
// "Mar Su[-1]-Oct Su[-1]" and lists of them.
func (p *parser) dates() ([]selector, error) {
	var out []selector
	for {
		first, err := p.bound(bound{})
		if err != nil {
			return nil, err
		}
		for {
			last := first
			if p.peek(0).is("-") && p.goesOn(first) {
				p.at++
				if last, err = p.bound(first); err != nil {
					return nil, err
				}
			}
			if last.year != 0 && (first.year == 0 || last.year < first.year) {
				return nil, p.wrong("the dates end before they begin")
			}
			out = append(out, selector{kind: ofDates, first: first, last: last})
			if !p.peek(0).is(",") || !p.listed() || last.day == 0 {
				break
			}
			p.at++
			if first, err = p.bound(last); err != nil {
				return nil, err
			}
		}
		if !p.peek(0).is(",") || !p.dateAhead(1) {
			return out, nil
		}
		p.at++
	}
}

// goesOn tells whether a bound follows the hyphen.
func (p *parser) goesOn(first bound) bool {
	return p.dateAhead(1) || (first.day > 0 && p.dayAhead(1))
}

func (p *parser) dateAhead(ahead int) bool {
	t := p.peek(ahead)
	return t.kind == month || t.is("easter") || (p.year(ahead) && (p.peek(ahead+1).kind == month || p.peek(ahead+1).is("easter")))
}

// dayAhead tells whether a day of the month is so far ahead, and no time of the day.
func (p *parser) dayAhead(ahead int) bool {
	t, next := p.peek(ahead), p.peek(ahead+1)
	clock := p.peek(ahead+2).kind == number && (next.is(".") || (next.is(":") && p.clockAhead(ahead)))
	return t.kind == number && t.digits <= 2 && !next.is("h") && !next.is("am") && !next.is("pm") && !clock
}

// clockAhead tells "10:00" from the "25: 10:00" of "Dec 25: 10:00-12:00".
func (p *parser) clockAhead(ahead int) bool {
	return !p.peek(ahead + 3).is(":")
}

// nthAhead tells whether a weekday of a month that is a bound of dates is so far ahead: "Su[-1]-Oct …".
func (p *parser) nthAhead(ahead int) bool {
	if p.peek(ahead).kind != weekday || !p.peek(ahead+1).is("[") {
		return false
	}
	ahead += 2
	for !p.peek(ahead).is("]") {
		if p.peek(ahead).kind == end {
			return false
		}
		ahead++
	}
	ahead++
	if (p.peek(ahead).is("+") || p.peek(ahead).is("-")) && p.peek(ahead+1).kind == number && p.peek(ahead+2).is("day") {
		ahead += 3
	}
	return p.peek(ahead).is("-") && p.dateAhead(ahead+1)
}

// bound reads one end of a stretch of dates. After a day of a month, a number is enough.
func (p *parser) bound(after bound) (bound, error) {
	var b bound
	if p.year(0) {
		b.year = p.peek(0).value
		p.at++
	}
	switch {
	case p.take("easter"):
		b.easter = true
		return b, p.offset(&b.offset)
	case p.peek(0).kind == month:
		b.month = p.peek(0).value
		p.at++
		p.take(".")
	case after.day > 0 && p.dayAhead(0):
		b.month = after.month
	default:
		return b, p.wrong("a month is missing")
	}
	exact := after.day > 0 || after.nth != 0 || after.easter
	if p.nthAhead(0) || (exact && p.peek(0).kind == weekday && p.peek(1).is("[")) {
		days, err := p.weekday()
		if err != nil {
			return b, err
		}
		b.weekday, b.offset = p.only(days.mask), days.offset
		if b.nth = nthOf(days.nths); b.nth == 0 {
			return b, p.wrong("one weekday of the month is needed")
		}
		return b, nil
	}
	if !p.dayAhead(0) {
		return b, nil // the whole month
	}
	b.day = p.peek(0).value
	if b.day < 1 || b.day > 31 || b.day > lastDay(2024, b.month) {
		return b, p.wrong("the month has no such day")
	}
	p.at++
	return b, p.offset(&b.offset)
}

// offset reads "+1 day" or "-2 days", if it is there.
func (p *parser) offset(into *int) error {
	direction := 0
	switch {
	case p.peek(0).is("+"):
		direction = 1
	case p.peek(0).is("-"):
		direction = -1
	}
	if direction == 0 || p.peek(1).kind != number || !p.peek(2).is("day") {
		return nil
	}
	if p.peek(1).value > 99 {
		return p.wrong("too many days")
	}
	*into = direction * p.peek(1).value
	p.at += 3
	return nil
}

// weekdays reads weekdays and holidays with commas between them.
func (p *parser) weekdays() ([]selector, error) {
	var out []selector
	for {
		one, err := p.weekday()
		if err != nil {
			return nil, err
		}
		out = append(out, one)
		if !p.peek(0).is(",") {
			return out, nil
		}
		next := p.peek(1)
		if next.kind != weekday && !next.is("ph") && !next.is("sh") && !next.is("weekend") && !next.is("weekdays") {
			return out, nil
		}
		p.at++
	}
}

// weekday reads "Mo", "Mo-Fr", "Mo[1,-1] +1 day", "PH -1 day", "SH", "daily" or "7/7".
func (p *parser) weekday() (selector, error) {
	t := p.peek(0)
	switch {
	case p.ofSeven(7):
		p.at += 3
		return selector{mask: 1<<7 - 1}, nil
	case p.take("daily"):
		return selector{mask: 1<<7 - 1}, nil
	case p.take("weekdays"):
		return selector{mask: 0b0111110}, nil
	case p.take("weekend"):
		return selector{mask: 0b1000001}, nil
	case p.take("ph"):
		one := selector{kind: publicHoliday}
		return one, p.offset(&one.offset)
	case p.take("sh"):
		return selector{kind: schoolHoliday}, nil
	case t.kind != weekday:
		return selector{}, p.wrong("a weekday is missing")
	}
	p.at++
	p.take(".")
	one := selector{mask: 1 << t.value}
	if p.peek(0).is("[") {
		return one, p.nths(&one)
	}
	if p.peek(0).is("-") && p.peek(1).kind == weekday {
		for day := t.value; day != p.peek(1).value; day = (day + 1) % 7 {
			one.mask |= 1 << day
		}
		one.mask |= 1 << p.peek(1).value
		p.at += 2
		p.take(".")
	}
	return one, nil
}

// nths reads "[1]", "[1,3]", "[1-3]", "[-1]" and an offset.
func (p *parser) nths(one *selector) error {
	p.at++
	for {
		negative := p.take("-")
		t := p.peek(0)
		if t.kind != number || t.value < 1 || t.value > 5 {
			return p.wrong("a number from 1 to 5 is missing")
		}
		p.at++
		last := t.value
		if !negative && p.peek(0).is("-") && p.peek(1).kind == number {
			last = p.peek(1).value
			p.at += 2
		}
		if last < t.value || last > 5 {
			return p.wrong("the numbers end before they begin")
		}
		for n := t.value; n <= last; n++ {
			if negative {
				one.nths |= 1 << (8 + n)
			} else {
				one.nths |= 1 << n
			}
		}
		switch {
		case p.take(","):
			continue
		case p.take("]"):
			return p.offset(&one.offset)
		}
		return p.wrong("a closing bracket is missing")
	}
}

// only is the weekday of a mask of one.
func (p *parser) only(mask uint8) int {
	for day := range 7 {
		if mask == 1<<day {
			return day
		}
	}
	return 0
}

// nthOf is the number of a mask of one, negative from the end; 0 when there are several.
func nthOf(nths uint16) int {
	for n := 1; n <= 5; n++ {
		switch nths {
		case 1 << n:
			return n
		case 1 << (8 + n):
			return -n
		}
	}
	return 0
}
