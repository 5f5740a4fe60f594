package programs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/programs"
)

// Uploads at once of different bytes are different versions, each with its own number, whoever sends them; the
// same bytes among them are one.
func TestUploadsAtOnceAreNeitherLostNorDoubled(t *testing.T) {
	h := newHouse(t)
	var uploads sync.WaitGroup
	for i := range 24 {
		uploads.Go(func() {
			if _, err := h.send(h.org, "hello", edition(t, fmt.Sprint("edition ", i%12)), h.owner.Id); err != nil {
				t.Errorf("upload %d: %v", i, err)
			}
		})
	}
	uploads.Wait()
	if n := count(t, h, "programs_versions"); n != 12 {
		t.Errorf("%d versions, want 12", n)
	}
	var last, packages int
	if err := h.DB().NewQuery("SELECT MAX(number), COUNT(DISTINCT package) FROM programs_versions").Row(&last, &packages); err != nil {
		t.Fatal(err)
	}
	if last != 12 || packages != 12 {
		t.Errorf("the last number is %d, %d packages", last, packages)
	}
	for _, folder := range left(t, h) {
		if _, err := os.Stat(filepath.Join(h.DataDir(), "programs", folder, "bundle.zip")); err != nil || strings.HasPrefix(folder, ".") {
			t.Errorf("%s is no whole version (%v)", folder, err)
		}
	}
}

// Two who want the same new appid at once: one gets it, and nothing of the other's stays.
func TestTwoOwnersWantOneAppID(t *testing.T) {
	h := newHouse(t)
	others := apptest.Org(t, h, "others").Id
	var uploads sync.WaitGroup
	refused := make(chan error, 8)
	for i := range 8 {
		uploads.Go(func() {
			_, err := h.send([]string{h.org, others}[i%2], "hello", edition(t, fmt.Sprint(i)), h.owner.Id)
			if err != nil {
				refused <- err
			}
		})
	}
	uploads.Wait()
	close(refused)
	for err := range refused {
		want(t, err, programs.ErrAppIDTaken)
	}
	versions := count(t, h, "programs_versions")
	if versions != 4 || count(t, h, "programs") != 1 || len(left(t, h)) != versions {
		t.Errorf("%d versions, %d folders", versions, len(left(t, h)))
	}
}

// left is what lies in the folder of packages.
func left(t *testing.T, h house) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(h.DataDir(), "programs"))
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// endless is a body that never ends and counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

// A body without a length is refused as soon as it is too long, not when it ends.
func TestAnEndlessBodyIsRefusedAtTheLimit(t *testing.T) {
	h := newHouse(t)
	body := &endless{}
	_, err := programs.Upload(h.App, programs.Owner{Org: h.org}, "hello", body, "", h.owner.Id, now)
	want(t, err, programs.ErrTooLarge)
	if limit := int64(check.Default().Limits.PackageBytes); body.read > limit+(1<<20) {
		t.Errorf("%d bytes were read of at most %d", body.read, limit)
	}
	if files := left(t, h); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	c := serve(t, h)
	request, err := http.NewRequest(http.MethodPost, c.Server.URL+"/api/mp/hello/versions?org="+h.org, io.LimitReader(&endless{}, int64(check.Default().Limits.PackageBytes)+1000))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", apptest.Token(t, h.owner))
	response, err := c.Server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // only its status matters
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", response.StatusCode)
	}
}

// Anybody may check a package before there is a program; afterwards its makers may. Nothing is kept of it.
func TestACheckKeepsNothing(t *testing.T) {
	h := newHouse(t)
	c := serve(t, h)
	files := project(t)
	files["pages/index/index.js"] = []byte("Page({\n  data: {,\n})")
	broken := pack(t, files)
	got := c.send("POST", "/api/mp/hello/check", h.customer, broken)
	if got.Status != 200 || !strings.Contains(string(got.Body), `"line":2`) || got.Text("kind") != "app" {
		t.Errorf("check: %d %s", got.Status, got.Body)
	}
	upload := c.send("POST", "/api/mp/hello/versions", h.customer, broken)
	if report, _ := upload.Data()["report"].(map[string]any); upload.Status != 422 || report["kind"] != "app" || upload.Data()["findings"] == nil {
		t.Errorf("upload: %d %s", upload.Status, upload.Body)
	}
	if got := c.send("POST", "/api/mp/hello/check", nil, broken); got.Code() != "sign_in_required" {
		t.Errorf("a guest checks: %d %s", got.Status, got.Body)
	}
	if n := count(t, h, "programs") + len(left(t, h)); n != 0 {
		t.Errorf("checks left %d things", n)
	}
	h.upload(t, pack(t, project(t)))
	if got := c.send("POST", "/api/mp/hello/check", h.customer, broken); got.Code() != "not_maker" {
		t.Errorf("a stranger checks: %d %s", got.Status, got.Body)
	}
}

// A machine uploads, releases and rolls back with a key, which is good for one program, for one person's rights,
// and not for handing out more keys.
func TestUploadKeys(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	manager := apptest.Person(t, h, "manager")
	org, err := h.FindRecordById("orgs", h.org)
	if err != nil {
		t.Fatal(err)
	}
	apptest.Staff(t, h, org, manager, "manager")
	c := serve(t, h)
	if got := c.send("POST", "/api/mp/hello/keys", h.customer, []byte(`{"name":"ci"}`)); got.Code() != "not_maker" {
		t.Errorf("a stranger makes a key: %d %s", got.Status, got.Body)
	}
	made := c.send("POST", "/api/mp/hello/keys", manager, []byte(`{"name":"ci"}`))
	secret := made.Text("key")
	if made.Status != 200 || !strings.HasPrefix(secret, "pk_") || len(secret) < 50 {
		t.Fatalf("make a key: %d %s", made.Status, made.Body)
	}
	if n := count(t, h, "programs_keys WHERE hash LIKE '%pk_%'"); n != 0 {
		t.Error("the secret is in the database")
	}
	keyed := map[string]string{programs.KeyHeader: secret}
	version := c.Do("POST", "/api/mp/hello/versions?note=by+machine", "", edition(t, "second"), keyed)
	if version.Status != 200 || version.Text("note") != "by machine" || version.Text("uploaded_by") != manager.Id {
		t.Fatalf("upload: %d %s", version.Status, version.Body)
	}
	for path, body := range map[string]string{"/api/mp/hello/versions/1/release": "", "/api/mp/hello/versions/2/release": `{"percent":20}`, "/api/mp/hello/versions/1/rollback": ""} {
		if got := c.Do("POST", path, "", body, keyed); got.Status != 200 && got.Code() != "never_released" {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	if got := c.Do("GET", "/api/mp/hello/versions", "", nil, keyed); got.Status != 200 {
		t.Errorf("versions: %d %s", got.Status, got.Body)
	}
	for path, method := range map[string]string{"/api/mp/hello/keys": "POST", "/api/mp/hello/testers": "POST", "/api/mp/hello": "DELETE", "/api/mp/hello/launch": "POST", "/api/mp/mine": "GET"} {
		if got := c.Do(method, path, "", `{"name":"more"}`, keyed); got.Code() != "sign_in_required" {
			t.Errorf("%s with a key: %d %s", path, got.Status, got.Body)
		}
	}
	for what, wrong := range map[string]string{"no key": "pk_nothing", "cut": secret[:len(secret)-1]} {
		if got := c.Do("POST", "/api/mp/hello/versions", "", edition(t, "third"), map[string]string{programs.KeyHeader: wrong}); got.Code() != "key_invalid" {
			t.Errorf("%s: %d %s", what, got.Status, got.Body)
		}
	}
	if got := c.Do("POST", "/api/mp/another/versions", "", edition(t, "third"), keyed); got.Status < 400 {
		t.Errorf("a key makes another program: %d %s", got.Status, got.Body)
	}
	list := c.send("GET", "/api/mp/hello/keys", h.owner, nil)
	if strings.Contains(string(list.Body), secret) || !strings.Contains(string(list.Body), `"used_at":"2026-03-10`) {
		t.Errorf("keys: %s", list.Body)
	}
	remove(t, h, "staff", "user", manager.Id)
	if got := c.Do("GET", "/api/mp/hello/versions", "", nil, keyed); got.Code() != "not_maker" {
		t.Errorf("the key of somebody who left: %d %s", got.Status, got.Body)
	}
	apptest.Staff(t, h, org, manager, "owner")
	for range 2 {
		if got := c.send("DELETE", "/api/mp/hello/keys/"+made.Text("id"), h.owner, nil); got.Status != 204 {
			t.Errorf("revoke: %d %s", got.Status, got.Body)
		}
	}
	if got := c.Do("GET", "/api/mp/hello/versions", "", nil, keyed); got.Code() != "key_invalid" {
		t.Errorf("a revoked key: %d %s", got.Status, got.Body)
	}
}

// A certified agency makes programs for others: it uploads and releases, while it is certified and wanted, but it
// neither ends the program nor passes it on.
func TestAnAgencyMakesProgramsForOthers(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	agency, builder := apptest.Org(t, h, "studio"), apptest.Person(t, h, "builder")
	apptest.Staff(t, h, agency, builder, "manager")
	c := serve(t, h)
	name := func(who string) []byte { return encoded(t, map[string]string{"org": who}) }
	if got := c.send("POST", "/api/mp/hello/agency", h.owner, name(agency.Id)); got.Code() != "agency_not_certified" {
		t.Errorf("an agency that is none: %d %s", got.Status, got.Body)
	}
	agency.Set("certified_agency", true)
	if err := h.Save(agency); err != nil {
		t.Fatal(err)
	}
	if got := c.send("POST", "/api/mp/hello/versions", builder, edition(t, "second")); got.Code() != "not_maker" {
		t.Errorf("before: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", "/api/mp/hello/agency", h.owner, name(agency.Id)); got.Text("agency") != agency.Id {
		t.Fatalf("agency: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", "/api/mp/hello/versions", builder, edition(t, "second")); got.Status != 200 {
		t.Errorf("the agency uploads: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", "/api/mp/hello/versions/2/release", builder, nil); got.Text("state") != "released" {
		t.Errorf("the agency releases: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", "/api/mp/hello/agency", builder, name("")); got.Code() != "not_maker" {
		t.Errorf("the agency passes it on: %d %s", got.Status, got.Body)
	}
	if got := c.send("DELETE", "/api/mp/hello", builder, nil); got.Code() != "not_maker" {
		t.Errorf("the agency ends it: %d %s", got.Status, got.Body)
	}
	opened, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil || opened.Agency == nil || *opened.Agency != (programs.Agency{Name: "studio", Certified: true}) || !opened.Publisher.AgencyCertified || opened.Publisher.Name != "makers" {
		t.Errorf("launched %+v (%v)", opened, err)
	}
	agency.Set("certified_agency", false)
	if err := h.Save(agency); err != nil {
		t.Fatal(err)
	}
	if got := c.send("POST", "/api/mp/hello/versions/1/rollback", builder, nil); got.Code() != "not_maker" {
		t.Errorf("no longer certified: %d %s", got.Status, got.Body)
	}
}

// A tester is named by address; whoever is not here cannot be.
func TestTestersAreNamedByAddress(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	c := serve(t, h)
	path := "/api/mp/hello/testers"
	if got := c.send("POST", path, h.customer, []byte(`{"email":"customer@plaza.test"}`)); got.Code() != "not_maker" {
		t.Errorf("a stranger names: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", path, h.owner, []byte(`{"email":"nobody@plaza.test"}`)); got.Code() != "person_not_found" {
		t.Errorf("nobody: %d %s", got.Status, got.Body)
	}
	for range 2 {
		if got := c.send("POST", path, h.owner, []byte(`{"email":"customer@plaza.test"}`)); got.Status != 200 || strings.Count(string(got.Body), `"user"`) != 1 {
			t.Errorf("name: %d %s", got.Status, got.Body)
		}
	}
	if got := c.send("POST", "/api/mp/hello/launch", h.customer, []byte(`{"version":1}`)); got.Status != 200 || got.JSON()["trial"] != true {
		t.Errorf("trial: %d %s", got.Status, got.Body)
	}
}

// A program of plain HTML is its own document: behind the runtime, under the same walls, its files beside it.
func TestAWebProgramIsItsOwnDocument(t *testing.T) {
	h := newHouse(t)
	version := h.upload(t, pack(t, map[string][]byte{
		"manifest.json": []byte(`{"app_id":"hello","name":"Hello","x_plaza":{"kind":"web"}}`),
		"index.html":    []byte("<!doctype html>\n<!-- <head> --><html><head><title>Web</title><link rel=\"stylesheet\" href=\"style.css\"><script src=\"app.js\"></script></head><body><p>hi</p></body></html>\n"),
		"more.html":     []byte("<!doctype html><html><head><title>More</title></head><body></body></html>\n"),
		"style.css":     []byte("p { color: teal }\n"),
		"app.js":        []byte("document.title = \"mine\"\n"),
	}))
	if version.GetString("kind") != "web" {
		t.Fatalf("kind is %s", version.GetString("kind"))
	}
	h.release(t, 1)
	opened, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil || opened.Kind != "web" {
		t.Fatalf("launched %+v (%v)", opened, err)
	}
	c := serve(t, h)
	const runtime = "<!doctype html>\n<script crossorigin src=\"/frame/frame-web-abc123.js\"></script>\n"
	for page, text := range map[string]string{"": "<title>Web</title>", "more.html": "<title>More</title>"} {
		got := c.send("GET", opened.Frame+page, nil, nil)
		if got.Status != 200 || !bytes.HasPrefix(got.Body, []byte(runtime)) || !strings.Contains(string(got.Body), text) {
			t.Errorf("%s: %d %s", page, got.Status, got.Body)
		}
		policy := got.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';") || !strings.Contains(policy, "connect-src 'none'") {
			t.Errorf("%s: policy is %q", page, policy)
		}
		if allowed := got.Header.Get("Connection-Allowlist"); allowed != "(response-origin)" {
			t.Errorf("%s: connections are %q", page, allowed)
		}
	}
	for file, kind := range map[string]string{"style.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8"} {
		got := c.send("GET", opened.Frame+file, nil, nil)
		if got.Status != 200 || got.Header.Get("Content-Type") != kind || strings.Contains(string(got.Body), "__c(") ||
			strings.Contains(string(got.Body), "self.RTCPeerConnection") != (file == "app.js") {
			t.Errorf("%s: %d %s %s", file, got.Status, got.Header.Get("Content-Type"), got.Body)
		}
	}
	if got := c.send("GET", opened.Frame+"gone.html", nil, nil); got.Status != 404 {
		t.Errorf("gone: %d", got.Status)
	}
	if got := c.send("GET", opened.Frame+"res/index.html", nil, nil); strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		t.Error("a document is served without the runtime")
	}
}

// The drawer: recents latest first, favourites in the person's order, counts; forgetting is not un-using.
func TestAPersonsDrawer(t *testing.T) {
	h := newHouse(t)
	for _, appid := range []string{"hello", "one", "two"} {
		files := project(t)
		if appid != "hello" {
			files["manifest.json"] = []byte(`{"app_id":"` + appid + `","name":"` + appid + `","x_plaza":{"names":{"fr":"Le ` + appid + `"}}}`)
		}
		if _, err := h.send(h.org, appid, pack(t, files), h.owner.Id); err != nil {
			t.Fatal(errors.Join(err, fmt.Errorf("%v", findings(err))))
		}
		if appid == "two" {
			continue
		}
		if _, err := programs.Release(h.App, appid, 1, 100, h.owner.Id, now); err != nil {
			t.Fatal(err)
		}
	}
	c := serve(t, h)
	for i, appid := range []string{"hello", "one", "hello"} {
		if _, err := programs.Launch(h.App, h.customer, appid, programs.Opening{}, now.AddDate(0, 0, i)); err != nil {
			t.Fatal(err)
		}
	}
	list := func(got apptest.Answer, which string) string {
		t.Helper()
		items, _ := got.JSON()[which].([]any)
		var names []string
		for _, item := range items {
			names = append(names, fmt.Sprint(item.(map[string]any)["name"]))
		}
		return strings.Join(names, ", ")
	}
	mine := c.send("GET", "/api/mp/mine?lang=fr", h.customer, nil)
	if mine.Status != 200 || list(mine, "recents") != "Bonjour, Le one" || list(mine, "favorites") != "" {
		t.Errorf("mine: %d %s", mine.Status, mine.Body)
	}
	if used, err := programs.Used(h.App, h.customer.Id, h.program(t).Id); err != nil || used.GetInt("opens") != 2 || !used.GetDateTime("first_at").Time().Equal(now) {
		t.Errorf("used %v (%v)", used, err)
	}
	if n := h.program(t).GetInt("people"); n != 1 {
		t.Errorf("%d people", n)
	}
	kept := c.send("PUT", "/api/mp/mine", h.customer, []byte(`{"favorites":["one","hello","one"]}`))
	if list(kept, "favorites") != "one, Hello" {
		t.Errorf("keep: %d %s", kept.Status, kept.Body)
	}
	if got := c.send("PUT", "/api/mp/mine", h.customer, []byte(`{"favorites":["two"]}`)); got.Code() != "program_not_found" {
		t.Errorf("keep a draft: %d %s", got.Status, got.Body)
	}
	if got := c.send("PUT", "/api/mp/mine", h.customer, []byte(`{"favorites":["hello"]}`)); list(got, "favorites") != "Hello" {
		t.Errorf("keep one: %d %s", got.Status, got.Body)
	}
	if err := programs.SetBadge(h.App, h.customer.Id, h.program(t).Id, 3); err != nil {
		t.Fatal(err)
	}
	if got := c.send("GET", "/api/mp/mine", h.customer, nil); !strings.Contains(string(got.Body), `"badges":{"hello":3}`) {
		t.Errorf("badges: %s", got.Body)
	}
	if got := c.send("DELETE", "/api/mp/mine/recents/hello", h.customer, nil); got.Status != 204 {
		t.Errorf("forget: %d %s", got.Status, got.Body)
	}
	if got := c.send("GET", "/api/mp/mine", h.customer, nil); list(got, "recents") != "one" || list(got, "favorites") != "Hello" {
		t.Errorf("after forgetting one: %s", got.Body)
	}
	c.send("DELETE", "/api/mp/mine/recents", h.customer, nil)
	if got := c.send("GET", "/api/mp/mine", h.customer, nil); list(got, "recents") != "" {
		t.Errorf("after forgetting: %s", got.Body)
	}
	if used, err := programs.Used(h.App, h.customer.Id, h.program(t).Id); err != nil || used == nil {
		t.Errorf("forgetting is un-using: %v (%v)", used, err)
	}
	if _, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now); err != nil {
		t.Fatal(err)
	}
	if got := c.send("GET", "/api/mp/mine", h.customer, nil); list(got, "recents") != "Hello" || strings.Contains(string(got.Body), `"badges":{"hello"`) {
		t.Errorf("opened again: %s", got.Body)
	}
	if got := c.send("GET", "/api/mp/mine", h.owner, nil); list(got, "recents") != "" {
		t.Errorf("another person's drawer: %s", got.Body)
	}
}
