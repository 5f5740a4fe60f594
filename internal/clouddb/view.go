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

	others map[string]query.Document // documents that rules looked at, by collection and id; nil for one that is not there
	looked map[string]bool           // the collections that those are of
	beyond bool                      // rules wanted more than RuleDocuments
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
	return v.who.Server || rule.Allows(query.Facts{
		OpenID: v.who.OpenID, Doc: doc, Data: data, Now: query.Date(v.who.Now.UnixMilli()), Get: v.other,
	})
}

// other is a document that a rule looks at, whoever may see it: the rule is the program's own. One that cannot be
// had is none, which allows nothing by itself; a call whose rules want too many is refused at its end.
func (v *view) other(collection, id string) query.Document {
	key := collection + "/" + id
	if doc, known := v.others[key]; known {
		return doc
	}
	if len(v.others) >= RuleDocuments {
		v.beyond = true
		return nil
	}
	if v.others == nil {
		v.others, v.looked = map[string]query.Document{}, map[string]bool{}
	}
	v.looked[collection] = true
	var doc query.Document
	if t, err := v.collection(collection); err == nil {
		if r, there, err := v.find(t, id); err == nil && there {
			doc, err = r.parse()
			if err != nil {
				doc = nil
			}
		}
	}
	v.others[key] = doc
	return doc
}

// judged adds to what a call came to that its rules looked at too much. What a write changed rules may look at again.
func (v *view) judged(err error) error {
	beyond := v.beyond
	v.others, v.beyond = nil, false
	if err == nil && beyond {
		return ErrTooMany.With("what", "documents that rules look at").With("limit", RuleDocuments)
	}
	return err
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
	best := road{}
	for _, need := range filter.Needs() {
		best = best.orBetter(v.byItself(need))
	}
	for _, index := range v.file.indexesOf(t.k) {
		best = best.orBetter(index.road(filter.Needs()))
	}
	if best.worth > 0 {
		where, args = where+" AND "+best.condition, append(args, best.args...)
	}
	return where, args
}

// road is a condition that every document with the needs meets, and how few documents meet it; 0 is useless.
type road struct {
	condition string
	args      []any
	worth     int
}

func (r road) orBetter(other road) road {
	if other.worth > r.worth {
		return other
	}
	return r
}

const (
	byRange = 10 + 10*iota
	byPlace
	byValue
	byOwner
	byID      = 100
	byAField  = 15 // for each field of an index of several
	mostSpans = 200
)

// byItself is the road of the two fields that each collection has an index of.
func (v *view) byItself(need query.Need) road {
	if need.In == nil || need.Path != "_id" && need.Path != "_openid" {
		return road{}
	}
	var args []any
	for _, value := range need.In {
		args = append(args, column(value))
	}
	if need.Path == "_id" {
		return road{"id IN (" + marks(len(need.In)) + ")", args, byID}
	}
	return road{"openid != '' AND openid IN (" + marks(len(need.In)) + ")", args, byOwner}
}

// road is what the index knows of the needs.
func (index fieldIndex) road(needs []query.Need) road {
	if !index.Plain() && !index.Geo {
		return index.tupleRoad(needs)
	}
	best := road{}
	for _, need := range needs {
		if need.Path != index.Fields[0] || index.Geo != (need.Cells != nil) {
			continue
		}
		found := road{args: []any{index.k}}
		switch {
		case index.Geo:
			found.condition, found.worth = "("+strings.TrimSuffix(strings.Repeat("value BETWEEN ? AND ? OR ", len(need.Cells)), " OR ")+")", byPlace
			for _, cells := range need.Cells {
				found.args = append(found.args, cells[0], cells[1])
			}
		case need.In != nil:
			found.condition, found.worth = "value IN ("+marks(len(need.In))+")", byValue
			for _, value := range need.In {
				found.args = append(found.args, column(value))
			}
		case need.From != nil:
			found.condition, found.args, found.worth = "value >= ?", append(found.args, column(need.From)), byRange
		default:
			found.condition, found.args, found.worth = "value <= ?", append(found.args, column(need.To)), byRange
		}
		found.condition = "n IN (SELECT n FROM entries WHERE field = ? AND " + found.condition + ")"
		best = best.orBetter(found)
	}
	return best
}

func (index fieldIndex) tupleRoad(needs []query.Need) road {
	spans, fixed := index.Spans(needs)
	if len(spans) == 0 || len(spans) > mostSpans {
		return road{}
	}
	args := []any{index.k}
	for _, span := range spans {
		args = append(args, []byte(span.From), []byte(span.To))
	}
	worth := byRange + byAField*fixed
	if index.Unique && fixed == len(index.Fields) {
		worth = byID - 1
	}
	return road{"n IN (SELECT n FROM entries WHERE field = ? AND (" +
		strings.TrimSuffix(strings.Repeat("value >= ? AND value < ? OR ", len(spans)), " OR ") + "))", args, worth}
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
