package hours

// stroke is a part of a day that is not closed, in minutes of its wall clock.
type stroke struct {
	from, until int
	state       State
	comment     string
}

// painted is a day: its strokes in order, none touching another of the same state and comment.
type painted []stroke

// paint lets every rule colour the day, one after the other. What goes past midnight belongs to the day before; but
// as in the reference implementation that is the day of 24 hours ago, so that after a day of 23 hours the first hour,
// the strayed minutes, has the day before that one.
func (s *Schedule) paint(d date, strayed int, c calendar) painted {
	var out painted
	for i := range s.rules {
		r := &s.rules[i]
		if ok, holiday := r.matches(d, c); ok {
			var before *rule
			if i > 0 {
				before = &s.rules[i-1]
			}
			if r.replaces(before) {
				out = out[:0]
			}
			out = r.colour(out, 0, dayMinutes, 0, holiday)
		}
		if !r.wraps {
			continue
		}
		if strayed > 0 {
			if ok, _ := r.matches(dateOf(d.day-2), c); ok {
				out = r.colour(out, 0, strayed, dayMinutes, "")
			}
		}
		if ok, _ := r.matches(dateOf(d.day-1), c); ok {
			out = r.colour(out, strayed, dayMinutes, dayMinutes, "")
		}
	}
	return out
}

// colour puts the rule's times on the day, as far as they lie between from and until. later is how many minutes
// before the day they are counted from.
func (r *rule) colour(out painted, from, until, later int, holiday string) painted {
	if len(r.spans) == 0 {
		if later == 0 {
			out = out.put(r.stroke(from, until, false, holiday), r.joint == fallback)
		}
		return out
	}
	for _, one := range r.spans {
		begin, end := max(one.from-later, from), min(one.until-later, until)
		if begin < end {
			out = out.put(r.stroke(begin, end, one.open, holiday), r.joint == fallback)
		}
	}
	return out
}

func (r *rule) stroke(from, until int, open bool, holiday string) stroke {
	out := stroke{from, until, r.state, r.comment}
	if out.comment == "" {
		out.comment = holiday
	}
	if open && r.state != Closed {
		out.state = Unknown
		if out.comment == "" {
			out.comment = OpenEnd
		}
	}
	return out
}

// put lays a stroke over the day, or under it: then only where it is closed.
func (p painted) put(one stroke, under bool) painted {
	if under {
		return p.under(one)
	}
	if n := len(p); n == 0 || p[n-1].until < one.from {
		if one.state == Closed {
			return p
		}
		return append(p, one)
	}
	out := make(painted, 0, len(p)+2)
	placed := one.state == Closed
	for _, s := range p {
		if s.until <= one.from {
			out = out.join(s)
			continue
		}
		if s.from < one.from {
			out = out.join(stroke{s.from, one.from, s.state, s.comment})
		}
		if !placed {
			out = out.join(one)
			placed = true
		}
		if s.until > one.until {
			out = out.join(stroke{max(s.from, one.until), s.until, s.state, s.comment})
		}
	}
	if !placed {
		out = out.join(one)
	}
	return out
}

// join adds a stroke after the last one, or makes it longer.
func (p painted) join(one stroke) painted {
	if n := len(p); n > 0 && p[n-1].until == one.from && p[n-1].state == one.state && p[n-1].comment == one.comment {
		p[n-1].until = one.until
		return p
	}
	return append(p, one)
}

func (p painted) under(one stroke) painted {
	if one.state == Closed {
		return p
	}
	out := make(painted, 0, len(p)+2)
	at := one.from
	for _, s := range p {
		if s.from > at && at < one.until {
			out = out.join(stroke{at, min(s.from, one.until), one.state, one.comment})
		}
		out = out.join(s)
		at = max(at, s.until)
	}
	if at < one.until {
		out = out.join(stroke{at, one.until, one.state, one.comment})
	}
	return out
}

// agree is what two paintings of a day have in common; where they differ nobody knows.
func agree(a, b painted) painted {
	var edges [dayMinutes + 1]bool
	for _, p := range [...]painted{a, b} {
		for _, s := range p {
			edges[s.from], edges[s.until] = true, true
		}
	}
	var out painted
	from := 0
	for minute := 1; minute <= dayMinutes; minute++ {
		if !edges[minute] && minute < dayMinutes {
			continue
		}
		x, y := a.at(from), b.at(from)
		if x.state != y.state {
			x = stroke{state: Unknown}
		}
		if x.state != Closed {
			out = out.join(stroke{from, minute, x.state, x.comment})
		}
		from = minute
	}
	return out
}

// at is the stroke over a minute, a closed one where there is none.
func (p painted) at(minute int) stroke {
	for _, s := range p {
		if s.from <= minute && minute < s.until {
			return s
		}
	}
	return stroke{}
}
