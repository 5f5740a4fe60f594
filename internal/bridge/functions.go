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
	"plaza.internal/plaza/internal/programs"
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

// running is one run of a cloud function. What it asks for comes back through dispatch with this call's program and
// person, whatever the worker claims.
type running struct {
	bridge  *Bridge
	call    call
	name    string
	borrows bool  // its transaction is the one that the function around it has open
	missing error // the consent that the person has not given
	asked   sandbox.Call
}

// runFunction runs a cloud function in a worker, as the person who called.
func (b *Bridge) runFunction(ctx context.Context, c call, name string, event json.RawMessage) (sandbox.Result, error) {
	r, err := b.prepare(c, name, event)
	if err != nil {
		return sandbox.Result{}, err
	}
	result, err := b.pool.Call(ctx, r.asked, r.answer)
	return result, r.over(result, err)
}

// prepare takes a call of a function through its gates. What it gives must come to its end by over.
func (b *Bridge) prepare(c call, name string, event json.RawMessage) (*running, error) {
	bundle, err := c.program.Open(c.app)
	if err != nil {
		return nil, err
	}
	modules, ok := bundle.Functions[name]
	if !ok {
		return nil, ErrFunctionUnknown.With("function", name)
	}
	if err := b.quota.take(c); err != nil {
		return nil, err
	}
	if len(event) > EventLimit {
		return nil, ErrArgsTooLarge.With("limit", EventLimit)
	}
	if len(event) == 0 {
		event = json.RawMessage("{}")
	}
	who, err := c.identifiers()
	if err != nil {
		return nil, err
	}
	r := &running{bridge: b, name: name, borrows: c.cloud != nil}
	c.function, c.vetted = true, vettedNow()
	if !r.borrows {
		if c.cloud, err = c.database(clouddb.Caller{Server: true}); err != nil {
			return nil, err
		}
	}
	r.call = c
	r.asked = sandbox.Call{
		App: c.program.AppID, Version: c.program.Package, Function: name, Modules: modules, Event: event, Context: who, Nest: r.nest,
		Ahead: clock.Ahead(c.app),
	}
	return r, nil
}

// over writes down how the function ended and gives what its caller hears. A function that stopped because a consent
// is missing says so to the page, so that the host can ask the person and call again.
func (r *running) over(result sandbox.Result, err error) error {
	if !r.borrows {
		r.call.leave()
	}
	r.call.record(r.name, result, err)
	if err != nil && r.missing != nil {
		return r.missing
	}
	return err
}

// answer serves one call of a method.
func (r *running) answer(ctx context.Context, method string, args json.RawMessage) (json.RawMessage, error) {
	c := r.call
	c.ctx = ctx
	answer, err := r.bridge.answer(c, method, args)
	if errors.Is(err, ErrConsentRequired) {
		r.missing = err
	}
	return answer, err
}

// nest finds a function that this one calls: of the same program in the same version, for the same person or nobody,
// through the same gates. Its writes belong to the transaction that this one has open, if it has: it could not wait
// for the end of that one.
func (r *running) nest(ctx context.Context, name string, event json.RawMessage) (sandbox.Inner, error) {
	c := r.call
	c.ctx = ctx
	later, err := c.later()
	if err != nil {
		return sandbox.Inner{}, err
	}
	later.depth++
	if !later.cloud.Open() {
		later.cloud = nil
	}
	inner, err := r.bridge.prepare(later, name, event)
	if err != nil {
		return sandbox.Inner{}, c.told("callFunction", err)
	}
	return sandbox.Inner{Call: inner.asked, Host: inner.answer, Done: func(result sandbox.Result, err error) {
		if err := inner.over(result, err); errors.Is(err, ErrConsentRequired) {
			r.missing = err
		}
	}}, nil
}

// later is the call of a running function as it is now: its launch is checked again when the last time is vettingHolds
// ago.
func (c call) later() (call, error) {
	at := clock.Now(c.app)
	if c.vetted.holds() {
		c.now = at
		return c, nil
	}
	now, err := c.again(at)
	if err == nil {
		c.vetted.renew()
	}
	now.request, now.cloud, now.function, now.depth, now.source = c.request, c.cloud, c.function, c.depth, c.source
	now.spent, now.vetted = c.spent, c.vetted
	return now, err
}

// answer serves one call that a running function makes.
func (b *Bridge) answer(c call, name string, args json.RawMessage) (json.RawMessage, error) {
	now, err := c.later()
	if err != nil {
		return nil, err
	}
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
		return map[string]any{"APPID": c.program.AppID, "SOURCE": c.source, "DESK": ""}, nil
	}
	openID, err := identity.OpenID(c.app, c.user.Id, c.program.AppID)
	if err != nil {
		return nil, err
	}
	unionID, err := identity.UnionID(c.app, c.user.Id, programs.Makers(c.program.Org, c.program.Owner))
	if err != nil {
		return nil, err
	}
	return map[string]any{"OPENID": openID, "UNIONID": unionID, "APPID": c.program.AppID, "DESK": c.claims.Desk}, nil
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
