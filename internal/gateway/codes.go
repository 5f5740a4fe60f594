package gateway

import (
	"net/http"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"
)

// plainCodes are the machine words of what PocketBase refuses by itself, which has none: who is told only the status
// would have to read a sentence. Its answers about single fields have a word for each field and stay as they are.
var plainCodes = map[int]string{
	http.StatusBadRequest:            "bad_request",
	http.StatusUnauthorized:          "sign_in_required",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not_found",
	http.StatusRequestEntityTooLarge: "too_large",
	http.StatusTooManyRequests:       "too_many_requests",
	http.StatusInternalServerError:   "internal_error",
}

// codes stands around everything else, the counting of requests included.
func codes() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id: "plazaCodes", Priority: apis.DefaultCorsMiddlewarePriority - 1,
		Func: func(e *core.RequestEvent) error {
			err := e.Next()
			if err == nil {
				return nil
			}
			answer := router.ToApiError(err)
			if code, plain := plainCodes[answer.Status]; plain && len(answer.Data) == 0 {
				answer.Data = map[string]any{"code": code}
			}
			return answer
		},
	}
}
