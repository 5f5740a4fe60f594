// Package gateway is everything between the socket and the domains: how the database is opened, what is
// served as a file, which headers every answer carries, and how much one caller may ask for.
// The invariant: PocketBase's unsafe defaults end here, not in each domain.
package gateway

import (
	"github.com/pocketbase/dbx"
)

// pragmas are PocketBase's own, but for two that money needs: synchronous=FULL, so that an acknowledged
// payment survives a power cut, and _txlock=immediate, so that a write transaction takes its lock before it
// reads and never fails in the middle with "database is locked".
const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)" +
	"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)" +
	"&_defensive=1&_txlock=immediate"

// DBConnect opens one of PocketBase's SQLite files with Plaza's pragmas.
func DBConnect(path string) (*dbx.DB, error) {
	return dbx.Open("sqlite", path+pragmas)
}
