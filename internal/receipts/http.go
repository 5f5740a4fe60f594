package receipts

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the two things that verifying asks of a server, both of which anybody may: the keys, which are good
// for ever, and whether the money went back.
func Register(app core.App) {
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		route.Handle(se, route.Operation{
			Method: http.MethodGet, Path: "/api/receipts/keys", Tag: "receipts", Public: true,
			Summary: "The public keys that verify receipts, as a JSON Web Key Set.", Answer: KeySet{},
		}, handleKeys)
		route.Handle(se, route.Operation{
			Method: http.MethodGet, Path: "/api/receipts/{number}", Tag: "receipts", Public: true,
			Summary: "Whether the money of a receipt went back; nothing about people.", Answer: Standing{},
			Refusals: []*refusal.Refusal{ErrNotFound},
		}, handleStanding)
		return se.Next()
	})
}

func handleKeys(e *core.RequestEvent) error {
	keys, err := Keys(e.App)
	if err != nil {
		return err
	}
	e.Response.Header().Set("Access-Control-Allow-Origin", "*") // whoever verifies elsewhere needs them too
	return e.JSON(http.StatusOK, keys)
}

func handleStanding(e *core.RequestEvent) error {
	standing, err := StandingOf(e.App, e.Request.PathValue("number"), clock.Now(e.App))
	if err != nil {
		return err
	}
	e.Response.Header().Set("Access-Control-Allow-Origin", "*")
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, standing)
}
