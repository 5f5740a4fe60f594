package programs

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// makersOnly is how a route refuses who does not make the program.
var makersOnly = []*refusal.Refusal{ErrNotFound, ErrDeleted, ErrNotMaker, ErrKeyInvalid}

func bindUploads(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp", Tag: "programs",
		Summary: "Take an appid for a new program, your own or your organisation's.", Body: Draft{}, Answer: map[string]any{},
		Refusals: []*refusal.Refusal{ErrBadAppID, ErrReserved, ErrAppIDTaken, ErrTooManyDrafts, ErrBadProgram, ErrNotMaker},
	}, handleCreate)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/available", Tag: "programs",
		Summary: "Whether an appid is free for a new program.", Answer: Availability{},
	}, func(e *core.RequestEvent) error {
		available, err := Available(e.App, e.Request.PathValue("appid"))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, available)
	})
	packages := []*refusal.Refusal{ErrTooLarge, ErrBadAppID, ErrReserved, ErrAppIDTaken, ErrTooManyDrafts, ErrDeleted, ErrNotMaker, ErrKeyInvalid}
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/versions", Tag: "programs", Key: KeyHeader, Stream: true,
		Summary: "Upload a package (a zip); the first one makes the program, yours or that of ?org=ID. ?note= is for the reviewer.",
		Answer:  map[string]any{}, Refusals: append([]*refusal.Refusal{ErrInvalid, ErrBadText}, packages...),
	}, handleUpload)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/check", Tag: "programs", Key: KeyHeader, Stream: true,
		Summary: "Check a package (a zip) as an upload would, and keep nothing.", Answer: check.Report{}, Refusals: packages,
	}, handleCheck)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/versions", Tag: "programs", Key: KeyHeader,
		Summary: "The program's versions, latest first: what each asks for more, and what may be done with it.",
		Answer:  versionsAnswer{}, Refusals: makersOnly,
	}, func(e *core.RequestEvent) error {
		_, program, err := Maker(e, e.Request.PathValue("appid"))
		if err != nil {
			return err
		}
		history, err := Versions(e.App, program)
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, history)
	})
}

// versionsAnswer describes a History: a record has no Go type to describe it by.
type versionsAnswer struct {
	Program  map[string]any `json:"program"`
	Versions []Entry        `json:"versions"`
}

func bindReleases(se *core.ServeEvent) {
	moves := append([]*refusal.Refusal{ErrVersionNotFound, ErrTakenDown, ErrAltered}, makersOnly...)
	releases := append([]*refusal.Refusal{ErrNotApproved, ErrNotCertified, ErrBadPercent, ErrBadTime}, moves...)
	verb := func(word, summary string, body any, refusals []*refusal.Refusal, action func(e *core.RequestEvent) error) {
		route.Handle(se, route.Operation{
			Method: http.MethodPost, Path: "/api/mp/{appid}/versions/{number}/" + word, Tag: "programs", Key: KeyHeader,
			Summary: summary, Body: body, Answer: map[string]any{}, Refusals: refusals,
		}, action)
	}
	verb("release", "Give a version to everybody, or to a percentage of the people; now, or at a time.", releaseBody{}, releases, handleRelease)
	verb("unschedule", "Call a planned release off.", nil, moves, handleUnschedule)
	verb("rollback", "Give everybody a version that they had before.", rollbackBody{},
		append([]*refusal.Refusal{ErrNeverReleased, ErrBadText}, moves...), handleRollback)
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/mp/{appid}", Tag: "programs",
		Summary: "End a program for good; its appid is never free again.", Refusals: []*refusal.Refusal{ErrNotFound, ErrNotMaker},
	}, handleDelete)
}

func handleCreate(e *core.RequestEvent) error {
	var draft Draft
	if err := route.Decode(e, &draft); err != nil {
		return err
	}
	owner, err := newOwner(e, draft.Org)
	if err != nil {
		return err
	}
	program, err := Create(e.App, owner, draft, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, program)
}

// newOwner is whose a new program will be: the organisation's, if the person runs it, or their own.
func newOwner(e *core.RequestEvent, org string) (Owner, error) {
	if org == "" {
		return Owner{User: e.Auth.Id}, nil
	}
	return Owner{Org: org}, runs(e.App, e.Auth, org)
}

// handleUpload asks who may before it reads the body: a stranger's 20 MB are not worth receiving.
func handleUpload(e *core.RequestEvent) error {
	appid, query := e.Request.PathValue("appid"), e.Request.URL.Query()
	actor, program, err := Maker(e, appid)
	var owner Owner
	switch {
	case err == nil:
		owner = ownerOf(program)
	case errors.Is(err, ErrNotFound) && e.Auth != nil:
		actor = e.Auth.Id
		if owner, err = newOwner(e, query.Get("org")); err != nil {
			return err
		}
	default:
		return err
	}
	if err := tooLong(e); err != nil {
		return err
	}
	version, err := Upload(e.App, owner, appid, route.Stream(e), query.Get("note"), actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, version)
}

// handleCheck is for makers, and for everybody while there is no such program: they may be about to make it.
func handleCheck(e *core.RequestEvent) error {
	appid := e.Request.PathValue("appid")
	if _, _, err := Maker(e, appid); err != nil && (!errors.Is(err, ErrNotFound) || e.Auth == nil) {
		return err
	}
	if err := tooLong(e); err != nil {
		return err
	}
	report, err := Check(e.App, appid, route.Stream(e))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, report)
}

// tooLong refuses a body that says itself that it is over the limit.
func tooLong(e *core.RequestEvent) error {
	policy, err := CurrentPolicy(e.App)
	if err != nil {
		return err
	}
	if limit := int64(policy.Limits.PackageBytes); e.Request.ContentLength > limit {
		return ErrTooLarge.With("limit", limit).With("size", e.Request.ContentLength)
	}
	return nil
}

type releaseBody struct {
	Percent *int       `json:"percent"` // 100 when it is left out; 0 is for testers alone
	At      *time.Time `json:"at"`      // now when it is left out
}

func handleRelease(e *core.RequestEvent) error {
	actor, appid, number, err := mover(e)
	if err != nil {
		return err
	}
	var body releaseBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	percent := everybody
	if body.Percent != nil {
		percent = *body.Percent
	}
	var version *core.Record
	if now := clock.Now(e.App); body.At != nil {
		version, err = Schedule(e.App, appid, number, percent, *body.At, actor, now)
	} else {
		version, err = Release(e.App, appid, number, percent, actor, now)
	}
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, version)
}

func handleUnschedule(e *core.RequestEvent) error {
	actor, appid, number, err := mover(e)
	if err != nil {
		return err
	}
	version, err := Unschedule(e.App, appid, number, actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, version)
}

type rollbackBody struct {
	Reason string `json:"reason"`
}

func handleRollback(e *core.RequestEvent) error {
	actor, appid, number, err := mover(e)
	if err != nil {
		return err
	}
	var body rollbackBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	version, err := Rollback(e.App, appid, number, body.Reason, actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, version)
}

// mover is who moves a version, and which one. The operator may do what the makers may.
func mover(e *core.RequestEvent) (actor, appid string, number int, err error) {
	appid = e.Request.PathValue("appid")
	if identity.IsOperator(e.Auth) {
		actor = e.Auth.Id
	} else if actor, _, err = Maker(e, appid); err != nil {
		return "", "", 0, err
	}
	number, err = strconv.Atoi(e.Request.PathValue("number"))
	if err != nil {
		return "", "", 0, ErrVersionNotFound.With("number", e.Request.PathValue("number"))
	}
	return actor, appid, number, nil
}

// handleDelete is for the owner's side alone: an agency does not end what it makes for others.
func handleDelete(e *core.RequestEvent) error {
	appid := e.Request.PathValue("appid")
	program, err := programRecord(e.App, appid)
	if err != nil {
		return err
	}
	if err := requireOwner(e.App, e.Auth, program); err != nil {
		return err
	}
	if err := Delete(e.App, appid, e.Auth.Id, clock.Now(e.App)); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}
