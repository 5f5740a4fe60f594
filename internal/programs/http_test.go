package programs_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/programs"
)

// client speaks to a running house as one of its people.
type client struct {
	t *testing.T
	*apptest.Client
}

func serve(t *testing.T, h house) client {
	t.Helper()
	clock.Set(h.App, now)
	return client{t: t, Client: apptest.NewClient(t, h.App)}
}

// send is a request as the user, or as a guest.
func (c client) send(method, path string, user *core.Record, body []byte, headers ...map[string]string) apptest.Answer {
	c.t.Helper()
	token := ""
	if user != nil {
		token = apptest.Token(c.t, user)
	}
	return c.Do(method, path, token, body, headers...)
}

// The publishing road over HTTP, with everybody who must be turned away from it.
func TestPublishingOverHTTP(t *testing.T) {
	h := newHouse(t)
	cashier := apptest.Person(t, h, "cashier")
	apptest.Record(t, h, "staff", map[string]any{"org": h.org, "user": cashier.Id, "role": "cashier"})
	c := serve(t, h)
	packed := pack(t, project(t))
	upload := "/api/mp/hello/versions?org=" + h.org
	refusals := []struct {
		what, path string
		user       *core.Record
		body       []byte
		status     int
		code       string
	}{
		{"nobody uploads", upload, nil, packed, 401, "sign_in_required"},
		{"a stranger uploads", upload, h.customer, packed, 403, "not_maker"},
		{"a cashier uploads", upload, cashier, packed, 403, "not_maker"},
		{"bad appid", "/api/mp/Hello!/versions?org=" + h.org, h.owner, packed, 400, "bad_appid"},
		{"reserved appid", "/api/mp/store/versions?org=" + h.org, h.owner, packed, 409, "appid_reserved"},
		{"a broken zip", upload, h.owner, []byte("PK"), 422, "package_invalid"},
		{"21 MB", upload, h.owner, make([]byte, 21<<20), 413, "package_too_large"},
		{"release before upload", "/api/mp/hello/versions/1/release", h.operator, nil, 404, "program_not_found"},
	}
	for _, r := range refusals {
		got := c.send("POST", r.path, r.user, r.body)
		if got.Status != r.status || got.Code() != r.code {
			t.Errorf("%s: %d %s", r.what, got.Status, got.Body)
		}
	}
	version := c.send("POST", upload, h.owner, packed)
	if version.Status != 200 || version.JSON()["number"] != 1.0 || version.JSON()["state"] != "checked" {
		t.Fatalf("upload: %d %s", version.Status, version.Body)
	}
	if again := c.send("POST", "/api/mp/hello/versions", h.owner, packed); again.JSON()["id"] != version.JSON()["id"] {
		t.Errorf("the same bytes again: %d %s", again.Status, again.Body)
	}
	for user, code := range map[*core.Record]string{h.customer: "not_maker", cashier: "not_maker", nil: "sign_in_required"} {
		for _, verb := range []string{"release", "rollback", "unschedule"} {
			if got := c.send("POST", "/api/mp/hello/versions/1/"+verb, user, nil); got.Code() != code {
				t.Errorf("%s: %d %s, want %s", verb, got.Status, got.Body, code)
			}
		}
	}
	for _, number := range []string{"0", "2", "one", "-1"} {
		if got := c.send("POST", "/api/mp/hello/versions/"+number+"/release", h.owner, nil); got.Code() != "version_not_found" {
			t.Errorf("release %s: %d %s", number, got.Status, got.Body)
		}
	}
	for body, code := range map[string]string{`{"percent":101}`: "bad_percent", `{"percent":-1}`: "bad_percent", `{"at":"2020-01-01T00:00:00Z"}`: "bad_time", `{"percent":"all"}`: "bad_body"} {
		if got := c.send("POST", "/api/mp/hello/versions/1/release", h.owner, []byte(body)); got.Code() != code {
			t.Errorf("release %s: %d %s", body, got.Status, got.Body)
		}
	}
	if got := c.send("POST", "/api/mp/hello/versions/1/release", h.owner, nil); got.JSON()["state"] != "released" {
		t.Errorf("release: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", "/api/mp/hello/launch", nil, nil); got.Code() != "sign_in_required" {
		t.Errorf("a guest launches: %d %s", got.Status, got.Body)
	}
	got := c.send("POST", "/api/mp/hello/launch", h.customer, []byte(`{"scene":1011,"path":"pages/index/index"}`))
	if got.Status != 200 || got.JSON()["frame"] == "" || got.JSON()["token"] == "" || got.Text("tier") != "unverified" {
		t.Errorf("launch: %d %s", got.Status, got.Body)
	}
}

// The frame's document is what keeps untrusted pages in; its headers are the wall, word for word.
func TestFrameDocumentIsConfined(t *testing.T) {
	h, opened := open(t)
	c := serve(t, h)
	script := c.send("GET", opened.Frame+"app.js", nil, nil)
	got := c.send("GET", opened.Frame+"?lang=fr&theme=dark", nil, nil)
	boot := regexp.MustCompile("<script>(.*)</script>").FindSubmatch(got.Body)
	if boot == nil {
		t.Fatalf("the document has no script:\n%s", got.Body)
	}
	hashed := func(text []byte) string {
		sum := sha256.Sum256(text)
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	scripts := strings.Join([]string{hashed(boot[1]), "'sha256-cnVudGltZQ=='", "'sha256-bWFw'", hashed(script.Body)}, " ")
	policy := "sandbox allow-scripts; default-src 'none'; script-src " + scripts + "; style-src 'unsafe-inline'; img-src 'self' data: blob:; " +
		"media-src 'self' data: blob:; font-src 'self' data:; connect-src 'none'; frame-src 'none'; worker-src 'none'; base-uri 'none'; form-action 'none'"
	for name, value := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cache-Control": "no-cache", "Content-Type": "text/html; charset=utf-8",
	} {
		if values := got.Header.Values(name); len(values) != 1 || values[0] != value {
			t.Errorf("%s is %q, want %q", name, values, value)
		}
	}
	page := string(got.Body)
	for _, part := range []string{`<html lang="fr" data-theme="dark">`, "<title>Bonjour</title>", `content="dark"`} {
		if !strings.Contains(page, part) {
			t.Errorf("the document lacks %s:\n%s", part, page)
		}
	}
	injected := c.send("GET", opened.Frame+"?lang=%22%3E%3Cscript%3E&theme=%22%3E", nil, nil)
	if plain := c.send("GET", opened.Frame, nil, nil); !bytes.Equal(plain.Body, injected.Body) {
		t.Errorf("the query reached the document:\n%s", injected.Body)
	}
}

// A document whose address names package and runtime is opened without asking: offline too. Any other asks.
func TestFrameDocumentIsKeptByItsRuntime(t *testing.T) {
	h, opened := open(t)
	c := serve(t, h)
	if opened.Runtime != "/frame/frame-abc123.js" {
		t.Errorf("the runtime is %q", opened.Runtime)
	}
	for query, want := range map[string]string{
		"?runtime=frame-abc123.js": "private, max-age=31536000, immutable", "?runtime=frame-old.js": "no-cache", "?runtime=": "no-cache", "": "no-cache",
	} {
		if got := c.send("GET", opened.Frame+query, nil, nil).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	h.takeDown(t, programs.Takedown{Scope: programs.ScopeProgram, AppID: "hello", Rule: "1.1", Reason: "It lies."})
	got := c.send("GET", opened.Frame+"?runtime=frame-abc123.js", nil, nil)
	if got.Status == 200 || got.Header.Get("Cache-Control") != "no-cache" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "script-src 'none'") {
		t.Errorf("taken down: %d %q", got.Status, got.Header)
	}
}

// Files of a version never change, may be read by the frame's opaque origin, and are no documents.
func TestProgramFilesAreImmutable(t *testing.T) {
	h, opened := open(t)
	c := serve(t, h)
	for path, kind := range map[string]string{
		opened.Frame + "app.js":              "text/javascript; charset=utf-8",
		opened.Frame + "res/images/icon.svg": "image/svg+xml",
	} {
		got := c.send("GET", path, nil, nil)
		if got.Status != 200 || got.Header.Get("Content-Type") != kind || got.Header.Get("Access-Control-Allow-Origin") != "*" ||
			got.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.Header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
			t.Errorf("%s: %d %v", path, got.Status, got.Header)
		}
		small := c.send("GET", path, nil, nil, map[string]string{"Accept-Encoding": "br, gzip"})
		if small.Header.Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(bytes.NewReader(small.Body))
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, got.Body) {
				t.Errorf("%s: the compressed file is another (%v)", path, err)
			}
		} else if len(got.Body) > 2000 {
			t.Errorf("%s: %d bytes are not compressed", path, len(got.Body))
		}
	}
}

// Whatever is not there is a 404, and never the client's own page.
func TestUnknownProgramFilesAreNotFound(t *testing.T) {
	h, opened := open(t)
	stopped := h.upload(t, edition(t, "stopped")).GetString("package")
	h.takeDown(t, programs.Takedown{Scope: programs.ScopeVersion, AppID: "hello", Number: 2, Reason: "It spies."})
	c := serve(t, h)
	for _, path := range []string{
		"/mp/", "/mp/hello", "/mp/hello/", "/mp/nobody/" + strings.Repeat("0", 64) + "/", "/mp/hello/" + strings.Repeat("0", 64) + "/",
		opened.Frame + "index.html", opened.Frame + "pages/index/index.js", opened.Frame + "res/", opened.Frame + "res/gone.png",
		opened.Frame + "package.zip", opened.Frame + "functions.json", opened.Frame + "res/..%2f..%2fdata.db",
		strings.Replace(opened.Frame, "hello", "Hello", 1),
	} {
		got := c.send("GET", path, nil, nil)
		if got.Status != 404 || strings.Contains(string(got.Body), "the client") {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	if got := c.send("GET", "/mp/hello/"+stopped+"/app.js", nil, nil); got.Status != 403 || got.Code() != "program_taken_down" {
		t.Errorf("a version that was taken down: %d %s", got.Status, got.Body)
	}
}

// Makers, testers and reviewers run a version before its release: they are told its hash, which nobody can guess.
func TestUnreleasedVersionsAreServedByTheirHash(t *testing.T) {
	h, _ := open(t)
	waiting := h.upload(t, edition(t, "not released")).GetString("package")
	c := serve(t, h)
	for _, path := range []string{"/mp/hello/" + waiting + "/", "/mp/hello/" + waiting + "/app.js"} {
		if got := c.send("GET", path, nil, nil); got.Status != 200 {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
}

// A program that is taken down says so to whoever opens it, in their language, and gives out no file.
func TestTakenDownProgramSaysSo(t *testing.T) {
	h, opened := open(t)
	takedown := h.takeDown(t, programs.Takedown{Scope: programs.ScopeProgram, AppID: "hello", Rule: "1.1", Reason: "It <lies>."})
	c := serve(t, h)
	got := c.send("GET", opened.Frame+"?lang=zh", nil, nil)
	if got.Status != 403 || !strings.Contains(string(got.Body), "该小程序已被下架。") || strings.Contains(string(got.Body), "<script") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if !strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox allow-scripts") {
		t.Errorf("policy is %q", got.Header.Get("Content-Security-Policy"))
	}
	for _, path := range []string{opened.Frame + "app.js", opened.Frame + "res/images/icon.svg"} {
		if got := c.send("GET", path, nil, nil); got.Status != 403 || got.Code() != "program_taken_down" {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	got = c.send("POST", "/api/mp/hello/launch", h.customer, nil)
	if data := got.Data(); got.Code() != "program_taken_down" || data["rule"] != "1.1" || data["reason"] != "It <lies>." || data["notice"] != "" {
		t.Errorf("launch: %d %s", got.Status, got.Body)
	}
	if _, err := programs.Restore(h.App, takedown.Id, "", h.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	h.takeDown(t, programs.Takedown{Scope: programs.ScopeProgram, AppID: "hello", Reason: "Again.", Notice: "Back on <b>Monday</b>."})
	if got = c.send("GET", opened.Frame, nil, nil); !strings.Contains(string(got.Body), "Back on &lt;b&gt;Monday&lt;/b&gt;.") {
		t.Errorf("the operator's own words: %s", got.Body)
	}
}

// People see and change their own consents only.
func TestConsentsOverHTTP(t *testing.T) {
	h, _ := open(t)
	c := serve(t, h)
	if got := c.send("POST", "/api/mp/hello/consents", nil, []byte(`{"scope":"orders","state":"granted"}`)); got.Code() != "sign_in_required" {
		t.Errorf("a guest consents: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", "/api/mp/hello/consents", h.customer, []byte(`{"scope":"all","state":"granted"}`)); got.Code() != "scope_undeclared" {
		t.Errorf("an undeclared scope: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", "/api/mp/hello/consents", h.customer, []byte(`{"scope":"orders","state":"granted"}`)); got.Status != 200 {
		t.Fatalf("consent: %d %s", got.Status, got.Body)
	}
	if got := c.send("GET", "/api/consents", h.customer, nil); !strings.Contains(string(got.Body), `"scope":"orders"`) {
		t.Errorf("my consents: %s", got.Body)
	}
	if got := c.send("GET", "/api/consents", h.owner, nil); strings.TrimSpace(string(got.Body)) != "[]" {
		t.Errorf("another person's consents: %s", got.Body)
	}
	path := "/api/collections/programs_consents/records"
	if got := c.send("POST", path, h.customer, []byte(`{"user":"`+h.customer.Id+`","appid":"hello","scope":"points","state":"granted"}`)); got.Status < 400 {
		t.Errorf("a consent was written past the verb: %d %s", got.Status, got.Body)
	}
	if got := c.send("DELETE", "/api/mp/hello/consents/orders", h.customer, nil); got.Status != 204 {
		t.Errorf("withdraw: %d %s", got.Status, got.Body)
	}
	if got := c.send("GET", "/api/consents", h.customer, nil); strings.TrimSpace(string(got.Body)) != "[]" {
		t.Errorf("after withdrawing: %s", got.Body)
	}
}

// Nobody writes the registry through the collections, and drafts are nobody's to read but their makers'.
func TestRegistryIsReadOnlyOverREST(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	c := serve(t, h)
	list := func(collection string, user *core.Record) float64 {
		total, _ := c.send("GET", "/api/collections/"+collection+"/records", user, nil).JSON()["totalItems"].(float64)
		return total
	}
	if guest, maker := list("programs", nil), list("programs", h.owner); guest != 0 || maker != 1 {
		t.Errorf("a draft is seen by %v guests and %v makers", guest, maker)
	}
	if stranger, maker := list("programs_versions", h.customer), list("programs_versions", h.owner); stranger != 0 || maker != 1 {
		t.Errorf("a version is seen by %v strangers and %v makers", stranger, maker)
	}
	h.release(t, 1)
	if guest := list("programs", nil); guest != 1 {
		t.Errorf("a live program is seen by %v guests", guest)
	}
	program, err := h.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/collections/programs/records/" + program.Id, "/api/collections/programs_versions/records/" + program.GetString("release")} {
		for _, method := range []string{"PATCH", "DELETE"} {
			if got := c.send(method, path, h.owner, []byte(`{"status":"live","name":"x"}`)); got.Status < 400 {
				t.Errorf("%s %s: %d %s", method, path, got.Status, got.Body)
			}
		}
	}
}

// Anybody can check a token: the public half of the key is published, the private one is not.
func TestPublicKeyIsPublished(t *testing.T) {
	h, _ := open(t)
	got := serve(t, h).send("GET", "/.well-known/jwks.json", nil, nil)
	keys, _ := got.JSON()["keys"].([]any)
	if len(keys) != 1 || strings.Contains(string(got.Body), `"d"`) {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}
