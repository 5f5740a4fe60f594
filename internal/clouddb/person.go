package clouddb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
)

// Export gives what all programs keep as this person's: documents with collection, by program.
func Export(ctx context.Context, app core.App, userID string) (map[string][]json.RawMessage, error) {
	out := map[string][]json.RawMessage{}
	err := eachOf(ctx, app, userID, func(s *Session, openid string) error {
		return s.readAll(ctx, func(v *view) error {
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
				out[s.appid] = append(out[s.appid], line)
			}
			return rows.Err()
		})
	})
	return out, err
}

// Erase removes what all programs keep as this person's and tells how many documents that were. What a program wrote
// about the person into documents of its own it must remove itself.
func Erase(ctx context.Context, app core.App, userID string) (removed int, err error) {
	err = eachOf(ctx, app, userID, func(s *Session, openid string) error {
		n, err := s.erase(ctx, openid)
		removed += n
		return err
	})
	return removed, err
}

// eachOf goes through the programs with a session and with the name by which the program knows the person.
func eachOf(ctx context.Context, app core.App, userID string, run func(s *Session, openid string) error) error {
	files := Of(app)
	appids, err := files.programs()
	if err != nil {
		return err
	}
	for _, appid := range appids {
		openid, err := identity.OpenID(app, userID, appid)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := run(files.Session(appid, Caller{Server: true, Now: clock.Now(app)}), openid); err != nil {
			return fmt.Errorf("cloud database of %s: %w", appid, err)
		}
	}
	return nil
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
