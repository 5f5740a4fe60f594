package figures

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pocketbase/dbx"

	"plaza.internal/plaza/internal/ledger"
)

const (
	// EventNames is how many names of a program's own events are told apart on one day; the others count together.
	EventNames = 100
	// EventFields is how many fields one of them may have; more are passed over.
	EventFields = 10
	// EventName is how long a name of an event or of a field, or a text in one, may be.
	EventName = 64
	// TrailEvents is how many events of one launch funnels are built from: its first ones.
	TrailEvents = 500
	// TrailsPerDay is how many batches of a program's day they are built from.
	TrailsPerDay = 50_000
)

// stop is one thing on somebody's trail, as short as it can be: funnels read thousands.
type stop struct {
	Kind   string            `json:"k"` // stopOpen, stopPage or stopEvent
	Name   string            `json:"n,omitempty"`
	Fields map[string]string `json:"f,omitempty"`
}

const (
	stopOpen  = "o"
	stopPage  = "p"
	stopEvent = "e"
)

// follow counts the program's own events and keeps what funnels are built from; kept tells how many rows that is.
func (d diary) follow(t taking, fresh []Event) (kept int, err error) {
	stops, counts := stopsOf(fresh)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if err := d.happened(name, counts[name]); err != nil {
			return 0, err
		}
	}
	if len(stops) == 0 || !t.trails {
		return 0, nil
	}
	var already int
	err = ledger.Statement(d.tx, "SELECT COALESCE(MAX(trails), 0) FROM figures_days WHERE program = {:program} AND day = {:day}").
		Bind(dbx.Params{"program": d.program, "day": d.day}).Row(&already)
	if err != nil || already >= TrailsPerDay {
		return 0, err
	}
	events, err := json.Marshal(stops)
	if err != nil {
		return 0, fmt.Errorf("trail: %w", err)
	}
	return 1, d.execute(`INSERT INTO figures_trails (program, day, mark, at, events) VALUES ({:program}, {:day}, {:mark}, {:at}, {:events})`,
		dbx.Params{"mark": t.scopes[0].mark, "at": t.now.UnixMilli(), "events": string(events)})
}

// stopsOf is the trail of the events, and how often each of the program's own happened.
func stopsOf(fresh []Event) (stops []stop, counts map[string]int) {
	counts = map[string]int{}
	for _, event := range fresh {
		var s stop
		switch event.Kind {
		case KindOpen:
			s = stop{Kind: stopOpen}
		case KindPage:
			name, ok := pageName(event.Path)
			if !ok {
				continue
			}
			s = stop{Kind: stopPage, Name: name}
		case KindCustom:
			if !sound(event.Name) {
				continue
			}
			counts[event.Name]++
			s = stop{Kind: stopEvent, Name: event.Name, Fields: fieldsOf(event.Data)}
		default:
			continue
		}
		if event.Seq <= TrailEvents {
			stops = append(stops, s)
		}
	}
	return stops, counts
}

// happened counts one of the program's own events; a day that has too many names counts it with the others.
func (d diary) happened(name string, times int) error {
	params := func() dbx.Params {
		return dbx.Params{"name": name, "count": times, "limit": EventNames, "other": otherPath}
	}
	return d.execute(`INSERT INTO figures_events (program, day, name, count)
		SELECT {:program}, {:day}, CASE WHEN EXISTS (SELECT 1 FROM figures_events WHERE program = {:program} AND day = {:day} AND name = {:name})
			OR (SELECT COUNT(*) FROM figures_events WHERE program = {:program} AND day = {:day}) < {:limit} THEN {:name} ELSE {:other} END, {:count}
		WHERE TRUE ON CONFLICT DO UPDATE SET count = count + excluded.count`, params())
}

// sound tells whether a name can be shown and is not too long.
func sound(name string) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= EventName && strings.IndexFunc(name, unicode.IsControl) < 0
}

// fieldsOf is what an event says beside its name: texts, numbers and yes or no; anything else is passed over, and so is
// every text that is too long, for it is none of a few that could be counted.
func fieldsOf(data map[string]any) map[string]string {
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if len(fields) == EventFields {
			break
		}
		var value string
		switch v := data[name].(type) {
		case string:
			value = v
		case bool:
			value = strconv.FormatBool(v)
		case float64:
			if math.IsInf(v, 0) || math.IsNaN(v) {
				continue
			}
			value = strconv.FormatFloat(v, 'f', -1, 64)
		}
		if sound(name) && sound(value) {
			fields[name] = value
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return fields
}
