// Package migrations holds the schema, one JavaScript file per domain in PocketBase's own migration format.
//
// The files are embedded and registered by hand, because PocketBase's loader reads them from disk only and
// the binary must start in an empty folder. The invariant: a file that has shipped is never edited; what
// changes gets a new file.
package migrations

import (
	"embed"
	"fmt"

	"github.com/dop251/goja"
	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // PocketBase's own tables come first
	"github.com/pocketbase/pocketbase/plugins/jsvm"
)

//go:embed *.js
var files embed.FS

// Register adds every embedded migration to PocketBase's list, to be applied at start.
// It is called once per process, before the app is bootstrapped.
func Register() error {
	entries, err := files.ReadDir(".")
	if err != nil {
		return fmt.Errorf("read embedded migrations: %w", err)
	}
	for _, entry := range entries {
		if err := register(entry.Name()); err != nil {
			return fmt.Errorf("migration %s: %w", entry.Name(), err)
		}
	}
	return nil
}

func register(name string) error {
	source, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	vm := goja.New()
	jsvm.BindCore(vm)
	jsvm.BindDbx(vm)
	jsvm.BindSecurity(vm)
	if err := vm.Set("migrate", func(up, down func(core.App) error) {
		core.AppMigrations.Register(up, down, name)
	}); err != nil {
		return err
	}
	_, err = vm.RunScript(name, string(source))
	return err
}
