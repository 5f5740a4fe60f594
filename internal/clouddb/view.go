package clouddb

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"plaza.internal/plaza/internal/clouddb/query"
)

// view is the file inside one transaction, as one caller may see it.
type view struct {
	ctx     context.Context
	tx      *sql.Tx
	file    *file
	who     Caller
	changed map[string]bool // collections that were written to, by name
}

// target is a collection with its rules.
type target struct {
	k     int64
	name  string
	rules query.Collection
}

// row is a document as it is kept.
type row struct {
	n          int64
	id, openid string
	text       string
}

// parse gives the document with its _id and _openid.
func (r row) parse() (query.Document, error) {
	doc, err := query.Parse([]byte(r.text))
	if err != nil {
		return nil, err
	}
	doc["_id"] = r.id
	if r.openid != "" {
		doc["_openid"] = r.openid
	}
	return doc, nil
}

func (v *view) exec(statement string, args ...any) error {
	_, err := v.tx.ExecContext(v.ctx, statement, args...)
	return err
}

func (v *view) rows(statement string, args ...any) ([]row, error) {
	found, err := v.tx.QueryContext(v.ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	var out []row
	for found.Next() {
		var r row
		if err := found.Scan(&r.n, &r.id, &r.openid, &r.text); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, found.Err()
}

// collection finds one that exists.
func (v *view) collection(name string) (target, error) {
	rules, _ := v.who.Schema.Collection(name)
	t := target{name: name, rules: rules}
	if known, ok := v.file.names.Load(name); ok {
		t.k = known.(int64)
		return t, nil
	}
	err := v.tx.QueryRowContext(v.ctx, "SELECT k FROM collections WHERE name = ?", name).Scan(&t.k)
	if errors.Is(err, sql.ErrNoRows) {
		return t, ErrNoCollection.With("collection", name)
	}
	return t, err
}

// remember keeps a collection's number, once it is committed.
func (v *view) remember(t target) { v.file.names.Store(t.name, t.k) }

// makeCollection finds one or makes it.
func (v *view) makeCollection(name string) (int64, error) {
	t, err := v.collection(name)
	if !errors.Is(err, ErrNoCollection) {
		return t.k, err
	}
	if !query.IsCollection(name) {
		return 0, query.ErrBadData.With("detail", "a collection's name is 1 to 64 letters, digits, _ and -")
	}
	var count int
	if err := v.tx.QueryRowContext(v.ctx, "SELECT count(*) FROM collections").Scan(&count); err != nil {
		return 0, err
	}
	if count >= query.MaxCollections {
		return 0, ErrTooMany.With("what", "collections").With("limit", query.MaxCollections)
	}
	made, err := v.tx.ExecContext(v.ctx, "INSERT INTO collections (name) VALUES (?)", name)
	if err != nil {
		return 0, err
	}
	return made.LastInsertId()
}

// id reads the id of a document.
func (v *view) id(sent any) (string, error) {
	switch id := sent.(type) {
	case float64:
		return fmt.Sprint(id), nil
	case string:
		if id == "" || len(id) > maxIDBytes {
			break
		}
		stored, err := query.Decode(id, v.who.Now)
		if text, ok := stored.(string); ok {
			return text, err
		}
	}
	return "", query.ErrBadData.With("detail", fmt.Sprintf("an id is a text of 1 to %d bytes", maxIDBytes))
}

// find gives the document of that id, and whether it is there.
func (v *view) find(t target, id string) (r row, there bool, err error) {
	err = v.tx.QueryRowContext(v.ctx, "SELECT n, id, openid, doc FROM documents WHERE collection = ? AND id = ?", t.k, id).
		Scan(&r.n, &r.id, &r.openid, &r.text)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, err
}

// allows judges the document by a rule; functions are not judged.
func (v *view) allows(rule query.Rule, doc, data query.Document) bool {
	return v.who.Server || rule.Allows(query.Facts{OpenID: v.who.OpenID, Doc: doc, Data: data, Now: query.Date(v.who.Now.UnixMilli())})
}

// scan gives the documents that match and that the rule shows, in the order in which they were made, until each says
// that it has enough.
func (v *view) scan(t target, filter query.Filter, rule query.Rule, each func(r row, doc query.Document) (more bool, err error)) error {
	where, args := v.plan(t, filter, rule)
	found, err := v.tx.QueryContext(v.ctx, "SELECT n, id, openid, doc FROM documents WHERE "+where+" ORDER BY n", args...)
	if err != nil {
		return err
	}
	defer found.Close() //nolint:errcheck // Err tells
	for looked := 0; found.Next(); looked++ {
		switch looked {
		case longScan:
			select { // no program's long queries take all cores from the rest of the house
			case v.file.long <- struct{}{}:
				defer func() { <-v.file.long }()
			case <-v.ctx.Done():
				return v.ctx.Err()
			}
		case ScanLimit:
			return ErrTooMany.With("what", "documents looked at").With("limit", ScanLimit)
		}
		var r row
		if err := found.Scan(&r.n, &r.id, &r.openid, &r.text); err != nil {
			return err
		}
		doc, err := r.parse()
		if err != nil {
			return err
		}
		if !filter.Match(doc) || !v.allows(rule, doc, nil) {
			continue
		}
		if more, err := each(r, doc); err != nil || !more {
			return err
		}
	}
	return found.Err()
}

// plan narrows down which documents are looked at: by the id, the owner, or the best index. Values are always
// parameters; the text of the statement is made of this function's own words.
func (v *view) plan(t target, filter query.Filter, rule query.Rule) (where string, args []any) {
	where, args = "collection = ?", []any{t.k}
	if !v.who.Server && rule.OwnerOnly() {
		where += " AND openid = ? AND openid != ''"
		args = append(args, v.who.OpenID)
	}
	condition, bound, best := "", []any(nil), 0
	for _, need := range filter.Needs() {
		text, more, quality := v.narrow(t, need)
		if quality > best {
			condition, bound, best = text, more, quality
		}
	}
	if best > 0 {
		where, args = where+" AND "+condition, append(args, bound...)
	}
	return where, args
}

// narrow is a condition that every document with the need meets, and how good it is; 0 is useless.
func (v *view) narrow(t target, need query.Need) (condition string, args []any, quality int) {
	if need.In != nil && (need.Path == "_id" || need.Path == "_openid") {
		for _, value := range need.In {
			args = append(args, column(value))
		}
		if need.Path == "_id" {
			return "id IN (" + marks(len(need.In)) + ")", args, 4
		}
		return "openid != '' AND openid IN (" + marks(len(need.In)) + ")", args, 3
	}
	for _, index := range v.file.indexesOf(t.k) {
		if index.field != need.Path {
			continue
		}
		args = append(args, index.k)
		if need.In != nil {
			for _, value := range need.In {
				args = append(args, column(value))
			}
			return "n IN (SELECT n FROM entries WHERE field = ? AND value IN (" + marks(len(need.In)) + "))", args, 2
		}
		if need.From != nil {
			return "n IN (SELECT n FROM entries WHERE field = ? AND value >= ?)", append(args, column(need.From)), 1
		}
		return "n IN (SELECT n FROM entries WHERE field = ? AND value <= ?)", append(args, column(need.To)), 1
	}
	return "", nil, 0
}

func marks(count int) string { return strings.TrimSuffix(strings.Repeat("?,", count), ",") }

// answer collects documents up to AnswerLimit.
type answer struct{ out bytes.Buffer }

func (a *answer) add(encoded []byte) error {
	if a.out.Len()+len(encoded) > AnswerLimit {
		return ErrTooLarge.With("what", "answer").With("limit", AnswerLimit)
	}
	if a.out.Len() > 0 {
		a.out.WriteByte(',')
	}
	a.out.Write(encoded)
	return nil
}

// in gives {"name": [documents]}.
func (a *answer) in(name string) json.RawMessage {
	return fmt.Appendf(nil, `{"%s":[%s]}`, name, a.out.Bytes())
}

// wire is a document as a program gets it.
func wire(doc query.Document) ([]byte, error) {
	return query.Format(query.Encode(doc).(map[string]any))
}

// asIs gives the row as a program gets it without taking the document apart, when what is kept is what is sent.
func (r row) asIs() ([]byte, bool) {
	if strings.Contains(r.text, `\u0001`) || strings.Contains(r.id, "\x01") {
		return nil, false
	}
	id, err := json.Marshal(r.id)
	if err != nil {
		return nil, false
	}
	out := append(make([]byte, 0, len(r.text)+len(r.id)+80), `{"_id":`...)
	out = append(out, id...)
	if r.openid != "" {
		out = fmt.Appendf(out, `,"_openid":%q`, r.openid) // letters, digits, - and _ of the house's making
	}
	if r.text != "{}" {
		out = append(out, ',')
	}
	return append(out, r.text[1:]...), true
}
