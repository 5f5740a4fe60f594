package clouddb

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"maps"

	"plaza.internal/plaza/internal/clouddb/query"
)

// Add makes a document and answers {"_id": …}. A function's may name its _id and its _openid; a page's belongs to the
// person. A function may hand over a list: then all of them are made or none, and the answer is {"_ids": […]}.
func (s *Session) Add(ctx context.Context, w Write) (json.RawMessage, error) {
	return s.write(ctx, func(v *view) (any, error) {
		t, err := v.writable(w.Collection)
		if err != nil {
			return nil, err
		}
		many, ok := w.Data.([]any)
		if !ok || len(many) == 0 || !v.who.Server {
			id, err := v.add(t, w.Data)
			if err != nil {
				return nil, err
			}
			return map[string]any{"_id": id}, nil
		}
		if len(many) > WriteLimit {
			return nil, ErrTooMany.With("what", "documents to add").With("limit", WriteLimit)
		}
		ids := make([]any, len(many))
		for i, sent := range many {
			if ids[i], err = v.add(t, sent); err != nil {
				return nil, err
			}
		}
		return map[string]any{"_ids": ids}, nil
	})
}

// add makes one document and answers its id.
func (v *view) add(t target, sent any) (any, error) {
	doc, r, err := v.incoming(sent)
	if err != nil {
		return nil, err
	}
	if r.id == "" {
		r.id = newID()
	}
	doc["_id"] = r.id
	if _, there, err := v.find(t, r.id); err != nil || there {
		return nil, orElse(err, ErrDocumentExists.With("_id", query.Encode(r.id)))
	}
	if !v.allows(t.rules.Create, doc, doc) {
		return nil, ErrDenied
	}
	return query.Encode(r.id), v.insert(t, r, doc)
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(id[:])
}

// writable is a collection to write to; a function makes it by doing so.
func (v *view) writable(name string) (target, error) {
	t, err := v.collection(name)
	if err == nil || !v.who.Server {
		return t, err
	}
	t.k, err = v.makeCollection(name)
	return t, err
}

// incoming reads a whole document: its members, and of its row the id and the owner if it names them.
func (v *view) incoming(sent any) (query.Document, row, error) {
	value, err := query.Decode(sent, v.who.Now)
	if err != nil {
		return nil, row{}, err
	}
	doc, ok := value.(map[string]any)
	if !ok {
		return nil, row{}, query.ErrBadData.With("detail", "a document is an object")
	}
	r := row{}
	if id, ok := sent.(map[string]any)["_id"]; ok {
		if r.id, err = v.id(id); err != nil {
			return nil, r, err
		}
	}
	if named, ok := doc["_openid"]; ok {
		text, ok := named.(string)
		if !ok || !v.who.Server {
			return nil, r, query.ErrBadData.With("detail", "_openid is set by the house")
		}
		r.openid = text
	} else if !v.who.Server {
		r.openid = v.who.OpenID
		doc["_openid"] = r.openid
	}
	return doc, r, nil
}

// stored is the text of a document, without what its row holds.
func stored(doc query.Document) (string, error) {
	bare := maps.Clone(doc)
	delete(bare, "_id")
	delete(bare, "_openid")
	text, err := query.Format(bare)
	if err == nil && len(text) > DocumentLimit {
		err = ErrTooLarge.With("what", "document").With("limit", DocumentLimit)
	}
	return string(text), err
}

func (v *view) insert(t target, r row, doc query.Document) error {
	text, err := stored(doc)
	if err != nil {
		return err
	}
	now := v.who.Now.UnixMilli()
	made, err := v.tx.ExecContext(v.ctx, "INSERT INTO documents (collection, id, openid, doc, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
		t.k, r.id, r.openid, text, now, now)
	if err != nil {
		return err
	}
	n, err := made.LastInsertId()
	if err != nil {
		return err
	}
	v.touched(t)
	r.n = n
	return v.enterAll(t, r, nil, doc)
}

// enterAll keeps every index of the collection in step; a nil document is none.
func (v *view) enterAll(t target, r row, old, doc query.Document) error {
	for _, index := range v.file.indexesOf(t.k) {
		var before, after []any
		if old != nil {
			before = index.Entries(old)
		}
		if doc != nil {
			after = index.Entries(doc)
		}
		if err := v.enter(index, r, before, after); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a document over its old self, and tells whether that changed anything.
func (v *view) replace(t target, r row, doc query.Document) (bool, error) {
	text, err := stored(doc)
	if err != nil || text == r.text {
		return false, err
	}
	if err := v.exec("UPDATE documents SET doc = ?, updated = ? WHERE n = ?", text, v.who.Now.UnixMilli(), r.n); err != nil {
		return false, err
	}
	v.touched(t)
	if len(v.file.indexesOf(t.k)) == 0 {
		return true, nil
	}
	old, err := r.parse()
	if err != nil {
		return false, err
	}
	return true, v.enterAll(t, r, old, doc)
}

// Set puts a document in the place of the one with that id, or makes it, and answers {"_id", "stats"}.
func (s *Session) Set(ctx context.Context, w Write) (json.RawMessage, error) {
	return s.write(ctx, func(v *view) (any, error) {
		t, err := v.writable(w.Collection)
		if err != nil {
			return nil, err
		}
		id, err := v.id(w.ID)
		if err != nil {
			return nil, err
		}
		doc, r, err := v.incoming(w.Data)
		if err != nil {
			return nil, err
		}
		if r.id != "" && r.id != id {
			return nil, query.ErrBadData.With("detail", "_id cannot be changed")
		}
		r.id, doc["_id"] = id, id
		old, there, err := v.find(t, id)
		if err != nil {
			return nil, err
		}
		answer := func(created, updated int) any {
			return map[string]any{"_id": query.Encode(id), "stats": map[string]int{"created": created, "updated": updated}}
		}
		if !there {
			if !v.allows(t.rules.Create, doc, doc) {
				return nil, ErrDenied
			}
			return answer(1, 0), v.insert(t, r, doc)
		}
		changed, err := v.overwrite(t, old, doc)
		return answer(0, count(changed)), err
	})
}

// overwrite is replace with the owner kept and the rule asked.
func (v *view) overwrite(t target, r row, doc query.Document) (bool, error) {
	old, err := r.parse()
	if err != nil {
		return false, err
	}
	delete(doc, "_openid")
	if r.openid != "" {
		doc["_openid"] = r.openid
	}
	if !v.allows(t.rules.Update, old, doc) {
		return false, ErrDenied
	}
	return v.replace(t, r, doc)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Update changes the document of an id, or all that match, and answers {"stats": {"updated": n}}. Of those that match,
// a page changes the ones that it may.
func (s *Session) Update(ctx context.Context, w Write) (json.RawMessage, error) {
	return s.write(ctx, func(v *view) (any, error) {
		update, err := query.ParseUpdate(w.Data, v.who.Now)
		if err != nil {
			return nil, err
		}
		t, err := v.collection(w.Collection)
		if err != nil {
			return nil, err
		}
		found, err := v.affected(t, w, t.rules.Update)
		if err != nil {
			return nil, err
		}
		updated := 0
		for _, r := range found {
			old, err := r.parse()
			if err != nil {
				return nil, err
			}
			doc, err := r.parse() // a second time, for the update changes it in place
			if err != nil {
				return nil, err
			}
			if err := update.Apply(doc); err != nil {
				return nil, err
			}
			if !v.allows(t.rules.Update, old, doc) {
				if w.ID != nil {
					return nil, ErrDenied
				}
				continue
			}
			changed, err := v.replace(t, r, doc)
			if err != nil {
				return nil, err
			}
			updated += count(changed)
		}
		return map[string]any{"stats": map[string]int{"updated": updated}}, nil
	})
}

// Remove deletes the document of an id, or all that match, and answers {"stats": {"removed": n}}.
func (s *Session) Remove(ctx context.Context, w Write) (json.RawMessage, error) {
	return s.write(ctx, func(v *view) (any, error) {
		t, err := v.collection(w.Collection)
		if err != nil {
			return nil, err
		}
		found, err := v.affected(t, w, t.rules.Delete)
		if err != nil {
			return nil, err
		}
		removed := 0
		for _, r := range found {
			old, err := r.parse()
			if err != nil {
				return nil, err
			}
			if !v.allows(t.rules.Delete, old, nil) {
				if w.ID != nil {
					return nil, ErrDenied
				}
				continue
			}
			if err := v.drop(t, r, old); err != nil {
				return nil, err
			}
			removed++
		}
		return map[string]any{"stats": map[string]int{"removed": removed}}, nil
	})
}

func (v *view) drop(t target, r row, old query.Document) error {
	if err := v.enterAll(t, r, old, nil); err != nil {
		return err
	}
	v.touched(t)
	return v.exec("DELETE FROM documents WHERE n = ?", r.n)
}

// affected are the documents that a write is about, before its rule is asked. By condition a page reaches only its
// person's own documents, or those that it may read: the number of changes must tell no more than reading would.
func (v *view) affected(t target, w Write, rule query.Rule) (found []row, err error) {
	if w.ID != nil {
		id, err := v.id(w.ID)
		if err != nil {
			return nil, err
		}
		r, there, err := v.find(t, id)
		if there {
			found = []row{r}
		}
		return found, err
	}
	if _, ok := w.Where.(map[string]any); !ok {
		return nil, query.ErrBadQuery.With("detail", "an update or a removal of many needs a condition")
	}
	filter, err := query.ParseFilter(w.Where, v.who.OpenID)
	if err != nil {
		return nil, err
	}
	if !rule.OwnerOnly() {
		rule = t.rules.Read
	}
	err = v.scan(t, filter, rule, func(r row, _ query.Document) (bool, error) {
		if len(found) >= WriteLimit {
			return false, ErrTooMany.With("what", "documents to change").With("limit", WriteLimit)
		}
		found = append(found, r)
		return true, nil
	})
	return found, err
}

// MakeCollection makes a collection, for functions only; one that is there already stays.
func (s *Session) MakeCollection(ctx context.Context, name string) (json.RawMessage, error) {
	if !s.who.Server {
		return nil, ErrServerOnly
	}
	return s.write(ctx, func(v *view) (any, error) {
		_, err := v.makeCollection(name)
		return map[string]any{}, err
	})
}

func (v *view) touched(t target) { v.changed[t.name] = true }
