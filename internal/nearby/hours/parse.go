package hours

// parser reads rules from tokens. Each method reads what it is named after and leaves the parser behind it.
type parser struct {
	tokens []token
	at     int
}

func (p *parser) peek(ahead int) token { return p.tokens[min(p.at+ahead, len(p.tokens)-1)] }

// take goes past the next token if it is that sign or name.
func (p *parser) take(text string) bool {
	if !p.peek(0).is(text) {
		return false
	}
	p.at++
	return true
}

func (p *parser) wrong(reason string) error { return &SyntaxError{p.peek(0).at, reason} }

// rules reads the whole value.
func (p *parser) rules() ([]rule, error) {
	var out []rule
	joined := normal
	for {
		for p.take(";") { // doubled, leading and trailing ones mean nothing
			joined = normal
		}
		if p.peek(0).kind == end {
			break
		}
		one, err := p.rule(joined)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
		switch {
		case p.peek(0).kind == end, p.peek(0).is(";"):
			continue
		case p.take("||"):
			joined = fallback
		case p.take(","):
			joined = additional
			if p.peek(0).kind == end || p.peek(0).is(";") {
				continue
			}
		default:
			return nil, p.wrong("this is not expected here")
		}
		if p.peek(0).kind == end {
			return nil, p.wrong("a rule is missing at the end")
		}
	}
	if len(out) == 0 {
		return nil, p.wrong("there is nothing")
	}
	return out, nil
}

// reading is a rule while it is read.
type reading struct {
	rule
	stated, commented, timed, always bool
	datesAfter                       bool // the days stand after the times
}

// rule reads one rule: days, times, state and comment.
func (p *parser) rule(joined joint) (rule, error) {
	r := reading{rule: rule{joint: joined, state: Open}}
	begin := p.at
	for {
		more, err := p.part(&r)
		if err != nil {
			return rule{}, err
		}
		if !more {
			break
		}
	}
	if p.at == begin {
		return rule{}, p.wrong("this is not expected here")
	}
	if r.always && (r.timed || r.dated()) {
		return rule{}, p.wrong("24/7 with days or times means two things")
	}
	return r.rule, nil
}

// part reads the next part of the rule, false when there is none.
func (p *parser) part(r *reading) (bool, error) {
	t := p.peek(0)
	switch {
	case t.kind == comment:
		p.at++
		r.comment, r.commented = t.text, true
		if !r.stated {
			r.state = Unknown
		}
	case t.kind == state:
		p.at++
		if !r.commented {
			r.state, r.stated = State(t.value), true
		}
	case t.is(":") && (r.dated() && !r.timed || r.commented):
		p.at++
	case p.ofSeven(24):
		p.at += 3
		r.always = true
	case t.kind == number && t.value == 24 && p.peek(1).is("hours"):
		p.at += 2
		r.always = true
	case p.startsTime():
		if r.timed && r.datesAfter {
			return false, p.wrong("times before and after the days")
		}
		r.timed = true
		spans, err := p.times()
		r.spans = append(r.spans, spans...)
		return true, err
	case p.startsDays():
		if r.timed && r.dated() && !r.datesAfter {
			return false, p.wrong("other days after the times; a ; or , is missing")
		}
		r.datesAfter = r.timed
		return true, p.days(&r.rule)
	default:
		return false, nil
	}
	return true, nil
}

// ofSeven tells whether the next tokens are that number, a stroke and 7: 24/7, 7/7.
func (p *parser) ofSeven(hours int) bool {
	return p.peek(0).kind == number && p.peek(0).value == hours && p.peek(1).is("/") && p.peek(2).kind == number && p.peek(2).value == 7
}

// year tells whether the token so far ahead is a year.
func (p *parser) year(ahead int) bool {
	t := p.peek(ahead)
	return t.kind == number && t.digits == 4 && t.value >= 1900 && !p.peek(ahead+1).is(":")
}

func (p *parser) startsTime() bool {
	t := p.peek(0)
	return t.kind == event || t.is("(") || t.is("noon") || t.is("midnight") || (t.kind == number && t.digits <= 2 && !p.ofSeven(7))
}

func (p *parser) startsDays() bool {
	t := p.peek(0)
	return t.kind == weekday || t.kind == month || p.year(0) || p.ofSeven(7) || t.is("week") || t.is("easter") ||
		t.is("ph") || t.is("sh") || t.is("daily") || t.is("weekdays") || t.is("weekend")
}
