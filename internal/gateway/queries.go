package gateway

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"plaza.internal/plaza/internal/refusal"
)

// PocketBase lets every guest walk relations backwards, several times over, in expand, sort and filter. A shop
// has thousands of products and orders, so one request of a hundred bytes could answer with all products of
// all products' shops: gigabytes of memory, minutes of a core.
var errTooWide = refusal.New(http.StatusBadRequest, "query_too_wide",
	"Back relations (NAME_via_FIELD) work in filters only: one of them, first in its path, and signed in.")

// backRelation finds the name of a back relation together with what stands before it.
var backRelation = regexp.MustCompile(`(^|[^A-Za-z0-9_])([A-Za-z0-9_]*_via_[A-Za-z0-9_]*)`)

// narrowQueries refuses the queries that cost more than any answer is worth.
func narrowQueries() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{Id: "plazaNarrowQueries", Func: func(e *core.RequestEvent) error {
		if e.Request.URL.RawQuery == "" || !strings.HasPrefix(e.Request.URL.Path, "/api/collections/") || e.HasSuperuserAuth() {
			return e.Next()
		}
		if !narrow(e.Request.URL.Query(), e.Auth != nil) {
			return refusal.API(errTooWide)
		}
		return e.Next()
	}}
}

func narrow(query url.Values, signedIn bool) bool {
	for _, name := range []string{"expand", "sort"} {
		if strings.Contains(strings.Join(query[name], ","), "_via_") {
			return false
		}
	}
	filter := strings.Join(query["filter"], " ")
	if !strings.Contains(filter, "_via_") {
		return true
	}
	found := backRelation.FindAllStringSubmatch(filter, -1)
	for _, match := range found {
		if match[1] == "." || match[2] != found[0][2] {
			return false
		}
	}
	return signedIn && strings.Count(filter, "_via_") == len(found)
}

// narrowTopic judges the options of a topic, as PocketBase itself reads them.
func narrowTopic(topic string, signedIn bool) bool {
	reader := subscriptions.NewDefaultClient()
	reader.Subscribe(topic)
	for _, options := range reader.Subscriptions() {
		query := url.Values{}
		for name, value := range options.Query {
			query.Set(name, value)
		}
		if !narrow(query, signedIn) {
			return false
		}
	}
	return true
}
