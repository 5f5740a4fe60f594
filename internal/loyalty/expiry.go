package loyalty

import (
	"time"

	"plaza.internal/plaza/internal/clock"
)

// When points end.
const (
	expiryRolling    = "rolling"
	expiryEndOfMonth = "end_of_month"
	expiryFixed      = "fixed"
	expiryNever      = "never"
)

// expiry is a programme's rule for the end of a lot. All of it is reckoned on the local calendar of the zone.
type expiry struct {
	kind   string
	months int
	month  time.Month // of the fixed date
	day    int
	zone   *time.Location
}

// ends is the first instant at which points earned at that time are no longer valid; zero for never.
func (e expiry) ends(earned time.Time) time.Time {
	year, month, day := earned.In(e.zone).Date()
	switch e.kind {
	case expiryRolling:
		year, month, day = addMonths(year, month, day, e.months)
	case expiryEndOfMonth:
		year, month, _ = addMonths(year, month, 1, e.months)
		day = lastDay(year, month)
	case expiryFixed:
		end := clock.DayBegins(year, e.month, min(e.day, lastDay(year, e.month))+1, e.zone)
		if end.After(earned) {
			return end
		}
		year++ // the date of this year has passed, so these points end at the next one
		month, day = e.month, min(e.day, lastDay(year, e.month))
	default:
		return time.Time{}
	}
	return clock.DayBegins(year, month, day+1, e.zone)
}

// begins is when points earned at that time may be spent: at once, or at the start of a later local day.
func (e expiry) begins(earned time.Time, pendingDays int) time.Time {
	if pendingDays == 0 {
		return earned
	}
	year, month, day := earned.In(e.zone).Date()
	return clock.DayBegins(year, month, day+pendingDays, e.zone)
}

// addMonths stops at the last day of a shorter month: 31 August and 6 months is 28 February. Go's AddDate would
// run on into March.
func addMonths(year int, month time.Month, day, months int) (int, time.Month, int) {
	first := time.Date(year, month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return first.Year(), first.Month(), min(day, lastDay(first.Year(), first.Month()))
}

func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
