package clouddb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"plaza.internal/plaza/internal/clouddb/query"
)

// Get answers {"data": document} for an id, or {"data": [documents]} for a condition.
func (s *Session) Get(ctx context.Context, q Query) (out json.RawMessage, err error) {
	err = s.read(ctx, func(v *view) error {
		t, err := v.collection(q.Collection)
		if err != nil {
			return err
		}
		v.remember(t)
		if q.ID != nil {
			out, err = v.get(t, q)
			return err
		}
		limit, err := v.limit(q)
		if err != nil {
			return err
		}
		found, err := v.query(t, q, limit)
		if err == nil {
			out = found.in("data")
		}
		return err
	})
	return out, err
}

// get is one document.
func (v *view) get(t target, q Query) (json.RawMessage, error) {
	id, err := v.id(q.ID)
	if err != nil {
		return nil, err
	}
	projection, err := query.ParseProjection(q.Field)
	if err != nil {
		return nil, err
	}
	r, there, err := v.find(t, id)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, ErrNoDocument
	}
	if encoded, ok := r.asIs(); ok && v.who.Server && q.Field == nil {
		return slices.Concat([]byte(`{"data":`), encoded, []byte("}")), nil
	}
	doc, err := r.parse()
	if err != nil {
		return nil, err
	}
	if !v.allows(t.rules.Read, doc, nil) {
		return nil, ErrNoDocument
	}
	encoded, err := wire(projection.Apply(doc))
	return slices.Concat([]byte(`{"data":`), encoded, []byte("}")), err
}

// kept is a document that may be in the answer, by its keys.
type kept struct {
	n    int64
	keys []any
}

// query is what matches a condition, sorted, and of that a part.
func (v *view) query(t target, q Query, limit int) (*answer, error) {
	filter, err := query.ParseFilter(q.Where, v.who.OpenID)
	if err != nil {
		return nil, err
	}
	order, err := query.ParseOrder(q.Order)
	if err != nil {
		return nil, err
	}
	if q.Skip < 0 || q.Skip > ScanLimit {
		return nil, query.ErrBadQuery.With("detail", fmt.Sprintf("skip is 0 to %d", ScanLimit))
	}
	projection, err := query.ParseProjection(q.Field)
	if err != nil {
		return nil, err
	}
	out := &answer{}
	if order == nil && filter.Near == nil {
		skip := q.Skip
		return out, v.scan(t, filter, t.rules.Read, func(_ row, doc query.Document) (bool, error) {
			if skip--; skip >= 0 {
				return true, nil
			}
			encoded, err := wire(projection.Apply(doc))
			if err != nil {
				return false, err
			}
			limit--
			return limit > 0, out.add(encoded)
		})
	}
	list, err := v.sorted(t, filter, order, q.Skip+limit)
	if err != nil {
		return nil, err
	}
	for _, each := range list[min(q.Skip, len(list)):] {
		if err := v.show(each.n, projection, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (v *view) limit(q Query) (int, error) {
	most := FunctionLimit
	if !v.who.Server {
		most = PageLimit
	}
	limit := min(defaultDocs, most)
	if q.Limit != nil {
		limit = *q.Limit
	}
	if limit < 1 || limit > most {
		return 0, query.ErrBadQuery.With("detail", fmt.Sprintf("limit is 1 to %d", most))
	}
	return limit, nil
}

func compareKeys(order query.Order, a, b kept) int {
	if order == nil {
		return query.Compare(a.keys[0], b.keys[0])
	}
	return order.Compare(a.keys, b.keys)
}

// sorted keeps the first documents of an order, twice as many as are wanted at most.
func (v *view) sorted(t target, filter query.Filter, order query.Order, want int) ([]kept, error) {
	var list []kept
	cut := func() {
		slices.SortFunc(list, func(a, b kept) int {
			if by := compareKeys(order, a, b); by != 0 {
				return by
			}
			return int(a.n - b.n) // in the order in which they were made
		})
		list = list[:min(want, len(list))]
	}
	err := v.scan(t, filter, t.rules.Read, func(r row, doc query.Document) (bool, error) {
		keys := order.Keys(doc)
		if order == nil { // the nearest first
			keys = []any{filter.Near.Distance(doc)}
		}
		list = append(list, kept{n: r.n, keys: keys})
		if len(list) >= 2*want+defaultDocs {
			cut()
		}
		return true, nil
	})
	cut()
	return list, err
}

// show adds the document to the answer.
func (v *view) show(n int64, projection query.Projection, out *answer) error {
	found, err := v.rows("SELECT n, id, openid, doc FROM documents WHERE n = ?", n)
	if err != nil || len(found) == 0 {
		return err
	}
	doc, err := found[0].parse()
	if err != nil {
		return err
	}
	encoded, err := wire(projection.Apply(doc))
	if err != nil {
		return err
	}
	return out.add(encoded)
}

// Count answers how many documents match.
func (s *Session) Count(ctx context.Context, q Query) (total int, err error) {
	err = s.read(ctx, func(v *view) error {
		t, err := v.collection(q.Collection)
		if err != nil {
			return err
		}
		filter, err := query.ParseFilter(q.Where, v.who.OpenID)
		if err != nil {
			return err
		}
		if filter.Empty() && v.who.Server {
			return v.tx.QueryRowContext(v.ctx, "SELECT count(*) FROM documents WHERE collection = ?", t.k).Scan(&total)
		}
		return v.scan(t, filter, t.rules.Read, func(row, query.Document) (bool, error) {
			total++
			return true, nil
		})
	})
	return total, err
}

// Pipeline is an aggregation to run.
type Pipeline struct {
	Collection string `json:"collection"`
	Stages     any    `json:"stages"`
}

// Aggregate answers {"list": [documents]}.
func (s *Session) Aggregate(ctx context.Context, p Pipeline) (out json.RawMessage, err error) {
	err = s.read(ctx, func(v *view) error {
		t, err := v.collection(p.Collection)
		if err != nil {
			return err
		}
		pipeline, err := query.ParsePipeline(p.Stages, v.who.OpenID, v.who.Now)
		if err != nil {
			return err
		}
		taken := 0
		docs, err := v.collect(t, pipeline.First, &taken)
		if err != nil {
			return err
		}
		docs, err = pipeline.Run(docs, func(name string, filter query.Filter) ([]query.Document, error) {
			other, err := v.collection(name)
			if errors.Is(err, ErrNoCollection) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			return v.collect(other, filter, &taken)
		})
		if err != nil {
			return err
		}
		list := &answer{}
		for _, doc := range docs {
			encoded, err := wire(doc)
			if err != nil {
				return err
			}
			if err := list.add(encoded); err != nil {
				return err
			}
		}
		out = list.in("list")
		return nil
	})
	return out, err
}

// collect gives the documents of a collection that go into a pipeline; taken counts the bytes of all its collections.
func (v *view) collect(t target, filter query.Filter, taken *int) (docs []query.Document, err error) {
	err = v.scan(t, filter, t.rules.Read, func(r row, doc query.Document) (bool, error) {
		docs = append(docs, doc)
		if *taken += len(r.text); *taken > AggregateBytes || len(docs) > AggregateLimit {
			return false, ErrTooMany.With("what", "documents in a pipeline").With("limit", AggregateLimit).With("limit_bytes", AggregateBytes)
		}
		return true, nil
	})
	return docs, err
}
