package figures

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// launchHeader carries the launch token of the program in which it happened.
const launchHeader = "X-Launch-Token"

// Register binds the routes and the sweep.
func Register(app core.App) {
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		route.Handle(se, route.Operation{
			Method: http.MethodPost, Path: "/api/mp/{appid}/events", Tag: "figures",
			Summary: "Count what happened in an open mini program; a batch sent twice counts once.",
			Body:    eventsBody{}, Answer: eventsAnswer{},
			Refusals: []*refusal.Refusal{
				ErrBadEvents, ErrTooManyEvents, programs.ErrNotFound, programs.ErrTakenDown, programs.ErrDeleted,
				programs.ErrLaunchInvalid, programs.ErrLaunchExpired,
			},
		}, handleEvents)
		route.Handle(se, route.Operation{
			Method: http.MethodGet, Path: "/api/mp/{appid}/figures", Tag: "figures", Public: true, // Maker asks for a login or an upload key
			Summary: "A mini program's figures from one day to another (?from=2026-03-01&to=2026-03-31); for its makers and the operator.",
			Answer:  Figures{},
			Refusals: []*refusal.Refusal{
				ErrBadPeriod, route.ErrSignIn, programs.ErrNotMaker, programs.ErrKeyInvalid, programs.ErrNotFound,
			},
		}, handleFigures)
		registerPlace(se)
		return se.Next()
	})
	app.OnRecordDelete("users").BindFunc(erase)
	jobs.Every(app, "figures.roll", "*/5 * * * *", "UTC", Roll)
	jobs.Every(app, "figures.sweep", "41 * * * *", "UTC", sweep)
	jobs.Every(app, "figures.prune", "53 3 * * *", "UTC", prune)
}

type eventsBody struct {
	Events []Event `json:"events"`
}

type eventsAnswer struct {
	Counted int `json:"counted"` // events that were new
}

func handleEvents(e *core.RequestEvent) error {
	appid, now := e.Request.PathValue("appid"), clock.Now(e.App)
	program, claims, err := programs.Running(e.App, e.Auth, appid, e.Request.Header.Get(launchHeader), now)
	// Pages of the version before go on until they are opened again, and what happens in them happened.
	if err != nil && !errors.Is(err, programs.ErrLaunchStale) {
		return err
	}
	events, err := decode(e)
	if err != nil {
		return err
	}
	fresh := events
	if !claims.Trial {
		batch := Batch{Program: program.ID, Org: program.Org, Person: e.Auth.Id, Session: claims.Session, Events: events}
		if fresh, err = Take(e.App, batch, now); err != nil {
			return err
		}
	}
	report(e, program, claims, fresh)
	return e.JSON(http.StatusOK, eventsAnswer{Counted: len(fresh)})
}

func decode(e *core.RequestEvent) ([]Event, error) {
	raw, err := route.Body(e, BatchBytes)
	if errors.Is(err, route.ErrBodyTooLarge) {
		return nil, ErrTooManyEvents.With("limit", BatchBytes)
	}
	if err != nil {
		return nil, err
	}
	var body eventsBody
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, route.ErrBadBody.With("detail", err.Error())
	}
	if len(body.Events) > BatchEvents {
		return nil, ErrBadEvents.With("limit", BatchEvents)
	}
	for i, event := range body.Events {
		if event.Seq < 1 || event.Kind == "" {
			return nil, ErrBadEvents.With("event", i)
		}
	}
	return body.Events, nil
}

// launchShown is how much of a launch's random number stands in the log, to tell launches apart.
const launchShown = 8

// report writes the errors among the events to the program's log.
func report(e *core.RequestEvent, program programs.Program, claims programs.Claims, events []Event) {
	var lines []logs.Line
	for _, event := range events {
		if event.Kind != KindError {
			continue
		}
		text := event.Message
		if event.Path != "" {
			text = event.Path + ": " + text
		}
		lines = append(lines, logs.Line{
			Program: program.AppID, Version: versionOf(e.App, program, claims), Request: claims.Session[:min(launchShown, len(claims.Session))],
			Source: logs.SourcePage, Level: logs.Error, Text: text, Stack: event.Stack, Device: device(e.Request.UserAgent()),
		})
	}
	logs.Write(e.App, lines...)
}

// versionOf is the number of the version that was launched, which need not be the released one any more.
func versionOf(app core.App, program programs.Program, claims programs.Claims) int {
	if program.Package == claims.Package {
		return program.Number
	}
	launched, err := programs.ByPackage(app, claims.AppID, claims.Package)
	if err != nil {
		return 0 // taken down meanwhile: the line is worth more than its number
	}
	return launched.Number
}

func handleFigures(e *core.RequestEvent) error {
	program, err := readable(e)
	if err != nil {
		return err
	}
	query := e.Request.URL.Query()
	figures, err := Of(e.App, program, query.Get("from"), query.Get("to"), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, figures)
}

// readable is the program, if its makers or the operator ask.
func readable(e *core.RequestEvent) (*core.Record, error) {
	return readableBy(e, e.Request.PathValue("appid"))
}

func readableBy(e *core.RequestEvent, appid string) (*core.Record, error) {
	if !identity.IsOperator(e.Auth) {
		_, program, err := programs.Maker(e, appid)
		return program, err
	}
	program, err := e.App.FindFirstRecordByData("programs", "appid", appid)
	if err != nil {
		return nil, programs.ErrNotFound.With("appid", appid)
	}
	return program, nil
}
