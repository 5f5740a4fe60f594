// Package apptest makes a throwaway Plaza for a test: a real SQLite file with the whole schema, in a
// folder of its own that goes when the test ends. There are no mocks; a new app costs milliseconds because
// the migrated folder is made once per process and copied.
package apptest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/sqlite"
	migrations "plaza.internal/plaza/pb_migrations"
)

var template = sync.OnceValues(func() (string, error) {
	if err := migrations.Register(); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "plaza-test-template-*")
	if err != nil {
		return "", err
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: sqlite.Connect})
	if err := app.Bootstrap(); err != nil {
		return "", err
	}
	if err := app.RunAllMigrations(); err != nil {
		return "", err
	}
	if err := cheapPasswords(app); err != nil {
		return "", err
	}
	if _, err := app.NonconcurrentDB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Execute(); err != nil {
		return "", err
	}
	return dir, app.ClearBootstrap()
})

// cheapPasswords is the one way in which a test's schema differs: hashing at full strength would take most
// of the time of a test with thirty people.
func cheapPasswords(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.GetByName(core.FieldNamePassword).(*core.PasswordField).Cost = 4
	return app.Save(users)
}

// New is an app with every migration applied and nothing in it. The register functions bind what the test
// is about, as main does for the real server. The app is closed and its folder removed when the test ends.
func New(t testing.TB, register ...func(core.App)) core.App {
	t.Helper()
	source, err := template()
	if err != nil {
		t.Fatalf("prepare the test template: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "pb_data")
	if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
		t.Fatalf("copy the test template: %v", err)
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: sqlite.Connect})
	if err := app.Bootstrap(); err != nil {
		t.Fatalf("bootstrap: %v", err)
	}
	app.Settings().Logs.MaxDays = 0 // the log writer is a goroutine that outlives the test
	for _, bind := range register {
		bind(app)
	}
	t.Cleanup(func() {
		event := &core.TerminateEvent{App: app}
		if err := app.OnTerminate().Trigger(event, func(e *core.TerminateEvent) error {
			return app.ClearBootstrap()
		}); err != nil {
			t.Errorf("close the test app: %v", err)
		}
	})
	return app
}
