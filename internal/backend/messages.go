package backend

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/inbox"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/route"
)

// The faults of WeChat's that belong to messages.
var (
	faultTemplate = fault{40037, "invalid template_id"}
	faultPage     = fault{41030, "invalid page"}
	faultNoTicket = fault{43101, "user refuse to accept the msg"}
	faultData     = fault{47003, "argument invalid"}
	faultNoRight  = fault{48001, "api unauthorized"}
)

// messageLimit is how many bytes the body of a message may have.
const messageLimit = 64 << 10

type messageBody struct {
	To       string                     `json:"touser"`
	Template string                     `json:"template_id"`
	Page     string                     `json:"page"`
	Data     map[string]json.RawMessage `json:"data"`
}

func bindMessages(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/cgi-bin/message/subscribe/send", Tag: "backend", Public: true,
		Summary: "Send a message to a person who has agreed to it, with ?access_token=. In WeChat's shape: the status is always 200, a refusal is {errcode, errmsg}.",
		Body:    messageBody{}, Answer: fault{},
	}, func(e *core.RequestEvent) error {
		answer := fault{Message: "ok"}
		if err := sendMessage(e, clock.Now(e.App)); err != nil {
			answer = aboutMessages(e.App, err)
		}
		return e.JSON(http.StatusOK, answer)
	})
}

func sendMessage(e *core.RequestEvent, now time.Time) error {
	record, _, err := programs.ByAccessToken(e.App, e.Request.URL.Query().Get("access_token"), now)
	if err != nil {
		return err
	}
	raw, err := route.Body(e, messageLimit)
	if err != nil {
		return faultBody
	}
	var body messageBody
	if err := json.Unmarshal(raw, &body); err != nil {
		return faultBody
	}
	program, err := programs.Live(e.App, record.GetString("appid"))
	if err != nil {
		return err
	}
	if err := program.Allowed(e.App, programs.RightPush); err != nil {
		return err
	}
	data, err := inbox.Values(body.Data)
	if err != nil {
		return err
	}
	return inbox.Send(e.App, program.ID, program.AppID, inbox.Message{To: body.To, Template: body.Template, Page: body.Page, Data: data})
}

// aboutMessages is the error as WeChat tells it of messages.
func aboutMessages(app core.App, err error) fault {
	for _, known := range []struct {
		refusal error
		fault   fault
	}{
		{inbox.ErrNoTicket, faultNoTicket},
		{inbox.ErrTemplateUnknown, faultTemplate},
		{inbox.ErrBadPage, faultPage},
		{inbox.ErrBadMessage, faultData},
		{identity.ErrOpenIDUnknown, faultOpenID},
		{programs.ErrTierRight, faultNoRight},
		{programs.ErrTakenDown, faultNoRight},
		{programs.ErrServerKey, faultCredential},
	} {
		if errors.Is(err, known.refusal) {
			return known.fault
		}
	}
	return inShape(app, err)
}
