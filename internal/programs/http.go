package programs

import (
	"context"
	"io/fs"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/playtime"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the routes and the jobs of programs. dist is the built user interface, which holds the frame's
// runtime. Once the server listens, the folders of firstParty are published; nil publishes nothing.
func Register(app core.App, dist, firstParty fs.FS) {
	r := newRegistry(app, dist)
	app.Store().Set(storeKey, r)
	jobs.Handle(app, releaseJob, runPlanned)
	app.OnRecordDelete("orgs").BindFunc(keepOwned)
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		if err := sweep(se.App, r.root); err != nil {
			return err
		}
		bindLaunch(se)
		bindOpenData(se)
		bindDesks(se)
		bindConsents(se)
		bindUploads(se)
		bindReleases(se)
		bindReviews(se)
		bindPolicy(se)
		bindTakedowns(se)
		bindMakers(se)
		bindDomains(se)
		bindMine(se)
		bindFrame(se)
		bindLinks(se)
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
		Body:    Opening{}, Answer: Launched{},
		Refusals: []*refusal.Refusal{ErrNotFound, ErrTakenDown, ErrDeleted, ErrNotYours, ErrNotTester, ErrFull, ErrAltered, ErrLinkNotFound, ErrLinkRevoked, ErrLinkExpired, ErrNoDesk, ErrDeskStaff, playtime.ErrOver},
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
		Summary: "Grant a mini program one scope once, while it is open or always, or deny it; the first two need its launch.",
		Body:    consentBody{}, Answer: consentBody{},
		Refusals: []*refusal.Refusal{ErrNotFound, ErrTakenDown, ErrBadScope, ErrTierRight, ErrBadConsent, ErrNoLaunch, ErrLaunchInvalid, ErrLaunchExpired, ErrLaunchStale},
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
		Summary: "What you let each mini program do.", Answer: []Decided{},
	}, func(e *core.RequestEvent) error {
		decisions, err := Decisions(e.App, e.Auth.Id, clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, decisions)
	})
}

func bindFrame(se *core.ServeEvent) {
	file := func(path, summary string, action func(*core.RequestEvent) error) {
		route.Handle(se, route.Operation{Method: http.MethodGet, Path: path, Tag: "programs", Summary: summary, Public: true}, action)
	}
	file("/mp/{appid}/{hash}/{$}", "The sandboxed document of a version.", handleFrame)
	file("/mp/{appid}/{hash}/"+scriptName, "The script of a version.", handleScript)
	file("/mp/{appid}/{hash}/"+resourcePath+"{path...}", "A file of a version.", handleResource)
	file("/mp/{appid}/{hash}/{path...}", "A file of a web program, beside its document.", handleWebFile)
	// Whatever else lies below must not fall through to the client's own page.
	se.Router.GET("/mp/{path...}", func(e *core.RequestEvent) error { return e.NotFoundError("", nil) })
}

func handleLaunch(e *core.RequestEvent) error {
	var opening Opening
	if err := route.Decode(e, &opening); err != nil {
		return err
	}
	launched, err := Launch(e.App, e.Auth, e.Request.PathValue("appid"), opening, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, launched)
}

// consentBody is a decision. The session is that of the launch token in LaunchHeader, if there is one: a person's own
// list of decisions may bring back what it took away without one.
type consentBody struct {
	Scope string `json:"scope"`
	Decision
}

// LaunchHeader carries the launch token of the program that is calling.
const LaunchHeader = "X-Launch-Token"

func handleConsent(e *core.RequestEvent) error {
	var body consentBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	appid := e.Request.PathValue("appid")
	if token := e.Request.Header.Get(LaunchHeader); token != "" {
		_, claims, err := Running(e.App, e.Auth, appid, token, clock.Now(e.App))
		if err != nil {
			return err
		}
		body.Session = claims.Session
	}
	if err := Consent(e.App, e.Auth.Id, appid, body.Scope, body.Decision); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, body)
}
