package triggers

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Answer is what runs by itself in a program, and what else it has.
type Answer struct {
	Live      bool      `json:"live"` // everybody can open it: then its timers and hooks run
	Zone      string    `json:"zone"`
	Functions []string  `json:"functions"` // of the released version
	Triggers  []Trigger `json:"triggers"`  // timers first, by name
}

var makersOnly = []*refusal.Refusal{
	route.ErrSignIn, programs.ErrNotMaker, programs.ErrKeyInvalid, programs.ErrNotFound, programs.ErrDeleted,
}

func bindRoutes(se *core.ServeEvent, run Run) {
	handle := func(method, path, summary string, answer any, refusals []*refusal.Refusal, action func(e *core.RequestEvent) error) {
		route.Handle(se, route.Operation{
			Method: method, Path: "/api/mp/{appid}/triggers" + path, Tag: "triggers", Summary: summary, Answer: answer,
			Key: programs.KeyHeader, Refusals: append(refusals, makersOnly...),
		}, action)
	}
	handle(http.MethodGet, "", "The program's functions, timers and hooks, and how they went last.", Answer{}, nil, handleList)
	handle(http.MethodPost, "/{id}/run", "Run a timer's function now, and wait for it.", Trigger{},
		[]*refusal.Refusal{ErrUnknown, ErrRunning, ErrNotLive, ErrNotTimer}, func(e *core.RequestEvent) error {
			return act(e, func(appid, id, actor string) (Trigger, error) {
				return RunNow(e.App, run, appid, id, actor, clock.Now(e.App))
			})
		})
	for path, paused := range map[string]bool{"/{id}/pause": true, "/{id}/resume": false} {
		summary := "Let a timer or hook run again; what was missed is not made up for."
		if paused {
			summary = "Stop a timer or hook until it is resumed."
		}
		handle(http.MethodPost, path, summary, Trigger{}, []*refusal.Refusal{ErrUnknown}, func(e *core.RequestEvent) error {
			return act(e, func(appid, id, actor string) (Trigger, error) {
				return Pause(e.App, appid, id, paused, actor, clock.Now(e.App))
			})
		})
	}
}

func act(e *core.RequestEvent, verb func(appid, id, actor string) (Trigger, error)) error {
	appid := e.Request.PathValue("appid")
	actor, _, err := programs.Maker(e, appid)
	if err != nil {
		return err
	}
	trigger, err := verb(appid, e.Request.PathValue("id"), actor)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, trigger)
}

func handleList(e *core.RequestEvent) error {
	appid := e.Request.PathValue("appid")
	_, record, err := programs.Maker(e, appid)
	if err != nil {
		return err
	}
	answer, err := Of(e.App, record)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, answer)
}

// Of is what runs by itself in a program.
func Of(app core.App, record *core.Record) (Answer, error) {
	answer := Answer{Functions: []string{}, Triggers: []Trigger{}}
	program, err := programs.Live(app, record.GetString("appid"))
	if err == nil {
		answer.Live = true
		var bundle *programs.Bundle
		if bundle, err = program.Open(app); err == nil {
			answer.Functions = append(answer.Functions, slices.Sorted(maps.Keys(bundle.Functions))...)
		}
	}
	// A program that is stopped, or whose files were altered, still has rows to show.
	if no := (*refusal.Refusal)(nil); err != nil && !errors.As(err, &no) {
		return answer, err
	}
	if answer.Zone, err = zoneName(app, record.GetString("org")); err != nil {
		return answer, err
	}
	rows, err := list(app, "program = {:program}", dbx.Params{"program": record.Id})
	slices.SortFunc(rows, func(a, b Trigger) int {
		return cmp.Or(-cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Function, b.Function))
	})
	answer.Triggers = append(answer.Triggers, rows...)
	return answer, err
}
