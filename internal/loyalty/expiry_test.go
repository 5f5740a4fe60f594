package loyalty

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// The reference instants: months that are too short, years that leap, zones that are a day ahead.
func TestReferenceExpiryInstants(t *testing.T) {
	raw, err := os.ReadFile("testdata/loyalty_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Instants []struct {
			Zone       string    `json:"tz"`
			Earned     time.Time `json:"earned_utc"`
			Months     int       `json:"months"`
			Rolling    time.Time `json:"rolling_end_of_local_day_utc"`
			EndOfMonth time.Time `json:"end_of_month_utc"`
			Fixed      time.Time `json:"fixed_31_dec_utc"`
		} `json:"expiry_instants"`
	}
	if err := json.Unmarshal(raw, &reference); err != nil || len(reference.Instants) == 0 {
		t.Fatal(err, len(reference.Instants))
	}
	for _, c := range reference.Instants {
		rule := expiry{months: c.Months, month: time.December, day: 31, zone: zone(t, c.Zone)}
		for kind, want := range map[string]time.Time{expiryRolling: c.Rolling, expiryEndOfMonth: c.EndOfMonth, expiryFixed: c.Fixed, expiryNever: {}} {
			rule.kind = kind
			if got := rule.ends(c.Earned); !got.Equal(want) {
				t.Errorf("%s in %s, earned %s: ends %s, want %s", kind, c.Zone, c.Earned, got, want)
			}
		}
	}
}

// A fixed date that has passed this year is the one of next year, so that nothing is earned already dead; and
// 29 February is the 28th in common years.
func TestAFixedDateLiesAhead(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct {
		month  time.Month
		day    int
		earned string
		want   string
	}{
		{time.June, 30, "2026-06-30T12:00:00Z", "2026-06-30T22:00:00Z"},
		{time.June, 30, "2026-07-01T12:00:00Z", "2027-06-30T22:00:00Z"},
		{time.February, 29, "2026-01-01T12:00:00Z", "2026-02-28T23:00:00Z"},
		{time.February, 29, "2027-06-01T12:00:00Z", "2028-02-29T23:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, c.earned)
		if err != nil {
			t.Fatal(err)
		}
		rule := expiry{kind: expiryFixed, month: c.month, day: c.day, zone: paris}
		if got := rule.ends(at).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s %d, earned %s: ends %s, want %s", c.month, c.day, c.earned, got, c.want)
		}
	}
}

// For every hour of some years in awkward zones: an end lies after the earning, at the start of a local day.
func TestPointsEndAtTheStartOfALaterDay(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "Asia/Shanghai", "America/Santiago", "America/Havana", "Australia/Lord_Howe"} {
		location := zone(t, name)
		for at := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC); at.Year() < 2029; at = at.Add(7 * time.Hour) {
			for _, rule := range []expiry{
				{kind: expiryRolling, months: 1}, {kind: expiryEndOfMonth}, {kind: expiryFixed, month: 2, day: 29},
			} {
				rule.zone = location
				end := rule.ends(at)
				eve := end.Add(-time.Nanosecond).In(location)
				if !end.After(at) || eve.Day() == end.In(location).Day() {
					t.Fatalf("%s %s: earned %s, ends %s", name, rule.kind, at.In(location), end.In(location))
				}
			}
		}
	}
}
