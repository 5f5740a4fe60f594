package inbox

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds what makers, hosts and people do with messages. Programs send them by the bridge.
func Register(app core.App) {
	app.OnRecordDelete("users").BindFunc(forget)
	jobs.Every(app, "inbox.prune", "20 3 * * *", "UTC", func(app core.App, _ time.Time) error { return prune(app, clock.Now(app)) })
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindTemplates(se)
		bindQuestions(se)
		bindNotices(se)
		return se.Next()
	})
}

// forget takes the tickets of a person away who is deleted; their messages go by themselves.
func forget(e *core.RecordEvent) error {
	_, err := e.App.NonconcurrentDB().NewQuery("DELETE FROM inbox_tickets WHERE user = {:user}").
		Bind(dbx.Params{"user": e.Record.Id}).Execute()
	if err != nil {
		return fmt.Errorf("forget tickets: %w", err)
	}
	return e.Next()
}

func bindTemplates(se *core.ServeEvent) {
	makers := []*refusal.Refusal{programs.ErrNotFound, programs.ErrDeleted, programs.ErrNotMaker}
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/messages/templates", Tag: "messages", Key: programs.KeyHeader,
		Summary: "The templates of the program's messages, with how many people have agreed to.", Answer: []Template{}, Refusals: makers,
	}, handleTemplates)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/messages/templates", Tag: "messages", Key: programs.KeyHeader,
		Summary: "Lay a template down, or change the one of that code.", Body: Template{}, Answer: []Template{},
		Refusals: append([]*refusal.Refusal{ErrBadTemplate, ErrTooManyTemplates}, makers...),
	}, handleSetTemplate)
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/mp/{appid}/messages/templates/{code}", Tag: "messages", Key: programs.KeyHeader,
		Summary: "Take a template away, with what people have agreed to.", Refusals: makers,
	}, handleRemoveTemplate)
}

func handleTemplates(e *core.RequestEvent) error {
	_, program, err := programs.Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	return listTemplates(e, program)
}

func listTemplates(e *core.RequestEvent, program *core.Record) error {
	templates, err := Templates(e.App, program.Id)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, templates)
}

func handleSetTemplate(e *core.RequestEvent) error {
	actor, program, err := programs.Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	var template Template
	if err := route.Decode(e, &template); err != nil {
		return err
	}
	if err := SetTemplate(e.App, program, template, actor, clock.Now(e.App)); err != nil {
		return err
	}
	return listTemplates(e, program)
}

func handleRemoveTemplate(e *core.RequestEvent) error {
	actor, program, err := programs.Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	if err := RemoveTemplate(e.App, program, e.Request.PathValue("code"), actor, clock.Now(e.App)); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// bindQuestions binds what the host asks and stores for the person. A program cannot reach these: the host does not
// pass them on, so that no page answers its own question.
func bindQuestions(se *core.ServeEvent) {
	gates := []*refusal.Refusal{programs.ErrNotFound, programs.ErrTakenDown, programs.ErrTierRight, ErrTooManyTemplates, ErrTemplateUnknown}
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/messages/questions", Tag: "messages",
		Summary: "What the person is asked before the program may send messages of the templates in ?codes=a,b.",
		Answer:  []Question{}, Refusals: gates,
	}, handleQuestions)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/messages/answers", Tag: "messages",
		Summary: "Store the person's answers by template: accept (one message), reject, or ban.",
		Body:    answersBody{}, Refusals: append([]*refusal.Refusal{ErrBadAnswer}, gates...),
	}, handleAnswers)
}

type answersBody struct {
	Answers map[string]string `json:"answers"`
}

// asking is the program that the person has open, if it may send messages.
func asking(e *core.RequestEvent) (programs.Program, error) {
	program, err := programs.For(e.App, e.Auth.Id, e.Request.PathValue("appid"))
	if err != nil {
		return program, err
	}
	return program, program.Allowed(e.App, programs.RightPush)
}

func handleQuestions(e *core.RequestEvent) error {
	program, err := asking(e)
	if err != nil {
		return err
	}
	codes := strings.Split(e.Request.URL.Query().Get("codes"), ",")
	questions, err := Questions(e.App, e.Auth.Id, program.ID, codes)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, questions)
}

func handleAnswers(e *core.RequestEvent) error {
	program, err := asking(e)
	if err != nil {
		return err
	}
	var body answersBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if err := Decide(e.App, e.Auth.Id, program.ID, body.Answers); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

func bindNotices(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/notifications", Tag: "messages",
		Summary: "The person's messages, latest first; ?before= an id goes on from there.", Answer: noticesAnswer{},
	}, handleNotices)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/notifications/read", Tag: "messages",
		Summary: "Mark one message as read, or all without an id.", Body: readBody{},
	}, handleRead)
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/notifications/{id}", Tag: "messages", Summary: "Take a message away.",
	}, handleRemove)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/notifications/mute", Tag: "messages",
		Summary: "End all messages of a program, or let it ask again.", Body: muteBody{}, Refusals: []*refusal.Refusal{programs.ErrNotFound},
	}, handleMute)
}

type noticesAnswer struct {
	Items  []Notice `json:"items"`
	Unread int      `json:"unread"` // of all, not of these
	Next   string   `json:"next"`   // what ?before= goes on with; "" at the end
}

func handleNotices(e *core.RequestEvent) error {
	notices, err := Notices(e.App, e.Auth.Id, e.Request.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	unread, err := Unread(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	answer := noticesAnswer{Items: notices, Unread: unread}
	if len(notices) == noticesShown {
		answer.Next = notices[noticesShown-1].ID
	}
	return e.JSON(http.StatusOK, answer)
}

type readBody struct {
	ID string `json:"id"`
}

func handleRead(e *core.RequestEvent) error {
	var body readBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if err := Read(e.App, e.Auth.Id, body.ID); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

func handleRemove(e *core.RequestEvent) error {
	if err := Remove(e.App, e.Auth.Id, e.Request.PathValue("id")); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

type muteBody struct {
	AppID string `json:"appid"`
	Muted bool   `json:"muted"`
}

func handleMute(e *core.RequestEvent) error {
	var body muteBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	program, err := e.App.FindFirstRecordByData("programs", "appid", body.AppID)
	if err != nil {
		return programs.ErrNotFound.With("appid", body.AppID)
	}
	act := Unmute
	if body.Muted {
		act = Mute
	}
	if err := act(e.App, e.Auth.Id, program.Id); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}
