package erasure_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/erasure"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
)

// keep makes a program keep a document and a file of the person.
func keep(t *testing.T, app core.App, user *core.Record, appid, text string) {
	t.Helper()
	openID, err := identity.Meet(app, user.Id, appid)
	if err != nil {
		t.Fatal(err)
	}
	now := clock.Now(app)
	s := clouddb.Of(app).Session(appid, clouddb.Caller{Server: true, Now: now})
	if _, err := s.Add(t.Context(), clouddb.Write{Collection: "notes", Data: map[string]any{"_openid": openID, "text": text}}); err != nil {
		t.Fatal(err)
	}
	keepFile(t, app, user, appid, "of/"+user.GetString("name")+".txt", strings.NewReader(text))
}

// keepFile makes a program keep a file of the person, who has met it.
func keepFile(t *testing.T, app core.App, user *core.Record, appid, path string, content io.Reader) {
	t.Helper()
	openID, err := identity.OpenID(app, user.Id, appid)
	if err != nil {
		t.Fatal(err)
	}
	who := cloudfiles.Caller{AppID: appid, OpenID: openID, Rules: query.Schema{}.FileRules(), Reviewed: true, Now: clock.Now(app)}
	if _, err := cloudfiles.Put(t.Context(), app, who, path, content); err != nil {
		t.Fatal(err)
	}
}

func program(t *testing.T, app core.App, owner *core.Record, appid string) *core.Record {
	t.Helper()
	return apptest.Record(t, app, "programs", map[string]any{
		"appid": appid, "owner": owner.Id, "name": "Program " + appid, "kind": "app", "status": "live", "names": map[string]string{"fr": "Le " + appid},
	})
}

func audited(t *testing.T, app core.App, act string) (list []string) {
	t.Helper()
	if err := app.DB().NewQuery("SELECT subject || ' ' || actor FROM ledger_audit WHERE act = {:act} ORDER BY seq").Bind(map[string]any{"act": act}).Column(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

// A person sees what programs keep about them, takes it as a zip and has it erased; what is another's stays another's.
func TestWhatProgramsKeepAboutSomebody(t *testing.T) {
	app := apptest.New(t, jobsOnly, clouddb.Register, cloudfiles.Register, erasure.Register)
	ana, bob := apptest.Person(t, app, "Ana"), apptest.Person(t, app, "Bob")
	for _, appid := range []string{"todo", "game", "empty"} {
		program(t, app, bob, appid)
	}
	keep(t, app, ana, "todo", "mine, "+strings.Repeat("long ", 100))
	keep(t, app, ana, "game", "mine too")
	keep(t, app, bob, "todo", "of bob")
	if _, err := identity.Meet(app, ana.Id, "empty"); err != nil {
		t.Fatal(err)
	}
	apptest.Record(t, app, "programs_consents", map[string]any{"user": ana.Id, "appid": "todo", "scope": "profile", "state": "granted", "duration": "always"})
	client := apptest.NewClient(t, app)
	token := apptest.Token(t, ana)
	kept := client.Do("GET", "/api/kept", token, nil)
	var list []erasure.Holding
	if err := json.Unmarshal(kept.Body, &list); err != nil || len(list) != 2 || list[0].AppID != "todo" || list[0].Documents != 1 || list[0].Files != 1 || list[0].Bytes < 1000 || list[1].Names["fr"] != "Le game" {
		t.Fatalf("%s %v", kept.Body, err)
	}
	files := export(t, client, "todo", token)
	if len(files) != 2 || !strings.HasPrefix(files["files/of/Ana.txt"], "mine, ") || strings.Contains(files["data.json"], "of bob") {
		t.Errorf("%v", files)
	}
	var data struct {
		OpenID    string
		Documents []struct {
			Collection string
			Document   map[string]any
		}
		Consents []map[string]any
		Files    []map[string]any
		Bills    []any
	}
	if err := json.Unmarshal([]byte(files["data.json"]), &data); err != nil || len(data.Documents) != 1 || data.Documents[0].Collection != "notes" ||
		data.Documents[0].Document["_openid"] != data.OpenID || len(data.Consents) != 1 || len(data.Files) != 1 || data.Bills == nil {
		t.Errorf("%v %s", err, files["data.json"])
	}
	if got := export(t, client, "empty", token); len(got) != 1 || !json.Valid([]byte(got["data.json"])) {
		t.Errorf("of a program that keeps nothing: %v", got)
	}
	if got := client.Do("DELETE", "/api/mp/todo/data", token, nil); string(bytes.TrimSpace(got.Body)) != `{"documents":1,"files":1,"scores":0}` {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := client.Do("DELETE", "/api/mp/todo/data", token, nil); string(bytes.TrimSpace(got.Body)) != `{"documents":0,"files":0,"scores":0}` {
		t.Errorf("again: %d %s", got.Status, got.Body)
	}
	if got := audited(t, app, "erasure.person"); len(got) != 1 || got[0] != "todo "+ana.Id {
		t.Errorf("%v", got)
	}
	if got := export(t, client, "todo", apptest.Token(t, bob)); !strings.Contains(got["data.json"], "of bob") || got["files/of/Bob.txt"] != "of bob" {
		t.Errorf("what is Bob's: %v", got)
	}
	for _, path := range []string{"/api/kept", "/api/mp/todo/data"} {
		if got := client.Do("GET", path, "", nil); got.Code() != "sign_in_required" {
			t.Errorf("a guest: %d %s", got.Status, got.Body)
		}
	}
	for _, method := range []string{"GET", "DELETE"} {
		if got := client.Do(method, "/api/mp/nothing/data", token, nil); got.Code() != "program_not_found" {
			t.Errorf("%s of no program: %d %s", method, got.Status, got.Body)
		}
	}
}

func jobsOnly(app core.App) { jobs.Register(app, func() bool { return false }) }

func export(t *testing.T, client *apptest.Client, appid, token string) map[string]string {
	t.Helper()
	got := client.Do("GET", "/api/mp/"+appid+"/data", token, nil)
	archive, err := zip.NewReader(bytes.NewReader(got.Body), int64(len(got.Body)))
	if err != nil {
		t.Fatalf("%d %s %v", got.Status, got.Body, err)
	}
	out := map[string]string{}
	for _, entry := range archive.File {
		reader, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		out[entry.Name] = string(content)
	}
	return out
}

// With an account goes what programs keep under it, also in programs that nobody remembers having opened.
func TestAnAccountThatIsDeleted(t *testing.T) {
	app := apptest.New(t, jobsOnly, clouddb.Register, cloudfiles.Register, erasure.Register)
	ana, bob := apptest.Person(t, app, "Ana"), apptest.Person(t, app, "Bob")
	keep(t, app, ana, "todo", "a")
	keep(t, app, bob, "todo", "b")
	if _, err := app.DB().NewQuery("DELETE FROM identity_openids").Execute(); err != nil {
		t.Fatal(err)
	}
	if err := app.Delete(ana); err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.RunDue(app, clock.Now(app).Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	list, err := erasure.Usage(app)
	if err != nil || len(list) != 1 || list[0].Files != 1 {
		t.Errorf("%+v %v", list, err)
	}
	if got := audited(t, app, "erasure.person"); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// What an ended program kept stays for a while, in which people take what is theirs, and then goes by itself.
func TestAProgramThatIsEnded(t *testing.T) {
	app := apptest.New(t, jobsOnly, clouddb.Register, cloudfiles.Register, erasure.Register)
	ana := apptest.Person(t, app, "Ana")
	ended := program(t, app, ana, "todo")
	program(t, app, ana, "game")
	keep(t, app, ana, "todo", "a")
	keep(t, app, ana, "game", "b")
	ended.Set("status", "deleted")
	if err := app.Save(ended); err != nil {
		t.Fatal(err)
	}
	client := apptest.NewClient(t, app)
	token := apptest.Token(t, ana)
	left := func(at time.Time) int {
		t.Helper()
		if _, err := jobs.RunDue(app, at); err != nil {
			t.Fatal(err)
		}
		list, err := erasure.Usage(app)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	began := time.Now()
	if n := left(began.Add(erasure.Grace - 26*time.Hour)); n != 2 {
		t.Errorf("before its time: %d", n)
	}
	if got := client.Do("GET", "/api/kept", token, nil); !strings.Contains(string(got.Body), `"status":"deleted"`) {
		t.Errorf("%s", got.Body)
	}
	if files := export(t, client, "todo", token); len(files) != 2 {
		t.Errorf("%v", files)
	}
	if n := left(began.Add(erasure.Grace + 26*time.Hour)); n != 1 {
		t.Errorf("after its time: %d", n)
	}
	if found, err := filepath.Glob(filepath.Join(app.DataDir(), "cloud*", "todo*", "*", "*")); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
	if n := left(began.Add(erasure.Grace + 80*time.Hour)); n != 1 {
		t.Errorf("%d", n)
	}
	if got := audited(t, app, "erasure.program"); len(got) != 1 || got[0] != "todo " {
		t.Errorf("%v", got)
	}
}

// How much programs keep is the operator's to see.
func TestUsage(t *testing.T) {
	app := apptest.New(t, jobsOnly, clouddb.Register, cloudfiles.Register, erasure.Register)
	ana, eve := apptest.Person(t, app, "Ana"), apptest.Operator(t, app, "Eve")
	keep(t, app, ana, "todo", "a")
	client := apptest.NewClient(t, app)
	if got := client.Do("GET", "/api/cloud/usage", apptest.Token(t, ana), nil); got.Code() != "operator_only" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	got := client.Do("GET", "/api/cloud/usage", apptest.Token(t, eve), nil)
	var list []erasure.Use
	if err := json.Unmarshal(got.Body, &list); err != nil || len(list) != 1 || list[0].FileBytes != 1 || list[0].DatabaseBytes == 0 || list[0].FileLimit != cloudfiles.Quota {
		t.Errorf("%s %v", got.Body, err)
	}
}
