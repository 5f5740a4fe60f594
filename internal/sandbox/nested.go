package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

// MaxDepth is how many functions may stand in a chain of calls, the first included.
const MaxDepth = 4

var (
	// ErrCallsItself refuses a function that stands in the chain of calls already; data has the chain.
	ErrCallsItself = refusal.New(http.StatusConflict, "function_calls_itself", "A function may not call itself, nor a function that called it.")
	// ErrTooDeep refuses a call by the last function of a chain of MaxDepth; data has the chain.
	ErrTooDeep = refusal.New(http.StatusConflict, "function_too_deep", "Too many functions call each other.")
)

// Inner is a function that another one calls. It runs in the worker of the one around it, which waits for nothing but
// it: so no chain of calls ever holds one worker while it waits for another. What it takes of time, memory, host
// calls and bytes is taken from the call around it.
type Inner struct {
	Call Call // of the same App
	Host Host
	// Done hears how it ended, with what it logged.
	Done func(Result, error)
}

// Nest finds a function that a running one calls by name, or refuses it.
type Nest func(ctx context.Context, function string, event json.RawMessage) (Inner, error)

// nest answers a function that calls another one.
func (c *conversation) nest(f frame) error {
	var ask askHeader
	if err := json.Unmarshal(f.header, &ask); err != nil {
		c.kill(errBroken)
		return err
	}
	if err := c.spend(); err != nil {
		return err
	}
	value, err := c.inside(ask.Method, f.body)
	if err != nil && !c.alive() {
		return err
	}
	return c.tell(len(f.body), value, err)
}

// inside runs the function of that name in this worker and gives what it gave back.
func (c *conversation) inside(function string, event json.RawMessage) (json.RawMessage, error) {
	chain := append(slices.Clone(c.chain), function)
	switch {
	case slices.Contains(c.chain, function):
		return nil, ErrCallsItself.With("chain", chain)
	case len(c.chain) >= MaxDepth:
		return nil, ErrTooDeep.With("chain", chain).With("limit", MaxDepth)
	case c.call.Nest == nil:
		return nil, errNoHost
	}
	inner, err := c.call.Nest(c.ctx, function, event)
	if err != nil {
		return nil, err
	}
	result, err := c.within(inner, chain)
	if !c.alive() {
		err = c.obituary(err)
	}
	inner.Done(result, err)
	return result.Value, err
}

func (c *conversation) within(inner Inner, chain []string) (Result, error) {
	encoded, err := encode(&inner.Call)
	if err != nil {
		return Result{}, err
	}
	if inner.Call.App != c.app {
		return Result{}, errNoHost // a worker never serves two
	}
	inside := &conversation{worker: c.worker, ctx: c.ctx, host: inner.Host, call: inner.Call, chain: chain, budget: c.budget}
	return inside.run(encoded)
}

// budget is what a call may spend, with all the functions inside it.
type budget struct {
	ends  time.Time // when the worker ends it by itself
	left  int       // host calls
	bytes int       // of host calls, both ways
	lines int       // of the log
	said  int       // bytes of the log
}
