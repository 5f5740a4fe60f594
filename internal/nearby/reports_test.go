package nearby_test

import (
	"errors"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/nearby"
)

// Several people say the same of a listing, one of them twice: the operator sees one line, and settles it once.
func TestPeopleSayWhatIsWrong(t *testing.T) {
	app := apptest.New(t)
	now := time.Now()
	cafe := apptest.Record(t, app, "nearby_listings", map[string]any{
		"name": "Café", "category": "amenity/cafe", "lat": 48.85, "lon": 2.35, "band": 6942, "seq": 1, "timezone": "Europe/Paris",
	})
	ann, bob := apptest.Person(t, app, "ann"), apptest.Person(t, app, "bob")
	say := func(who int, kind string, want error) {
		t.Helper()
		user := ann
		if who == 2 {
			user = bob
		}
		if err := nearby.ReportWrong(app, user, cafe.Id, kind, now); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", kind, err, want)
		}
	}
	say(1, "hours", nil)
	say(1, "hours", nil)
	say(2, "hours", nil)
	say(2, "closed", nil)
	say(2, "ugly", nearby.ErrBadReport)
	if err := nearby.ReportWrong(app, ann, "nosuchlisting00", "hours", now); !errors.Is(err, nearby.ErrListingUnknown) {
		t.Errorf("an unknown listing: %v", err)
	}
	all, err := nearby.ListReported(app)
	if err != nil || len(all) != 2 || all[0].Kind != "hours" || all[0].People != 2 || all[1].People != 1 {
		t.Fatalf("reported: %+v, %v", all, err)
	}
	if err := nearby.SettleReported(app, cafe.Id, "hours", "operator", now); err != nil {
		t.Fatal(err)
	}
	if err := nearby.SettleReported(app, cafe.Id, "hours", "operator", now); !errors.Is(err, nearby.ErrReportUnknown) {
		t.Errorf("settled again: %v", err)
	}
	if all, _ = nearby.ListReported(app); len(all) != 1 {
		t.Errorf("still reported: %+v", all)
	}
	say(1, "hours", nil) // it is wrong once more
}

// Nobody fills the operator's list alone.
func TestReportsOfADayAreLimited(t *testing.T) {
	app := apptest.New(t)
	now, ann := time.Now(), apptest.Person(t, app, "ann")
	for i := range nearby.ReportsPerDay + 1 {
		one := apptest.Record(t, app, "nearby_listings", map[string]any{
			"name": "Café", "category": "amenity/cafe", "lat": 48.85, "lon": 2.35, "band": 6942, "seq": i + 1, "timezone": "Europe/Paris",
		})
		err := nearby.ReportWrong(app, ann, one.Id, "hours", now)
		if over := i == nearby.ReportsPerDay; over != errors.Is(err, nearby.ErrTooManyReports) {
			t.Fatalf("report %d: %v", i+1, err)
		}
	}
}
