package clouddb_test

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/sqlite"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

func add(t *testing.T, app core.App, appid string, doc map[string]any) {
	t.Helper()
	s := clouddb.Of(app).Session(appid, clouddb.Caller{Server: true, Now: now})
	if _, err := s.Add(t.Context(), clouddb.Write{Collection: "notes", Data: doc}); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, app core.App, appid string) int {
	t.Helper()
	n, err := clouddb.Of(app).Session(appid, clouddb.Caller{Server: true, Now: now}).Count(t.Context(), clouddb.Query{Collection: "notes"})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A backup made while a program writes holds the file whole, and the restored folder has it.
func TestBackup(t *testing.T) {
	app := apptest.New(t, clouddb.Register)
	for i := range 50 {
		add(t, app, "todo", map[string]any{"_id": fmt.Sprint(i), "n": float64(i)})
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				add(t, app, "todo", map[string]any{"n": float64(i)})
			}
		}
	}()
	if err := app.CreateBackup(t.Context(), "test.zip"); err != nil {
		t.Fatal(err)
	}
	close(stop)
	<-stopped
	if left, err := filepath.Glob(filepath.Join(app.DataDir(), "clouddb_backup*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	dir := filepath.Join(t.TempDir(), "pb_data")
	names := extract(t, filepath.Join(app.DataDir(), "backups", "test.zip"), dir)
	if strings.Contains(names, "clouddb/") {
		t.Errorf("living files are in the backup: %s", names)
	}
	again := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: sqlite.Connect})
	clouddb.Register(again)
	if err := again.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, again, "todo"); n < 50 {
		t.Errorf("the restored file has %d documents", n)
	}
	if err := clouddb.Of(again).Close(); err != nil {
		t.Error(err)
	}
	if err := again.ClearBootstrap(); err != nil {
		t.Error(err)
	}
}

func extract(t *testing.T, path, dir string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close() //nolint:errcheck // it was only read
	var names []string
	for _, entry := range archive.File {
		names = append(names, entry.Name)
		if entry.FileInfo().IsDir() {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(dir, filepath.FromSlash(entry.Name))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(names, " ")
}

// What is a person's in all programs is given out, and removed with nothing of others.
func TestAPersonsDocuments(t *testing.T) {
	app := apptest.New(t, clouddb.Register)
	ana, bob := apptest.Person(t, app, "Ana"), apptest.Person(t, app, "Bob")
	for _, appid := range []string{"todo", "game"} {
		for _, user := range []*core.Record{ana, bob} {
			openID, err := identity.OpenID(app, user.Id, appid)
			if err != nil {
				t.Fatal(err)
			}
			add(t, app, appid, map[string]any{"_openid": openID, "of": user.GetString("name")})
		}
		add(t, app, appid, map[string]any{"of": "nobody"})
	}
	out, err := clouddb.Export(t.Context(), app, ana.Id)
	if err != nil || len(out) != 2 || len(out["todo"]) != 1 || !strings.Contains(string(out["game"][0]), `"of":"Ana"`) {
		t.Errorf("%s %v", out, err)
	}
	for _, want := range []int{2, 0} {
		if removed, err := clouddb.Erase(t.Context(), app, ana.Id); removed != want || err != nil {
			t.Errorf("%d %v, want %d", removed, err, want)
		}
	}
	if out, err := clouddb.Export(t.Context(), app, ana.Id); err != nil || len(out) != 0 {
		t.Errorf("%s %v", out, err)
	}
	if n := count(t, app, "todo"); n != 2 {
		t.Errorf("%d documents are left", n)
	}
}
