package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/gateway"
)

var built = fstest.MapFS{
	"index.html":              {Data: []byte("<!doctype html><title>client</title>")},
	"console/index.html":      {Data: []byte("<!doctype html><title>console</title>")},
	"assets/app-abc123.js":    {Data: []byte("console.log('" + strings.Repeat("plaza ", 400) + "')")},
	"assets/app-abc123.js.br": {Data: []byte("brotli bytes")},
	"frame/frame-abc.js":      {Data: []byte("frame")},
	"sw.js":                   {Data: []byte("worker")},
}

// serve starts a server with the gateway alone and the given files as its UI.
func serve(t *testing.T, dist fs.FS) (core.App, *httptest.Server) {
	t.Helper()
	app := apptest.New(t, func(app core.App) { gateway.Register(app, dist) })
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatal(err)
	}
	event := &core.ServeEvent{App: app, Router: router, Server: &http.Server{}}
	var server *httptest.Server
	err = app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		if e.InstallerFunc != nil {
			t.Error("the installer would print a superuser's token")
		}
		mux, err := e.Router.BuildMux()
		if err != nil {
			return err
		}
		server = httptest.NewServer(mux)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return app, server
}

func get(t *testing.T, url string, header map[string]string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity")
	for name, value := range header {
		request.Header.Set(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// A page for every route of the two apps, and never a page where a program expects something else: an HTML
// answer to a missing script would leave the client blank after an upgrade.
func TestPathsAnswerWhatTheyShould(t *testing.T) {
	_, server := serve(t, built)
	cases := []struct {
		path   string
		status int
		holds  string
		cache  string
	}{
		{"/", 200, "<title>client", "no-cache"},
		{"/orders/abc", 200, "<title>client", "no-cache"},
		{"/console", 301, "", ""},
		{"/console/", 200, "<title>console", "no-cache"},
		{"/console/campaigns", 200, "<title>console", "no-cache"},
		{"/assets/app-abc123.js", 200, "console.log", "immutable"},
		{"/assets/gone.js", 404, "", ""},
		{"/console/gone.css", 404, "", ""},
		{"/frame/frame-abc.js", 200, "frame", "immutable"},
		{"/frame/gone.js", 404, "", ""},
		{"/sw.js", 200, "worker", "no-cache"},
		{"/favicon.ico", 404, "", ""},
		{"/api/unknown", 404, `"no_such_route"`, ""},
		{"/api/orders/unknown/deep", 404, `"status":404`, ""},
	}
	for _, c := range cases {
		response, body := get(t, server.URL+c.path, nil)
		if response.StatusCode != c.status || !strings.Contains(body, c.holds) {
			t.Errorf("%s: %d %.80q, want %d with %q", c.path, response.StatusCode, body, c.status, c.holds)
		}
		if !strings.Contains(response.Header.Get("Cache-Control"), c.cache) {
			t.Errorf("%s: Cache-Control %q, want %q", c.path, response.Header.Get("Cache-Control"), c.cache)
		}
		if strings.HasPrefix(c.path, "/api/") && !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: an API path answered %s", c.path, response.Header.Get("Content-Type"))
		}
	}
}

// The page policy lets a frame show programs of this very host and nothing else: that is what stops a program
// from navigating itself, with data, to another origin. A hostile Host header cannot widen it.
func TestPagesCarryAStrictPolicy(t *testing.T) {
	_, server := serve(t, built)
	response, _ := get(t, server.URL+"/", nil)
	policy := response.Header.Get("Content-Security-Policy")
	host := strings.TrimPrefix(server.URL, "http://")
	for _, want := range []string{"default-src 'self'", "style-src 'self'", "frame-src http://" + host + "/mp/;", "object-src 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %q: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "'unsafe-eval'") {
		t.Errorf("the policy is loose: %s", policy)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
		"Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	request := httptest.NewRequest(http.MethodGet, server.URL+"/", http.NoBody)
	request.RequestURI = ""
	request.Host = "evil;frame-src *"
	answer, err := http.DefaultClient.Do(request)
	if err == nil {
		defer answer.Body.Close()
		if strings.Contains(answer.Header.Get("Content-Security-Policy"), "frame-src *") {
			t.Error("a Host header widened the policy")
		}
	}
}

// Compression and validators: brotli where the build made it, gzip on plain HTTP where browsers offer no
// brotli, 304 when nothing changed.
func TestFilesAreCompressedAndRevalidated(t *testing.T) {
	_, server := serve(t, built)
	asset := server.URL + "/assets/app-abc123.js"
	br, body := get(t, asset, map[string]string{"Accept-Encoding": "gzip, br"})
	if br.Header.Get("Content-Encoding") != "br" || body != "brotli bytes" {
		t.Errorf("with br: %q %q", br.Header.Get("Content-Encoding"), body)
	}
	gz, _ := get(t, asset, map[string]string{"Accept-Encoding": "gzip"})
	if gz.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("with gzip: %q", gz.Header.Get("Content-Encoding"))
	}
	if gz.Header.Get("ETag") == br.Header.Get("ETag") {
		t.Error("two encodings share a validator")
	}
	again, _ := get(t, asset, map[string]string{"Accept-Encoding": "gzip", "If-None-Match": gz.Header.Get("ETag")})
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged: %d", again.StatusCode)
	}
}

// A binary without the UI says what to do instead of showing an empty page.
func TestAnUnbuiltUISaysSo(t *testing.T) {
	_, server := serve(t, fstest.MapFS{".gitkeep": {}})
	response, body := get(t, server.URL+"/", nil)
	if response.StatusCode != http.StatusNotFound || !strings.Contains(body, "make build") {
		t.Errorf("%d %q", response.StatusCode, body)
	}
}

func person(t *testing.T, app core.App, collection, email string, operator bool) string {
	t.Helper()
	found, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		t.Fatal(err)
	}
	record := core.NewRecord(found)
	record.SetEmail(email)
	record.SetPassword("a long password")
	if collection == "users" {
		record.Set("operator", operator)
	}
	if err := app.Save(record); err != nil {
		t.Fatal(err)
	}
	token, err := record.NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func post(t *testing.T, url, token, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// The SQL console could rewrite the ledger, so not even a superuser has it.
func TestTheSQLConsoleIsOff(t *testing.T) {
	app, server := serve(t, built)
	token := person(t, app, core.CollectionNameSuperusers, "root@town.example", false)
	status, body := post(t, server.URL+"/api/sql", token, `{"query":"SELECT 1"}`)
	if status != http.StatusForbidden || !strings.Contains(body, "sql_console_off") {
		t.Errorf("%d %s", status, body)
	}
}

// A demonstration's passwords are printed in the README: on any other server they open nothing.
func TestDemoLoginsNeedADemo(t *testing.T) {
	app, server := serve(t, built)
	person(t, app, "users", "person@plaza.example", false)
	signIn := func() (int, string) {
		return post(t, server.URL+"/api/collections/users/auth-with-password", "",
			`{"identity":"person@plaza.example","password":"a long password"}`)
	}
	if status, body := signIn(); status != http.StatusForbidden || !strings.Contains(body, "demo_login_refused") {
		t.Errorf("without --demo: %d %s", status, body)
	}
	app.Store().Set(gateway.DemoKey, true)
	if status, body := signIn(); status != http.StatusOK {
		t.Errorf("with --demo: %d %s", status, body)
	}
}

// Who signs up at the demonstration's domain would be taken for one of its people.
func TestDemoAddressesAreNotForSignUp(t *testing.T) {
	app, server := serve(t, built)
	token := person(t, app, "users", "someone@example.com", false)
	for _, email := range []string{"person@plaza.example", "x@PLAZA.example"} {
		status, body := post(t, server.URL+"/api/collections/users/records", "",
			`{"email":"`+email+`","password":"a long password","passwordConfirm":"a long password"}`)
		if status != http.StatusBadRequest || !strings.Contains(body, "demo_address_refused") {
			t.Errorf("sign up as %s: %d %s", email, status, body)
		}
		status, body = post(t, server.URL+"/api/collections/users/request-email-change", token, `{"newEmail":"`+email+`"}`)
		if status != http.StatusBadRequest || !strings.Contains(body, "demo_address_refused") {
			t.Errorf("move to %s: %d %s", email, status, body)
		}
	}
}

// The clock moves for the operator of a demonstration, and for nobody else.
func TestTheClockMovesForTheDemosOperatorOnly(t *testing.T) {
	app, server := serve(t, built)
	someone := person(t, app, "users", "someone@town.example", false)
	operator := person(t, app, "users", "operator@town.example", true)
	move := `{"at":"2030-01-01T12:00:00Z"}`
	if status, body := post(t, server.URL+"/api/demo/clock", operator, move); status != http.StatusForbidden {
		t.Errorf("an operator without --demo: %d %s", status, body)
	}
	app.Store().Set(gateway.DemoKey, true)
	if status, body := post(t, server.URL+"/api/demo/clock", someone, move); status != http.StatusForbidden {
		t.Errorf("a person: %d %s", status, body)
	}
	if status, body := post(t, server.URL+"/api/demo/clock", "", move); status != http.StatusUnauthorized {
		t.Errorf("a guest: %d %s", status, body)
	}
	for _, body := range []string{`{}`, `{"at":"9999-12-31T23:59:59-23:59"}`, `{"at":"0000-01-01T00:00:00Z"}`} {
		if status, answer := post(t, server.URL+"/api/demo/clock", operator, body); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	if status, body := post(t, server.URL+"/api/demo/clock", operator, move); status != http.StatusOK {
		t.Fatalf("the demo's operator: %d %s", status, body)
	}
	if year := clock.Now(app).Year(); year != 2030 {
		t.Errorf("the clock shows %d", year)
	}
	if status, _ := post(t, server.URL+"/api/demo/clock", operator, `{"reset":true}`); status != http.StatusOK || time.Until(clock.Now(app)).Abs() > time.Minute {
		t.Errorf("reset: %d, the clock shows %s", status, clock.Now(app))
	}
}

// connect opens a realtime connection and answers its client id.
func connect(t *testing.T, server *httptest.Server) string {
	t.Helper()
	response, err := http.Get(server.URL + "/api/realtime")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	buffer := make([]byte, 512)
	n, err := response.Body.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(buffer[:n]), "data:")
	line, _, _ := strings.Cut(after, "\n")
	var hello struct{ ClientID string }
	if err := json.Unmarshal([]byte(line), &hello); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return hello.ClientID
}

// A client follows known collections, at most twenty topics: PocketBase would take a thousand of any name,
// and one guest could hold tens of thousands of goroutines.
func TestRealtimeSubscriptionsAreCapped(t *testing.T) {
	_, server := serve(t, built)
	client := connect(t, server)
	subscribe := func(topics ...string) int {
		body, err := json.Marshal(map[string]any{"clientId": client, "subscriptions": topics})
		if err != nil {
			t.Fatal(err)
		}
		status, _ := post(t, server.URL+"/api/realtime", "", string(body))
		return status
	}
	many := make([]string, gateway.SubscriptionsPerClient+1)
	for i := range many {
		many[i] = fmt.Sprintf("orgs/*?options=%d", i)
	}
	for name, c := range map[string]struct {
		topics []string
		want   int
	}{
		"a collection":        {[]string{"orgs/*"}, http.StatusNoContent},
		"what the SDK sends":  {[]string{"PB_CONNECT", "orgs/*"}, http.StatusNoContent},
		"up to the cap":       {many[:gateway.SubscriptionsPerClient], http.StatusNoContent},
		"one too many":        {many, http.StatusTooManyRequests},
		"an unknown name":     {[]string{"gossip"}, http.StatusForbidden},
		"an unknown table":    {[]string{"gossip/*"}, http.StatusForbidden},
		"a system collection": {[]string{"_superusers/*"}, http.StatusForbidden},
	} {
		if got := subscribe(c.topics...); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// A fresh server limits requests, keeps no addresses in its log, and has batch off.
func TestSettingsAreSafeFromTheStart(t *testing.T) {
	app := apptest.New(t)
	settings := app.Settings()
	if !settings.RateLimits.Enabled || len(settings.RateLimits.Rules) == 0 || settings.Batch.Enabled || settings.Logs.LogIP {
		t.Errorf("unsafe settings: %+v", settings)
	}
}
