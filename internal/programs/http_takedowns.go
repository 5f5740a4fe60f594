package programs

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// bindTakedowns binds how the operator stops programs, and how their makers answer.
func bindTakedowns(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/takedowns", Tag: "programs",
		Summary: "Stop a version, a program or all programs of an organisation.", Body: Takedown{}, Answer: map[string]any{},
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrBadTakedown, ErrNotFound, ErrVersionNotFound},
	}, operatorOnly(handleTakeDown))
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/takedowns", Tag: "programs",
		Summary: "Takedowns, those that wait for an answer first; ?state=active|appealed|upheld|restored.", Answer: []TakedownView{},
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly},
	}, operatorOnly(handleTakedowns))
	answers := []*refusal.Refusal{ErrTakedownNotFound, ErrTakedownClosed, ErrBadText}
	for word, verb := range map[string]answerVerb{"restore": Restore, "uphold": Uphold} {
		summary := "End a takedown."
		if word == "uphold" {
			summary = "Answer an appeal: the takedown stays."
		}
		route.Handle(se, route.Operation{
			Method: http.MethodPost, Path: "/api/takedowns/{id}/" + word, Tag: "programs", Summary: summary, Body: answerBody{}, Answer: map[string]any{},
			Refusals: append([]*refusal.Refusal{ledger.ErrOperatorOnly}, answers...),
		}, operatorOnly(handleAnswer(verb)))
	}
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/takedowns/{id}/appeal", Tag: "programs",
		Summary: "Say why a takedown of your program is wrong, once.", Body: appealBody{}, Answer: map[string]any{},
		Refusals: append([]*refusal.Refusal{ErrNotMaker}, answers...),
	}, handleAppeal)
}

func operatorOnly(action func(e *core.RequestEvent) error) func(e *core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		if !identity.IsOperator(e.Auth) {
			return ledger.ErrOperatorOnly
		}
		return action(e)
	}
}

func handleTakeDown(e *core.RequestEvent) error {
	var body Takedown
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	takedown, err := TakeDown(e.App, body, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, takedown)
}

func handleTakedowns(e *core.RequestEvent) error {
	takedowns, err := Takedowns(e.App, e.Request.URL.Query().Get("state"))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, takedowns)
}

type answerVerb = func(app core.App, takedownID, answer, actor string, now time.Time) (*core.Record, error)

type answerBody struct {
	Answer string `json:"answer"`
}

func handleAnswer(verb answerVerb) func(e *core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		var body answerBody
		if err := route.Decode(e, &body); err != nil {
			return err
		}
		takedown, err := verb(e.App, e.Request.PathValue("id"), body.Answer, e.Auth.Id, clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, takedown)
	}
}

type appealBody struct {
	Text string `json:"text"`
}

func handleAppeal(e *core.RequestEvent) error {
	takedown, err := takedownRecord(e.App, e.Request.PathValue("id"))
	if err != nil {
		return err
	}
	if err := mayAppeal(e, takedown); err != nil {
		return err
	}
	var body appealBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	takedown, err = Appeal(e.App, takedown.Id, body.Text, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, takedown)
}

func mayAppeal(e *core.RequestEvent, takedown *core.Record) error {
	if org := takedown.GetString("org"); org != "" {
		return runs(e.App, e.Auth, org)
	}
	program, err := e.App.FindRecordById("programs", takedown.GetString("program"))
	if err != nil {
		return err
	}
	return RequireMaker(e.App, e.Auth, program)
}
