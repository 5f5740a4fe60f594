package ledger

import (
	"encoding/json"
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const (
	keyHeader = "Idempotency-Key"
	keyCap    = 255
)

var (
	// ErrBadKey refuses an Idempotency-Key that is too long or holds anything but printable ASCII.
	ErrBadKey = refusal.New(http.StatusBadRequest, "bad_idempotency_key", "The Idempotency-Key must be 1 to 255 printable characters.")
	// ErrOperatorOnly refuses somebody who does not run the house.
	ErrOperatorOnly = refusal.New(http.StatusForbidden, "operator_only", "Only the operator may do this.")
)

// Register adds the operator's route that proves the books.
func Register(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		route.Handle(e, route.Operation{
			Method: http.MethodGet, Path: "/api/ledger/proof", Tag: "ledger",
			Summary: "Recompute every balance from the transfers and check both hash chains. Operators only.",
			Answer:  Proof{}, Refusals: []*refusal.Refusal{ErrOperatorOnly},
		}, handleProof)
		return e.Next()
	})
}

func handleProof(e *core.RequestEvent) error {
	if !e.Auth.GetBool("operator") {
		return ErrOperatorOnly
	}
	proof, err := Verify(e.App)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, proof)
}

// Answer is how a handler does something that moves money, points or stock: it reads the JSON body into body
// (nil when there is none to read), runs verb through Write and answers its result. With an Idempotency-Key
// the result is kept, and the same request of the same user gets it again.
func Answer(e *core.RequestEvent, body any, verb func(tx core.App) (any, error)) error {
	raw, err := route.Body(e, route.BodyLimit)
	if err != nil {
		return err
	}
	if body != nil && len(raw) > 0 {
		if err := json.Unmarshal(raw, body); err != nil {
			return route.ErrBadBody.With("detail", err.Error())
		}
	}
	key, err := keyOf(e, raw)
	if err != nil {
		return err
	}
	var answer json.RawMessage
	err = Write(e.App, func(tx core.App) error {
		var err error
		answer, err = once(tx, key, e, verb)
		return err
	})
	if err != nil {
		return err
	}
	return e.Blob(http.StatusOK, "application/json", answer)
}

func once(tx core.App, key Key, e *core.RequestEvent, verb func(tx core.App) (any, error)) (json.RawMessage, error) {
	if key.Value != "" {
		return Once(tx, key, clock.Now(e.App), func() (any, error) { return verb(tx) })
	}
	result, err := verb(tx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// keyOf is the request's key; one without a Value when the header is missing.
func keyOf(e *core.RequestEvent, body []byte) (Key, error) {
	values := e.Request.Header.Values(keyHeader)
	if len(values) == 0 {
		return Key{}, nil
	}
	if e.Auth == nil {
		return Key{}, route.ErrSignIn // without a caller one guest's key would answer another's
	}
	value := values[0]
	if len(values) > 1 || value == "" || len(value) > keyCap {
		return Key{}, ErrBadKey
	}
	for _, c := range []byte(value) {
		if c < ' ' || c > '~' {
			return Key{}, ErrBadKey
		}
	}
	return Key{
		Scope: e.Auth.Collection().Name + ":" + e.Auth.Id + " " + e.Request.Method + " " + e.Request.URL.Path,
		Value: value,
		Body:  append([]byte(e.Request.URL.RawQuery+"\n"), body...),
	}, nil
}
