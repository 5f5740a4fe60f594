// Package bridge is all that a mini program may do in Plaza, as one table: method, scope, function.
//
// A page's call and a cloud function's call go through the same dispatcher and the same gates, in this order:
// the launch is this person's and the program is live in this version; the method exists; the program's tier has
// the right; the manifest declares the scope; the person has consented; the quota is not used up; the arguments
// are small enough. The invariant: there is no other way in, neither for a stranger's program nor for one of the
// house. What functions say and what goes wrong in them is in the program's log, under the call's request id.
package bridge

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/sandbox"
)

const (
	// CallsPerMinute is how many calls one program may make for one person in a minute, all in one burst if
	// it likes; a function's own calls count too.
	CallsPerMinute = 300
	// CallsPerMinuteAlone is the same for all that a program does on nobody's behalf: its timers and its events.
	CallsPerMinuteAlone = 3_000
	// ArgsLimit is how many bytes the arguments of one call may have.
	ArgsLimit = 64 << 10
	// EventLimit is how many bytes the event of a cloud function may have.
	EventLimit = 256 << 10
)

var (
	// ErrMethodUnknown refuses a method that is not in the table.
	ErrMethodUnknown = refusal.New(http.StatusNotFound, "method_unknown", "There is no such method.")
	// ErrFunctionUnknown refuses a cloud function that the program does not have.
	ErrFunctionUnknown = refusal.New(http.StatusNotFound, "function_unknown", "The mini program has no such function.")
	// ErrScopeUndeclared refuses a method whose scope the program's manifest does not declare.
	ErrScopeUndeclared = refusal.New(http.StatusForbidden, "scope_undeclared", "The mini program does not declare the scope of this method.")
	// ErrConsentRequired refuses a method until the person has granted its scope.
	ErrConsentRequired = refusal.New(http.StatusForbidden, "consent_required", "The mini program needs your permission for this.")
	// ErrQuota refuses a call over CallsPerMinute.
	ErrQuota = refusal.New(http.StatusTooManyRequests, "quota_exceeded", "The mini program makes too many calls; wait a moment.")
	// ErrArgsTooLarge refuses arguments over ArgsLimit or an event over EventLimit.
	ErrArgsTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "args_too_large", "The arguments are too large.")
	// ErrFunctionOnly refuses a page a method that only the program's cloud functions may use.
	ErrFunctionOnly = refusal.New(http.StatusForbidden, "function_only", "Only a cloud function of the mini program may do this.")
	// ErrOpenContext refuses an open data context what is not for it.
	ErrOpenContext = refusal.New(http.StatusForbidden, "open_context", "The open data context of a mini program may not do this.")
	// ErrOnlyOpenContext refuses everybody else what is for such a context alone.
	ErrOnlyOpenContext = refusal.New(http.StatusForbidden, "only_open_context", "Only the open data context of a mini program may do this.")
	// ErrNobody refuses what is about a person in a call that no person made: a timer's or an event's.
	ErrNobody = refusal.New(http.StatusForbidden, "nobody_asked", "Nobody made this call, so there is no person whom it could be about.")
	// ErrBadArgs refuses arguments that are not what the method takes.
	ErrBadArgs  = refusal.New(http.StatusBadRequest, "bad_args", "The arguments are not what this method takes.")
	errInternal = refusal.New(http.StatusInternalServerError, "internal_error", "Something went wrong in Plaza.")
)

// call is one request of a program, on behalf of one person or of nobody. It is made by admitting a launch token, or
// by the house itself when a timer or an event is due; never from what the program says about itself.
type call struct {
	app     core.App
	user    *core.Record // nil when nobody asked: a timer's call or an event's
	program programs.Program
	claims  programs.Claims // of the launch; empty when nobody asked
	token   string
	now     time.Time
	request string // what its lines in the log have in common

	ctx      context.Context  // ends when nobody waits for the answer any more
	key      string           // of the page's request, by which a repeated one is known
	cloud    *clouddb.Session // the cloud database, as this call may use it; nil until it is asked for
	function bool             // a cloud function asks, not a page
	depth    int              // how many functions called each other before this one
	spent    *spent           // what was granted for once, and this request has had
	source   string           // what asked when nobody did: "timer" or an event's name
	vetted   *vetted          // of one run of a function; nil in a call of a page
}

// Bridge is what lives between calls: the workers, the quotas, and what leads out of the house.
type Bridge struct {
	pool     *sandbox.Pool
	quota    *quota
	tickets  tickets
	uploads  seats
	pictures pictures
	open     context.Context // ends with the house, and all sockets with it
}

// enter checks the launch; it is the first gate of pages and functions alike.
func enter(ctx context.Context, app core.App, user *core.Record, appid, token string, now time.Time) (call, error) {
	program, claims, err := programs.Running(app, user, appid, token, now)
	return entered(ctx, app, user, program, claims, token, now), err
}

// enterOrOpen is enter for a call of a method, which a program's open data context makes, too.
func enterOrOpen(ctx context.Context, app core.App, user *core.Record, appid, token string, now time.Time) (call, error) {
	program, claims, err := programs.RunningOrOpen(app, user, appid, token, now)
	return entered(ctx, app, user, program, claims, token, now), err
}

func entered(ctx context.Context, app core.App, user *core.Record, program programs.Program, claims programs.Claims, token string, now time.Time) call {
	return call{ctx: ctx, app: app, user: user, program: program, claims: claims, token: token, now: now, request: newRequest(), spent: &spent{}}
}

// enterAlone is the first gate of a call that nobody asked for: the program must be live, and it is its released
// version that runs.
func enterAlone(ctx context.Context, app core.App, appid string, now time.Time) (call, error) {
	program, err := programs.Live(app, appid)
	return call{ctx: ctx, app: app, program: program, now: now, request: newRequest(), spent: &spent{}}, err
}

// newRequest is a name for one call, which nobody needs to guess.
func newRequest() string {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(id[:])
}

// in is the call inside a transaction.
func (c call) in(tx core.App) call {
	c.app = tx
	return c
}

// again checks the launch once more, at a later time: a function may run on while its program is stopped.
func (c call) again(now time.Time) (call, error) {
	if c.user != nil {
		return enter(c.ctx, c.app, c.user, c.program.AppID, c.token, now)
	}
	later, err := enterAlone(c.ctx, c.app, c.program.AppID, now)
	if err == nil && later.program.Package != c.program.Package {
		err = programs.ErrLaunchStale
	}
	return later, err
}

// admit takes a call through the other gates and answers the method that it may run.
func (b *Bridge) admit(c call, name string, args json.RawMessage) (method, error) {
	m, ok := methods[name]
	if !ok {
		return m, ErrMethodUnknown.With("method", name)
	}
	if c.claims.Open && !m.open {
		return m, ErrOpenContext.With("method", name)
	}
	if m.onlyOpen && !c.claims.Open {
		return m, ErrOnlyOpenContext.With("method", name)
	}
	if m.function && !c.function {
		return m, ErrFunctionOnly.With("method", name)
	}
	if m.person && c.user == nil {
		return m, ErrNobody.With("method", name)
	}
	if m.money {
		if err := c.program.Allowed(c.app, programs.RightMoney); err != nil {
			return m, err
		}
	}
	once, err := allowed(c, m.scope)
	if err != nil {
		return m, err
	}
	if err := b.quota.take(c); err != nil {
		return m, err
	}
	if room := m.room(c); len(args) > room {
		return m, ErrArgsTooLarge.With("limit", room)
	}
	if once { // last, so that a call which is refused anyway does not cost the person's answer
		return m, useUp(c, m.scope)
	}
	return m, nil
}

// dispatch runs one method for a program.
func (b *Bridge) dispatch(c call, name string, args json.RawMessage) (any, error) {
	m, err := b.admit(c, name, args)
	if err != nil {
		return nil, err
	}
	return m.run(c, args)
}
