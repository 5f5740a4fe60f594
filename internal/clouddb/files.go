package clouddb

import (
	"container/list"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/sqlite"
)

const (
	folder   = "clouddb"
	restored = "clouddb_backup" // how the files stand in a backup
	suffix   = ".db"
	storeKey = "plaza.clouddb"
)

// Files are the programs' files, opened when they are needed. It is safe for use by many goroutines.
type Files struct {
	dir   string
	limit int64         // of one file
	long  chan struct{} // one for each long scan that may run: half of the cores

	mu      sync.Mutex
	closed  bool
	open    map[string]*file
	idle    *list.List // *file that nobody uses, most recently used first
	signals map[signalKey]*signal
	watched map[string]int // watchers by program, and by program and person
}

// file is one program's. While users is not 0 it stays open.
type file struct {
	appid   string
	users   int
	rest    *list.Element
	once    sync.Once
	failure error

	long    chan struct{}
	writing chan struct{} // holds one token while somebody writes
	writer  *sql.DB
	reader  *sql.DB
	version atomic.Int64
	names   sync.Map // collection name → int64, of those that are committed
	indexes sync.Map // int64 → []fieldIndex
}

// Of gives the app's files.
func Of(app core.App) *Files {
	return app.Store().GetOrSet(storeKey, func() any { return newFiles(app.DataDir(), FileLimit) }).(*Files)
}

func newFiles(dataDir string, limit int64) *Files {
	return &Files{
		dir: filepath.Join(dataDir, folder), limit: limit, open: map[string]*file{}, idle: list.New(),
		long:    make(chan struct{}, max(1, runtime.NumCPU()/2)),
		signals: map[signalKey]*signal{}, watched: map[string]int{},
	}
}

// Register closes the files when the app ends and puts them into its backups.
func Register(app core.App) {
	app.OnBootstrap().BindFunc(func(e *core.BootstrapEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		return takeRestored(e.App.DataDir())
	})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		return errors.Join(Of(e.App).Close(), e.Next())
	})
	app.OnBackupCreate().BindFunc(func(e *core.BackupEvent) error { return backUp(e, Of(e.App)) })
}

var errClosed = errors.New("the cloud database is closed")

// take opens the program's file if need be; the caller gives it back.
func (f *Files) take(appid string) (*file, error) {
	if !filepath.IsLocal(appid) || filepath.Base(appid) != appid || appid[0] == '.' {
		return nil, fmt.Errorf("clouddb: %q is not a program's id", appid)
	}
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil, errClosed
	}
	one := f.open[appid]
	if one == nil {
		one = &file{appid: appid, writing: make(chan struct{}, 1), long: f.long}
		f.open[appid] = one
	}
	one.users++
	if one.rest != nil {
		f.idle.Remove(one.rest)
		one.rest = nil
	}
	f.mu.Unlock()
	one.once.Do(func() { one.failure = one.prepare(f.dir, f.limit) })
	if one.failure != nil {
		f.give(one)
		return nil, fmt.Errorf("open the cloud database of %s: %w", appid, one.failure)
	}
	return one, nil
}

// give takes a file back; the one that was idle the longest is closed when there are too many.
func (f *Files) give(one *file) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one.users--; one.users > 0 {
		return
	}
	if f.closed || one.failure != nil {
		f.shut(one)
		return
	}
	one.rest = f.idle.PushFront(one)
	if f.idle.Len() > filesOpen {
		f.shut(f.idle.Remove(f.idle.Back()).(*file))
	}
}

// shut closes a file that nobody uses; the caller holds the lock.
func (f *Files) shut(one *file) {
	delete(f.open, one.appid)
	one.rest = nil
	_ = one.close() // what was answered is on the disk
}

func (one *file) close() error {
	var err error
	for _, db := range []*sql.DB{one.reader, one.writer} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}

// Close closes every file that nobody uses, and the others when they are given back.
func (f *Files) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	var err error
	for _, one := range f.open {
		if one.users == 0 {
			delete(f.open, one.appid)
			err = errors.Join(err, one.close())
		}
	}
	f.wakeAll()
	return err
}

// ErrInUse says that somebody is using a program's file, so that it cannot be removed now.
var ErrInUse = errors.New("the cloud database is in use")

// Clear removes a program's whole database. What opens it later finds an empty one.
func Clear(app core.App, appid string) error {
	f := Of(app)
	f.mu.Lock()
	defer f.mu.Unlock()
	if one := f.open[appid]; one != nil {
		if one.users > 0 {
			return ErrInUse
		}
		f.idle.Remove(one.rest)
		f.shut(one)
	}
	if !filepath.IsLocal(appid) || filepath.Base(appid) != appid {
		return fmt.Errorf("clouddb: %q is not a program's id", appid)
	}
	for _, part := range []string{"-wal", "-shm", ""} { // the log first: it must not be taken for a later file's
		if err := os.Remove(filepath.Join(f.dir, appid+suffix+part)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the cloud database of %s: %w", appid, err)
		}
	}
	return nil
}

// Sizes is how many bytes each program's file has, with its log, by appid.
func Sizes(app core.App) (map[string]int64, error) {
	f := Of(app)
	appids, err := f.programs()
	if err != nil {
		return nil, err
	}
	sizes := make(map[string]int64, len(appids))
	for _, appid := range appids {
		for _, part := range []string{"", "-wal"} {
			info, err := os.Stat(filepath.Join(f.dir, appid+suffix+part))
			if err == nil {
				sizes[appid] += info.Size()
			} else if !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	return sizes, nil
}

const schema = `
CREATE TABLE IF NOT EXISTS collections (k INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS documents (
	n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, id TEXT NOT NULL, openid TEXT NOT NULL, doc TEXT NOT NULL,
	created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS documents_id ON documents (collection, id);
CREATE INDEX IF NOT EXISTS documents_openid ON documents (collection, openid) WHERE openid != '';
CREATE TABLE IF NOT EXISTS indexes (k INTEGER PRIMARY KEY, collection INTEGER NOT NULL, field TEXT NOT NULL, UNIQUE (collection, field)) STRICT;
CREATE TABLE IF NOT EXISTS entries (field INTEGER NOT NULL, value ANY NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (field, value, n)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answers_at ON answers (at);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

// prepare opens the connections and makes the tables.
func (one *file) prepare(dir string, limit int64) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(dir, one.appid+suffix)
	var err error
	if one.writer, err = sqlite.OpenSmall(path, limit, 1); err != nil {
		return err
	}
	if one.reader, err = sqlite.OpenSmall(path, limit, readers); err != nil {
		return err
	}
	if err := one.setUp(); err != nil {
		return err
	}
	return one.load()
}

// setUp makes the tables unless they are there; a full file can still be opened.
func (one *file) setUp() error {
	var tables int
	err := one.writer.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'facts'").Scan(&tables)
	if err != nil || tables > 0 {
		return err
	}
	tx, err := one.writer.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	for _, statement := range statements(schema) {
		if _, err := tx.Exec(statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// load reads what is kept in memory.
func (one *file) load() error {
	var version int64
	err := one.reader.QueryRow("SELECT value FROM facts WHERE name = 'version'").Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	one.version.Store(max(version, one.version.Load()))
	rows, err := one.reader.Query("SELECT k, collection, field FROM indexes ORDER BY k")
	if err != nil {
		return err
	}
	found, err := readIndexes(rows)
	for collection, list := range found {
		one.indexes.Store(collection, list)
	}
	return err
}

// lock waits for the turn to write.
func (one *file) lock(ctx context.Context) error {
	select {
	case one.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (one *file) unlock() { <-one.writing }
