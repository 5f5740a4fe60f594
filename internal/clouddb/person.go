package clouddb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
)

// Kept is how much a program keeps as one person's.
type Kept struct {
	Documents int   `json:"documents"`
	Bytes     int64 `json:"bytes"`
}

// KeptBy counts the person's documents in a program's database.
func KeptBy(ctx context.Context, app core.App, appid, openid string) (kept Kept, err error) {
	err = Of(app).forPerson(appid, openid, func(s *Session) error {
		return s.readAll(ctx, func(v *view) error {
			return v.tx.QueryRowContext(v.ctx, "SELECT count(*), COALESCE(sum(length(CAST(doc AS BLOB))), 0) FROM documents WHERE openid = ? AND openid != ''", openid).
				Scan(&kept.Documents, &kept.Bytes)
		})
	})
	return kept, err
}

// ExportFrom gives what one program keeps as the person's, document by document with its collection, as it is at one
// instant. each must not take long: the file's log grows meanwhile.
func ExportFrom(ctx context.Context, app core.App, appid, openid string, each func(line json.RawMessage) error) error {
	return Of(app).forPerson(appid, openid, func(s *Session) error {
		return s.readAll(ctx, func(v *view) error { return v.eachOwned(openid, each) })
	})
}

func (v *view) eachOwned(openid string, each func(line json.RawMessage) error) error {
	rows, err := v.tx.QueryContext(v.ctx, `SELECT c.name, d.n, d.id, d.openid, d.doc FROM documents d
		JOIN collections c ON c.k = d.collection WHERE d.openid = ? AND d.openid != '' ORDER BY d.n`, openid)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var r row
		var collection string
		if err := rows.Scan(&collection, &r.n, &r.id, &r.openid, &r.text); err != nil {
			return err
		}
		doc, err := r.parse()
		if err != nil {
			return err
		}
		encoded, err := wire(doc)
		if err != nil {
			return err
		}
		line, err := json.Marshal(map[string]any{"collection": collection, "document": json.RawMessage(encoded)})
		if err != nil {
			return err
		}
		if err := each(line); err != nil {
			return err
		}
	}
	return rows.Err()
}

// EraseFrom removes what one program keeps as the person's and tells how many documents that were. What the program
// wrote about the person into documents of its own it must remove itself.
func EraseFrom(ctx context.Context, app core.App, appid, openid string) (removed int, err error) {
	err = Of(app).forPerson(appid, openid, func(s *Session) error {
		removed, err = s.erase(ctx, openid)
		return err
	})
	return removed, err
}

// forPerson runs for a program that has a file and for somebody who has a name in it; else there is nothing to do.
func (f *Files) forPerson(appid, openid string, run func(s *Session) error) error {
	appids, err := f.programs()
	if err != nil || openid == "" || !slices.Contains(appids, appid) {
		return err
	}
	if err := run(f.Session(appid, Caller{Server: true, Now: time.Now()})); err != nil {
		return fmt.Errorf("cloud database of %s: %w", appid, err)
	}
	return nil
}

// Erase is EraseFrom for all programs.
func Erase(ctx context.Context, app core.App, userID string) (removed int, err error) {
	appids, err := Of(app).programs()
	if err != nil {
		return 0, err
	}
	for _, appid := range appids {
		openid, err := identity.OpenID(app, userID, appid)
		if err != nil {
			return removed, err
		}
		gone, err := EraseFrom(ctx, app, appid, openid)
		removed += gone
		if err != nil {
			return removed, err
		}
	}
	return removed, ctx.Err()
}

// readAll is read without the limit of one query's time.
func (s *Session) readAll(ctx context.Context, run func(*view) error) error {
	one, err := s.files.take(s.appid)
	if err != nil {
		return err
	}
	defer s.files.give(one)
	tx, err := one.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	return run(&view{ctx: ctx, tx: tx, file: one, who: s.who})
}

// erase removes the person's documents, so many at a time that others have their turn in between, and what was kept of
// answers to the person.
func (s *Session) erase(ctx context.Context, openid string) (removed int, err error) {
	for {
		gone := 0
		_, err := s.write(ctx, func(v *view) (any, error) {
			gone = 0
			if err := v.exec("DELETE FROM answers WHERE key >= ? AND key < ?", openid+"/", openid+"0"); err != nil { // 0 comes after /
				return nil, err
			}
			owned, err := v.owned(openid)
			if err != nil {
				return nil, err
			}
			for _, one := range owned {
				old, err := one.parse()
				if err != nil {
					return nil, err
				}
				if err := v.drop(one.target, one.row, old); err != nil {
					return nil, err
				}
				gone++
			}
			return map[string]any{}, nil
		})
		removed += gone
		if err != nil || gone < WriteLimit {
			return removed, err
		}
	}
}

type ownedRow struct {
	row
	target target
}

func (v *view) owned(openid string) ([]ownedRow, error) {
	rows, err := v.tx.QueryContext(v.ctx, `SELECT c.k, c.name, d.n, d.id, d.openid, d.doc FROM documents d
		JOIN collections c ON c.k = d.collection WHERE d.openid = ? AND d.openid != '' LIMIT ?`, openid, WriteLimit)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var out []ownedRow
	for rows.Next() {
		var r ownedRow
		if err := rows.Scan(&r.target.k, &r.target.name, &r.n, &r.id, &r.openid, &r.text); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
