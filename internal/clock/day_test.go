package clock_test

import (
	"testing"
	"time"

	"plaza.internal/plaza/internal/clock"
)

// A day begins at its first instant, also where the clock change swallows midnight or gives it twice.
func TestADayBeginsAtItsFirstInstant(t *testing.T) {
	for _, c := range []struct {
		zone       string
		year       int
		month      time.Month
		day        int
		want, note string
	}{
		{"Europe/Paris", 2026, 3, 29, "2026-03-28T23:00:00Z", "the change comes later that day"},
		{"Europe/Paris", 2026, 3, 30, "2026-03-29T22:00:00Z", "the day after"},
		{"Europe/Paris", 2026, 10, 26, "2026-10-25T23:00:00Z", "the day after a day of 25 hours"},
		{"America/Santiago", 2026, 9, 6, "2026-09-06T04:00:00Z", "midnight is skipped, the day begins at one"},
		{"America/Havana", 2026, 3, 8, "2026-03-08T05:00:00Z", "midnight is skipped, the day begins at one"},
		{"America/Havana", 2026, 11, 1, "2026-11-01T04:00:00Z", "midnight comes twice"},
		{"Asia/Kathmandu", 2026, 1, 1, "2025-12-31T18:15:00Z", "an odd offset"},
		{"Pacific/Kiritimati", 2026, 1, 1, "2025-12-31T10:00:00Z", "fourteen hours ahead"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := clock.DayBegins(c.year, c.month, c.day, zone).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s %d-%02d-%02d (%s) begins %s, want %s", c.zone, c.year, c.month, c.day, c.note, got, c.want)
		}
	}
}
