// Package refusal is the error that a caller can act on.
//
// A refusal has a stable machine word (Code), an HTTP status and a sentence for people. Packages declare
// theirs once as variables and return them, with details if need be; everything else is an ordinary error
// and reaches the client as a 500 without its cause. The invariant: a code never changes its meaning.
package refusal

import (
	"errors"
	"fmt"
	"maps"

	"github.com/pocketbase/pocketbase/tools/router"
)

// Refusal is an expected "no". Compare with errors.Is: two refusals are the same when their codes are.
type Refusal struct {
	Status  int            // HTTP status
	Code    string         // stable machine word, snake_case
	Message string         // an English sentence
	Details map[string]any // what else data holds in the answer
}

// New declares a refusal.
func New(status int, code, message string) *Refusal {
	return &Refusal{Status: status, Code: code, Message: message}
}

// Error is the code and the sentence.
func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Is makes errors.Is compare codes, so that a refusal with details still is its sentinel.
func (r *Refusal) Is(target error) bool {
	other, ok := target.(*Refusal)
	return ok && other.Code == r.Code
}

// With is a copy that also tells key = value to the caller.
func (r *Refusal) With(key string, value any) *Refusal {
	out := *r
	out.Details = maps.Clone(r.Details)
	if out.Details == nil {
		out.Details = map[string]any{}
	}
	out.Details[key] = value
	return &out
}

// Saying is a copy with a more precise sentence.
func (r *Refusal) Saying(format string, args ...any) *Refusal {
	out := *r
	out.Message = fmt.Sprintf(format, args...)
	return &out
}

// API turns err into what a handler returns: a refusal becomes PocketBase's {status, message, data}
// with data.code; any other error passes through unchanged.
func API(err error) error {
	var r *Refusal
	if !errors.As(err, &r) {
		return err
	}
	answer := router.NewApiError(r.Status, r.Message, nil)
	maps.Copy(answer.Data, r.Details)
	answer.Data["code"] = r.Code
	return answer
}
