package query

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Index is by which fields documents are found quickly: by one; by several in their order; or by the place that one
// holds. Unique lets each combination of values stand in one document only; a field that is not there counts as null.
type Index struct {
	Fields []string `json:"fields"`
	Unique bool     `json:"unique,omitempty"`
	Geo    bool     `json:"geo,omitempty"`
}

const (
	maxIndexFields = 5
	tupleEntries   = 1_000 // combinations of values of one document that are looked at
)

// Name says everything about the index; ParseIndexName reads it. That of a plain one is its field.
func (i Index) Name() string {
	if i.Plain() {
		return i.Fields[0]
	}
	name, _ := json.Marshal(i) // texts and booleans are always JSON
	return string(name)
}

// Plain tells whether the index holds the scalars of one field and nothing more.
func (i Index) Plain() bool { return len(i.Fields) == 1 && !i.Unique && !i.Geo }

// ParseIndexName is the index that has this name.
func ParseIndexName(name string) (Index, error) {
	index := Index{Fields: []string{name}}
	if !strings.HasPrefix(name, "{") {
		return index, nil
	}
	index.Fields = nil
	err := json.Unmarshal([]byte(name), &index)
	return index, err
}

// UnmarshalJSON takes a path, too.
func (i *Index) UnmarshalJSON(text []byte) error {
	var field string
	if json.Unmarshal(text, &field) == nil {
		*i = Index{Fields: []string{field}}
		return nil
	}
	type object Index
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode((*object)(i))
}

func (i Index) check() error {
	if len(i.Fields) == 0 || len(i.Fields) > maxIndexFields {
		return fmt.Errorf("an index has 1 to %d fields", maxIndexFields)
	}
	for n, field := range i.Fields {
		if _, err := parsePath(field); err != nil || strings.HasPrefix(field, "{") {
			return fmt.Errorf("the index %q is not a path", clip(field))
		}
		if slices.Contains(i.Fields[:n], field) {
			return fmt.Errorf("an index has %s twice", clip(field))
		}
	}
	if i.Geo && (len(i.Fields) > 1 || i.Unique) {
		return fmt.Errorf("a geo index has one field and is not unique")
	}
	return nil
}

// Entries are the values under which the index keeps the document, each once.
func (i Index) Entries(doc Document) []any {
	switch {
	case i.Plain():
		return Entries(doc, i.Fields[0])
	case i.Geo:
		return GeoEntries(doc, i.Fields[0])
	}
	tuples := []Tuple{""}
	for _, field := range i.Fields {
		var next []Tuple
		for _, value := range indexed(doc, splitPath(field)) {
			for _, before := range tuples {
				if len(next) > tupleEntries {
					break
				}
				next = append(next, before.with(value))
			}
		}
		tuples = next
	}
	slices.Sort(tuples)
	out := make([]any, 0, len(tuples))
	for _, tuple := range slices.Compact(tuples) {
		out = append(out, tuple)
	}
	return out
}

// indexed are the values of a path as an index of several fields has them: of an array its elements, of nothing null.
func indexed(doc Document, at path) []any {
	list := scalarsAt(doc, at)
	if len(list) == 0 {
		return []any{nil}
	}
	return list
}

// Tuple is several values as one text whose order is theirs.
type Tuple string

func (t Tuple) with(value any) Tuple {
	mark := string(rune('\x01' + int(kindOf(orNull(value)))))
	switch v := value.(type) {
	case float64:
		bits := math.Float64bits(v + 0) // which makes -0 the same as 0
		if bits>>63 == 1 {
			bits = ^bits
		} else {
			bits |= 1 << 63
		}
		return t + Tuple(mark) + Tuple(binary.BigEndian.AppendUint64(nil, bits))
	case bool:
		if v {
			return t + Tuple(mark+"1")
		}
		return t + Tuple(mark+"0")
	case string:
		return t + Tuple(mark+strings.ReplaceAll(v, "\x00", "\x00\xff")+"\x00\x01")
	case []any, map[string]any:
		spelled, _ := json.Marshal(v) // it came from JSON
		return t + Tuple(mark+strings.ReplaceAll(string(spelled), "\x00", "\x00\xff")+"\x00\x01")
	}
	return t + Tuple(mark)
}

// Span is a range of tuples, To not included.
type Span struct{ From, To Tuple }

// after is the first tuple that does not begin so.
func (t Tuple) after() Tuple { return t + "\xff" }

// Spans are where documents with the needs stand in an index of several fields, and how many of these the needs fix;
// none when the index does not help.
func (i Index) Spans(needs []Need) (spans []Span, fixed int) {
	prefixes := []Tuple{""}
	for _, field := range i.Fields {
		need, ok := needOf(needs, field)
		if !ok || len(prefixes)*len(need.In) > MaxNodes {
			break
		}
		if need.In == nil {
			for _, prefix := range prefixes {
				spans = append(spans, need.span(prefix))
			}
			return spans, fixed + 1
		}
		var next []Tuple
		for _, prefix := range prefixes {
			for _, value := range need.In {
				next = append(next, prefix.with(value))
			}
		}
		prefixes = next
		fixed++
	}
	if fixed == 0 {
		return nil, 0
	}
	for _, prefix := range prefixes {
		spans = append(spans, Span{prefix, prefix.after()})
	}
	return spans, fixed
}

// needOf is the best need of a field: values rather than a range.
func needOf(needs []Need, field string) (best Need, ok bool) {
	for _, need := range needs {
		if need.Path != field || need.Cells != nil {
			continue
		}
		if !ok || best.In == nil && need.In != nil {
			best, ok = need, true
		}
	}
	return best, ok
}

// span is the range of one kind of values from or up to a value.
func (n Need) span(prefix Tuple) Span {
	if n.From != nil {
		from := prefix.with(n.From)
		return Span{from, from[:len(prefix)+1].after()}
	}
	to := prefix.with(n.To)
	return Span{to[:len(prefix)+1], to.after()}
}
