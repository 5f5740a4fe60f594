package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// DemoDomain is where the demo logins live; their password is public, so they work with --demo only.
const DemoDomain = "@plaza.example"

var (
	errDemoLogin = refusal.New(http.StatusForbidden, "demo_login_refused",
		"Demo logins work only on a server that was started with --demo.")
	errDemoAddress = refusal.New(http.StatusBadRequest, "demo_address_refused",
		"Addresses at plaza.example belong to the demonstration. Use your own.")
	errDemoOnly = refusal.New(http.StatusForbidden, "demo_only",
		"Only the operator of a server that was started with --demo may move the clock.")
	errBadTime = refusal.New(http.StatusBadRequest, "bad_time", "Give `at` as an RFC 3339 time from 2000 to 2200, or `reset`: true.")
)

// What lies further away than this the clock could not hold, and nobody means.
var (
	earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// MoveClock is the body of POST /api/demo/clock.
type MoveClock struct {
	At    time.Time `json:"at"`
	Reset bool      `json:"reset"`
}

func registerDemo(app core.App) {
	refuseDemoLogin := func(e *core.RecordAuthRequestEvent) error {
		if inDemoDomain(e.Record) && !IsDemo(e.App) {
			return refusal.API(errDemoLogin)
		}
		return e.Next()
	}
	app.OnRecordAuthRequest("users", core.CollectionNameSuperusers).BindFunc(refuseDemoLogin)
	// Who could sign up there would hold an account that a later demonstration takes for its own.
	app.OnRecordCreateRequest("users").BindFunc(func(e *core.RecordRequestEvent) error {
		if inDemoDomain(e.Record) && !e.HasSuperuserAuth() {
			return refusal.API(errDemoAddress)
		}
		return e.Next()
	})
	app.OnRecordRequestEmailChangeRequest("users").BindFunc(func(e *core.RecordRequestEmailChangeRequestEvent) error {
		if strings.HasSuffix(strings.ToLower(e.NewEmail), DemoDomain) {
			return refusal.API(errDemoAddress)
		}
		return e.Next()
	})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		route.Handle(e, route.Operation{
			Method: http.MethodPost, Path: "/api/demo/clock", Tag: "plaza", Body: MoveClock{}, Answer: Clock{},
			Summary:  "Move the demonstration's clock, or put it back, and run what is due by then; operator of a --demo server only.",
			Refusals: []*refusal.Refusal{errDemoOnly, errBadTime},
		}, moveClock)
		return e.Next()
	})
}

func inDemoDomain(record *core.Record) bool {
	return strings.HasSuffix(strings.ToLower(record.Email()), DemoDomain)
}

func moveClock(e *core.RequestEvent) error {
	if !IsDemo(e.App) || !identity.IsOperator(e.Auth) {
		return errDemoOnly
	}
	var body MoveClock
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	switch {
	case body.Reset:
		clock.Reset(e.App)
	case body.At.Before(earliest) || body.At.After(latest):
		return errBadTime
	default:
		clock.Set(e.App, body.At)
	}
	now := clock.Now(e.App)
	if _, err := jobs.RunDue(e.App, now); err != nil { // what the new time makes due, say points that end
		return fmt.Errorf("run what is due at %s: %w", now, err)
	}
	return e.JSON(http.StatusOK, Clock{Now: now})
}
