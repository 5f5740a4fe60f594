package hours

// date is a day of the calendar.
type date struct {
	day                int // days since 1970-01-01
	year, month, dayOf int
	weekday            int // 0 is Sunday
}

// dateOf is the day with that number.
func dateOf(day int) date {
	// Years that begin in March, in eras of 400 years.
	z := day + 719468
	era := floor(z, 146097)
	inEra := z - era*146097
	yearOfEra := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	dayOfYear := inEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	d := date{day: day, year: yearOfEra + era*400, month: m + 3, dayOf: dayOfYear - (153*m+2)/5 + 1, weekday: weekdayOf(day)}
	if d.month > 12 {
		d.month -= 12
		d.year++
	}
	return d
}

// daysOf is the number of a day.
func daysOf(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	era := floor(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

func floor(a, b int) int {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}

// weekdayOf is the weekday of a day: 1970-01-01 was a Thursday.
func weekdayOf(day int) int { return ((day+4)%7 + 7) % 7 }

func lastDay(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// week is the number of the week by ISO 8601.
func (d date) week() int {
	thursday := dateOf(d.day + 3 - (d.weekday+6)%7)
	return (thursday.day-daysOf(thursday.year, 1, 1))/7 + 1
}

// easter is Easter Sunday of a year, by the rule of Gauss in the form of Butcher.
func easter(year int) int {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return daysOf(year, n/31, n%31+1)
}
