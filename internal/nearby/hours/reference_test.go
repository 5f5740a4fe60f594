package hours_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	_ "time/tzdata"

	"plaza.internal/plaza/internal/nearby/hours"
)

type reference struct {
	Windows map[string]struct {
		From  time.Time `json:"from_utc"`
		Until time.Time `json:"to_utc"`
	} `json:"windows"`
	Cases []struct {
		Value   string `json:"value"`
		Windows map[string][]struct {
			Open    time.Time `json:"open_utc"`
			Close   time.Time `json:"close_utc"`
			Unknown bool      `json:"unknown"`
			Comment string    `json:"comment"`
		} `json:"windows"`
	} `json:"cases"`
	Invalid []struct {
		Value string `json:"value"`
	} `json:"invalid"`
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func read(t testing.TB) reference {
	t.Helper()
	data, err := os.ReadFile("testdata/opening_hours_paris.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// All 230 values, mostly of real places, have exactly the intervals that the reference implementation gives them, in a
// fortnight with Easter and one with All Saints, each with a change of the clock. Two that it cannot read, we cannot.
func TestReferenceValues(t *testing.T) {
	r, paris := read(t), zone(t, "Europe/Paris")
	if len(r.Cases) != 230 {
		t.Fatalf("%d cases", len(r.Cases))
	}
	for _, c := range r.Cases {
		s, err := hours.Parse(c.Value)
		if err != nil {
			t.Errorf("%q: %v", c.Value, err)
			continue
		}
		for name, want := range c.Windows {
			got := s.Intervals(r.Windows[name].From.In(paris), r.Windows[name].Until.In(paris))
			if len(got) != len(want) {
				t.Errorf("%q in %s: %d intervals, want %d", c.Value, name, len(got), len(want))
				continue
			}
			for i, w := range want {
				state := hours.Open
				if w.Unknown {
					state = hours.Unknown
				}
				if g := got[i]; !g.From.Equal(w.Open) || !g.Until.Equal(w.Close) || g.State != state || g.Comment != w.Comment {
					t.Errorf("%q in %s: %v, want %v", c.Value, name, g, w)
				}
			}
		}
	}
	for _, c := range r.Invalid {
		if s, err := hours.Parse(c.Value); err == nil {
			t.Errorf("%q was read: %v", c.Value, s)
		}
	}
}
