package clouddb

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/sqlite"
)

// fieldIndex keeps the values that a declared index has of each document.
type fieldIndex struct {
	k int64
	query.Index
}

func readIndexes(rows *sql.Rows) (map[int64][]fieldIndex, error) {
	defer rows.Close() //nolint:errcheck // Err tells
	found := map[int64][]fieldIndex{}
	for rows.Next() {
		var index fieldIndex
		var collection int64
		var name string
		err := rows.Scan(&index.k, &collection, &name)
		if err == nil {
			index.Index, err = query.ParseIndexName(name)
		}
		if err != nil {
			return nil, err
		}
		found[collection] = append(found[collection], index)
	}
	return found, rows.Err()
}

func statements(text string) []string {
	var out []string
	for statement := range strings.SplitSeq(text, ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			out = append(out, statement)
		}
	}
	return out
}

// column is a value as it stands in an index.
func column(value any) any {
	if tuple, ok := value.(query.Tuple); ok {
		return []byte(tuple)
	}
	switch value {
	case true:
		return "\x01b1"
	case false:
		return "\x01b0"
	}
	return value
}

func (one *file) indexesOf(collection int64) []fieldIndex {
	list, _ := one.indexes.Load(collection)
	indexes, _ := list.([]fieldIndex)
	return indexes
}

// declare makes the collections and indexes of a version that is newer than all before it, and drops the indexes that
// it does not declare any more. Indexes that do not fit into the file, or that would be unique where documents are
// not, are not made; queries are only slower without the former, and a release does not begin without the latter.
func (one *file) declare(ctx context.Context, who Caller) error {
	if int64(who.Version) <= one.version.Load() {
		return nil
	}
	if err := one.lock(ctx); err != nil {
		return err
	}
	defer one.unlock()
	if int64(who.Version) <= one.version.Load() {
		return nil
	}
	// It goes on when its first caller leaves: the next would only begin again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), IndexTime)
	defer cancel()
	return one.declareAll(ctx, who, (*view).declareIndexes)
}

func (one *file) declareAll(ctx context.Context, who Caller, indexes func(*view) error) error {
	if err := one.change(ctx, who, (*view).declareCollections); err != nil && !sqlite.IsFull(err) {
		return err
	}
	if err := one.change(ctx, who, indexes); err != nil && !sqlite.IsFull(err) && !errors.Is(err, ErrTooLarge) {
		return err
	}
	one.version.Store(max(one.version.Load(), int64(who.Version)))
	one.indexes.Clear()
	return one.load()
}

// Prepare is Declare for a version that is about to be released.
func Prepare(app core.App, appid string, number int, schema query.Schema) error {
	if len(schema.Collections) == 0 {
		return nil // a program without a database gets no file
	}
	who := Caller{Server: true, Schema: schema, Version: number, Now: clock.Now(app)}
	return Of(app).Declare(context.Background(), appid, who)
}

// Declare makes what a version declares before people get it, and refuses what the documents that are there do not
// allow: data names two of them that a unique index would not. A refused declaration changes nothing.
func (f *Files) Declare(ctx context.Context, appid string, who Caller) error {
	one, err := f.take(appid)
	if err != nil {
		return err
	}
	defer f.give(one)
	if err := one.lock(ctx); err != nil {
		return err
	}
	defer one.unlock()
	ctx, cancel := context.WithTimeout(ctx, IndexTime)
	defer cancel()
	if int64(who.Version) < one.version.Load() {
		return nil // a newer one has run, and says which indexes there are
	}
	return named(ctx, one.declareAll(ctx, who, (*view).declareStrictly))
}

// change runs in a transaction of the house's own; the caller has the turn to write.
func (one *file) change(ctx context.Context, who Caller, run func(*view) error) error {
	tx, err := one.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if err := run(&view{ctx: ctx, tx: tx, file: one, who: who}); err != nil {
		return err
	}
	return tx.Commit()
}

func (v *view) declareCollections() error {
	for name := range v.who.Schema.Collections {
		if _, err := v.makeCollection(name); err != nil {
			return err
		}
	}
	return v.exec(`INSERT INTO facts (name, value) VALUES ('version', ?)
		ON CONFLICT DO UPDATE SET value = max(value, excluded.value)`, v.who.Version)
}

func (v *view) declareIndexes() error { return v.eachDeclared(v.tryIndex) }

func (v *view) declareStrictly() error { return v.eachDeclared(v.makeIndex) }

func (v *view) eachDeclared(build func(collection int64, index query.Index) error) error {
	for name, collection := range v.who.Schema.Collections {
		t, err := v.collection(name)
		if err != nil {
			continue // there was no room for it
		}
		if err := v.reindex(t.k, collection.Indexes, build); err != nil {
			return err
		}
	}
	return nil
}

// reindex drops the indexes that are not declared any more and makes those that are missing.
func (v *view) reindex(collection int64, declared []query.Index, build func(int64, query.Index) error) error {
	old := v.file.indexesOf(collection)
	for _, index := range old {
		if slices.ContainsFunc(declared, func(d query.Index) bool { return d.Name() == index.Name() }) {
			continue
		}
		if err := v.exec("DELETE FROM entries WHERE field = ?", index.k); err != nil {
			return err
		}
		if err := v.exec("DELETE FROM indexes WHERE k = ?", index.k); err != nil {
			return err
		}
	}
	for _, index := range declared {
		if slices.ContainsFunc(old, func(o fieldIndex) bool { return o.Name() == index.Name() }) {
			continue
		}
		if err := build(collection, index); err != nil {
			return err
		}
	}
	return nil
}

// tryIndex makes an index, or leaves it when documents stand against it.
func (v *view) tryIndex(collection int64, index query.Index) error {
	if err := v.exec("SAVEPOINT made"); err != nil {
		return err
	}
	err := v.makeIndex(collection, index)
	if errors.Is(err, ErrNotUnique) {
		err = v.exec("ROLLBACK TO made")
	}
	return errors.Join(err, v.exec("RELEASE made"))
}

func (v *view) makeIndex(collection int64, declared query.Index) error {
	if err := v.exec("INSERT INTO indexes (collection, field) VALUES (?, ?)", collection, declared.Name()); err != nil {
		return err
	}
	index := fieldIndex{Index: declared}
	err := v.tx.QueryRowContext(v.ctx, "SELECT k FROM indexes WHERE collection = ? AND field = ?", collection, declared.Name()).Scan(&index.k)
	if err != nil {
		return err
	}
	return v.fill(collection, index)
}

// fill enters all documents that are there already. It reads as many as it may write between two looks, since one
// connection cannot do both at once.
func (v *view) fill(collection int64, index fieldIndex) error {
	last := int64(0)
	for {
		rows, err := v.rows("SELECT n, id, openid, doc FROM documents WHERE collection = ? AND n > ? ORDER BY n LIMIT 500", collection, last)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			doc, err := r.parse()
			if err != nil {
				return err
			}
			if err := v.enter(index, r, nil, index.Entries(doc)); err != nil {
				return err
			}
			last = r.n
		}
	}
}

// enter makes the index hold a document's new values in place of its old ones.
func (v *view) enter(index fieldIndex, r row, old, values []any) error {
	if len(values) > IndexEntries {
		return ErrTooLarge.With("what", "index").With("field", strings.Join(index.Fields, " ")).With("limit", IndexEntries)
	}
	for _, value := range old {
		if slices.Contains(values, value) {
			continue
		}
		if err := v.exec("DELETE FROM entries WHERE field = ? AND value = ? AND n = ?", index.k, column(value), r.n); err != nil {
			return err
		}
	}
	for _, value := range values {
		if slices.Contains(old, value) {
			continue
		}
		if index.Unique {
			if err := v.alone(index, r, value); err != nil {
				return err
			}
		}
		if err := v.exec("INSERT INTO entries (field, value, n) VALUES (?, ?, ?)", index.k, column(value), r.n); err != nil {
			return err
		}
	}
	return nil
}

// alone refuses a value that another document has. Which one that is a page does not hear: it might not see it.
func (v *view) alone(index fieldIndex, r row, value any) error {
	var other string
	err := v.tx.QueryRowContext(v.ctx, `SELECT d.id FROM entries e JOIN documents d ON d.n = e.n
		WHERE e.field = ? AND e.value = ? AND e.n != ? LIMIT 1`, index.k, column(value), r.n).Scan(&other)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	refused := ErrNotUnique.With("fields", index.Fields).With("_id", query.Encode(r.id))
	if v.who.Server {
		refused = refused.With("other", query.Encode(other))
	}
	return refused
}
