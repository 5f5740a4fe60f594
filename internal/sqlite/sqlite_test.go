package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/pocketbase/dbx"

	"plaza.internal/plaza/internal/sqlite"
)

func open(t testing.TB) *dbx.DB {
	t.Helper()
	db, err := sqlite.Connect(filepath.Join(t.TempDir(), "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.DB().SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.NewQuery("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)").Execute(); err != nil {
		t.Fatal(err)
	}
	return db
}

// The pragmas that money rests on are set on every connection, and a power cut loses no answered commit.
func TestConnectionsAreDurable(t *testing.T) {
	db := open(t)
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		if err := db.NewQuery("PRAGMA " + pragma).Row(&got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", pragma, got, err, want)
		}
	}
}

// A kept statement answers for its new arguments, sees new columns, and leaves no lock behind.
func TestKeptStatementsAreFresh(t *testing.T) {
	db := open(t)
	for i := range 3 {
		if _, err := db.NewQuery("INSERT INTO t (a, b) VALUES ({:a}, {:b})").Bind(dbx.Params{"a": i, "b": fmt.Sprint(i)}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	read := func(a int) dbx.NullStringMap {
		row := dbx.NullStringMap{}
		if err := db.NewQuery("SELECT * FROM t WHERE a = {:a}").Bind(dbx.Params{"a": a}).One(row); err != nil {
			t.Fatal(err)
		}
		return row
	}
	if one, two := read(1)["b"].String, read(2)["b"].String; one != "1" || two != "2" {
		t.Errorf("read %q and %q", one, two)
	}
	if _, err := db.NewQuery("ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'new'").Execute(); err != nil {
		t.Fatal(err)
	}
	if got := read(1)["c"].String; got != "new" {
		t.Errorf("after a new column: %q", got)
	}
	for _, statement := range []string{"DROP TABLE t", "VACUUM"} {
		if _, err := db.NewQuery(statement).Execute(); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// Two readers of the same text in one transaction do not disturb each other: the second gets a statement of
// its own while the first is being read.
func TestTheSameQueryCanBeOpenTwice(t *testing.T) {
	db := open(t)
	err := db.Transactional(func(tx *dbx.Tx) error {
		for i := range 4 {
			if _, err := tx.NewQuery("INSERT INTO t (a) VALUES ({:a})").Bind(dbx.Params{"a": i}).Execute(); err != nil {
				return err
			}
		}
		seen := 0
		outer, err := tx.NewQuery("SELECT a FROM t ORDER BY a").Rows()
		if err != nil {
			return err
		}
		defer outer.Close() //nolint:errcheck // read to its end below
		for outer.Next() {
			var all []int
			if err := tx.NewQuery("SELECT a FROM t ORDER BY a").Column(&all); err != nil {
				return err
			}
			seen += len(all)
		}
		if seen != 16 {
			t.Errorf("saw %d rows, want 16", seen)
		}
		return outer.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// More texts than are kept, refused texts and scripts all work; a failed statement can be tried again.
func TestManyTextsAndFailures(t *testing.T) {
	db := open(t)
	for i := range 400 {
		var got int
		if err := db.NewQuery(fmt.Sprintf("SELECT %d", i)).Row(&got); err != nil || got != i {
			t.Fatalf("%d: %d %v", i, got, err)
		}
	}
	if _, err := db.NewQuery("SELEKT 1").Execute(); err == nil {
		t.Error("nonsense was accepted")
	}
	insert := func() error {
		_, err := db.NewQuery("INSERT INTO t (a) VALUES (7)").Execute()
		return err
	}
	if first, second := insert(), insert(); first != nil || second == nil {
		t.Errorf("first %v, the same key again %v", first, second)
	}
	if _, err := db.NewQuery("CREATE TABLE u (x); INSERT INTO u VALUES (1); INSERT INTO u VALUES (2)").Execute(); err != nil {
		t.Error(err)
	}
	var count int
	if err := db.NewQuery("SELECT count(*) FROM u").Row(&count); err != nil || count != 2 {
		t.Errorf("a script of three statements: %d %v", count, err)
	}
}
