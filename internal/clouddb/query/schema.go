package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// SchemaFile is the file of a project that declares its collections.
const SchemaFile = "clouddb.json"

// Presets of permissions, by WeChat's names.
const (
	Private    = "PRIVATE"    // the creator reads and writes
	ReadOnly   = "READONLY"   // all read, the creator writes
	AdminWrite = "ADMINWRITE" // all read, only functions write
	AdminOnly  = "ADMINONLY"  // only functions read and write
)

// Limits of a schema.
const (
	MaxCollections = 100
	MaxIndexes     = 10 // of one collection
	maxSchemaBytes = 64 << 10
)

// Schema is what a version declares of its database and of its files.
type Schema struct {
	Collections map[string]Collection
	Files       *Collection // who may do what with files from a page; nil is what FileRules says
}

// FileRules are the rules of the program's files; what nobody declared is ReadOnly.
func (s Schema) FileRules() Collection {
	if s.Files != nil {
		return *s.Files
	}
	c, err := Preset(ReadOnly)
	if err != nil {
		return Collection{} // refuses everything; the preset's rules are tested
	}
	return c
}

// Collection is who may do what from a page, and by which fields documents are found quickly.
type Collection struct {
	Read, Create, Update, Delete Rule
	Indexes                      []Index
}

var collectionName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$`)

// IsCollection tells whether a collection may have the name.
func IsCollection(name string) bool { return collectionName.MatchString(name) }

const owner = "doc._openid == auth.openid"

// presets are rules, too: read, create, update and delete.
var presets = map[string][4]string{
	Private:    {owner, "true", owner, owner},
	ReadOnly:   {"true", "true", owner, owner},
	AdminWrite: {"true", "false", "false", "false"},
	AdminOnly:  {"false", "false", "false", "false"},
}

// Preset is a collection with one of the four permissions.
func Preset(name string) (Collection, error) {
	sources, ok := presets[name]
	if !ok {
		return Collection{}, fmt.Errorf("acl is one of %v", slices.Sorted(maps.Keys(presets)))
	}
	return rules(sources)
}

func rules(sources [4]string) (c Collection, err error) {
	for i, into := range []*Rule{&c.Read, &c.Create, &c.Update, &c.Delete} {
		if *into, err = ParseRule(sources[i]); err != nil {
			return Collection{}, err
		}
	}
	return c, nil
}

// Collection is the declared one, or the preset for one that only a function made.
func (s Schema) Collection(name string) (c Collection, declared bool) {
	if c, ok := s.Collections[name]; ok {
		return c, true
	}
	c, err := Preset(Private)
	if err != nil {
		return Collection{}, false // refuses everything; the preset's rules are tested
	}
	return c, false
}

// source is a boolean or an expression.
type source string

func (s *source) UnmarshalJSON(text []byte) error {
	var flag bool
	if json.Unmarshal(text, &flag) == nil {
		*s = source(fmt.Sprint(flag))
		return nil
	}
	return json.Unmarshal(text, (*string)(s))
}

type declaredCollection struct {
	ACL     string             `json:"acl"`
	Rules   map[string]*source `json:"rules"`
	Indexes []Index            `json:"indexes"`
}

// ParseSchema reads clouddb.json; nothing declares nothing.
func ParseSchema(text []byte) (Schema, error) {
	schema := Schema{Collections: map[string]Collection{}}
	if len(bytes.TrimSpace(text)) == 0 {
		return schema, nil
	}
	if len(text) > maxSchemaBytes {
		return schema, fmt.Errorf("%s has more than %d bytes", SchemaFile, maxSchemaBytes)
	}
	var sent struct {
		Collections map[string]declaredCollection `json:"collections"`
		Files       *declaredCollection           `json:"files"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&sent); err != nil {
		return schema, err
	}
	if len(sent.Collections) > MaxCollections {
		return schema, fmt.Errorf("more than %d collections", MaxCollections)
	}
	for name, declared := range sent.Collections {
		if !IsCollection(name) {
			return schema, fmt.Errorf("%q cannot be the name of a collection", clip(name))
		}
		c, err := declared.parse()
		if err != nil {
			return schema, fmt.Errorf("collection %s: %w", name, err)
		}
		schema.Collections[name] = c
	}
	err := schema.declareFiles(sent.Files)
	return schema, err
}

func (s *Schema) declareFiles(declared *declaredCollection) error {
	if declared == nil {
		return nil
	}
	if declared.ACL == "" && declared.Rules == nil {
		declared.ACL = ReadOnly
	}
	if len(declared.Indexes) > 0 {
		return fmt.Errorf("files have no indexes")
	}
	c, err := declared.parse()
	if err != nil {
		return fmt.Errorf("files: %w", err)
	}
	s.Files = &c
	return nil
}

func (d declaredCollection) parse() (Collection, error) {
	if d.ACL != "" && d.Rules != nil {
		return Collection{}, fmt.Errorf("either acl or rules, not both")
	}
	if d.ACL == "" {
		d.ACL = Private
	}
	c, err := Preset(d.ACL)
	if err == nil && d.Rules != nil {
		c, err = d.own()
	}
	if err != nil {
		return Collection{}, err
	}
	if len(d.Indexes) > MaxIndexes {
		return Collection{}, fmt.Errorf("more than %d indexes", MaxIndexes)
	}
	for _, index := range d.Indexes {
		if err := index.check(); err != nil {
			return Collection{}, err
		}
	}
	slices.SortFunc(d.Indexes, func(a, b Index) int { return strings.Compare(a.Name(), b.Name()) })
	c.Indexes = slices.CompactFunc(d.Indexes, func(a, b Index) bool { return a.Name() == b.Name() })
	return c, nil
}

// own are the collection's own rules: write stands for create, update and delete; what is not said is refused.
func (d declaredCollection) own() (Collection, error) {
	sources := [4]string{"false", "false", "false", "false"}
	for name := range d.Rules {
		if !slices.Contains([]string{"read", "write", "create", "update", "delete"}, name) {
			return Collection{}, fmt.Errorf("there is no rule %q", clip(name))
		}
	}
	for i, names := range [4][]string{{"read"}, {"write", "create"}, {"write", "update"}, {"write", "delete"}} {
		for _, name := range names {
			if said := d.Rules[name]; said != nil {
				sources[i] = string(*said)
			}
		}
	}
	return rules(sources)
}
