package hours

// moment is a time of the day as it is written.
type moment struct {
	minute int
	half   string // am or pm
	clock  bool   // a plain number of hours and minutes, to which am or pm could belong
}

// times reads spans with commas, or only spaces, between them.
func (p *parser) times() ([]span, error) {
	var out []span
	for {
		spans, err := p.span()
		if err != nil {
			return nil, err
		}
		out = append(out, spans...)
		if p.peek(0).is(",") {
			p.at++
			if p.startsTime() {
				continue
			}
			p.at--
			return out, nil
		}
		if !p.startsTime() {
			return out, nil
		}
	}
}

// span reads "10:00-12:00", "17:00+" or "10:00-12:00+", which is two.
func (p *parser) span() ([]span, error) {
	from, err := p.moment()
	if err != nil {
		return nil, err
	}
	if from.minute >= dayMinutes {
		return nil, p.wrong("a time begins on the next day")
	}
	if p.take("+") {
		if from.half != "" && from.half != "am" && from.half != "pm" {
			return nil, p.wrong("this time cannot be read")
		}
		return []span{{from.minute, openUntil(from.minute), true}}, nil
	}
	if !p.take("-") {
		return nil, p.wrong("an end of the time is missing")
	}
	until, err := p.moment()
	if err != nil {
		return nil, err
	}
	if from.clock && until.clock && (from.half == "") != (until.half == "") {
		return nil, p.wrong("am or pm at one end only")
	}
	if until.minute > longestSpan {
		return nil, p.wrong("a time ends after the next day")
	}
	if until.minute <= from.minute {
		until.minute += dayMinutes
	}
	out := []span{{from.minute, until.minute, false}}
	if p.take("+") {
		out = append(out, span{until.minute, min(openUntil(until.minute), longestSpan), true})
	}
	if p.peek(0).is("/") {
		return nil, p.wrong("points in time are no opening hours")
	}
	return out, nil
}

// openUntil is until when a place may be open that opened, or closed perhaps, at this minute.
func openUntil(minute int) int {
	switch {
	case minute >= 22*60:
		return minute + 8*60
	case minute >= 17*60:
		return minute + 10*60
	}
	return dayMinutes
}

// moment reads a time of the day.
func (p *parser) moment() (moment, error) {
	t := p.peek(0)
	switch {
	case t.kind == event:
		p.at++
		return moment{minute: t.value}, nil
	case t.is("noon"):
		p.at++
		return moment{minute: 12 * 60}, nil
	case t.is("midnight"):
		p.at++
		return moment{}, nil
	case t.is("("):
		return p.shifted()
	case t.kind != number || t.digits > 2:
		return moment{}, p.wrong("a time of the day is missing")
	}
	return p.clock()
}

// shifted reads "(sunrise+01:00)".
func (p *parser) shifted() (moment, error) {
	p.at++
	sun := p.peek(0)
	if sun.kind != event {
		return moment{}, p.wrong("sunrise, sunset, dawn or dusk is missing")
	}
	p.at++
	direction := 1
	switch {
	case p.take("+"):
	case p.take("-"):
		direction = -1
	default:
		return moment{}, p.wrong("+ or - is missing")
	}
	by, err := p.clock()
	if err != nil {
		return moment{}, err
	}
	if !p.take(")") {
		return moment{}, p.wrong("a closing bracket is missing")
	}
	minute := sun.value + direction*by.minute
	if minute < 0 || minute >= dayMinutes {
		return moment{}, p.wrong("this time lies on another day")
	}
	return moment{minute: minute}, nil
}

// clock reads "9", "09:30", "9.30", "9h30" and "9:30 pm".
func (p *parser) clock() (moment, error) {
	t := p.peek(0)
	if t.kind != number || t.digits > 2 {
		return moment{}, p.wrong("a time of the day is missing")
	}
	hour, minute := t.value, 0
	p.at++
	switch {
	case (p.peek(0).is(":") || p.peek(0).is(".")) && p.peek(1).kind == number && p.peek(1).digits <= 2:
		minute = p.peek(1).value
		p.at += 2
	case p.peek(0).is("h") && p.peek(1).kind == number && p.peek(1).digits == 2 && !p.peek(1).spaced:
		minute = p.peek(1).value
		p.at += 2
	case p.peek(0).is(":"):
		return moment{}, p.wrong("the minutes are missing")
	}
	if !p.take("h") {
		p.take("o'clock")
	}
	if minute > 59 || hour > 48 {
		return moment{}, p.wrong("there is no such time of the day")
	}
	out := moment{minute: hour*60 + minute, clock: true}
	if p.peek(0).is("am") || p.peek(0).is("pm") {
		out.half = p.peek(0).text
		p.at++
		if hour < 1 || hour > 12 {
			return moment{}, p.wrong("there is no such hour before or after noon")
		}
		out.minute = hour%12*60 + minute
		if out.half == "pm" {
			out.minute += 12 * 60
		}
	}
	return out, nil
}
