// Package hooks holds the operator's policies in JavaScript, run by PocketBase's own engine: trusted, small,
// replaceable. The invariant: a policy may refuse, it never moves money, points or stock.
package hooks

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/plugins/jsvm"
)

//go:embed main.pb.js policies
var files embed.FS

// engines is how many JavaScript engines are kept warm. Policies run on sign-up and profile changes only.
const engines = 2

// Register loads the policies. A folder `hooks` in the working directory wins over those in the binary, which
// are unpacked into the data folder because PocketBase's engine reads from disk only.
func Register(app core.App) error {
	dir := "hooks"
	if entry, err := os.Stat(filepath.Join(dir, "main.pb.js")); err != nil || entry.IsDir() {
		if dir, err = unpack(app); err != nil {
			return err
		}
	}
	return jsvm.Register(app, jsvm.Config{
		HooksDir:      dir,
		HooksPoolSize: engines,
		TypesDir:      filepath.Join(app.DataDir(), ".bundle"),
		// Migrations are embedded and registered by their own package.
		MigrationsDir: filepath.Join(app.DataDir(), ".bundle", "no-migrations"),
	})
}

func unpack(app core.App) (string, error) {
	dir := filepath.Join(app.DataDir(), ".bundle", "hooks")
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("clear the unpacked hooks: %w", err)
	}
	if err := os.CopyFS(dir, files); err != nil {
		return "", fmt.Errorf("unpack the hooks: %w", err)
	}
	app.OnBackupCreate().BindFunc(func(e *core.BackupEvent) error {
		e.Exclude = append(e.Exclude, ".bundle")
		return e.Next()
	})
	return dir, nil
}
