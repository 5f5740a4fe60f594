// Package figures counts what happens in programs, in organisations and in the whole place: opens, people per day,
// week and month, who comes back, load times, errors, the ways between pages, programs' own events and funnels; and
// beside them orders, turnover and points, rolled up from their own tables.
//
// The host sends what happened in numbered batches; they are added to tables of days at once. The invariants: an event
// counts once, however often its batch is sent, and an order or a movement of points once, however often it is rolled
// up; a person is counted by keyed hashes that differ from program to program and that nobody else can make, and over
// weeks by sketches that know nobody; trial versions count nothing. A day is the day of the organisation, and the
// place's is that of the house, by the server's clock, for a phone's clock may show anything; a person's own program
// goes by UTC. What comes after its launch has ended, two hours on, is refused.
package figures

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrBadEvents refuses a batch that is not one: too many events, or one without a number.
	ErrBadEvents = refusal.New(http.StatusBadRequest, "bad_events", "The events are not a batch that this route takes.")
	// ErrTooManyEvents refuses a batch over BatchBytes.
	ErrTooManyEvents = refusal.New(http.StatusRequestEntityTooLarge, "events_too_large", "The batch of events is too large.")
	// ErrBadPeriod refuses days that are none, run backwards, or are over PeriodDays.
	ErrBadPeriod = refusal.New(http.StatusBadRequest, "bad_period", "The period must be from one day to another, at most 366 days.")
)

const (
	// BatchEvents is how many events one batch may have.
	BatchEvents = 100
	// BatchBytes is how many bytes it may have.
	BatchBytes = 256 << 10
	// LaunchEvents is how many events of one launch are counted.
	LaunchEvents = 10_000
	// PathsPerDay is how many pages of a program are told apart on one day; the others are counted together.
	PathsPerDay = 200
	// StepsPerDay is how many ways between pages are told apart on one day; the others are not counted.
	StepsPerDay = 500
	// PersonKeptDays is how long somebody who stays away is remembered: who comes back later is a newcomer.
	PersonKeptDays = 90
	// KeptDays is how long figures are kept.
	KeptDays = 800
	// PeriodDays is how many days can be asked for at once.
	PeriodDays = 366

	sessionKept = 24 * time.Hour // a launch ends after two hours, and then its batches are refused
	otherPath   = "(other)"
	pathLimit   = 128
)

// Kinds of events.
const (
	KindOpen  = "open"
	KindPage  = "page"
	KindLoad  = "load"
	KindError = "error"
	KindHide  = "hide"
	// KindCustom is a program's own event, by wx.reportEvent.
	KindCustom = "custom"
)

// Event is one thing that happened in an open program. Kinds that are not known are passed over, so that a newer
// client can talk to an older server.
type Event struct {
	// Seq is the event's number within its launch, from 1, never used for another.
	Seq  int    `json:"seq"`
	Kind string `json:"kind"`
	// At is the phone's own time; nothing is counted by it.
	At      string  `json:"at,omitempty"`
	Path    string  `json:"path,omitempty"`    // of a page
	Millis  float64 `json:"ms,omitempty"`      // of a load: from the tap to the first frame
	Message string  `json:"message,omitempty"` // of an error
	Stack   string  `json:"stack,omitempty"`
	// Name and Data are of a program's own event: at most EventName letters, at most EventFields fields.
	Name string         `json:"name,omitempty"`
	Data map[string]any `json:"data,omitempty"`
}

// retentionDays are the days after the first on which it is counted who came back.
var retentionDays = [...]int{1, 7, 30}

// buckets are the upper ends of the histogram of load times, in milliseconds. The last one has no end.
var buckets = [...]int{50, 100, 150, 200, 300, 400, 500, 750, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 60_000}

// bucketOf is the bucket of a load time.
func bucketOf(millis float64) int {
	for _, end := range buckets {
		if millis <= float64(end) {
			return end
		}
	}
	return buckets[len(buckets)-1]
}

// p75 is the load time that three of four loads stayed within, as if the loads of a bucket lay evenly in it; nil
// when there are none.
func p75(counts map[int]int) *int {
	total := 0
	for _, count := range counts {
		total += count
	}
	if total == 0 {
		return nil
	}
	wanted, below, start := 0.75*float64(total), 0.0, 0
	for _, end := range buckets {
		count := float64(counts[end])
		if count > 0 && below+count >= wanted {
			millis := start + int(float64(end-start)*(wanted-below)/count+0.5)
			return &millis
		}
		below += count
		start = end
	}
	return nil
}

// dayForm is how a day is written.
const dayForm = time.DateOnly

// zonesKey is where the zones of organisations are remembered: every batch asks for one.
const zonesKey = "plaza.figures.zones."

// zone is the time zone of an organisation's days; without one it is UTC.
func zone(app core.App, org string) (*time.Location, error) {
	if org == "" {
		return time.UTC, nil
	}
	return rememberedZone(app, zonesKey+org, "SELECT COALESCE((SELECT timezone FROM orgs WHERE id = {:org}), '')", org)
}
