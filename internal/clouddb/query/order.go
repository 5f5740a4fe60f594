package query

import (
	"slices"
	"strings"
)

// Order is by which fields documents are sorted.
type Order []orderKey

type orderKey struct {
	at   path
	sign int
}

const maxOrderKeys = 20

// ParseOrder reads [["a.b", "asc"], ["c", -1]].
func ParseOrder(sent any) (Order, error) {
	if sent == nil {
		return nil, nil
	}
	list, ok := sent.([]any)
	if !ok || len(list) > maxOrderKeys {
		return nil, badQuery("an order is a list of at most %d fields", maxOrderKeys)
	}
	var out Order
	for _, each := range list {
		pair, _ := each.([]any)
		if len(pair) != 2 {
			return nil, badQuery("an order is a list of fields with their directions")
		}
		name, _ := pair[0].(string)
		at, err := parsePath(name)
		if err != nil {
			return nil, err
		}
		switch pair[1] {
		case "asc", 1.0:
			out = append(out, orderKey{at, 1})
		case "desc", -1.0:
			out = append(out, orderKey{at, -1})
		default:
			return nil, badQuery("the direction of an order is asc or desc")
		}
	}
	return out, nil
}

// Keys are the values by which a document is sorted: of an array its least element, or its greatest when descending.
func (o Order) Keys(doc Document) []any {
	keys := make([]any, len(o))
	for i, key := range o {
		keys[i] = key.of(doc)
	}
	return keys
}

func (k orderKey) of(doc any) any {
	var best any = missing{}
	first := true
	consider := func(value any) {
		if first || k.sign*Compare(value, best) < 0 {
			best, first = value, false
		}
	}
	values(doc, k.at, func(value any) bool {
		list, ok := value.([]any)
		if !ok || len(list) == 0 {
			consider(value)
		}
		for _, element := range list {
			consider(element)
		}
		return true
	})
	if _, gone := best.(missing); gone {
		return nil // sorts as null
	}
	return best
}

// Compare orders two documents by their keys.
func (o Order) Compare(a, b []any) int {
	for i, key := range o {
		if order := Compare(a[i], b[i]); order != 0 {
			return key.sign * order
		}
	}
	return 0
}

func (o Order) compareValues(a, b any) int {
	for _, key := range o {
		if order := Compare(key.of(a), key.of(b)); order != 0 {
			return key.sign * order
		}
	}
	return 0
}

// Projection is which fields of a document are shown.
type Projection struct {
	fields []path
	hide   bool // the fields are those not to show
	noID   bool
	parts  []part
}

// part is a piece of a list: so many elements from a place on.
type part struct {
	at   path
	args []any // of sliced, after the list
}

// ParseProjection reads {"a.b": true} or {"a": false}; nil shows everything.
func ParseProjection(sent any) (Projection, error) {
	if sent == nil {
		return Projection{hide: true}, nil
	}
	object, ok := sent.(map[string]any)
	if !ok || len(object) > MaxNodes {
		return Projection{}, badQuery("field takes an object")
	}
	p := Projection{hide: true}
	shown, hidden := 0, 0
	for name, flag := range object {
		if object, ok := flag.(map[string]any); ok {
			if err := p.partOf(name, object); err != nil {
				return Projection{}, err
			}
			continue
		}
		show := flag == true || flag == 1.0
		if !show && flag != false && flag != 0.0 {
			return Projection{}, badQuery("field takes true or false for each name")
		}
		if name == "_id" {
			p.noID = !show
			continue
		}
		at, err := parsePath(name)
		if err != nil {
			return Projection{}, err
		}
		if show {
			shown++
		} else {
			hidden++
		}
		p.fields = append(p.fields, at)
	}
	if shown > 0 && hidden > 0 {
		return Projection{}, badQuery("field either shows or hides, it cannot do both")
	}
	p.hide = shown == 0 && (hidden > 0 || len(object) == 0 || p.noID || len(p.parts) > 0)
	slices.SortFunc(p.fields, slices.Compare)
	return p, nil
}

// partOf reads {"$slice": n} or {"$slice": [skip, n]}.
func (p *Projection) partOf(name string, object map[string]any) error {
	at, err := parsePath(name)
	if err != nil {
		return err
	}
	sent, ok := object["$slice"]
	list, several := sent.([]any)
	if !several {
		list = []any{sent}
	}
	for _, each := range list {
		if _, number := each.(float64); !number {
			ok = false
		}
	}
	if !ok || len(object) != 1 || len(list) == 0 || len(list) > 2 {
		return badQuery("field takes true, false or a slice for each name")
	}
	p.parts = append(p.parts, part{at: at, args: list})
	return nil
}

// Apply gives the shown part of a document; it may share with it.
func (p Projection) Apply(doc Document) Document {
	for _, part := range p.parts {
		if list, ok := one(doc, part.at).([]any); ok {
			doc = placed(doc, part.at, sliced(append([]any{list}, part.args...)))
		}
	}
	return p.show(doc)
}

func (p Projection) show(doc Document) Document {
	if p.hide && len(p.fields) == 0 && !p.noID {
		return doc
	}
	var out Document
	if p.hide {
		out = copied(doc).(map[string]any)
		for _, at := range p.fields {
			hide(out, at)
		}
	} else {
		out, _ = show(doc, p.fields).(map[string]any)
		if out == nil {
			out = Document{}
		}
		out["_id"] = doc["_id"]
	}
	if p.noID {
		delete(out, "_id")
	}
	return out
}

func hide(value any, at path) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			hide(element, at)
		}
	case map[string]any:
		if len(at) == 1 {
			delete(v, at[0])
		} else if child, ok := v[at[0]]; ok {
			hide(child, at[1:])
		}
	}
}

// show gives the part of a value that the paths name; the paths are sorted.
func show(value any, paths []path) any {
	switch v := value.(type) {
	case []any:
		out := []any{}
		for _, element := range v {
			if part := show(element, paths); kindOf(part) != kindMissing {
				out = append(out, part)
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for i := 0; i < len(paths); {
			name := paths[i][0]
			end := i
			var inner []path
			whole := false
			for ; end < len(paths) && paths[end][0] == name; end++ {
				whole = whole || len(paths[end]) == 1
				inner = append(inner, paths[end][1:])
			}
			i = end
			child, ok := v[name]
			if !ok {
				continue
			}
			if whole {
				out[name] = child
			} else if part := show(child, inner); kindOf(part) != kindMissing {
				out[name] = part
			}
		}
		return out
	}
	return missing{}
}

// Entries are the scalars under which an index on the path keeps the document, each once.
func Entries(doc Document, field string) []any {
	var out []any
	seen := map[any]bool{}
	add := func(value any) {
		if Scalar(value) && !seen[value] {
			seen[value] = true
			out = append(out, value)
		}
	}
	values(doc, strings.Split(field, "."), func(value any) bool {
		add(value)
		if list, ok := value.([]any); ok {
			for _, element := range list {
				add(element)
			}
		}
		return true
	})
	return out
}
