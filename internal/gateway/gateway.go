// Package gateway is everything between the socket and the domains: what is served as a file, which headers
// every answer carries, and how much one caller may ask for. The invariant: PocketBase's unsafe defaults end
// here, not in each domain.
package gateway

import (
	"io/fs"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// DemoKey in the app's store is true while the server runs with --demo: top-ups are free, the clock can be
// moved and the demo logins work.
const DemoKey = "plaza.demo"

// Version is what /api/plaza answers; main sets it from the build.
var Version = "dev"

var (
	errNoRoute = refusal.New(http.StatusNotFound, "no_such_route", "There is no such API route.")
	errSQL     = refusal.New(http.StatusForbidden, "sql_console_off",
		"The SQL console is off: it could rewrite the ledger. Stop the server and use sqlite3 on a copy.")
)

// Register binds everything that stands before the domains: static files of dist, headers, caps.
func Register(app core.App, dist fs.FS) {
	registerRealtime(app)
	registerDemo(app)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil // the default prints a link with a superuser's token in it
		e.Server.WriteTimeout = writeTimeout
		e.Router.Bind(codes(), apis.SkipSuccessActivityLog(), headers(), noSQLConsole(), narrowQueries())
		registerRoutes(e)
		files, err := loadFiles(dist)
		if err != nil {
			return err
		}
		e.Router.GET("/{path...}", files.serve)
		return e.Next()
	})
}

// writeTimeout is how long one answer may take to write; realtime connections have their own deadline.
const writeTimeout = 2 * time.Minute

func registerRoutes(e *core.ServeEvent) {
	route.Handle(e, route.Operation{
		Method: http.MethodGet, Path: "/api/plaza", Tag: "plaza", Public: true, Answer: About{},
		Summary: "What this server is: its name, whether it is a demonstration, its version.",
	}, func(e *core.RequestEvent) error {
		return e.JSON(http.StatusOK, about(e.App))
	})
	route.Handle(e, route.Operation{
		Method: http.MethodGet, Path: "/api/clock", Tag: "plaza", Public: true, Answer: Clock{},
		Summary: "The server's time, by which prices, lots and schedules are judged.",
	}, func(e *core.RequestEvent) error {
		return e.JSON(http.StatusOK, Clock{Now: clock.Now(e.App)})
	})
	route.Handle(e, route.Operation{
		Method: http.MethodGet, Path: "/api/openapi.json", Tag: "plaza", Public: true,
		Summary: "This description of the API.",
	}, func(e *core.RequestEvent) error {
		return e.JSON(http.StatusOK, route.Document(e.App, Version))
	})
	// Without this an unknown API path would answer 200 with the app's page.
	e.Router.GET("/api/{path...}", func(*core.RequestEvent) error { return refusal.API(errNoRoute) })
}

// About is the public answer of /api/plaza.
type About struct {
	Name    string `json:"name"`
	Demo    bool   `json:"demo"`
	Version string `json:"version"`
}

// Clock is the server's time.
type Clock struct {
	Now time.Time `json:"now"`
}

func about(app core.App) About {
	return About{Name: app.Settings().Meta.AppName, Demo: IsDemo(app), Version: Version}
}

// IsDemo tells whether the server was started with --demo.
func IsDemo(app core.App) bool {
	demo, _ := app.Store().Get(DemoKey).(bool)
	return demo
}

// headers adds what PocketBase leaves out. The content policy of pages is set where files are served; an API
// answer is never a page, so it gets the strictest.
func headers() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{Id: "plazaHeaders", Func: func(e *core.RequestEvent) error {
		header := e.Response.Header()
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()")
		if e.IsTLS() {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return e.Next()
	}}
}

func noSQLConsole() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{Id: "plazaNoSQLConsole", Func: func(e *core.RequestEvent) error {
		if e.Request.URL.Path == "/api/sql" {
			return refusal.API(errSQL)
		}
		return e.Next()
	}}
}
