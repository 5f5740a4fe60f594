package clouddb

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/sqlite"
)

// fieldIndex keeps every scalar that the field's path leads to, elements of arrays too.
type fieldIndex struct {
	k     int64
	field string
}

func readIndexes(rows *sql.Rows) (map[int64][]fieldIndex, error) {
	defer rows.Close() //nolint:errcheck // Err tells
	found := map[int64][]fieldIndex{}
	for rows.Next() {
		var index fieldIndex
		var collection int64
		if err := rows.Scan(&index.k, &collection, &index.field); err != nil {
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

// column is a scalar as it stands in an index.
func column(value any) any {
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
// it does not declare any more. Indexes that do not fit into the file are not made; queries are only slower without.
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
	if err := one.change(ctx, who, (*view).declareCollections); err != nil && !sqlite.IsFull(err) {
		return err
	}
	one.version.Store(int64(who.Version))
	if err := one.change(ctx, who, (*view).declareIndexes); err != nil && !sqlite.IsFull(err) && !errors.Is(err, ErrTooLarge) {
		return err
	}
	one.indexes.Clear()
	return one.load()
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
	return v.exec("INSERT INTO facts (name, value) VALUES ('version', ?) ON CONFLICT DO UPDATE SET value = excluded.value", v.who.Version)
}

func (v *view) declareIndexes() error {
	for name, collection := range v.who.Schema.Collections {
		t, err := v.collection(name)
		if err != nil {
			continue // there was no room for it
		}
		if err := v.reindex(t.k, collection.Indexes); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) reindex(collection int64, fields []string) error {
	old := v.file.indexesOf(collection)
	for _, index := range old {
		if slices.Contains(fields, index.field) {
			continue
		}
		if err := v.exec("DELETE FROM entries WHERE field = ?", index.k); err != nil {
			return err
		}
		if err := v.exec("DELETE FROM indexes WHERE k = ?", index.k); err != nil {
			return err
		}
	}
	for _, field := range fields {
		if slices.ContainsFunc(old, func(index fieldIndex) bool { return index.field == field }) {
			continue
		}
		if err := v.exec("INSERT INTO indexes (collection, field) VALUES (?, ?)", collection, field); err != nil {
			return err
		}
		var index fieldIndex
		err := v.tx.QueryRowContext(v.ctx, "SELECT k, field FROM indexes WHERE collection = ? AND field = ?", collection, field).Scan(&index.k, &index.field)
		if err != nil {
			return err
		}
		if err := v.fill(collection, index); err != nil {
			return err
		}
	}
	return nil
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
			if err := v.enter(index, r.n, nil, query.Entries(doc, index.field)); err != nil {
				return err
			}
			last = r.n
		}
	}
}

// enter makes the index hold a document's new values in place of its old ones.
func (v *view) enter(index fieldIndex, n int64, old, values []any) error {
	if len(values) > IndexEntries {
		return ErrTooLarge.With("what", "index").With("field", index.field).With("limit", IndexEntries)
	}
	for _, value := range old {
		if slices.Contains(values, value) {
			continue
		}
		if err := v.exec("DELETE FROM entries WHERE field = ? AND value = ? AND n = ?", index.k, column(value), n); err != nil {
			return err
		}
	}
	for _, value := range values {
		if slices.Contains(old, value) {
			continue
		}
		if err := v.exec("INSERT INTO entries (field, value, n) VALUES (?, ?, ?)", index.k, column(value), n); err != nil {
			return err
		}
	}
	return nil
}
