package programs

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// OpenDataTTL is how long the token of an open data context holds; its host asks for the next one in time.
const OpenDataTTL = 15 * time.Minute

// OpenData is the way into the bridge for a program's open data context: a part of the program that can show what it is
// told and can tell nobody. Its token is good for what the bridge gives to such a context and for nothing else, no
// longer than the launch.
type OpenData struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// OpenContext signs the way in for the open data context of the program that the launch token opened.
func OpenContext(app core.App, user *core.Record, appid, token string, now time.Time) (OpenData, error) {
	_, claims, err := Running(app, user, appid, token, now)
	if err != nil {
		return OpenData{}, err
	}
	signer, err := registryOf(app).signer()
	if err != nil {
		return OpenData{}, err
	}
	claims.Open, claims.Desk, claims.Nonce, claims.IssuedAt = true, "", randomID(), now.Unix()
	claims.Expires = min(claims.Expires, now.Add(OpenDataTTL).Unix())
	signed, err := signer.sign(claims)
	return OpenData{Token: signed, Expires: time.Unix(claims.Expires, 0).UTC()}, err
}

// Running is the program that the token opened for this person, if it may still run: the token must be this
// person's and this program's and not have ended, and the version must be the one that the person gets now, or
// one that they may still try. Everything that a program asks for passes here first, but for what its open data context
// asks: that has a token which is none here.
func Running(app core.App, user *core.Record, appid, token string, now time.Time) (Program, Claims, error) {
	program, claims, err := RunningOrOpen(app, user, appid, token, now)
	if err == nil && claims.Open {
		err = ErrLaunchInvalid
	}
	return program, claims, err
}

func bindOpenData(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/open-data", Tag: "programs",
		Summary: "The token of a running mini program's open data context, for the launch in " + LaunchHeader + ".",
		Answer:  OpenData{}, Refusals: []*refusal.Refusal{ErrNotFound, ErrTakenDown, ErrLaunchInvalid, ErrLaunchExpired, ErrLaunchStale},
	}, func(e *core.RequestEvent) error {
		made, err := OpenContext(e.App, e.Auth, e.Request.PathValue("appid"), e.Request.Header.Get(LaunchHeader), clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, made)
	})
}
