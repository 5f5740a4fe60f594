// Package backend is how a program's own server meets the people who use the program, in the words of WeChat's: a back
// end that was written for WeChat works by changing the host's name.
//
// A page gets a login code; the page sends it to its server; the server trades it, with its server key, for the
// person's openid and for a session key that house and server share for this person. The invariants: a code is good
// once, for minutes, for the program that it was made for; nothing here tells a server who the person is beyond the id
// that the program has for them anyway.
package backend

import (
	"fmt"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the routes of pages and of servers, and forgets whoever is deleted.
func Register(app core.App) {
	app.OnRecordDelete("users").BindFunc(forget)
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		route.Handle(se, route.Operation{
			Method: http.MethodPost, Path: "/api/mp/{appid}/login", Tag: "backend",
			Summary: "Get a code that the program's own server trades for your openid.", Answer: codeAnswer{},
			Refusals: []*refusal.Refusal{
				programs.ErrNotFound, programs.ErrTakenDown, programs.ErrLaunchInvalid, programs.ErrLaunchExpired, programs.ErrLaunchStale,
				ErrTooManyCodes,
			},
		}, handleLogin)
		bindServers(se)
		bindMessages(se)
		bindInitData(se)
		return se.Next()
	})
}

type codeAnswer struct {
	Code string `json:"code"`
}

func handleLogin(e *core.RequestEvent) error {
	appid, now := e.Request.PathValue("appid"), clock.Now(e.App)
	_, claims, err := programs.Running(e.App, e.Auth, appid, e.Request.Header.Get(programs.LaunchHeader), now)
	if err != nil {
		return err
	}
	code, err := Login(e.App, e.Auth.Id, appid, claims.Session, now)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, codeAnswer{Code: code})
}

// forget takes away what is kept of the logins of a person who is deleted.
func forget(e *core.RecordEvent) error {
	for _, table := range []string{"backend_codes", "backend_sessions"} {
		_, err := e.App.NonconcurrentDB().NewQuery("DELETE FROM " + table + " WHERE user = {:user}").
			Bind(dbx.Params{"user": e.Record.Id}).Execute()
		if err != nil {
			return fmt.Errorf("forget logins: %w", err)
		}
	}
	return e.Next()
}

// person is the ids by which a program's server knows somebody.
type person struct {
	user    string
	openID  string
	unionID string
}

func personOf(app core.App, userID string, program *core.Record) (person, error) {
	openID, err := identity.OpenID(app, userID, program.GetString("appid"))
	if err != nil {
		return person{}, err
	}
	unionID, err := identity.UnionID(app, userID, programs.Makers(program.GetString("org"), program.GetString("owner")))
	return person{user: userID, openID: openID, unionID: unionID}, err
}
