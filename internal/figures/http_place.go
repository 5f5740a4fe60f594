package figures

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// ErrNothingOf refuses figures of what is neither the place, an organisation nor a program.
var ErrNothingOf = refusal.New(http.StatusNotFound, "figures_of_nothing", "There is no such organisation or mini program.")

func registerPlace(se *core.ServeEvent) {
	readers := []*refusal.Refusal{ErrNothingOf, ledger.ErrOperatorOnly, route.ErrSignIn, identity.ErrNotStaff, identity.ErrRoleRequired, programs.ErrNotMaker, programs.ErrKeyInvalid}
	makers := []*refusal.Refusal{route.ErrSignIn, programs.ErrNotMaker, programs.ErrKeyInvalid, programs.ErrNotFound}
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/figures", Tag: "figures", Public: true, Answer: Headline{},
		Summary:  "The place in four figures: people today, programs, creators, certified.",
		Refusals: []*refusal.Refusal{ErrPrivate},
	}, handleHeadline)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/figures/definitions", Tag: "figures", Public: true, Answer: []Definition{},
		Summary: "What each figure is.",
	}, handleDefinitions)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/figures/settings", Tag: "figures", Answer: Settings{},
		Summary: "What the operator has decided of the figures.", Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly},
	}, handleSettings)
	route.Handle(se, route.Operation{
		Method: http.MethodPatch, Path: "/api/figures/settings", Tag: "figures", Body: Settings{}, Answer: Settings{},
		Summary:  "Decide whether the four figures are public, and for how many days funnels can look back.",
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrBadSettings},
	}, handleSet)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/figures/rebuild", Tag: "figures", Answer: Settings{},
		Summary:  "Make the sums of orders, money and points again from their own tables.",
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly},
	}, handleRebuild)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/figures/{of}", Tag: "figures", Public: true, Answer: Place{},
		Summary:  "Figures of the whole place (platform), of an organisation (its id) or of a program (its appid), from one day to another.",
		Refusals: append(readers, ErrBadPeriod),
	}, handlePlace)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/figures/{of}/live", Tag: "figures", Public: true, Answer: Live{},
		Summary: "What happens now: people here, the last opens, today's orders.", Refusals: readers,
	}, handleLive)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/figures/behaviour", Tag: "figures", Public: true, Answer: Behaviour{},
		Summary:  "A program's own events and funnels, from one day to another; for its makers and the operator.",
		Refusals: append(makers, ErrBadPeriod),
	}, handleBehaviour)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/funnels", Tag: "figures", Public: true, Body: Funnel{}, Answer: Funnel{},
		Summary: "Build a funnel of 2 to 8 steps.", Refusals: append(makers, ErrBadFunnel, ErrTooManyFunnels),
	}, handleAddFunnel)
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/mp/{appid}/funnels/{id}", Tag: "figures", Public: true, Answer: Funnel{},
		Summary: "Remove a funnel.", Refusals: append(makers, ErrNoFunnel),
	}, handleRemoveFunnel)
}

func handleHeadline(e *core.RequestEvent) error {
	settings, err := settingsOf(e.App)
	if err != nil {
		return err
	}
	if !settings.Headline && !identity.IsOperator(e.Auth) {
		return ErrPrivate
	}
	told, err := HeadlineOf(e.App, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, told)
}

func handleDefinitions(e *core.RequestEvent) error {
	e.Response.Header().Set("Cache-Control", "public, max-age=3600")
	return e.JSON(http.StatusOK, json.RawMessage(definitionsJSON))
}

func handleSettings(e *core.RequestEvent) error {
	if !identity.IsOperator(e.Auth) {
		return ledger.ErrOperatorOnly
	}
	settings, err := settingsOf(e.App)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, settings)
}

func handleSet(e *core.RequestEvent) error {
	if !identity.IsOperator(e.Auth) {
		return ledger.ErrOperatorOnly
	}
	settings, err := settingsOf(e.App) // what is not said stays
	if err != nil {
		return err
	}
	if err := route.Decode(e, &settings); err != nil {
		return err
	}
	if err := settings.set(e.App, e.Auth.Id, clock.Now(e.App)); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, settings)
}

func handleRebuild(e *core.RequestEvent) error {
	if !identity.IsOperator(e.Auth) {
		return ledger.ErrOperatorOnly
	}
	if err := Rebuild(e.App, e.Auth.Id, clock.Now(e.App)); err != nil {
		return err
	}
	return handleSettings(e)
}

func handlePlace(e *core.RequestEvent) error {
	of, err := subject(e)
	if err != nil {
		return err
	}
	query := e.Request.URL.Query()
	place, err := PlaceOf(e.App, of, query.Get("from"), query.Get("to"), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, place)
}

func handleLive(e *core.RequestEvent) error {
	of, err := subject(e)
	if err != nil {
		return err
	}
	told, err := LiveOf(e.App, of, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, told)
}

// subject is what figures are asked of, if whoever asks may read them: the operator everything, owners and managers
// their organisation, makers their program.
func subject(e *core.RequestEvent) (Subject, error) {
	of := e.Request.PathValue("of")
	operator := identity.IsOperator(e.Auth)
	if of == platform {
		return Subject{Kind: OfPlatform, ID: platform, Name: e.App.Settings().Meta.AppName}, unless(operator, ledger.ErrOperatorOnly)
	}
	var name string
	err := e.App.DB().NewQuery("SELECT name FROM orgs WHERE id = {:id}").Bind(dbx.Params{"id": of}).Row(&name)
	if err == nil {
		if !operator {
			_, err = identity.Require(e.App, e.Auth, of, identity.Owner, identity.Manager)
		}
		return Subject{Kind: OfOrg, ID: of, Name: name, Org: of}, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Subject{}, fmt.Errorf("figures of %s: %w", of, err)
	}
	program, err := readableBy(e, of)
	if errors.Is(err, programs.ErrNotFound) {
		return Subject{}, ErrNothingOf
	}
	if err != nil {
		return Subject{}, err
	}
	return Subject{Kind: OfProgram, ID: program.Id, Name: program.GetString("name"), Org: program.GetString("org")}, nil
}

func unless(allowed bool, refused *refusal.Refusal) error {
	if allowed {
		return nil
	}
	return refused
}

func handleBehaviour(e *core.RequestEvent) error {
	program, err := readable(e)
	if err != nil {
		return err
	}
	query := e.Request.URL.Query()
	told, err := BehaviourOf(e.App, program, query.Get("from"), query.Get("to"), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, told)
}

func handleAddFunnel(e *core.RequestEvent) error {
	actor, program, err := programs.Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	var funnel Funnel
	if err := route.Decode(e, &funnel); err != nil {
		return err
	}
	added, err := AddFunnel(e.App, program, funnel, actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, added)
}

func handleRemoveFunnel(e *core.RequestEvent) error {
	actor, program, err := programs.Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	id := e.Request.PathValue("id")
	if err := RemoveFunnel(e.App, program, id, actor, clock.Now(e.App)); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, Funnel{ID: id, Steps: []FunnelStep{}})
}
