package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/leaderboards"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
	"plaza.internal/plaza/internal/sandbox"
)

// LaunchHeader carries the launch token of the program that is calling. RequestHeader of the answer is the
// call's name, also when it failed: the lines of its functions stand under it in the program's log.
const (
	LaunchHeader  = "X-Launch-Token"
	RequestHeader = "X-Request-Id"
)

// Register binds the two routes by which programs reach Plaza, and gives what runs functions without anybody asking.
// The functions run in pool, which the caller closes.
func Register(app core.App, pool *sandbox.Pool) *Bridge {
	open, closeAll := context.WithCancel(context.Background())
	b := &Bridge{pool: pool, quota: newQuota(), open: open}
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		closeAll()
		proxy.Of(e.App).Close()
		return e.Next()
	})
	gates := []*refusal.Refusal{
		programs.ErrNotFound, programs.ErrTakenDown, programs.ErrLaunchInvalid, programs.ErrLaunchExpired, programs.ErrLaunchStale,
		programs.ErrDeskStaff, programs.ErrTierRight, ErrQuota, ErrArgsTooLarge,
	}
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		route.Handle(se, route.Operation{
			Method: http.MethodPost, Path: "/api/mp/{appid}/bridge/{method}", Tag: "bridge", Idempotent: true,
			Summary: "Run one method of the bridge for a page of the mini program.",
			Body:    methodBody{}, Answer: map[string]any{},
			Refusals: slices.Concat([]*refusal.Refusal{ErrMethodUnknown, ErrFunctionOnly, ErrOpenContext, ErrOnlyOpenContext, ErrScopeUndeclared, ErrConsentRequired, ErrBadArgs}, gates, clouddb.Refusals(), cloudfiles.Refusals(), proxy.Refusals(), leaderboards.Refusals()),
		}, b.handleMethod)
		route.Handle(se, route.Operation{
			Method: http.MethodPost, Path: "/api/mp/{appid}/call/{function}", Tag: "bridge",
			Summary: "Call a cloud function of the mini program.",
			Body:    functionBody{}, Answer: functionAnswer{},
			Refusals: append([]*refusal.Refusal{ErrFunctionUnknown, ErrConsentRequired}, gates...),
		}, b.handleFunction)
		b.bindFiles(se, gates)
		b.bindNetwork(se, gates)
		b.bindSockets(se, gates)
		b.bindPictures(se)
		return se.Next()
	})
	return b
}

type methodBody struct {
	Args json.RawMessage `json:"args"`
}

func (b *Bridge) handleMethod(e *core.RequestEvent) error {
	c, err := launchedBy(e, enterOrOpen)
	if err != nil {
		return err
	}
	var body methodBody
	if err := decode(e, ArgsLimit, &body); err != nil {
		return err
	}
	m, err := b.admit(c, e.Request.PathValue("method"), body.Args)
	if err != nil {
		return err
	}
	if m.writes {
		return ledger.Answer(e, nil, func(tx core.App) (any, error) {
			return m.run(c.in(tx), body.Args)
		})
	}
	if key := e.Request.Header.Get("Idempotency-Key"); len(key) <= maxKey {
		c.key = key
	}
	answer, err := m.run(c, body.Args)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, answer)
}

type functionBody struct {
	Event json.RawMessage `json:"event"`
}

type functionAnswer struct {
	Result json.RawMessage   `json:"result"`
	Logs   []sandbox.LogLine `json:"logs,omitempty"` // only for staff of the program's organisation
}

func (b *Bridge) handleFunction(e *core.RequestEvent) error {
	c, err := launched(e)
	if err != nil {
		return err
	}
	var body functionBody
	if err := decode(e, EventLimit, &body); err != nil {
		return err
	}
	result, err := b.runFunction(e.Request.Context(), c, e.Request.PathValue("function"), body.Event)
	if err != nil {
		return err
	}
	answer := functionAnswer{Result: result.Value}
	if len(result.Logs) > 0 && c.byItsMakers() {
		answer.Logs = result.Logs
	}
	return e.JSON(http.StatusOK, answer)
}

func launched(e *core.RequestEvent) (call, error) { return launchedBy(e, enter) }

func launchedBy(e *core.RequestEvent, enter func(ctx context.Context, app core.App, user *core.Record, appid, token string, now time.Time) (call, error)) (call, error) {
	c, err := enter(e.Request.Context(), e.App, e.Auth, e.Request.PathValue("appid"), e.Request.Header.Get(LaunchHeader), clock.Now(e.App))
	if err == nil {
		e.Response.Header().Set(RequestHeader, c.request)
	}
	return c, err
}

// maxKey is how many bytes an Idempotency-Key may have, as everywhere in the house.
const maxKey = 255

// envelope is how many bytes of a body are not the arguments.
const envelope = 1 << 10

func decode(e *core.RequestEvent, limit int64, body any) error {
	raw, err := route.Body(e, limit+envelope)
	if errors.Is(err, route.ErrBodyTooLarge) {
		return ErrArgsTooLarge.With("limit", limit)
	}
	if err != nil || len(raw) == 0 {
		return err
	}
	if err := json.Unmarshal(raw, body); err != nil {
		return route.ErrBadBody.With("detail", err.Error())
	}
	return nil
}
