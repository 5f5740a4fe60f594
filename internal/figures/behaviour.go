package figures

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Behaviour is what a program tells of itself in a period: its own events, and its funnels.
type Behaviour struct {
	From    string         `json:"from"`
	To      string         `json:"to"`
	Events  []OwnEvent     `json:"events"`
	Funnels []FunnelResult `json:"funnels"`
	// Pages are what a funnel's step may name, beside the events.
	Pages []string `json:"pages"`
	// KeptDays is for how many days fields and funnels can look back.
	KeptDays int `json:"kept_days"`
	// Partial says that only the latest of very many launches were looked through.
	Partial bool `json:"partial"`
	Few     int  `json:"few"` // fewer people than that are not told of
}

// OwnEvent is an event that a program reports by wx.reportEvent.
type OwnEvent struct {
	Name   string     `json:"name"`
	Count  int        `json:"count"`
	Days   []int      `json:"days"` // of the period, each
	People *int       `json:"people"`
	Fields []OwnField `json:"fields"`
}

// OwnField is what an event says beside its name.
type OwnField struct {
	Name   string     `json:"name"`
	Values []OwnValue `json:"values"`
	// Rest is how often it was something that fewer than Few people, or that too many others, sent.
	Rest int `json:"rest"`
}

// OwnValue is a value that at least Few people sent.
type OwnValue struct {
	Value  string `json:"value"`
	Count  int    `json:"count"`
	People int    `json:"people"`
}

// BehaviourOf is what a program tells of itself from one day to another.
func BehaviourOf(app core.App, program *core.Record, from, to string, now time.Time) (Behaviour, error) {
	location, err := zone(app, program.GetString("org"))
	if err != nil {
		return Behaviour{}, err
	}
	p, err := parsePeriod(from, to, now.In(location).Format(dayForm))
	if err != nil {
		return Behaviour{}, err
	}
	settings, err := settingsOf(app)
	if err != nil {
		return Behaviour{}, err
	}
	b := Behaviour{From: p.first(), To: p.last(), Funnels: []FunnelResult{}, Pages: []string{}, KeptDays: settings.TrailDays, Few: Few}
	trails, partial, err := trailsIn(app, program.Id, p)
	if err != nil {
		return b, err
	}
	b.Partial = partial
	if b.Events, err = ownEvents(app, program.Id, p); err != nil {
		return b, err
	}
	tell(b.Events, trails)
	funnels, err := funnelsOf(app, program.Id)
	if err != nil {
		return b, err
	}
	for _, funnel := range funnels {
		b.Funnels = append(b.Funnels, funnel.result(trails))
	}
	err = app.DB().NewQuery(`SELECT path FROM figures_pages WHERE program = {:program} AND day BETWEEN {:first} AND {:last}
		GROUP BY path ORDER BY SUM(views) DESC, path LIMIT {:limit}`).
		Bind(dbx.Params{"program": program.Id, "first": p.first(), "last": p.last(), "limit": pagesShown}).Column(&b.Pages)
	return b, err
}

// ownEvents are the events of the period by name, the most frequent first.
func ownEvents(app core.App, program string, p period) ([]OwnEvent, error) {
	var rows []struct {
		Day   string `db:"day"`
		Name  string `db:"name"`
		Count int    `db:"count"`
	}
	err := app.DB().NewQuery("SELECT day, name, count FROM figures_events WHERE program = {:program} AND day BETWEEN {:first} AND {:last}").
		Bind(dbx.Params{"program": program, "first": p.first(), "last": p.last()}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	byName := map[string]*OwnEvent{}
	for _, row := range rows {
		if byName[row.Name] == nil {
			byName[row.Name] = &OwnEvent{Name: row.Name, Days: make([]int, p.days), Fields: []OwnField{}}
		}
		event := byName[row.Name]
		event.Count += row.Count
		if n := daysBetween(p.first(), row.Day); n >= 0 && n < p.days {
			event.Days[n] = row.Count
		}
	}
	list := []OwnEvent{}
	for _, event := range byName {
		list = append(list, *event)
	}
	slices.SortFunc(list, func(a, b OwnEvent) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Name, b.Name)) })
	return list, nil
}

// said is how often a value came, and from whom.
type said struct {
	count  int
	people map[string]bool
}

// tell adds to the events who sent them and what they said, as far back as trails are kept.
func tell(events []OwnEvent, trails map[string][]sight) {
	people := map[string]map[string]bool{}
	values := map[[2]string]map[string]*said{} // of an event's field
	for mark, sights := range trails {
		for _, s := range sights {
			if s.Kind != stopEvent {
				continue
			}
			if people[s.Name] == nil {
				people[s.Name] = map[string]bool{}
			}
			people[s.Name][mark] = true
			for field, value := range s.Fields {
				of := [2]string{s.Name, field}
				if values[of] == nil {
					values[of] = map[string]*said{}
				}
				if values[of][value] == nil {
					values[of][value] = &said{people: map[string]bool{}}
				}
				values[of][value].count++
				values[of][value].people[mark] = true
			}
		}
	}
	for i := range events {
		event := &events[i]
		event.People = unlessFew(len(people[event.Name]))
		for _, of := range slices.SortedFunc(maps.Keys(values), func(a, b [2]string) int { return strings.Compare(a[1], b[1]) }) {
			if of[0] == event.Name {
				event.Fields = append(event.Fields, fieldOf(of[1], values[of]))
			}
		}
	}
}

func fieldOf(name string, values map[string]*said) OwnField {
	field := OwnField{Name: name, Values: []OwnValue{}}
	for value, s := range values {
		if len(s.people) < Few {
			field.Rest += s.count
			continue
		}
		field.Values = append(field.Values, OwnValue{Value: value, Count: s.count, People: len(s.people)})
	}
	slices.SortFunc(field.Values, func(a, b OwnValue) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Value, b.Value)) })
	for _, value := range field.Values[min(valuesTold, len(field.Values)):] {
		field.Rest += value.Count
	}
	field.Values = field.Values[:min(valuesTold, len(field.Values))]
	return field
}
