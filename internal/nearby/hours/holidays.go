package hours

import "time"

// calendar knows the holidays of a place, or says that it does not.
type calendar struct {
	france bool
	assume bool // what to take for true where it is not known
}

// calendarOf is the calendar of a zone. Only that of metropolitan France is known.
func calendarOf(loc *time.Location) calendar { return calendar{france: loc.String() == "Europe/Paris"} }

// knows tells whether everything about the day's holidays is known, also of those around it.
func (c calendar) knows(day int) bool {
	return c.france && day-3 >= schoolFrom && day+3 < schoolUntil
}

// public tells whether the day is a public holiday, and its name. offset is how many days after it somebody asks.
func (c calendar) public(d date, offset int) (bool, string) {
	if !c.france {
		return c.assume, ""
	}
	name := frenchHoliday(d)
	switch {
	case name != "" && offset < 0:
		return true, "Day before " + name
	case name != "" && offset > 0:
		return true, "Day after " + name
	}
	return name != "", name
}

// frenchHoliday is the name of the public holiday of metropolitan France, without Alsace and Moselle, that the day
// is (Code du travail, L3133-1); "" when it is none.
func frenchHoliday(d date) string {
	switch d.month*100 + d.dayOf {
	case 101:
		return "Nouvel An"
	case 501:
		return "Fête du travail"
	case 508:
		return "Fête de la Victoire 1945"
	case 714:
		return "Fête Nationale de la France"
	case 815:
		return "Assomption"
	case 1101:
		return "Toussaint"
	case 1111:
		return "Armistice 1918"
	case 1225:
		return "Noël"
	}
	if d.month < 3 || d.month > 6 {
		return ""
	}
	switch d.day - easter(d.year) {
	case 1:
		return "Lundi de Pâques"
	case 39:
		return "Ascension"
	case 50:
		return "Lundi de Pentecôte"
	}
	return ""
}

// vacation is a stretch of school holidays: from the day after the last lessons to the day before the next ones.
type vacation struct {
	from, until int // until is not in it
	name        string
}

// The school holidays of zone C (Paris) that are known, by the ministry's calendars. They are decreed year by year,
// so there is an end to what is known.
var (
	schoolFrom, schoolUntil = daysOf(2023, 1, 3), daysOf(2027, 7, 4)
	vacations               = []vacation{
		{daysOf(2023, 2, 19), daysOf(2023, 3, 6), winter},
		{daysOf(2023, 4, 23), daysOf(2023, 5, 9), spring},
		{daysOf(2023, 5, 18), daysOf(2023, 5, 22), "Pont de l'Ascension"},
		{daysOf(2023, 7, 9), daysOf(2023, 9, 4), summer},
		{daysOf(2023, 10, 22), daysOf(2023, 11, 6), autumn},
		{daysOf(2023, 12, 24), daysOf(2024, 1, 8), christmas},
		{daysOf(2024, 2, 11), daysOf(2024, 2, 26), winter},
		{daysOf(2024, 4, 7), daysOf(2024, 4, 22), spring},
		{daysOf(2024, 7, 7), daysOf(2024, 9, 2), summer},
		{daysOf(2024, 10, 20), daysOf(2024, 11, 4), autumn},
		{daysOf(2024, 12, 22), daysOf(2025, 1, 6), christmas},
		{daysOf(2025, 2, 16), daysOf(2025, 3, 3), winter},
		{daysOf(2025, 4, 13), daysOf(2025, 4, 28), spring},
		{daysOf(2025, 7, 6), daysOf(2025, 9, 1), summer},
		{daysOf(2025, 10, 19), daysOf(2025, 11, 3), autumn},
		{daysOf(2025, 12, 21), daysOf(2026, 1, 5), christmas},
		{daysOf(2026, 2, 22), daysOf(2026, 3, 9), winter},
		{daysOf(2026, 4, 19), daysOf(2026, 5, 4), spring},
		{daysOf(2026, 7, 5), daysOf(2026, 9, 1), summer},
		{daysOf(2026, 10, 18), daysOf(2026, 11, 2), autumn},
		{daysOf(2026, 12, 20), daysOf(2027, 1, 4), christmas},
		{daysOf(2027, 2, 7), daysOf(2027, 2, 22), winter},
		{daysOf(2027, 4, 4), daysOf(2027, 4, 19), spring},
	}
)

const (
	winter    = "Vacances d'hiver"
	spring    = "Vacances de printemps"
	summer    = "Vacances d'été"
	autumn    = "Vacances de la Toussaint"
	christmas = "Vacances de Noël"
)

// school tells whether the day lies in school holidays, and their name.
func (c calendar) school(day int) (bool, string) {
	if !c.france || day < schoolFrom || day >= schoolUntil {
		return c.assume, ""
	}
	for _, v := range vacations {
		if v.from <= day && day < v.until {
			return true, v.name
		}
	}
	return false, ""
}
