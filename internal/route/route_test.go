package route_test

import (
	"net/http"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/route"
)

// A body is read by the handler and once more to be hashed for its Idempotency-Key: both must see all of it.
func TestBodyCanBeReadTwice(t *testing.T) {
	app := apptest.New(t, func(app core.App) {
		app.OnServe().BindFunc(func(se *core.ServeEvent) error {
			route.Handle(se, route.Operation{Method: http.MethodPost, Path: "/api/twice", Public: true}, func(e *core.RequestEvent) error {
				first, err := route.Body(e, 100)
				if err != nil {
					return err
				}
				second, err := route.Body(e, 200)
				if err != nil {
					return err
				}
				return e.String(http.StatusOK, string(first)+" "+string(second))
			})
			return se.Next()
		})
	})
	client := apptest.NewClient(t, app)
	if got := client.Do("POST", "/api/twice", "", `{"n":1}`); string(got.Body) != `{"n":1} {"n":1}` {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := client.Do("POST", "/api/twice", "", make([]byte, 101)); got.Status != 413 || got.Code() != "body_too_large" {
		t.Errorf("101 bytes: %d %s", got.Status, got.Body)
	}
}
