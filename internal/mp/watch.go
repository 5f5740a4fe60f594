package mp

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long a folder must be quiet before it counts as saved: editors write a file in several steps,
// and a branch that is checked out writes hundreds.
const settle = 120 * time.Millisecond

// watch tells when anything below dir has changed, once for each burst of changes. The channel is closed when
// ctx ends.
func watch(ctx context.Context, dir string) (<-chan struct{}, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	if err := watchTree(watcher, dir); err != nil {
		_ = watcher.Close() // what went wrong before matters more
		return nil, err
	}
	changes := make(chan struct{}, 1)
	go func() {
		defer close(changes)
		defer watcher.Close() //nolint:errcheck // nothing depends on it any more
		pass(ctx, watcher, changes)
	}()
	return changes, nil
}

// pass lets one change through when the folder has become quiet.
func pass(ctx context.Context, watcher *fsnotify.Watcher, changes chan<- struct{}) {
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-watcher.Events:
			if !open {
				return
			}
			if hidden(event.Name) || event.Op == fsnotify.Chmod {
				continue
			}
			if event.Has(fsnotify.Create) {
				_ = watchTree(watcher, event.Name) // it may be gone again, or a file
			}
			quiet = time.After(settle)
		case _, open := <-watcher.Errors:
			if !open {
				return
			}
			quiet = time.After(settle) // events were lost; looking once more costs little
		case <-quiet:
			quiet = nil
			select {
			case changes <- struct{}{}:
			default: // one is waiting already
			}
		}
	}
}

// watchTree watches dir and every folder below it that is part of the project.
func watchTree(watcher *fsnotify.Watcher, dir string) error {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return err
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		case path != dir && hidden(path):
			return fs.SkipDir
		}
		return watcher.Add(path)
	})
}

// hidden is true for what does not go into a package.
func hidden(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || name == "node_modules"
}
