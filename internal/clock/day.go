package clock

import "time"

// DayBegins is the first instant of a local day, in UTC. Where the clock change swallows midnight, the day
// begins after the gap; where midnight comes twice, at the first. time.Date promises neither.
func DayBegins(year int, month time.Month, day int, zone *time.Location) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	_, before := midnight.Add(-24 * time.Hour).In(zone).Zone()
	_, after := midnight.Add(24 * time.Hour).In(zone).Zone()
	// Of the two readings of midnight, the one by the larger offset is the earlier instant.
	for _, offset := range []int{max(before, after), min(before, after)} {
		at := midnight.Add(-time.Duration(offset) * time.Second)
		if local := at.In(zone); local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
			return at
		}
	}
	return midnight.Add(-time.Duration(before) * time.Second)
}
