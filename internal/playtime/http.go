package playtime

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the routes, what forgets old days, and what forgets somebody who leaves.
func Register(app core.App) {
	jobs.Every(app, "playtime.forget", "15 4 * * *", "UTC", func(app core.App, _ time.Time) error {
		return ForgetOld(app, clock.Now(app))
	})
	app.OnRecordDelete("users").BindFunc(func(e *core.RecordEvent) error {
		if err := forget(e.App, e.Record.Id); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bind(se)
		return se.Next()
	})
}

func bind(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/playtime", Tag: "playtime", Answer: Week{},
		Summary: "The caller's limit of play time, if there is one, and what was counted under it in the last days.",
	}, handleWeek)
	route.Handle(se, route.Operation{
		Method: http.MethodPut, Path: "/api/playtime/limit", Tag: "playtime", Body: Terms{}, Answer: Standing{},
		Summary:  "Limit how long this account may play each day; changing a limit takes its PIN.",
		Refusals: []*refusal.Refusal{ErrBadLimit, ErrPIN, ErrLocked},
	}, handleSet)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/playtime/limit/end", Tag: "playtime", Body: endBody{}, Answer: Standing{},
		Summary:  "Take the limit away, and all that was counted with it.",
		Refusals: []*refusal.Refusal{ErrNoLimit, ErrPIN, ErrLocked},
	}, handleEnd)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/playtime/limit/release", Tag: "playtime", Body: releaseBody{}, Answer: Standing{},
		Summary:  "The operator takes the limit of an account away whose PIN is forgotten.",
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrNoLimit},
	}, handleRelease)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/playtime/beat", Tag: "playtime", Body: beatBody{}, Answer: Standing{},
		Summary: "A game is on screen, or leaves it: the time since the last sign is counted for an account with a limit, and for no other.",
	}, handleBeat)
}

type (
	endBody struct {
		PIN string `json:"pin"`
	}
	releaseBody struct {
		Email string `json:"email"` // of the account
	}
	beatBody struct {
		AppID string `json:"appid"`
		Ended bool   `json:"ended"`
	}
)

// Week is what an account sees of itself.
type Week struct {
	Standing Standing  `json:"standing"`
	Zone     string    `json:"zone"`
	Since    time.Time `json:"since,omitzero"` // when the limit was made
	Days     []Played  `json:"days"`           // newest first
}

// Played is how long one program was played on one day.
type Played struct {
	Day     string                `json:"day" db:"day"`
	AppID   string                `json:"appid" db:"appid"`
	Name    string                `json:"name" db:"name"`
	Names   types.JSONMap[string] `json:"names" db:"names"`
	Seconds int64                 `json:"seconds" db:"seconds"`
}

// Look is the account's limit and its last days.
func Look(app core.App, userID string, now time.Time) (Week, error) {
	l, err := limitOf(app, userID)
	if errors.Is(err, errNone) {
		return Week{Days: []Played{}}, nil
	}
	if err != nil {
		return Week{}, err
	}
	week := Week{Zone: l.Zone, Since: time.UnixMilli(l.Since).UTC(), Days: []Played{}}
	if week.Standing, err = l.standing(app, now); err != nil {
		return Week{}, err
	}
	err = app.DB().NewQuery(`SELECT d.day, d.appid, COALESCE(p.name, d.appid) AS name, COALESCE(p.names, '{}') AS names, d.millis / 1000 AS seconds
		FROM playtime_days d LEFT JOIN programs p ON p.appid = d.appid
		WHERE d.user = {:user} AND d.day > {:until} ORDER BY d.day DESC, d.millis DESC`).
		Bind(dbx.Params{"user": userID, "until": oldest(now)}).All(&week.Days)
	if err != nil {
		return Week{}, fmt.Errorf("days of play: %w", err)
	}
	return week, nil
}

// oldest is the last day that is not kept any more; a zone may be half a day ahead or behind.
func oldest(now time.Time) string { return now.AddDate(0, 0, -KeptDays).Format(time.DateOnly) }

// ForgetOld removes the days that no list shows any more.
func ForgetOld(app core.App, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		_, err := tx.DB().NewQuery("DELETE FROM playtime_days WHERE day <= {:until}").Bind(dbx.Params{"until": oldest(now)}).Execute()
		return err
	})
}

func handleWeek(e *core.RequestEvent) error {
	week, err := Look(e.App, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, week)
}

func handleSet(e *core.RequestEvent) error {
	var terms Terms
	if err := route.Decode(e, &terms); err != nil {
		return err
	}
	standing, err := Set(e.App, e.Auth.Id, terms, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, standing)
}

func handleEnd(e *core.RequestEvent) error {
	var body endBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if err := End(e.App, e.Auth.Id, body.PIN, clock.Now(e.App)); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, Standing{})
}

func handleRelease(e *core.RequestEvent) error {
	if !identity.IsOperator(e.Auth) {
		return ledger.ErrOperatorOnly
	}
	var body releaseBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if err := Release(e.App, e.Auth.Id, body.Email, clock.Now(e.App)); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, Standing{})
}

func handleBeat(e *core.RequestEvent) error {
	var body beatBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	standing, err := Beat(e.App, e.Auth.Id, known(e.App, body.AppID), body.Ended, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, standing)
}

// known is the appid, or "-" for what is none: time is counted whatever the host calls the game.
func known(app core.App, appid string) string {
	var found bool
	err := app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM programs WHERE appid = {:appid})").Bind(dbx.Params{"appid": appid}).Row(&found)
	if err != nil || !found {
		return "-"
	}
	return appid
}
