package programs

import (
	"archive/zip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// filesShown is how many names of files a list of changes has at most.
const filesShown = 200

// FileChanges is which files of the package differ from the released version's. Each list ends at filesShown.
type FileChanges struct {
	Added   []string `json:"files_added"`
	Changed []string `json:"files_changed"`
	Removed []string `json:"files_removed"`
}

// changedFiles compares the packages of two versions; before may be nil.
func changedFiles(app core.App, before, after *core.Record) (FileChanges, error) {
	old := map[string][sha256.Size]byte{}
	var err error
	if before != nil {
		if old, err = packedFiles(app, before); err != nil {
			return FileChanges{}, err
		}
	}
	young, err := packedFiles(app, after)
	if err != nil {
		return FileChanges{}, err
	}
	changes := FileChanges{Added: []string{}, Changed: []string{}, Removed: []string{}}
	note := func(list *[]string, name string) {
		if len(*list) < filesShown {
			*list = append(*list, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(young)) {
		if was, known := old[name]; !known {
			note(&changes.Added, name)
		} else if was != young[name] {
			note(&changes.Changed, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		if _, stays := young[name]; !stays {
			note(&changes.Removed, name)
		}
	}
	return changes, nil
}

// packedFiles is the hash of each file of a version's package as it lies there, compressed: that needs no
// unpacking, and what is the same compressed is the same. The archive's own checksums would not do, because
// anybody can make another file that has them.
func packedFiles(app core.App, version *core.Record) (map[string][sha256.Size]byte, error) {
	files := map[string][sha256.Size]byte{}
	archive, err := zip.OpenReader(filepath.Join(registryOf(app).root, version.GetString("package"), packageFile))
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil // gone from the disk; releasing it will say so
	}
	if err != nil {
		return nil, fmt.Errorf("open package of version %s: %w", version.Id, err)
	}
	defer archive.Close() //nolint:errcheck // it was only read
	for _, file := range archive.File {
		if strings.HasSuffix(file.Name, "/") {
			continue
		}
		packed, err := file.OpenRaw()
		if err != nil {
			return nil, fmt.Errorf("read %s of version %s: %w", file.Name, version.Id, err)
		}
		sum := sha256.New()
		fmt.Fprintf(sum, "%d\n", file.Method)
		if _, err := io.Copy(sum, packed); err != nil {
			return nil, fmt.Errorf("read %s of version %s: %w", file.Name, version.Id, err)
		}
		files[file.Name] = [sha256.Size]byte(sum.Sum(nil))
	}
	return files, nil
}
