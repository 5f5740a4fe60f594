// Package query is the language of the cloud database: values, conditions, updates, pipelines and rules.
//
// The idea: what a condition means is said once, here, by a function over a decoded document; pages, cloud
// functions, security rules and pull use the same one, and the database's own language only narrows down which
// documents are looked at. So nothing that a program sends ever becomes part of a statement. The invariant:
// whatever text comes in, the work is bounded by the named limits, and the answer is a value or a named refusal.
package query

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

// Limits of the language.
const (
	MaxDepth     = 32    // of a value
	MaxNodes     = 500   // conditions of a filter, fields of an update, expressions of a pipeline
	MaxPattern   = 1_000 // bytes of a regular expression
	MaxName      = 200   // bytes of a field's name
	MaxPath      = 1_000 // bytes of a path
	MaxArrayHole = 1_000 // elements that setting one beyond the end may make
)

var (
	// ErrBadQuery refuses a filter, an order, a projection or a pipeline that is not one.
	ErrBadQuery = refusal.New(http.StatusBadRequest, "cloud_bad_query", "The query is not one that the cloud database understands.")
	// ErrBadData refuses a document or an update that is not one.
	ErrBadData = refusal.New(http.StatusBadRequest, "cloud_bad_data", "The data is not what the cloud database can keep.")
	// ErrBadUpdate refuses an update that does not fit the document, such as adding to a text.
	ErrBadUpdate = refusal.New(http.StatusConflict, "cloud_bad_update", "The update does not fit the document.")
)

func badQuery(format string, args ...any) error {
	return ErrBadQuery.With("detail", fmt.Sprintf(format, args...))
}

func badData(format string, args ...any) error {
	return ErrBadData.With("detail", fmt.Sprintf(format, args...))
}

func badUpdate(format string, args ...any) error {
	return ErrBadUpdate.With("detail", fmt.Sprintf(format, args...))
}

// A Document is a value of the database: nil, bool, float64, string, []any or map[string]any. A date is a string that
// begins with datePrefix, so that it is a scalar which compares and sorts by itself; a text that begins with the
// escape gets a second one.
type Document = map[string]any

const (
	escape     = "\x01"
	datePrefix = escape + "d"
	dateOffset = 10_000_000_000_000_000 // keeps the number positive and 17 digits long
	dateLength = len(datePrefix) + 17
	maxMillis  = 8_640_000_000_000_000 // JavaScript's own
)

// Date is the stored form of an instant in milliseconds since 1970.
func Date(millis int64) string { return fmt.Sprintf("%s%017d", datePrefix, dateOffset+millis) }

func isDate(text string) bool { return len(text) == dateLength && strings.HasPrefix(text, datePrefix) }

func millisOf(text string) int64 {
	millis, _ := strconv.ParseInt(text[len(datePrefix):], 10, 64) // Date wrote it
	return millis - dateOffset
}

// text is what a stored string says.
func text(stored string) string { return strings.TrimPrefix(stored, escape) }

// kinds in the order in which values of different kinds sort.
type kind int

const (
	kindMissing kind = iota
	kindNull
	kindNumber
	kindString
	kindObject
	kindArray
	kindBool
	kindDate
)

// missing stands for a field that is not there.
type missing struct{}

func kindOf(value any) kind {
	switch v := value.(type) {
	case nil:
		return kindNull
	case float64:
		return kindNumber
	case string:
		if isDate(v) {
			return kindDate
		}
		return kindString
	case map[string]any:
		return kindObject
	case []any:
		return kindArray
	case bool:
		return kindBool
	}
	return kindMissing
}

// Compare orders any two values: first by kind, then by value.
func Compare(a, b any) int {
	if order := cmp.Compare(kindOf(a), kindOf(b)); order != 0 {
		return order
	}
	switch x := a.(type) {
	case float64:
		return cmp.Compare(x, b.(float64))
	case string:
		return strings.Compare(x, b.(string))
	case bool:
		if x == b.(bool) {
			return 0
		} else if x {
			return 1
		}
		return -1
	case []any:
		return slices.CompareFunc(x, b.([]any), Compare)
	case map[string]any:
		return compareObjects(x, b.(map[string]any))
	}
	return 0
}

func compareObjects(a, b map[string]any) int {
	names := make([]string, 0, len(a)+len(b))
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		x, inA := a[name]
		y, inB := b[name]
		if !inA {
			return 1 // the object without the earlier name sorts after it
		}
		if !inB {
			return -1
		}
		if order := Compare(x, y); order != 0 {
			return order
		}
	}
	return 0
}

func equal(a, b any) bool { return Compare(a, b) == 0 }

// Decode turns what a program sent, parsed as JSON, into a stored value: {"$date": ms} becomes a date and
// {"$serverDate": ms} the present plus that many milliseconds.
func Decode(sent any, now time.Time) (any, error) { return decode(sent, now, 0) }

func decode(sent any, now time.Time, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, badData("deeper than %d", MaxDepth)
	}
	switch v := sent.(type) {
	case string:
		if strings.HasPrefix(v, escape) {
			return escape + v, nil
		}
		return v, nil
	case []any:
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = decode(v[i], now, depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		return decodeObject(v, now, depth)
	}
	return sent, nil // nil, bool, float64
}

func decodeObject(sent map[string]any, now time.Time, depth int) (any, error) {
	if len(sent) == 1 {
		if millis, ok := sent["$date"]; ok {
			return decodeDate(millis, 0)
		}
		if offset, ok := sent["$serverDate"]; ok {
			return decodeDate(offset, now.UnixMilli())
		}
	}
	out := make(map[string]any, len(sent))
	for name, member := range sent {
		if err := checkName(name); err != nil {
			return nil, err
		}
		value, err := decode(member, now, depth+1)
		if err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, nil
}

func decodeDate(sent any, from int64) (any, error) {
	millis, ok := sent.(float64)
	if !ok || millis < -maxMillis || millis > maxMillis || millis+float64(from) > maxMillis || millis != millis { //nolint:staticcheck // NaN
		return nil, badData("a date is a number of milliseconds")
	}
	return Date(from + int64(millis)), nil
}

func checkName(name string) error {
	if name == "" || len(name) > MaxName || strings.HasPrefix(name, "$") || strings.ContainsAny(name, ".\x00") {
		return badData("%q cannot be the name of a field", clip(name))
	}
	return nil
}

func clip(text string) string {
	if len(text) > 60 {
		return strings.ToValidUTF8(text[:60], "") + "…"
	}
	return text
}

// Encode turns a stored value into what a program is sent.
func Encode(value any) any {
	switch v := value.(type) {
	case string:
		if isDate(v) {
			return map[string]any{"$date": millisOf(v)}
		}
		return text(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = Encode(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = Encode(member)
		}
		return out
	case missing:
		return nil
	}
	return value
}

// Parse reads a stored document.
func Parse(stored []byte) (Document, error) {
	var doc Document
	if err := json.Unmarshal(stored, &doc); err != nil {
		return nil, fmt.Errorf("stored document: %w", err)
	}
	return doc, nil
}

// Format writes a document as it is stored. Members are in the order of their names.
func Format(doc Document) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(doc); err != nil {
		return nil, badData("%v", err) // infinity, which an update can reach
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// path is "a.b.0" taken apart.
type path []string

func parsePath(sent string) (path, error) {
	if sent == "" || len(sent) > MaxPath {
		return nil, badQuery("a path is 1 to %d bytes", MaxPath)
	}
	parts := strings.Split(sent, ".")
	if len(parts) > MaxDepth {
		return nil, badQuery("a path deeper than %d", MaxDepth)
	}
	for _, part := range parts {
		if err := checkName(part); err != nil {
			return nil, badQuery("%q is not a path", clip(sent))
		}
	}
	return parts, nil
}

func splitPath(sent string) path { return strings.Split(sent, ".") }

func (p path) String() string { return strings.Join(p, ".") }

// index is the position that a part of a path names in an array.
func index(part string) (int, bool) {
	if len(part) > 6 || part == "" || part[0] < '0' || part[0] > '9' {
		return 0, false
	}
	at, err := strconv.Atoi(part)
	return at, err == nil
}

// values gives every value that the path leads to: through an array it leads to each of its objects, or to the element
// that a number names. A branch that ends early gives missing{}.
func values(value any, p path, each func(any) bool) bool {
	if len(p) == 0 {
		return each(value)
	}
	switch v := value.(type) {
	case map[string]any:
		child, ok := v[p[0]]
		if !ok {
			return each(missing{})
		}
		return values(child, p[1:], each)
	case []any:
		if at, ok := index(p[0]); ok && at < len(v) && !values(v[at], p[1:], each) {
			return false
		}
		found := false
		for _, element := range v {
			if object, ok := element.(map[string]any); ok {
				found = true
				if !values(object, p, each) {
					return false
				}
			}
		}
		if found {
			return true
		}
	}
	return each(missing{})
}

// one is the single value at a path, as expressions and rules see it, or missing{}.
func one(value any, p path) any {
	for i, part := range p {
		switch v := value.(type) {
		case map[string]any:
			child, ok := v[part]
			if !ok {
				return missing{}
			}
			value = child
		case []any:
			if at, ok := index(part); ok && at < len(v) {
				value = v[at]
				continue
			}
			var list []any
			for _, element := range v {
				if member := one(element, p[i:]); kindOf(member) != kindMissing {
					list = append(list, member)
				}
			}
			return list
		default:
			return missing{}
		}
	}
	return value
}
