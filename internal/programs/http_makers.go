package programs

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// bindMakers binds what makers arrange around a program: who tests it, which keys are good for it, who builds it.
func bindMakers(se *core.ServeEvent) {
	handle := func(method, path, summary string, body, answer any, refusals []*refusal.Refusal, action func(e *core.RequestEvent) error) {
		route.Handle(se, route.Operation{
			Method: method, Path: "/api/mp/{appid}/" + path, Tag: "programs", Summary: summary, Body: body, Answer: answer,
			Refusals: append(refusals, makersOnly...),
		}, action)
	}
	handle(http.MethodGet, "testers", "Who may open trial versions and gets every roll-out first.", nil, []Tester{}, nil, handleTesters)
	handle(http.MethodPost, "testers", "Name a tester by address.", testerBody{}, []Tester{},
		[]*refusal.Refusal{ErrNoSuchPerson, ErrTooMany}, handleAddTester)
	handle(http.MethodDelete, "testers/{id}", "End somebody's testing.", nil, nil, nil, handleRemoveTester)
	handle(http.MethodGet, "keys", "The program's keys, for uploading and of its server; their secrets are not kept.", nil, []Key{}, nil, handleKeys)
	handle(http.MethodPost, "keys", "Make a key for uploading, or for the program's own server, which is shown this once.", keyBody{}, Key{},
		[]*refusal.Refusal{ErrBadText, ErrTooMany, ErrBadKeyKind}, handleNewKey)
	handle(http.MethodDelete, "keys/{id}", "Revoke a key.", nil, nil, nil, handleRevokeKey)
	handle(http.MethodPost, "agency", "Let a certified agency make the program for you, or end that.", agencyBody{}, map[string]any{},
		[]*refusal.Refusal{ErrNoSuchAgency}, handleAgency)
}

type testerBody struct {
	Email string `json:"email"`
}

func handleTesters(e *core.RequestEvent) error {
	_, program, err := inPerson(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	return listTesters(e, program)
}

func listTesters(e *core.RequestEvent, program *core.Record) error {
	testers, err := Testers(e.App, program.Id)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, testers)
}

func handleAddTester(e *core.RequestEvent) error {
	actor, program, err := inPerson(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	var body testerBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if err := AddTester(e.App, program, body.Email, actor, clock.Now(e.App)); err != nil {
		return err
	}
	return listTesters(e, program)
}

func handleRemoveTester(e *core.RequestEvent) error {
	actor, program, err := inPerson(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	if err := RemoveTester(e.App, program, e.Request.PathValue("id"), actor, clock.Now(e.App)); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

type keyBody struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // upload when it says nothing
}

func handleKeys(e *core.RequestEvent) error {
	_, program, err := inPerson(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	keys, err := Keys(e.App, program.Id)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, keys)
}

func handleNewKey(e *core.RequestEvent) error {
	actor, program, err := inPerson(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	var body keyBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	key, err := NewKey(e.App, program, orElse(body.Kind, KeyUpload), body.Name, actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, key)
}

func handleRevokeKey(e *core.RequestEvent) error {
	actor, program, err := inPerson(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	if err := RevokeKey(e.App, program, e.Request.PathValue("id"), actor, clock.Now(e.App)); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

type agencyBody struct {
	Org string `json:"org"` // "" ends it
}

func handleAgency(e *core.RequestEvent) error {
	actor, program, err := inPerson(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	if err := requireOwner(e.App, e.Auth, program); err != nil {
		return err
	}
	var body agencyBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	program, err = SetAgency(e.App, program, body.Org, actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, program)
}

// bindMine binds a person's own drawer.
func bindMine(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/mine", Tag: "programs",
		Summary: "What you opened lately, what you keep, and what counts on both.", Answer: Launcher{},
	}, handleMine)
	route.Handle(se, route.Operation{
		Method: http.MethodPut, Path: "/api/mp/mine", Tag: "programs",
		Summary: "Keep exactly these programs, in this order.", Body: keepBody{}, Answer: Launcher{},
		Refusals: []*refusal.Refusal{ErrNotFound, ErrTooMany},
	}, func(e *core.RequestEvent) error {
		var body keepBody
		if err := route.Decode(e, &body); err != nil {
			return err
		}
		if err := Keep(e.App, e.Auth.Id, body.Favorites); err != nil {
			return err
		}
		return handleMine(e)
	})
	forget := func(e *core.RequestEvent) error {
		if err := Forget(e.App, e.Auth.Id, e.Request.PathValue("appid")); err != nil {
			return err
		}
		return e.NoContent(http.StatusNoContent)
	}
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/mp/mine/recents", Tag: "programs", Summary: "Forget what you opened lately.",
	}, forget)
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/mp/mine/recents/{appid}", Tag: "programs",
		Summary: "Forget that you opened this one.", Refusals: []*refusal.Refusal{ErrNotFound},
	}, forget)
}

type keepBody struct {
	Favorites []string `json:"favorites"`
}

func handleMine(e *core.RequestEvent) error {
	language := e.Request.URL.Query().Get("lang")
	if language == "" {
		language = e.Auth.GetString("language")
	}
	mine, err := Mine(e.App, e.Auth.Id, language)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, mine)
}
