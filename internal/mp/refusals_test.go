package mp_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/apptest"
)

// A "no" has an exit code of its own kind and says what to do next.
func TestRefusalsSayWhatToDo(t *testing.T) {
	app := apptest.New(t, register)
	client := apptest.NewClient(t, app)
	apptest.Person(t, app, "Mina")
	apptest.Person(t, app, "Theo")
	d := newDesk(t)
	server := client.Server.URL

	d.must(0, "init", "hello")
	t.Chdir("hello")
	d.must(3, "upload").has(t, "No server is known", "plaza mp login --server")
	d.must(3, "upload", "--server", server).has(t, "not signed in", "plaza mp login")
	d.must(3, "login", "--server", "http://127.0.0.1:1", "--email", "mina@plaza.test").has(t, "cannot be reached")
	d.must(2, "login", "--server", "ftp://plaza", "--email", "mina@plaza.test").has(t, "no address")
	d.must(3, "login", "--server", server, "--email", "nobody@plaza.test").has(t, "does not know")

	d.must(0, "login", "--server", server, "--email", "mina@plaza.test")
	d.must(4, "status").has(t, "no such mini program", "Upload it first")
	d.must(0, "upload")
	d.must(4, "rollback", "1").has(t, "released before")
	d.must(4, "release", "9").has(t, "no such version", "plaza mp status")
	d.must(2, "release", "nine").has(t, "no version")
	d.must(2, "release", "1", "--at", "tomorrow").has(t, "is no time")
	d.must(4, "release", "1", "--percent", "101").has(t, "percentage")

	d.must(0, "login", "--server", server, "--email", "theo@plaza.test")
	taken := d.must(4, "upload", "--json").object(t)["error"].(map[string]any)
	if taken["code"] != "appid_taken" && taken["code"] != "not_maker" {
		t.Errorf("another's appid is refused with %v", taken)
	}
	d.must(4, "status")
	d.must(0, "logout")
	d.must(3, "status", "--server", server).has(t, "not signed in")
}

// A machine uploads with a key: for its own program, until the key is revoked, and never with a login beside it.
func TestUploadKeyIsForOneProgram(t *testing.T) {
	app := apptest.New(t, register)
	client := apptest.NewClient(t, app)
	mina := apptest.Token(t, apptest.Person(t, app, "Mina"))
	d := newDesk(t)
	d.must(0, "login", "--server", client.Server.URL, "--email", "mina@plaza.test")
	d.must(0, "init", "one")
	d.must(0, "init", "two")
	d.must(0, "upload", "one")
	d.must(0, "upload", "two")
	made := client.Must(200, "POST", "/api/mp/one/keys", mina, map[string]string{"name": "build machine"})
	if err := os.WriteFile("key", []byte(made.Text("key")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.must(0, "logout")

	server := []string{"--server", client.Server.URL}
	edit(t, "one/manifest.json", "1.0.0", "1.0.1")
	d.must(0, append(server, "upload", "--pp", "one", "--pkp", "key")...).has(t, "version 2")
	d.must(0, append(server, "submit", "latest", "-p", "one", "--key", "key")...)
	d.must(3, append(server, "upload", "two", "--key", "key")...).has(t, "upload key")
	t.Setenv("PLAZA_KEY", made.Text("key"))
	d.must(0, append(server, "status", "--appid", "one")...).has(t, "in review")
	d.must(0, append(server, "withdraw", "latest", "--appid", "one")...)
	d.must(3, append(server, "status", "--appid", "two")...)
	t.Setenv("PLAZA_KEY", "wrong")
	d.must(0, append(server, "login", "--email", "mina@plaza.test")...)
	d.must(3, "status", "--appid", "one").has(t, "upload key")
}

// The token is for the person alone, and for the server that it came from alone.
func TestTokenStaysWhereItBelongs(t *testing.T) {
	app := apptest.New(t, register)
	client := apptest.NewClient(t, app)
	apptest.Person(t, app, "Mina")
	d := newDesk(t)
	d.must(0, "init", "hello")
	d.must(0, "login", "--server", client.Server.URL, "--email", "mina@plaza.test")

	var file string
	err := filepath.WalkDir(os.Getenv("XDG_CONFIG_HOME"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			file = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v, %v", file, info.Mode(), err)
	}

	seen := http.Header{}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		http.Redirect(w, r, client.Server.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer other.Close()
	d.must(3, "status", "-p", "hello", "--server", other.URL).has(t, "not signed in")
	t.Setenv("PLAZA_KEY", "a-key")
	d.must(3, "status", "-p", "hello", "--server", other.URL).has(t, "sends on to", client.Server.URL)
	if seen.Get("Authorization") != "" {
		t.Error("the token of one server went to another")
	}
}

// What is wrong on this machine never becomes a request.
func TestUsageIsExitCodeTwo(t *testing.T) {
	d := newDesk(t)
	d.must(2, "check", "--nonsense").has(t, "unknown flag")
	d.must(2, "fly").has(t, "plaza mp --help")
	d.must(2, "release")
	d.must(2, "check", "nowhere").has(t, "nowhere")
	d.must(2, "init", "x", "--template", "book").has(t, "app, game, web and todo")
	d.must(2, "init", "x", "--template", "game", "--cloud")
	d.must(2, "init", "hello", "--appid", "No Good").has(t, "--appid hello")
	d.must(0, "init", "hello")
	d.must(2, "init", "hello").has(t, "is there already")
	d.must(2, "build", "hello").has(t, "-o")
	d.must(2, "dev", "nowhere")
	d.must(2, "logs", "-p", "hello", "--level", "loud")
	answer := d.must(2, "status", "--json").object(t)["error"].(map[string]any)
	if answer["code"] != "no_project" || !strings.Contains(answer["next"].(string), "--appid") {
		t.Errorf("the error is %v", answer)
	}
	if code := d.run("--help").code; code != 0 {
		t.Errorf("help ended with %d", code)
	}
}
