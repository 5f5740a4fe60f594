package clouddb_test

import (
	"archive/zip"
	"encoding/json"
	"errors"
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
	export := func(appid string) (lines []string) {
		openID, err := identity.OpenID(app, ana.Id, appid)
		if err != nil {
			t.Fatal(err)
		}
		err = clouddb.ExportFrom(t.Context(), app, appid, openID, func(line json.RawMessage) error {
			lines = append(lines, string(line))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		kept, err := clouddb.KeptBy(t.Context(), app, appid, openID)
		if err != nil || kept.Documents != len(lines) || (kept.Bytes > 0) != (len(lines) > 0) {
			t.Errorf("%+v %v for %v", kept, err, lines)
		}
		return lines
	}
	if out := export("game"); len(out) != 1 || !strings.Contains(out[0], `"of":"Ana"`) || !strings.Contains(out[0], `"collection":"notes"`) {
		t.Errorf("%s", out)
	}
	if out := export("nothing"); out != nil {
		t.Errorf("a program without a database: %s", out)
	}
	if sizes, err := clouddb.Sizes(app); err != nil || len(sizes) != 2 || sizes["todo"] == 0 {
		t.Errorf("%v %v", sizes, err)
	}
	for _, want := range []int{2, 0} {
		if removed, err := clouddb.Erase(t.Context(), app, ana.Id); removed != want || err != nil {
			t.Errorf("%d %v, want %d", removed, err, want)
		}
	}
	if out := export("game"); out != nil {
		t.Errorf("%s", out)
	}
	if n := count(t, app, "todo"); n != 2 {
		t.Errorf("%d documents are left", n)
	}
}

// A program's database is removed as a whole, but not under somebody's hands; what opens it later finds it empty.
func TestClear(t *testing.T) {
	app := apptest.New(t, clouddb.Register)
	add(t, app, "todo", map[string]any{"n": 1.0})
	add(t, app, "game", map[string]any{"n": 1.0})
	s := clouddb.Of(app).Session("todo", clouddb.Caller{Server: true, Now: now})
	if err := s.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := clouddb.Clear(app, "todo"); !errors.Is(err, clouddb.ErrInUse) {
		t.Errorf("in the middle of a transaction: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := clouddb.Clear(app, "todo"); err != nil {
			t.Error(err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(app.DataDir(), "clouddb", "todo*")); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
	if n := count(t, app, "game"); n != 1 {
		t.Errorf("another program has %d documents", n)
	}
	add(t, app, "todo", map[string]any{"n": 2.0})
	if n := count(t, app, "todo"); n != 1 {
		t.Errorf("%d documents in the new one", n)
	}
	if err := clouddb.Clear(app, "../identity"); err == nil {
		t.Error("a path passed")
	}
}
