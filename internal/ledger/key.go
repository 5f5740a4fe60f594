package ledger

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

// Key names one request, so that sending it again is not doing it again. Value is the caller's; Scope says
// whose it is and of which route; Body is what the request asked for.
type Key struct {
	Scope, Value string
	Body         []byte
}

// ErrKeyMismatch refuses a key that was used before for another request.
var ErrKeyMismatch = refusal.New(http.StatusConflict, "idempotency_mismatch", "This idempotency key was already used for another request.")

// Once runs verb the first time that key is seen and keeps its answer for ever; the same key with the same
// body gets that answer again, with another body ErrKeyMismatch. A verb that fails is not remembered, so that
// a payment refused for lack of money can be tried again under its key.
func Once(tx core.App, key Key, now time.Time, verb func() (any, error)) (json.RawMessage, error) {
	sum := sha256.Sum256(key.Body)
	hash := hex.EncodeToString(sum[:])
	params := dbx.Params{"scope": key.Scope, "value": key.Value}
	var seen, stored string
	err := Statement(tx, "SELECT hash, answer FROM ledger_keys WHERE scope = {:scope} AND value = {:value}").
		Bind(params).Row(&seen, &stored)
	switch {
	case err == nil && seen == hash:
		return json.RawMessage(stored), nil
	case err == nil:
		return nil, ErrKeyMismatch
	case !errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("look up key %s: %w", key.Value, err)
	}
	result, err := verb()
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("answer of key %s: %w", key.Value, err)
	}
	_, err = execute(tx, `INSERT INTO ledger_keys (scope, value, hash, answer, created)
		VALUES ({:scope}, {:value}, {:hash}, {:answer}, {:now})`, dbx.Params{
		"scope": key.Scope, "value": key.Value, "hash": hash, "answer": string(answer), "now": stamp(now),
	})
	if err != nil {
		return nil, fmt.Errorf("remember key %s: %w", key.Value, err)
	}
	return answer, nil
}
