package figures

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// FunnelsPerProgram is how many funnels a program may have.
	FunnelsPerProgram = 20
	// FunnelSteps is how many steps one may have; it needs two.
	FunnelSteps = 8
	// FunnelMinutes is how long people may have for the whole way at most: a week.
	FunnelMinutes = 7 * 24 * 60
	// TrailsRead is how many batches of a period are looked through: the latest ones.
	TrailsRead = 50_000
	// StopsRead is how many things that people did, in all of those.
	StopsRead = 300_000
	// Few is the number of people below which a figure that could single somebody out is not told.
	Few = 5

	funnelName = 60
	valuesTold = 12 // of one field
)

var (
	// ErrBadFunnel refuses a funnel without a name, with fewer than two or too many steps, or with a step that is none.
	ErrBadFunnel = refusal.New(http.StatusBadRequest, "bad_funnel", "A funnel has a name, 2 to 8 steps and at most a week.")
	// ErrTooManyFunnels refuses one more than FunnelsPerProgram.
	ErrTooManyFunnels = refusal.New(http.StatusConflict, "too_many_funnels", "This program has as many funnels as it may have.").With("max", FunnelsPerProgram)
	// ErrNoFunnel refuses a funnel that does not exist.
	ErrNoFunnel = refusal.New(http.StatusNotFound, "no_funnel", "There is no such funnel.")
)

// FunnelStep is something that people do: open the program, see a page, or what an event of the program's own tells.
type FunnelStep struct {
	Kind string `json:"kind"` // open, page or event
	Name string `json:"name,omitempty"`
}

// Funnel is some steps in order, to be gone within a time. Steps between them do not matter.
type Funnel struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Steps   []FunnelStep `json:"steps"`
	Minutes int          `json:"minutes"` // from the first step to the last
}

// FunnelResult is how many people came how far.
type FunnelResult struct {
	Funnel
	// People who came to each step; null where they are fewer than Few but not none.
	People []*int `json:"people"`
}

var stepKinds = map[string]string{"open": stopOpen, "page": stopPage, "event": stopEvent}

func (f *Funnel) check() error {
	if !sound(f.Name) || len([]rune(f.Name)) > funnelName || len(f.Steps) < 2 || len(f.Steps) > FunnelSteps ||
		f.Minutes < 1 || f.Minutes > FunnelMinutes {
		return ErrBadFunnel.With("max_steps", FunnelSteps).With("max_minutes", FunnelMinutes)
	}
	for i, step := range f.Steps {
		kind := stepKinds[step.Kind]
		if step.Kind == "page" {
			f.Steps[i].Name, _ = pageName(step.Name)
		}
		if kind == "" || (kind == stopOpen) != (step.Name == "") || kind != stopOpen && f.Steps[i].Name == "" || len(step.Name) > pathLimit {
			return ErrBadFunnel.With("step", i)
		}
	}
	return nil
}

// AddFunnel keeps a funnel of a program.
func AddFunnel(app core.App, program *core.Record, f Funnel, actor string, now time.Time) (Funnel, error) {
	if err := f.check(); err != nil {
		return f, err
	}
	f.ID = security.RandomStringWithAlphabet(15, "abcdefghijklmnopqrstuvwxyz0123456789")
	steps, err := json.Marshal(f.Steps)
	if err != nil {
		return f, err
	}
	err = ledger.Write(app, func(tx core.App) error {
		done, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO figures_funnels (id, program, name, steps, minutes, created)
			SELECT {:id}, {:program}, {:name}, {:steps}, {:minutes}, {:created}
			WHERE (SELECT COUNT(*) FROM figures_funnels WHERE program = {:program}) < {:limit}`).Bind(dbx.Params{
			"id": f.ID, "program": program.Id, "name": f.Name, "steps": string(steps), "minutes": f.Minutes,
			"created": moment(now), "limit": FunnelsPerProgram,
		}).Execute()
		if err != nil {
			return fmt.Errorf("add a funnel: %w", err)
		}
		if added, err := done.RowsAffected(); err != nil || added == 0 {
			return errors.Join(err, ErrTooManyFunnels)
		}
		return ledger.Audit(tx, actor, "figures.funnel", program.GetString("appid"), f, now)
	})
	return f, err
}

// RemoveFunnel forgets a funnel.
func RemoveFunnel(app core.App, program *core.Record, id, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		done, err := tx.NonconcurrentDB().NewQuery("DELETE FROM figures_funnels WHERE id = {:id} AND program = {:program}").
			Bind(dbx.Params{"id": id, "program": program.Id}).Execute()
		if err != nil {
			return fmt.Errorf("remove a funnel: %w", err)
		}
		if gone, err := done.RowsAffected(); err != nil || gone == 0 {
			return errors.Join(err, ErrNoFunnel)
		}
		return ledger.Audit(tx, actor, "figures.funnel_removed", program.GetString("appid"), id, now)
	})
}

func funnelsOf(app core.App, program string) ([]Funnel, error) {
	var rows []struct {
		ID      string `db:"id"`
		Name    string `db:"name"`
		Steps   string `db:"steps"`
		Minutes int    `db:"minutes"`
	}
	err := app.DB().NewQuery("SELECT id, name, steps, minutes FROM figures_funnels WHERE program = {:program} ORDER BY created, id").
		Bind(dbx.Params{"program": program}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("funnels: %w", err)
	}
	list := []Funnel{}
	for _, row := range rows {
		f := Funnel{ID: row.ID, Name: row.Name, Minutes: row.Minutes}
		if err := json.Unmarshal([]byte(row.Steps), &f.Steps); err != nil {
			return nil, fmt.Errorf("funnel %s: %w", row.ID, err)
		}
		list = append(list, f)
	}
	return list, nil
}

// sight is one thing that somebody did, and when.
type sight struct {
	stop
	at int64 // milliseconds
}

// furthest is how many steps somebody came, given what they did in order: the way may begin again at any first step,
// and counts when it is gone within the time of the funnel.
func (f Funnel) furthest(sights []sight) int {
	window := int64(f.Minutes) * 60_000
	// begun is for each step when the way began that came to it last: the later, the longer it may still take.
	begun := make([]int64, len(f.Steps))
	for i := range begun {
		begun[i] = -1
	}
	far := 0
	for _, s := range sights {
		for i := len(f.Steps) - 1; i >= 0; i-- { // backwards, so that one thing is one step
			if !f.Steps[i].is(s.stop) {
				continue
			}
			switch {
			case i == 0:
				begun[0] = s.at
			case begun[i-1] >= 0 && s.at-begun[i-1] <= window:
				begun[i] = max(begun[i], begun[i-1])
			default:
				continue
			}
			far = max(far, i+1)
		}
	}
	return far
}

func (s FunnelStep) is(of stop) bool { return of.Kind == stepKinds[s.Kind] && of.Name == s.Name }

// trailsIn are what everybody did in the period, by their marks, each in order. Partial says that there was more than
// is kept or looked through.
func trailsIn(app core.App, program string, p period) (trails map[string][]sight, partial bool, err error) {
	rows, err := app.DB().NewQuery(`SELECT mark, at, events FROM figures_trails WHERE program = {:program} AND day BETWEEN {:first} AND {:last}
		ORDER BY seq DESC LIMIT {:most}`).
		Bind(dbx.Params{"program": program, "first": p.first(), "last": p.last(), "most": TrailsRead}).Rows()
	if err != nil {
		return nil, false, fmt.Errorf("trails: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading is over
	trails, read, seen := map[string][]sight{}, 0, 0
	for ; seen < StopsRead && rows.Next(); read++ {
		var mark, events string
		var at int64
		if err := rows.Scan(&mark, &at, &events); err != nil {
			return nil, false, err
		}
		var stops []stop
		if err := json.Unmarshal([]byte(events), &stops); err != nil {
			return nil, false, fmt.Errorf("trail: %w", err)
		}
		seen += len(stops)
		slices.Reverse(stops) // all is turned round at the end
		for _, s := range stops {
			trails[mark] = append(trails[mark], sight{s, at})
		}
	}
	for _, sights := range trails {
		slices.Reverse(sights)
		slices.SortStableFunc(sights, func(a, b sight) int { return int(a.at - b.at) })
	}
	var crowded bool
	if err := rows.Err(); err != nil {
		return nil, false, err
	}
	err = app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM figures_days WHERE program = {:program} AND day BETWEEN {:first} AND {:last} AND trails >= {:most})").
		Bind(dbx.Params{"program": program, "first": p.first(), "last": p.last(), "most": TrailsPerDay}).Row(&crowded)
	return trails, crowded || read == TrailsRead || seen >= StopsRead, err
}

// result is how many people came how far.
func (f Funnel) result(trails map[string][]sight) FunnelResult {
	people := make([]int, len(f.Steps))
	for _, sights := range trails {
		for i := range f.furthest(sights) {
			people[i]++
		}
	}
	told := FunnelResult{Funnel: f}
	for _, count := range people {
		told.People = append(told.People, unlessFew(count))
	}
	return told
}

// unlessFew is a number of people, or nil when they are so few that one could be recognised.
func unlessFew(people int) *int {
	if people > 0 && people < Few {
		return nil
	}
	return &people
}
