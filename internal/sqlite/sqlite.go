// Package sqlite opens the data files. The invariant: a commit that was answered is on the disk.
package sqlite

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	driver "modernc.org/sqlite" // the one that PocketBase is tested with
	lib "modernc.org/sqlite/lib"
)

// pragmas are PocketBase's own, but for three that money needs: synchronous=FULL, so that an acknowledged
// payment survives a power cut, and _txlock=immediate, so that a write transaction takes its lock before it
// reads and never fails in the middle with "database is locked". And recursive_triggers makes INSERT OR REPLACE
// fire the triggers that refuse to delete history.
const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)" +
	"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)" +
	"&_pragma=recursive_triggers(ON)&_defensive=1&_txlock=immediate"

// ReadConns is how many connections read at once, all of them kept open: PocketBase would open up to 120 and
// close all but 15 again, each time with its pragmas and its statements.
const ReadConns = 24

// Connect opens one of PocketBase's SQLite files with Plaza's pragmas.
func Connect(path string) (*dbx.DB, error) {
	probe, err := sql.Open("sqlite", path+pragmas)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector{dsn: path + pragmas, driver: probe.Driver()})
	return dbx.NewFromDB(db, "sqlite"), errors.Join(probe.Close())
}

// small are the pragmas of one program's own file: a smaller cache, since there are many, and the program's quota.
const small = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(4000000)" +
	"&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-2000)&_defensive=1&_txlock=immediate"

// PageBytes is the size of a page of a small file.
const PageBytes = 4096

// OpenSmall opens a file that may grow to limit bytes, with so many connections. Transactions take the write lock
// as they begin, but for read-only ones.
func OpenSmall(path string, limit int64, conns int) (*sql.DB, error) {
	dsn := fmt.Sprintf("%s%s&_pragma=max_page_count(%d)", path, small, limit/PageBytes)
	probe, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector{dsn: dsn, driver: probe.Driver()})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, probe.Close()
}

// IsFull tells whether a statement failed because the file may not grow.
func IsFull(err error) bool {
	var failure *driver.Error
	return errors.As(err, &failure) && failure.Code() == lib.SQLITE_FULL
}
