package gateway_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
)

// One guest's `expand=org.products_via_org.org.products_via_org` once answered half a gigabyte.
func TestQueriesAreNarrow(t *testing.T) {
	app, server := serve(t, built)
	user := person(t, app, "users", "someone@example.com", false)
	superuser := person(t, app, core.CollectionNameSuperusers, "root@example.com", false)
	for name, c := range map[string]struct {
		token, key, value string
		want              int
	}{
		"a guest expands backwards":       {"", "expand", "products_via_org", 400},
		"a person expands backwards":      {user, "expand", "org,org.products_via_org", 400},
		"a superuser expands backwards":   {superuser, "expand", "products_via_org", 200},
		"expanding forwards":              {"", "expand", "org", 200},
		"a person sorts backwards":        {user, "sort", "-products_via_org.name", 400},
		"a guest filters backwards":       {"", "filter", "products_via_org.name ~ 'a'", 400},
		"a person filters backwards once": {user, "filter", "places_via_org.name ~ 'a' || (places_via_org.closed = true)", 200},
		"a person filters back and forth": {user, "filter", "places_via_org.org.products_via_org.name ~ 'a'", 400},
		"a person filters two ways":       {user, "filter", "places_via_org.name = 'a' || products_via_org.name = 'a'", 400},
		"without spaces":                  {user, "filter", "name='a'||places_via_org.org.products_via_org.id='a'", 400},
		"a plain filter":                  {"", "filter", "name ~ 'a'", 200},
	} {
		address := server.URL + "/api/collections/orgs/records?" + url.Values{c.key: {c.value}}.Encode()
		if response, body := get(t, address, map[string]string{"Authorization": c.token}); response.StatusCode != c.want {
			t.Errorf("%s: %d %s", name, response.StatusCode, body)
		}
	}
}

func TestTopicsAreNarrow(t *testing.T) {
	_, server := serve(t, built)
	client := connect(t, server)
	for options, want := range map[string]int{
		`{"query":{"expand":"org"}}`:                     http.StatusNoContent,
		`{"query":{"expand":"products_via_org"}}`:        http.StatusBadRequest,
		`{"query":{"expand":"products\u005fvia_org"}}`:   http.StatusBadRequest,
		`{"query":{"filter":"products_via_org.id!=''"}}`: http.StatusBadRequest,
	} {
		body, err := json.Marshal(map[string]any{
			"clientId": client, "subscriptions": []string{"orgs/*?options=" + url.QueryEscape(options)},
		})
		if err != nil {
			t.Fatal(err)
		}
		status, answer := post(t, server.URL+"/api/realtime", "", string(body))
		if status != want || (want == http.StatusBadRequest && !strings.Contains(answer, "query_too_wide")) {
			t.Errorf("%s: %d %s", options, status, answer)
		}
	}
}
