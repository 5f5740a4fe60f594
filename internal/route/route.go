// Package route ties a handler to its documentation: one call registers both, so that the published OpenAPI
// description cannot name a route that is not there, nor miss one that is.
//
// It also holds the three things that every handler does first: who is asking, what was sent, and turning a
// refusal into an answer.
package route

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"plaza.internal/plaza/internal/refusal"
)

// BodyLimit is how many bytes a JSON request may have unless the route says otherwise.
const BodyLimit = 1 << 20

var (
	// ErrSignIn refuses a caller that sent no token, or one that is not valid any more.
	ErrSignIn = refusal.New(http.StatusUnauthorized, "sign_in_required", "Sign in first.")
	// ErrBadBody refuses a body that is not the JSON that the route takes.
	ErrBadBody = refusal.New(http.StatusBadRequest, "bad_body", "The request body is not valid JSON for this route.")
	// ErrBodyTooLarge refuses a body over the route's limit.
	ErrBodyTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "body_too_large", "The request body is too large.")
)

// Operation is what the description says of a route.
type Operation struct {
	Method, Path string // Path in ServeMux form: /api/orders/{id}/scan
	Tag          string // the package's word: orders, wallet …
	Summary      string // one sentence
	Public       bool   // needs no sign-in
	Idempotent   bool   // takes Idempotency-Key
	Key          string // a header whose secret may stand in for the sign-in; the action judges it
	Stream       bool   // the action reads the body itself, by Stream, with a limit of its own
	Body, Answer any    // zero values of the Go types; nil when there is none
	Refusals     []*refusal.Refusal
}

const storeKey = "plaza.routes"

// Handle registers the route and its documentation. A refusal that the action returns becomes the answer.
func Handle(se *core.ServeEvent, op Operation, action func(e *core.RequestEvent) error) {
	operations, _ := se.App.Store().Get(storeKey).([]Operation)
	se.App.Store().Set(storeKey, append(operations, op))
	made := se.Router.Route(op.Method, op.Path, func(e *core.RequestEvent) error {
		keyed := op.Key != "" && e.Request.Header.Get(op.Key) != ""
		if !op.Public && !keyed && (e.Auth == nil || e.Auth.Collection().Name != "users") {
			return refusal.API(ErrSignIn)
		}
		return refusal.API(action(e))
	})
	if op.Stream {
		made.Unbind(apis.DefaultBodyLimitMiddlewareId)
	}
}

// Stream is the body as it arrives, for an Operation that says so: nothing is kept in memory, it can be read
// once, and how much of it is read is the caller's decision.
func Stream(e *core.RequestEvent) io.Reader {
	if kept, ok := e.Request.Body.(*router.RereadableReadCloser); ok {
		return kept.ReadCloser
	}
	return e.Request.Body
}

// Operations is everything that Handle has registered on app, in order.
func Operations(app core.App) []Operation {
	operations, _ := app.Store().Get(storeKey).([]Operation)
	return operations
}

// Decode reads the JSON body into v, which must point to a struct. An empty body leaves v as it is; unknown
// members are ignored, as PocketBase does.
func Decode(e *core.RequestEvent, v any) error {
	body, err := Body(e, BodyLimit)
	if err != nil || len(body) == 0 {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return ErrBadBody.With("detail", err.Error())
	}
	return nil
}

// Body reads the whole body, at most limit bytes; it can be read again, for PocketBase keeps a copy.
func Body(e *core.RequestEvent, limit int64) ([]byte, error) {
	if e.Request.ContentLength > limit {
		return nil, ErrBodyTooLarge.With("limit", limit)
	}
	body, err := io.ReadAll(io.LimitReader(e.Request.Body, limit+1))
	// PocketBase's size limit remembers the end of the body until it is told to start again; without this a
	// second reader, such as the one that hashes the body for an Idempotency-Key, would find it empty.
	if again, ok := e.Request.Body.(router.Rereader); ok {
		again.Reread()
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || int64(len(body)) > limit {
		return nil, ErrBodyTooLarge.With("limit", limit)
	}
	return body, err
}
