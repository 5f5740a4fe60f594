package programs_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/internal/weapp"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// house is an app with an organisation, its owner, a customer, and an operator who reviews.
type house struct {
	core.App
	org      string
	owner    *core.Record
	customer *core.Record
	operator *core.Record
}

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main() // packages are looked into by this very binary
	os.Exit(m.Run())
}

func newHouse(t *testing.T) house {
	t.Helper()
	app := apptest.New(t, func(app core.App) { programs.Register(app, built, nil) })
	makers := apptest.Org(t, app, "makers")
	makers.Set("certified", true)
	if err := app.Save(makers); err != nil {
		t.Fatal(err)
	}
	h := house{App: app, org: makers.Id, owner: apptest.Person(t, app, "owner"), customer: apptest.Person(t, app, "customer"), operator: apptest.Operator(t, app, "operator")}
	apptest.Staff(t, app, makers, h.owner, "owner")
	return h
}

// built is what the build of the user interface leaves for frames.
var built = fstest.MapFS{
	"frame/manifest.json": {Data: []byte(`{"script":"frame-abc123.js","sha256":"cnVudGltZQ==","map":"frame-map-abc123.js","map_sha256":"bWFw","web":"frame-web-abc123.js","database":"frame-database-abc123.js","telegram":"frame-telegram-abc123.js"}`)},
	"index.html":          {Data: []byte("the client")},
}

// project is the files of testdata/hello, to be changed by a test.
func project(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	packed, err := programs.Zip(os.DirFS("testdata"), "hello")
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range archive.File {
		content, err := os.ReadFile(filepath.Join("testdata/hello", entry.Name))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name] = content
	}
	return files
}

func pack(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	folder := fstest.MapFS{}
	for name, content := range files {
		folder["it/"+name] = &fstest.MapFile{Data: content}
	}
	packed, err := programs.Zip(folder, "it")
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

// edition is the hello program with another page, so with other bytes.
func edition(t *testing.T, words string) []byte {
	t.Helper()
	files := project(t)
	files["pages/index/index.wxml"] = []byte("<view>" + words + "</view>\n")
	return pack(t, files)
}

// send uploads for the organisation.
func (h house) send(org, appid string, packed []byte, actor string) (*core.Record, error) {
	return programs.Upload(h.App, programs.Owner{Org: org}, appid, bytes.NewReader(packed), "", actor, now)
}

func (h house) upload(t *testing.T, packed []byte) *core.Record {
	t.Helper()
	version, err := h.send(h.org, "hello", packed, h.owner.Id)
	if err != nil {
		t.Fatalf("upload: %v\n%v", err, findings(err))
	}
	return version
}

// approve takes the version through a review.
func (h house) approve(t *testing.T, number int) {
	t.Helper()
	review, err := programs.Submit(h.App, "hello", number, programs.Submission{}, h.owner.Id, now)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	if _, err := programs.Approve(h.App, review.Id, "", h.operator.Id, now); err != nil {
		t.Fatalf("approve: %v", err)
	}
}

// release gives the version to everybody.
func (h house) release(t *testing.T, number int) {
	t.Helper()
	h.rollOut(t, number, 100)
}

func (h house) rollOut(t *testing.T, number, percent int) {
	t.Helper()
	if _, err := programs.Release(h.App, "hello", number, percent, h.owner.Id, now); err != nil {
		t.Fatalf("release to %d %%: %v", percent, err)
	}
}

func (h house) rollback(t *testing.T, number int) {
	t.Helper()
	if _, err := programs.Rollback(h.App, "hello", number, "it was better", h.owner.Id, now); err != nil {
		t.Fatalf("roll back: %v", err)
	}
}

// states is the state of each version, by number.
func (h house) states(t *testing.T) string {
	t.Helper()
	var states []string
	if err := h.DB().NewQuery("SELECT state FROM programs_versions ORDER BY number").Column(&states); err != nil {
		t.Fatal(err)
	}
	return strings.Join(states, " ")
}

func (h house) wantStates(t *testing.T, want string) {
	t.Helper()
	if got := h.states(t); got != want {
		t.Errorf("states are %q, want %q", got, want)
	}
}

func (h house) program(t *testing.T) *core.Record {
	t.Helper()
	program, err := h.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// suspend takes the program down.
func (h house) suspend(t *testing.T) *core.Record {
	t.Helper()
	return h.takeDown(t, programs.Takedown{Scope: programs.ScopeProgram, AppID: "hello", Reason: "It lies.", Notice: "Closed for now."})
}

func (h house) takeDown(t *testing.T, what programs.Takedown) *core.Record {
	t.Helper()
	takedown, err := programs.TakeDown(h.App, what, h.operator.Id, now)
	if err != nil {
		t.Fatalf("take down: %v", err)
	}
	return takedown
}

func findings(err error) []weapp.Finding {
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		return nil
	}
	list, _ := no.Details["findings"].([]weapp.Finding)
	return list
}

func count(t *testing.T, app core.App, query string) int {
	t.Helper()
	var n int
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM " + query).Row(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func want(t *testing.T, err error, refused error) {
	t.Helper()
	if !errors.Is(err, refused) {
		t.Errorf("got error %v, want %v", err, refused)
	}
}

// From a zip on a laptop to an open program: this is the whole road of a first-party and of any other program.
func TestUploadedPackageIsReleasedAndOpened(t *testing.T) {
	h := newHouse(t)
	version := h.upload(t, pack(t, project(t)))
	if version.GetInt("number") != 1 || version.GetString("state") != "checked" || version.GetString("name") != "1.0.0" {
		t.Errorf("version is %v", version.FieldsData())
	}
	if _, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now); !errors.Is(err, programs.ErrNotFound) {
		t.Errorf("a version that nobody released was opened: %v", err)
	}
	h.release(t, 1)
	opened, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{Scene: 1011}, now)
	if err != nil {
		t.Fatal(err)
	}
	if opened.Frame != "/mp/hello/"+version.GetString("package")+"/" || opened.Version != 1 || opened.Name != "Hello" || opened.Names["fr"] != "Bonjour" {
		t.Errorf("launched %+v", opened)
	}
	if !strings.HasSuffix(opened.Icon, "/res/images/icon.svg") || opened.Color != "#0a7d5a" || !opened.Certified || opened.Org != "makers" {
		t.Errorf("launched %+v", opened)
	}
	if !slices.Equal(opened.Scopes, []string{"profile", "orders", "points"}) || len(opened.Consents) != 0 || len(opened.Config) == 0 {
		t.Errorf("launched %+v", opened)
	}
	program, claims, err := programs.Running(h.App, h.customer, "hello", opened.Token, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if program.Number != 1 || claims.OpenID != opened.OpenID || claims.Scene != 1011 || claims.Package != program.Package {
		t.Errorf("claims are %+v", claims)
	}
	if strings.Contains(opened.Token, h.customer.Id) || opened.OpenID == h.customer.Id {
		t.Error("the token or the openid tells the person's id")
	}
	bundle, err := program.Open(h.App)
	if err != nil {
		t.Fatal(err)
	}
	if len(bundle.Script.Bytes) == 0 || bundle.Functions["echo"]["index.js"] == "" || bundle.Resources["images/icon.svg"].Type != "image/svg+xml" {
		t.Errorf("bundle has functions %v, resources %v", slices.Collect(maps.Keys(bundle.Functions)), slices.Collect(maps.Keys(bundle.Resources)))
	}
}

// A version is its bytes: sending them again, even many times at once, makes no second one.
func TestSameBytesAreTheSameVersion(t *testing.T) {
	h := newHouse(t)
	packed := pack(t, project(t))
	var uploads sync.WaitGroup
	for range 6 {
		uploads.Go(func() {
			version, err := h.send(h.org, "hello", packed, h.owner.Id)
			if err != nil || version.GetInt("number") != 1 {
				t.Errorf("upload: version %v, error %v", version, err)
			}
		})
	}
	uploads.Wait()
	if other := h.upload(t, edition(t, "other")); other.GetInt("number") != 2 {
		t.Errorf("other bytes are version %d", other.GetInt("number"))
	}
	if again := h.upload(t, packed); again.GetInt("number") != 1 {
		t.Errorf("the first bytes are version %d now", again.GetInt("number"))
	}
	if n := count(t, h, "programs_versions"); n != 2 {
		t.Errorf("there are %d versions", n)
	}
}

// An author must be told what is wrong and where, and a refused package must leave nothing behind.
func TestBrokenPackagesAreRefusedWithTheirPlace(t *testing.T) {
	h := newHouse(t)
	manifest := string(project(t)["manifest.json"])
	cases := []struct {
		name, file, content string // an empty content removes the file
		code                string
		line                int
	}{
		{"manifest is no JSON", "manifest.json", "{\n\t\"app_id\": \"hello\",\n\t\"name\" \"Hello\"\n}", "manifest_json", 3},
		{"manifest lies about its id", "manifest.json", strings.Replace(manifest, `"hello"`, `"market"`, 1), "manifest_app_id", 2},
		{"name of the wrong type", "manifest.json", strings.Replace(manifest, `"name": "Hello"`, `"name": 7`, 1), "manifest_json", 3},
		{"no name", "manifest.json", strings.Replace(manifest, `"name": "Hello"`, `"name": " "`, 1), "manifest_name", 3},
		{"unknown scope", "manifest.json", strings.Replace(manifest, `"points"]`, `"everything"]`, 1), "manifest_scope", 8},
		{"a scope twice", "manifest.json", strings.Replace(manifest, `"points"]`, `"orders"]`, 1), "manifest_scope", 8},
		{"color by name", "manifest.json", strings.Replace(manifest, `"#0a7d5a"`, `"green"`, 1), "manifest_color", 11},
		{"a member twice", "manifest.json", strings.Replace(manifest, `"name": "Hello"`, "\"name\": \"Hello\",\n\t\"name\": \"Hallo\"", 1), "manifest_json", 4},
		{"a manifest like a book", "manifest.json", strings.Replace(manifest, `{`, "{"+strings.Repeat(" ", 64_000), 1), "manifest_too_large", 1},
		{"a name that is written backwards", "manifest.json", strings.Replace(manifest, `"name": "Hello"`, "\"name\": \"\u202eazalP\"", 1), "manifest_name", 3},
		{"an icon from elsewhere", "manifest.json", strings.Replace(manifest, `"#0a7d5a"`, `"#0a7d5a", "icon": "//example.com/a.png"`, 1), "manifest_icon", 0},
		{"function that is not there", "manifest.json", strings.Replace(manifest, `"proxy"]`, `"pay"]`, 1), "manifest_function", 9},
		{"icon that is not there", "images/icon.svg", "", "manifest_icon", 5},
		{"no app.json", "app.json", "", "", 0},
		{"app.json is no JSON", "app.json", "{ \"pages\": [\n  oops\n] }", "", 2},
		{"script with a syntax error", "pages/index/index.js", "Page({\n  data: {,\n})", "", 2},
		{"page that is not there", "app.json", `{ "pages": ["pages/gone/gone"] }`, "", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := project(t)
			if c.content == "" {
				delete(files, c.file)
			} else {
				files[c.file] = []byte(c.content)
			}
			_, err := h.send(h.org, "hello", pack(t, files), h.owner.Id)
			want(t, err, programs.ErrInvalid)
			found := slices.ContainsFunc(findings(err), func(f weapp.Finding) bool {
				return f.Severity == "error" && (c.code == "" || f.Code == c.code) && (c.line == 0 || f.Line == c.line) && f.Message != ""
			})
			if !found {
				t.Errorf("no such finding in %+v", findings(err))
			}
		})
	}
	if n := count(t, h, "programs") + count(t, h, "programs_versions"); n != 0 {
		t.Errorf("refused packages left %d rows", n)
	}
	if left, _ := filepath.Glob(filepath.Join(h.DataDir(), "programs", "*")); len(left) != 0 {
		t.Errorf("refused packages left %v", left)
	}
}

// The address of an icon goes into the program's row at its release; that it is too long must be said before.
func TestAnIconWithALongPathIsRefused(t *testing.T) {
	h := newHouse(t)
	files, long := project(t), strings.Repeat("images/", 20)+"icon.svg"
	files["manifest.json"] = []byte(strings.Replace(string(files["manifest.json"]), "images/icon.svg", long, 1))
	files[long] = files["images/icon.svg"]
	_, err := h.send(h.org, "hello", pack(t, files), h.owner.Id)
	want(t, err, programs.ErrInvalid)
	if found := findings(err); len(found) != 1 || found[0].Code != "manifest_icon" {
		t.Errorf("%+v", found)
	}
}

// What is no package at all has the same answer; what is too large has its own, with the limit's name.
func TestWhatIsNoPackageIsRefused(t *testing.T) {
	h := newHouse(t)
	_, err := h.send(h.org, "hello", []byte("not a zip"), h.owner.Id)
	want(t, err, programs.ErrInvalid)
	if len(findings(err)) != 1 {
		t.Errorf("findings are %+v", findings(err))
	}
	_, err = h.send(h.org, "hello", nil, h.owner.Id)
	want(t, err, programs.ErrInvalid)
	_, err = h.send(h.org, "hello", make([]byte, check.Default().Limits.PackageBytes+1), h.owner.Id)
	want(t, err, programs.ErrTooLarge)
	for _, appid := range []string{"", "x", "Hello", "../hello", "hello/..", "a b", strings.Repeat("a", 64)} {
		_, err := h.send(h.org, appid, pack(t, project(t)), h.owner.Id)
		want(t, err, programs.ErrBadAppID)
	}
}

// An appid is a name that people trust: nobody may upload under somebody else's.
func TestAnAppIDBelongsToOneOrganisation(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	other := apptest.Org(t, h, "others").Id
	for _, packed := range [][]byte{pack(t, project(t)), edition(t, "mine now")} {
		_, err := h.send(other, "hello", packed, "somebody")
		want(t, err, programs.ErrAppIDTaken)
	}
}

// Whoever can write to the disk must not be able to change a program that was checked.
func TestAlteredBytesAreNotOpened(t *testing.T) {
	h := newHouse(t)
	version := h.upload(t, pack(t, project(t)))
	bundle := filepath.Join(h.DataDir(), "programs", version.GetString("package"), "bundle.zip")
	right, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	// Another program's bundle is a perfectly readable one.
	second := h.upload(t, edition(t, "second"))
	wrong, err := os.ReadFile(filepath.Join(h.DataDir(), "programs", second.GetString("package"), "bundle.zip"))
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, bundle, wrong)
	_, err = programs.Release(h.App, "hello", 1, 100, "operator", now)
	want(t, err, programs.ErrAltered)

	overwrite(t, bundle, right)
	h.release(t, 1)
	other := reopened(t, h) // a process that has nothing in memory
	overwrite(t, bundle, append(slices.Clone(right), 0))
	_, err = programs.Launch(other, h.customer, "hello", programs.Opening{}, now)
	want(t, err, programs.ErrAltered)
	if err := os.Remove(bundle); err != nil {
		t.Fatal(err)
	}
	_, err = programs.Launch(other, h.customer, "hello", programs.Opening{}, now)
	want(t, err, programs.ErrAltered)
	overwrite(t, bundle, right)
	if _, err = programs.Launch(other, h.customer, "hello", programs.Opening{}, now); err != nil {
		t.Errorf("the restored file is refused: %v", err)
	}
}

func overwrite(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// reopened forgets what this process holds of the programs, as a restart does.
func reopened(t *testing.T, h house) core.App {
	t.Helper()
	h.Store().Remove("plaza.programs")
	return h.App
}

// A server that was killed in the middle of an upload leaves nothing that the next upload trips over or keeps.
func TestAnInterruptedUploadIsTakenUpAgain(t *testing.T) {
	h := newHouse(t)
	packed := pack(t, project(t))
	version := h.upload(t, packed)
	root := filepath.Join(h.DataDir(), "programs")
	// As if the process had died: one folder without its name, one with its name but without a row, damaged.
	if err := os.MkdirAll(filepath.Join(root, ".new-123"), 0o700); err != nil {
		t.Fatal(err)
	}
	overwrite(t, filepath.Join(root, version.GetString("package"), "bundle.zip"), []byte("half"))
	for _, table := range []string{"programs_versions", "programs"} {
		if _, err := h.DB().NewQuery("DELETE FROM " + table).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	apptest.Server(t, h.App) // a server that starts sweeps first
	if _, err := os.Stat(filepath.Join(root, version.GetString("package"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a package that no version names is still there: %v", err)
	}
	h.upload(t, packed)
	h.release(t, 1)
	if _, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(root, ".new-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
