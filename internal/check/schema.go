package check

import (
	"bytes"
	"embed"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// The schemas are ours, written from the members that WeChat and the W3C document. They are closed: a member
// that they do not name is told as a warning, since a misspelt one would silently do nothing.
//
//go:embed schemas/*.json
var schemaFiles embed.FS

// schemas are the compiled ones by name: app, page, game, project, manifest.
var schemas = sync.OnceValue(func() map[string]*jsonschema.Schema {
	out := map[string]*jsonschema.Schema{}
	compiler := jsonschema.NewCompiler()
	entries, err := schemaFiles.ReadDir("schemas")
	if err != nil {
		panic(fmt.Sprintf("check: %v", err)) // they are in the binary
	}
	for _, entry := range entries {
		source, err := schemaFiles.ReadFile("schemas/" + entry.Name())
		if err != nil {
			panic(fmt.Sprintf("check: %v", err))
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
		if err == nil {
			err = compiler.AddResource(entry.Name(), document)
		}
		if err != nil {
			panic(fmt.Sprintf("check: schema %s: %v", entry.Name(), err)) // a mistake of ours, seen by the first test
		}
		out[strings.TrimSuffix(entry.Name(), path.Ext(entry.Name()))] = compiler.MustCompile(entry.Name())
	}
	return out
})

// conform compares a JSON file with a schema.
func (f *findings) conform(schema, file, source string) {
	source = strings.TrimPrefix(source, "\ufeff")
	positions, err := locate(source)
	if err != nil {
		var syntax *jsontext.SyntacticError
		at, message := spot{1, 1}, err.Error()
		if errors.As(err, &syntax) {
			at, message = newLines(source).at(int(syntax.ByteOffset)), syntax.Err.Error()
		}
		f.fail("bad_json", file, at, "This is not JSON: %s.", message)
		return
	}
	j := judged{findings: f, file: file, positions: positions, lines: newLines(source)}
	for _, pointer := range positions.twice {
		f.warn("json_duplicate", file, j.name(pointer), "%s stands twice; the last one counts.", lastToken(pointer))
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(source))
	if err != nil {
		f.fail("bad_json", file, spot{1, 1}, "This is not JSON: %v.", err)
		return
	}
	var wrong *jsonschema.ValidationError
	if err := schemas()[schema].Validate(value); errors.As(err, &wrong) {
		j.judge(wrong)
	}
}

// judged is one file that is compared with its schema.
type judged struct {
	*findings
	file      string
	positions located
	lines     *lines
}

// judge turns the leaves of an error into findings.
func (j judged) judge(wrong *jsonschema.ValidationError) {
	for _, cause := range wrong.Causes {
		j.judge(cause)
	}
	if len(wrong.Causes) > 0 {
		return
	}
	pointer := ""
	for _, token := range wrong.InstanceLocation {
		pointer += "/" + pointerToken(token)
	}
	where := "The member " + strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
	if pointer == "" {
		where = "The file"
	}
	switch problem := wrong.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, name := range problem.Properties {
			j.warn("json_unknown", j.file, j.name(pointer+"/"+pointerToken(name)), "%s is not a member that is known here.", name)
		}
	case *kind.Type:
		j.fail("json_type", j.file, j.value(pointer), "%s must be %s, not %s.", where, strings.Join(problem.Want, " or "), problem.Got)
	case *kind.Required:
		j.fail("json_missing", j.file, j.value(pointer), "%s must have %s.", where, strings.Join(problem.Missing, ", "))
	case *kind.Enum:
		j.warn("json_value", j.file, j.value(pointer), "%s has a value that is not known; it may be %s.", where, listed(problem.Want))
	default:
		j.warn("json_value", j.file, j.value(pointer), "%s has a value that is not known.", where)
	}
}

func listed(values []any) string {
	var out []string
	for _, value := range values {
		out = append(out, fmt.Sprint(value))
	}
	return strings.Join(out, ", ")
}

func (j judged) value(pointer string) spot { return j.lines.at(j.positions.values[pointer]) }

func (j judged) name(pointer string) spot {
	if at, ok := j.positions.names[pointer]; ok {
		return j.lines.at(at)
	}
	return j.value(pointer)
}

func pointerToken(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func lastToken(pointer string) string {
	last := pointer[strings.LastIndexByte(pointer, '/')+1:]
	return strings.ReplaceAll(strings.ReplaceAll(last, "~1", "/"), "~0", "~")
}

// located says where the parts of a JSON text stand, by JSON pointer.
type located struct {
	names, values map[string]int
	twice         []string
}

// maxLocated bounds what is remembered of one text, which may be a megabyte of brackets.
const maxLocated = 20_000

// locate reads a JSON text once. It allows a member twice, which readers differ in.
func locate(source string) (located, error) {
	out := located{names: map[string]int{}, values: map[string]int{}}
	decoder := jsontext.NewDecoder(strings.NewReader(source), jsontext.AllowDuplicateNames(true))
	for {
		start := int(decoder.InputOffset())
		for start < len(source) && strings.IndexByte(" \t\r\n,:", source[start]) >= 0 {
			start++
		}
		token, err := decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if len(out.values) > maxLocated || decoder.StackDepth() > maxJSONDepth {
			continue
		}
		if kind := token.Kind(); kind == '}' || kind == ']' {
			continue
		}
		pointer := string(decoder.StackPointer())
		if isName(decoder) {
			if _, known := out.names[pointer]; known {
				out.twice = append(out.twice, pointer)
			}
			out.names[pointer] = start
			continue
		}
		out.values[pointer] = start
	}
}

// maxJSONDepth is how deep a pointer may be; pointers of deep texts are long.
const maxJSONDepth = 50

// isName says whether the token that was just read is the name of a member: names and values alternate.
func isName(decoder *jsontext.Decoder) bool {
	kind, length := decoder.StackIndex(decoder.StackDepth())
	return kind == '{' && length%2 == 1
}
