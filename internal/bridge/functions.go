package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/sandbox"
)

// Trigger is a call that nobody asked for: of the released version's function, because a timer or an event is due.
type Trigger struct {
	AppID, Function string
	Source          string // what the function's context tells as SOURCE
	Event           json.RawMessage
}

// Run runs a function on nobody's behalf: it has the program's own database and none of what is a person's.
func (b *Bridge) Run(ctx context.Context, app core.App, t Trigger, now time.Time) (sandbox.Result, error) {
	c, err := enterAlone(ctx, app, t.AppID, now)
	if err != nil {
		return sandbox.Result{}, err
	}
	c.source = t.Source
	return b.runFunction(ctx, c, t.Function, t.Event)
}

// runFunction runs a cloud function in a worker, as the person who called. What the function asks for comes
// back through dispatch with this call's program and person, whatever the worker claims.
func (b *Bridge) runFunction(ctx context.Context, c call, name string, event json.RawMessage) (sandbox.Result, error) {
	bundle, err := c.program.Open(c.app)
	if err != nil {
		return sandbox.Result{}, err
	}
	modules, ok := bundle.Functions[name]
	if !ok {
		return sandbox.Result{}, ErrFunctionUnknown.With("function", name)
	}
	if err := b.quota.take(c); err != nil {
		return sandbox.Result{}, err
	}
	if len(event) > EventLimit {
		return sandbox.Result{}, ErrArgsTooLarge.With("limit", EventLimit)
	}
	if len(event) == 0 {
		event = json.RawMessage("{}")
	}
	who, err := c.identifiers()
	if err != nil {
		return sandbox.Result{}, err
	}
	c.function = true
	c.cloud, err = c.database(clouddb.Caller{Server: true})
	if err != nil {
		return sandbox.Result{}, err
	}
	defer c.leave()
	var missing error
	result, err := b.pool.Call(ctx, sandbox.Call{
		App: c.program.AppID, Version: c.program.Package, Function: name, Modules: modules, Event: event, Context: who,
	}, func(ctx context.Context, method string, args json.RawMessage) (json.RawMessage, error) {
		c.ctx = ctx
		answer, err := b.answer(c, method, args)
		if errors.Is(err, ErrConsentRequired) {
			missing = err
		}
		return answer, err
	})
	c.record(name, result, err)
	// A function that stopped because a consent is missing says so to the page, so that the host can ask the
	// person and call again.
	if err != nil && missing != nil {
		return result, missing
	}
	return result, err
}

// answer serves one call that a running function makes. The launch is checked again each time.
func (b *Bridge) answer(c call, name string, args json.RawMessage) (json.RawMessage, error) {
	now, err := c.again(clock.Now(c.app))
	if err != nil {
		return nil, err
	}
	now.request, now.cloud, now.function, now.depth = c.request, c.cloud, c.function, c.depth
	value, err := b.dispatch(now, name, args)
	if err != nil {
		return nil, c.told(name, err)
	}
	if raw, ok := value.(json.RawMessage); ok {
		return raw, nil
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("answer of %s: %w", name, err)
	}
	return encoded, nil
}

// told is the error as untrusted code may see it: a refusal as it is, anything else without its cause.
func (c call) told(name string, err error) error {
	var no *refusal.Refusal
	if errors.As(err, &no) {
		return no
	}
	c.app.Logger().Error("A bridge method failed", "method", name, "appid", c.program.AppID, "error", err)
	return errInternal.With("method", name)
}

// identifiers is what the function's context tells about the caller, in WeChat's names.
func (c call) identifiers() (map[string]any, error) {
	if c.user == nil {
		return map[string]any{"APPID": c.program.AppID, "SOURCE": c.source}, nil
	}
	openID, err := identity.OpenID(c.app, c.user.Id, c.program.AppID)
	if err != nil {
		return nil, err
	}
	maker := c.program.Org
	if maker == "" { // or all programs of all persons would know people by one id
		maker = "person/" + c.program.Owner
	}
	unionID, err := identity.UnionID(c.app, c.user.Id, maker)
	if err != nil {
		return nil, err
	}
	return map[string]any{"OPENID": openID, "UNIONID": unionID, "APPID": c.program.AppID}, nil
}

// byItsMakers tells whether the person works for the organisation that owns the program, or is the one who does.
func (c call) byItsMakers() bool {
	if c.user == nil {
		return false
	}
	if c.program.Org == "" {
		return c.program.Owner == c.user.Id
	}
	_, err := identity.Require(c.app, c.user, c.program.Org)
	return err == nil
}
