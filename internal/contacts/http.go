package contacts

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const tag = "contacts"

// Register binds the routes of people's own contacts, and forgets what has ended.
func Register(app core.App) {
	app.OnRecordDeleteExecute("users").BindFunc(forget)
	jobs.Every(app, "contacts.sweep", "20 * * * *", "UTC", func(app core.App, _ time.Time) error {
		return sweep(app, clock.Now(app))
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindInvites(se)
		bindContacts(se)
		return se.Next()
	})
}

type codeBody struct {
	Code string `json:"code"`
}

// bind is a route whose action answers something, or nothing with 204.
func bind(se *core.ServeEvent, op route.Operation, do func(e *core.RequestEvent, now time.Time) (any, error)) {
	op.Tag = tag
	route.Handle(se, op, func(e *core.RequestEvent) error {
		answer, err := do(e, clock.Now(e.App))
		if err != nil {
			return err
		}
		if answer == nil {
			return e.NoContent(http.StatusNoContent)
		}
		return e.JSON(http.StatusOK, answer)
	})
}

func bindInvites(se *core.ServeEvent) {
	bind(se, route.Operation{
		Method: http.MethodPost, Path: "/api/contacts/invite", Answer: Invite{},
		Summary: "Make an invitation that up to ten people can accept within a week.",
	}, func(e *core.RequestEvent, now time.Time) (any, error) { return MakeInvite(e.App, e.Auth, now) })
	bind(se, route.Operation{
		Method: http.MethodGet, Path: "/api/contacts/invites/{code}", Answer: Inviter{}, Refusals: []*refusal.Refusal{ErrInvite},
		Summary: "Who invites, before accepting.",
	}, func(e *core.RequestEvent, now time.Time) (any, error) {
		return Look(e.App, e.Auth, e.Request.PathValue("code"), now)
	})
	bind(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/contacts/invites/{code}", Summary: "End an invitation of one's own.",
	}, func(e *core.RequestEvent, _ time.Time) (any, error) {
		return nil, Withdraw(e.App, e.Auth, e.Request.PathValue("code"))
	})
	bind(se, route.Operation{
		Method: http.MethodPost, Path: "/api/contacts/accept", Body: codeBody{}, Answer: Contact{},
		Summary: "Accept an invitation: the two are friends.", Refusals: []*refusal.Refusal{ErrInvite, ErrOwnInvite, ErrFull},
	}, func(e *core.RequestEvent, now time.Time) (any, error) {
		var body codeBody
		if err := route.Decode(e, &body); err != nil {
			return nil, err
		}
		return Accept(e.App, e.Auth, body.Code, now)
	})
}

func bindContacts(se *core.ServeEvent) {
	bind(se, route.Operation{
		Method: http.MethodGet, Path: "/api/contacts", Answer: List{}, Summary: "One's friends, whom one blocks, and one's open invitations.",
	}, func(e *core.RequestEvent, now time.Time) (any, error) { return Contacts(e.App, e.Auth, now) })
	unknown := []*refusal.Refusal{ErrUnknown}
	act := func(method, path, summary string, do func(app core.App, user *core.Record, id string, now time.Time) error) {
		bind(se, route.Operation{Method: method, Path: "/api/contacts/{id}" + path, Summary: summary, Refusals: unknown},
			func(e *core.RequestEvent, now time.Time) (any, error) {
				return nil, do(e.App, e.Auth, e.Request.PathValue("id"), now)
			})
	}
	act(http.MethodDelete, "", "End a friendship, for both.", Remove)
	act(http.MethodPost, "/block", "End a friendship, and let the other not come back.", Block)
	act(http.MethodPost, "/unblock", "Let somebody be invited again.", func(app core.App, user *core.Record, id string, _ time.Time) error {
		return Unblock(app, user, id)
	})
	bind(se, route.Operation{
		Method: http.MethodPost, Path: "/api/contacts/{id}/restore", Answer: Contact{}, Summary: "Bring back what one has just ended.",
		Refusals: []*refusal.Refusal{ErrUnknown, ErrTooLate, ErrFull},
	}, func(e *core.RequestEvent, now time.Time) (any, error) {
		return Restore(e.App, e.Auth, e.Request.PathValue("id"), now)
	})
}
