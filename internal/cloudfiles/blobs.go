package cloudfiles

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/pocketbase/pocketbase/core"
)

const (
	folder   = "cloudfiles"
	arriving = "cloudfiles_new" // what is being written; no backup takes it along
	storeKey = "plaza.cloudfiles"
)

// disk is where the bytes lie.
type disk struct {
	root, arriving string
	turns          chan struct{} // one for each upload that may run

	mu      sync.Mutex
	backups int      // that run now: nothing is removed before they end
	doomed  []string // to be removed then
}

func diskOf(app core.App) *disk {
	return app.Store().GetOrSet(storeKey, func() any {
		return &disk{
			root: filepath.Join(app.DataDir(), folder), arriving: filepath.Join(app.DataDir(), arriving),
			turns: make(chan struct{}, uploadsAtOnce),
		}
	}).(*disk)
}

func (d *disk) at(appid, blob string) string { return filepath.Join(d.root, appid, blob[:2], blob) }

// turn waits for room among the uploads.
func (d *disk) turn(ctx context.Context) (leave func(), err error) {
	select {
	case d.turns <- struct{}{}:
		return func() { <-d.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// arrived is content on the disk that has no row yet.
type arrived struct {
	blob string
	size int64
	head []byte // its first bytes, by which its type is known
}

// write puts content on the disk under a new name, durably. Whoever then does not give it a row removes it.
func (d *disk) write(appid string, content io.Reader, limit int64) (a arrived, err error) {
	if err := os.MkdirAll(d.arriving, 0o700); err != nil {
		return a, err
	}
	file, err := os.CreateTemp(d.arriving, "*")
	if err != nil {
		return a, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	a.size, err = io.Copy(file, io.LimitReader(content, limit+1))
	if err == nil && a.size > limit {
		err = ErrTooLarge.With("limit", limit)
	}
	if err == nil {
		a.head = make([]byte, min(a.size, sniffed))
		_, err = file.ReadAt(a.head, 0)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return a, err
	}
	var name [16]byte
	_, _ = rand.Read(name[:]) // never fails: crypto/rand ends the process instead
	a.blob = hex.EncodeToString(name[:])
	return a, place(file.Name(), d.at(appid, a.blob))
}

// place gives a file its name, and makes sure that the name outlives a crash.
func place(from, to string) error {
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	for _, each := range []string{dir, filepath.Dir(dir), filepath.Dir(filepath.Dir(dir))} {
		if err := syncFolder(each); err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// sniffed is how many bytes tell a type.
const sniffed = 512

func (d *disk) open(file File) (*os.File, error) {
	content, err := os.Open(d.at(file.AppID, file.Blob))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoFile // its row went between then and now
	}
	return content, err
}

// remove takes bytes away that no row names any more. While a backup runs they stay: its rows may name them.
func (d *disk) remove(appid string, blobs ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, blob := range blobs {
		if name := d.at(appid, blob); d.backups > 0 {
			d.doomed = append(d.doomed, name)
		} else {
			_ = os.Remove(name) // what cannot be removed now is swept at the next start
		}
	}
}

// backUp keeps every file in place while the archive is made.
func (d *disk) backUp(e *core.BackupEvent) error {
	d.mu.Lock()
	d.backups++
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.backups--; d.backups == 0 {
			for _, name := range d.doomed {
				_ = os.Remove(name)
			}
			d.doomed = nil
		}
	}()
	e.Exclude = append(e.Exclude, arriving)
	return e.Next()
}

// sweep removes what uploads of a process that was killed have left: bytes without a row. Only the process that has
// the data folder to itself may do so, and before it takes uploads.
func sweep(app core.App) error {
	d := diskOf(app)
	if err := os.RemoveAll(d.arriving); err != nil {
		return fmt.Errorf("sweep cloud files: %w", err)
	}
	var blobs []string
	if err := app.DB().NewQuery("SELECT blob FROM cloudfiles_files").Column(&blobs); err != nil {
		return fmt.Errorf("sweep cloud files: %w", err)
	}
	named := make(map[string]bool, len(blobs))
	for _, blob := range blobs {
		named[blob] = true
	}
	err := filepath.WalkDir(d.root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || named[entry.Name()] {
			return err
		}
		return os.Remove(name)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sweep cloud files: %w", err)
	}
	return nil
}

// typeOf is what the bytes are; where they do not tell, the name's ending may, among what is only ever looked at or
// listened to. What a browser would run or read as a page is plain text.
func typeOf(name string, head []byte) string {
	kind := http.DetectContentType(head)
	ending := endings[filepath.Ext(name)]
	switch kind {
	case "text/html; charset=utf-8", "text/xml; charset=utf-8", "text/plain; charset=utf-8", "text/plain; charset=utf-16be", "text/plain; charset=utf-16le":
		if ending == "image/svg+xml" || ending == "application/json" || ending == "text/csv" {
			return ending
		}
		return "text/plain; charset=utf-8"
	case "application/octet-stream":
		if ending != "" && ending != "image/svg+xml" && ending != "application/json" && ending != "text/csv" {
			return ending
		}
	}
	return kind
}

// endings are the types that bytes alone do not tell.
var endings = map[string]string{
	".svg": "image/svg+xml", ".avif": "image/avif", ".heic": "image/heic", ".mp3": "audio/mpeg", ".m4a": "audio/mp4",
	".aac": "audio/aac", ".mov": "video/quicktime", ".mp4": "video/mp4", ".json": "application/json", ".csv": "text/csv",
}
