package programs

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the routes of programs. dist is the built user interface, which holds the frame's runtime.
// Once the server listens, the folders of firstParty are published; nil publishes nothing.
func Register(app core.App, dist, firstParty fs.FS) {
	app.Store().Set(storeKey, newRegistry(app, dist))
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindLaunch(se)
		bindConsents(se)
		bindVersions(se)
		bindFrame(se)
		return se.Next()
	})
	if firstParty != nil {
		publishOnServe(app, firstParty)
	}
}

// publishOnServe seeds in the background, so that compiling does not delay the first answer, and waits for
// the goroutine before the database closes.
func publishOnServe(app core.App, firstParty fs.FS) {
	ctx, cancel := context.WithCancel(context.Background())
	var publishing sync.WaitGroup
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		if err := se.Next(); err != nil {
			return err
		}
		publishing.Go(func() {
			if err := publish(ctx, app, firstParty, clock.Now(app)); err != nil && ctx.Err() == nil {
				app.Logger().Error("The first-party mini programs were not all published", "error", err)
			}
			debug.FreeOSMemory() // the compiler needed much of it for a moment, and will not for long
		})
		return nil
	})
	app.OnTerminate().BindFunc(func(te *core.TerminateEvent) error {
		cancel()
		publishing.Wait()
		return te.Next()
	})
}

func publish(ctx context.Context, app core.App, firstParty fs.FS, now time.Time) error {
	host, err := Host(app)
	if err != nil {
		return err
	}
	return Seed(ctx, app, firstParty, host, now)
}

func bindLaunch(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/launch", Tag: "programs",
		Summary: "Open a mini program: the frame's address, a launch token, consents.",
		Body:    launchBody{}, Answer: Launched{}, Refusals: []*refusal.Refusal{ErrNotFound, ErrTakenDown, ErrAltered},
	}, handleLaunch)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/.well-known/jwks.json", Tag: "programs", Public: true,
		Summary: "The public key that verifies launch tokens.", Answer: map[string]any{},
	}, func(e *core.RequestEvent) error {
		signer, err := registryOf(e.App).signer()
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, signer.keySet())
	})
}

func bindConsents(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/consents", Tag: "programs",
		Summary: "Grant or deny a mini program one scope.",
		Body:    consentBody{}, Answer: consentBody{}, Refusals: []*refusal.Refusal{ErrNotFound, ErrTakenDown, ErrBadScope, ErrBadConsent},
	}, handleConsent)
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/mp/{appid}/consents/{scope}", Tag: "programs",
		Summary: "Withdraw a decision; the mini program must ask again.",
	}, func(e *core.RequestEvent) error {
		if err := Withdraw(e.App, e.Auth.Id, e.Request.PathValue("appid"), e.Request.PathValue("scope")); err != nil {
			return err
		}
		return e.NoContent(http.StatusNoContent)
	})
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/consents", Tag: "programs",
		Summary: "What you let each mini program do.", Answer: []Decision{},
	}, func(e *core.RequestEvent) error {
		decisions, err := Decisions(e.App, e.Auth.Id)
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, decisions)
	})
}

func bindVersions(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/versions", Tag: "programs",
		Summary: "Upload a package (a zip); the first one makes the program.", Answer: map[string]any{},
		Refusals: []*refusal.Refusal{ErrInvalid, ErrTooLarge, ErrBadAppID, ErrAppIDTaken},
	}, handleUpload)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/versions/{number}/release", Tag: "programs",
		Summary: "Make a version the one that people open.", Answer: map[string]any{},
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrNotFound, ErrVersionNotFound, ErrTakenDown, ErrAltered},
	}, handleRelease)
}

func bindFrame(se *core.ServeEvent) {
	file := func(path, summary string, action func(*core.RequestEvent) error) {
		route.Handle(se, route.Operation{Method: http.MethodGet, Path: path, Tag: "programs", Summary: summary, Public: true}, action)
	}
	file("/mp/{appid}/{hash}/{$}", "The sandboxed document of a version.", handleFrame)
	file("/mp/{appid}/{hash}/"+scriptName, "The script of a version.", handleScript)
	file("/mp/{appid}/{hash}/"+resourcePath+"{path...}", "A file of a version.", handleResource)
	// Whatever else lies below must not fall through to the client's own page.
	se.Router.GET("/mp/{path...}", func(e *core.RequestEvent) error { return e.NotFoundError("", nil) })
}

type launchBody struct {
	Scene int    `json:"scene"`
	Query string `json:"query"`
	Path  string `json:"path"`
}

func handleLaunch(e *core.RequestEvent) error {
	var body launchBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	launched, err := Launch(e.App, e.Auth, e.Request.PathValue("appid"), body.Scene, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, launched)
}

type consentBody struct {
	Scope string `json:"scope"`
	State string `json:"state"`
}

func handleConsent(e *core.RequestEvent) error {
	var body consentBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if err := Consent(e.App, e.Auth.Id, e.Request.PathValue("appid"), body.Scope, body.State); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, body)
}

func handleUpload(e *core.RequestEvent) error {
	appid := e.Request.PathValue("appid")
	org := e.Request.URL.Query().Get("org")
	program, err := programRecord(e.App, appid)
	switch {
	case err == nil:
		org = program.GetString("org")
	case !errors.Is(err, ErrNotFound):
		return err
	case org == "":
		return ErrBadAppID
	}
	// Who may is asked before the body is read: a stranger's 20 MB are not worth receiving.
	if _, err := identity.Require(e.App, e.Auth, org, identity.Owner, identity.Manager); err != nil {
		return err
	}
	packed, err := route.Body(e, PackageLimit)
	if err != nil {
		return err
	}
	version, err := Upload(e.App, org, appid, packed, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, version)
}

func handleRelease(e *core.RequestEvent) error {
	if !identity.IsOperator(e.Auth) {
		return ledger.ErrOperatorOnly
	}
	number, err := strconv.Atoi(e.Request.PathValue("number"))
	if err != nil {
		return ErrVersionNotFound.With("number", e.Request.PathValue("number"))
	}
	version, err := Release(e.App, e.Request.PathValue("appid"), number, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, version)
}
