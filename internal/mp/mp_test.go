package mp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/gateway"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/mp"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/ui"
)

var update = flag.Bool("update", false, "write what the commands say as the expected words")

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

// register binds what a creator meets, as main does.
func register(app core.App) {
	pool := sandbox.NewPool(sandbox.Options{})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		pool.Close()
		return e.Next()
	})
	ledger.Register(app)
	identity.Register(app)
	programs.Register(app, ui.Dist, nil)
	logs.Register(app)
	bridge.Register(app, pool)
	jobs.Register(app, func() bool { return true })
	gateway.Register(app, ui.Dist)
}

// desk is where a creator sits: a folder, a configuration of their own, and no environment of ours.
type desk struct {
	t   *testing.T
	dir string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir()}
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(t.TempDir(), "config"))
	t.Setenv("HOME", t.TempDir())
	t.Setenv("PLAZA_PASSWORD", apptest.Password)
	for _, name := range []string{"PLAZA_SERVER", "PLAZA_KEY"} {
		t.Setenv(name, "")
	}
	t.Chdir(d.dir)
	return d
}

// on is the desk for a part of the test.
func (d *desk) on(t *testing.T) *desk { return &desk{t, d.dir} }

// said is what a run of the command left.
type said struct {
	code     int
	out, err string
}

func (d *desk) run(args ...string) said {
	d.t.Helper()
	return d.runWith(d.t.Context(), args...)
}

func (d *desk) runWith(ctx context.Context, args ...string) said {
	d.t.Helper()
	var out, err bytes.Buffer
	code := mp.Run(ctx, register, mp.Streams{In: strings.NewReader(""), Out: &out, Err: &err}, args)
	return said{code, out.String(), err.String()}
}

// must is run that ends the test unless the exit code is the expected one.
func (d *desk) must(code int, args ...string) said {
	d.t.Helper()
	got := d.run(args...)
	if got.code != code {
		d.t.Fatalf("plaza mp %s ended with %d, want %d\n%s%s", strings.Join(args, " "), got.code, code, got.out, got.err)
	}
	return got
}

func (s said) has(t *testing.T, words ...string) said {
	t.Helper()
	for _, one := range words {
		if !strings.Contains(s.out+s.err, one) {
			t.Errorf("%q is not in:\n%s%s", one, s.out, s.err)
		}
	}
	return s
}

// object is standard output, which must be one JSON object.
func (s said) object(t *testing.T) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(s.out))
	out := map[string]any{}
	if err := decoder.Decode(&out); err != nil {
		t.Fatalf("not a JSON object: %v\n%s", err, s.out)
	}
	if decoder.More() {
		t.Errorf("more than one document:\n%s", s.out)
	}
	return out
}

// golden compares words with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(source, "testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs. It says\n%s\nand should say\n%s", name, got, want)
	}
}

// source is this package's folder, before a test goes elsewhere.
var source, _ = os.Getwd()

func edit(t *testing.T, file, old, fresh string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(content), old, fresh, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// approve is what an operator does about the program's open review.
func approve(t *testing.T, client *apptest.Client, operator string, appid string, number string) {
	t.Helper()
	review := client.Must(200, "GET", "/api/mp/"+appid+"/review", operator, nil).JSON()["review"].(map[string]any)
	id := review["id"].(string)
	client.Must(200, "POST", "/api/reviews/"+id+"/claim", operator, map[string]any{})
	client.Must(200, "POST", "/api/mp/"+appid+"/versions/"+number+"/approve", operator, map[string]string{"note": "fine"})
}

// One program from the first file to the roll-back, by nothing but the command.
func TestProgramFromInitToRollback(t *testing.T) {
	app := apptest.New(t, register)
	client := apptest.NewClient(t, app)
	apptest.Person(t, app, "Mina")
	operator := apptest.Token(t, apptest.Operator(t, app, "Otto"))
	d := newDesk(t)

	d.must(0, "init", "skies", "--template", "app", "--cloud", "--name", "Ciel & Co").has(t, "skies/app.json", "plaza mp dev skies")
	d.must(0, "check", "skies", "--strict").has(t, "No errors, no warnings")
	edit(t, "skies/pages/sky/sky.js", "next() {", "next( {")
	broken := d.must(1, "check", "skies").has(t, "pages/sky/sky.js", "error")
	if !regexp.MustCompile(`(?m)^  \d+:\d+ `).MatchString(broken.out) {
		t.Errorf("no line and column in:\n%s", broken.out)
	}
	report := d.must(1, "check", "skies", "--json").object(t)
	if first := report["findings"].([]any)[0].(map[string]any); first["file"] != "pages/sky/sky.js" || first["line"] == nil {
		t.Errorf("the report begins with %v", first)
	}

	d.must(0, "login", "--server", client.Server.URL, "--email", "mina@plaza.test").has(t, "Mina")
	t.Chdir("skies")
	d.must(1, "upload").has(t, "pages/sky/sky.js", "without a server")
	edit(t, "pages/sky/sky.js", "next( {", "next() {")
	d.must(2, "upload", "--uv", "2.0.0").has(t, "1.0.0", "2.0.0")
	d.must(0, "upload", "--ud", "the first", "-r", "7", "--uv", "1.0.0").has(t, "version 1 (1.0.0)", "checked")
	again := d.must(0, "upload", "--json").object(t)
	if again["number"] != 1.0 || again["note"] != "the first (robot 7)" {
		t.Errorf("the same bytes became %v with note %v", again["number"], again["note"])
	}

	d.must(0, "submit", "latest", "--notes", "tap a sky", "--test-account", "none needed").has(t, "version 1 waits")
	d.must(0, "status").has(t, "in review", "place 1 of 1")
	d.must(4, "release", "1").has(t, "plaza mp submit")
	approve(t, client, operator, "skies", "1")
	d.must(0, "status").has(t, "approved")
	d.must(0, "release", "1.0.0", "--percent", "20").has(t, "rolling out to 20 %")
	d.must(0, "status").has(t, "rolling out to 20 %")
	d.must(0, "release", "1").has(t, "everybody gets version 1 (1.0.0)")

	edit(t, "manifest.json", `"1.0.0"`, `"1.1.0"`)
	d.must(0, "upload", "--note", "second").has(t, "version 2 (1.1.0)")
	d.must(0, "submit", "1.1.0")
	approve(t, client, operator, "skies", "2")
	d.must(0, "release", "latest", "--at", "+2h").has(t, "will be released to 100 %")
	d.must(0, "unschedule", "latest").has(t, "not scheduled")
	d.must(0, "release", "latest")
	golden(t, "status.golden", d.must(0, "status").out)
	d.must(0, "rollback", "1", "--reason", "too blue").has(t, "back to version 1 (1.0.0)")
	if state := states(t, d); state["1"] != "released" || state["2"] != "rolled_back" {
		t.Errorf("after the roll-back: %v", state)
	}
}

func states(t *testing.T, d *desk) map[string]string {
	t.Helper()
	var answer struct {
		Versions struct {
			Versions []struct {
				Number json.Number `json:"number"`
				State  string      `json:"state"`
			} `json:"versions"`
		} `json:"versions"`
	}
	if err := json.Unmarshal([]byte(d.must(0, "status", "--json").out), &answer); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, v := range answer.Versions.Versions {
		out[v.Number.String()] = v.State
	}
	return out
}
