package loyalty

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// expirySpec is when lots are swept: at every time at which the local day begins somewhere.
const expirySpec = "*/15 * * * *"

// Register adds the routes of points, the check of programmes and the job that writes down expired points.
func Register(app core.App) {
	jobs.Every(app, "loyalty.expire", expirySpec, "UTC", func(app core.App, _ time.Time) error {
		_, err := Expire(app, clock.Now(app))
		return err
	})
	jobs.Every(app, "loyalty.expiring", tellSpec, "UTC", func(app core.App, _ time.Time) error {
		_, err := TellExpiring(app, clock.Now(app))
		return err
	})
	registerRewards(app)
	app.OnRecordValidate("loyalty_programs").BindFunc(checkProgram)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		route.Handle(e, route.Operation{
			Method: http.MethodGet, Path: "/api/loyalty", Tag: "loyalty",
			Summary: "The caller's points at every organisation.", Answer: []Statement{},
		}, handleAll)
		route.Handle(e, route.Operation{
			Method: http.MethodGet, Path: "/api/loyalty/{org}", Tag: "loyalty",
			Summary: "The caller's points at one organisation: balance, lots with their end, history.", Answer: Statement{},
			Refusals: []*refusal.Refusal{ErrNoProgram},
		}, handleOne)
		bindRewards(e)
		return e.Next()
	})
}

func handleAll(e *core.RequestEvent) error {
	statements, err := Balances(e.App, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, statements)
}

func handleOne(e *core.RequestEvent) error {
	statement, err := Balance(e.App, e.Auth.Id, e.Request.PathValue("org"), clock.Now(e.App))
	if err != nil {
		return err
	}
	if statement.Program == "" && len(statement.History) == 0 {
		return ErrNoProgram
	}
	return e.JSON(http.StatusOK, statement)
}
