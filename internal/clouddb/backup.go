package clouddb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// programs are the ids of all that have a file.
func (f *Files) programs() ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, entry := range entries {
		if appid, ok := strings.CutSuffix(entry.Name(), suffix); ok && !entry.IsDir() {
			out = append(out, appid)
		}
	}
	return out, err
}

// backUp puts a copy of each file, whole at one instant, beside the files, and keeps the files themselves out of the
// archive: half of what is in them may stand in their logs.
func backUp(e *core.BackupEvent, files *Files) (err error) {
	copies := filepath.Join(e.App.DataDir(), restored)
	if err := os.RemoveAll(copies); err != nil {
		return fmt.Errorf("back up cloud databases: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(copies)) }()
	appids, err := files.programs()
	if err != nil {
		return fmt.Errorf("back up cloud databases: %w", err)
	}
	if err := os.MkdirAll(copies, 0o700); err != nil {
		return fmt.Errorf("back up cloud databases: %w", err)
	}
	for _, appid := range appids {
		if err := files.copyTo(e.Context, appid, filepath.Join(copies, appid+suffix)); err != nil {
			return fmt.Errorf("back up the cloud database of %s: %w", appid, err)
		}
	}
	e.Exclude = append(e.Exclude, folder)
	return e.Next()
}

func (f *Files) copyTo(ctx context.Context, appid, path string) error {
	one, err := f.take(appid)
	if err != nil {
		return err
	}
	defer f.give(one)
	_, err = one.reader.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}

// takeRestored gives the files of a restored backup their place. Files that are there already are the living ones, and
// the copies beside them those of a backup that did not end.
func takeRestored(dataDir string) error {
	living, copies := filepath.Join(dataDir, folder), filepath.Join(dataDir, restored)
	if _, err := os.Stat(copies); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if _, err := os.Stat(living); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, os.RemoveAll(copies))
	}
	return os.Rename(copies, living)
}
