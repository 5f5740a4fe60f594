package hours

import "slices"

// stroke is a part of a day that is not closed, in minutes of its wall clock.
type stroke struct {
	from, until int
	state       State
	comment     string
}

// painted is a day: its strokes in order, none touching another of the same state and comment.
type painted []stroke

// stray is minutes of a day, from and until, to which what goes past midnight comes from two days before. What goes
// past midnight belongs to the day before; but in the reference implementation that is the day of 24 hours ago, which
// after a day of 23 hours is the one before that for an hour. We follow it, so that both always say the same.
type stray struct{ from, until int }

// paint lets every rule colour the day, one after the other.
func (s *Schedule) paint(d date, a stray, c calendar) painted {
	var out painted
	for i := range s.rules {
		r := &s.rules[i]
		if ok, holiday := r.matches(d, c); ok {
			if r.replaces(s.before(i)) {
				out = out[:0]
			}
			out = r.colour(out, 0, dayMinutes, 0, holiday)
		}
		if !r.wraps {
			continue
		}
		if ok, _ := r.matches(dateOf(d.day-1), c); ok {
			out = r.colour(out, 0, a.from, dayMinutes, "")
			out = r.colour(out, a.until, dayMinutes, dayMinutes, "")
		}
		if a.from < a.until {
			if ok, _ := r.matches(dateOf(d.day-2), c); ok {
				out = r.colour(out, a.from, a.until, dayMinutes, "")
			}
		}
	}
	return out
}

// before is the rule before another, nil before the first.
func (s *Schedule) before(i int) *rule {
	if i == 0 {
		return nil
	}
	return &s.rules[i-1]
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
	if open && r.state != Closed {
		out.state, holiday = Unknown, OpenEnd
	}
	if out.comment == "" {
		out.comment = holiday
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
	if slices.Equal(a, b) {
		return a
	}
	edges := []int{0, dayMinutes}
	for _, p := range [...]painted{a, b} {
		for _, s := range p {
			edges = append(edges, s.from, s.until)
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var out painted
	for i, from := range edges[:len(edges)-1] {
		x, y := a.at(from), b.at(from)
		if x.state != y.state {
			x = stroke{state: Unknown}
		}
		if x.state != Closed {
			out = out.join(stroke{from, edges[i+1], x.state, x.comment})
		}
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
