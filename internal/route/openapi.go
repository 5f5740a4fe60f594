package route

import (
	"encoding/json"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"
	"github.com/pocketbase/pocketbase/core"
)

// Document is the OpenAPI 3.1 description of every route that Handle has registered on app, made from the
// same Go types that the handlers read and answer. PocketBase's own routes (records, auth, realtime) are
// described by PocketBase and named in docs/clients.md.
func Document(app core.App, version string) map[string]any {
	d := document{schemas: map[string]any{}, reflector: &jsonschema.Reflector{
		Anonymous: true, ExpandedStruct: true, DoNotReference: false, AllowAdditionalProperties: true,
	}}
	paths := map[string]map[string]any{}
	for _, op := range Operations(app) {
		path := muxWildcard.ReplaceAllString(op.Path, "{$1}")
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(op.Method)] = d.operation(op)
	}
	d.schemas["Refusal"] = refusalSchema
	return map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Plaza", "version": version},
		"paths":   paths,
		"components": map[string]any{
			"schemas": d.schemas,
			"securitySchemes": map[string]any{
				"token": map[string]any{"type": "apiKey", "in": "header", "name": "Authorization"},
				"key":   map[string]any{"type": "apiKey", "in": "header", "name": "X-Upload-Key"},
			},
		},
	}
}

var muxWildcard = regexp.MustCompile(`\{([a-zA-Z_]+)(?:\.\.\.)?\}`)

var refusalSchema = map[string]any{
	"type": "object", "required": []string{"status", "message", "data"},
	"properties": map[string]any{
		"status":  map[string]any{"type": "integer"},
		"message": map[string]any{"type": "string"},
		"data": map[string]any{
			"type": "object", "properties": map[string]any{"code": map[string]any{"type": "string"}},
		},
	},
}

type document struct {
	schemas   map[string]any
	reflector *jsonschema.Reflector
}

func (d *document) operation(op Operation) map[string]any {
	out := map[string]any{
		"summary": op.Summary, "tags": []string{op.Tag}, "operationId": operationID(op),
		"parameters": parameters(op), "responses": d.responses(op),
	}
	if !op.Public {
		out["security"] = []any{map[string]any{"token": []string{}}}
	}
	if op.Key != "" {
		out["security"] = []any{map[string]any{"token": []string{}}, map[string]any{"key": []string{}}}
	}
	if op.Body != nil {
		out["requestBody"] = map[string]any{"content": d.content(op.Body)}
	}
	return out
}

func operationID(op Operation) string {
	words := strings.FieldsFunc(strings.TrimPrefix(op.Path, "/api/"), func(r rune) bool {
		return strings.ContainsRune("/{}-.", r)
	})
	return strings.ToLower(op.Method) + "_" + strings.Join(words, "_")
}

func parameters(op Operation) []any {
	out := []any{}
	for _, match := range muxWildcard.FindAllStringSubmatch(op.Path, -1) {
		out = append(out, map[string]any{
			"name": match[1], "in": "path", "required": true, "schema": map[string]any{"type": "string"},
		})
	}
	if op.Idempotent {
		out = append(out, map[string]any{
			"name": "Idempotency-Key", "in": "header", "schema": map[string]any{"type": "string", "maxLength": 255},
			"description": "The same key and body are answered again; the same key with another body is refused.",
		})
	}
	return out
}

func (d *document) responses(op Operation) map[string]any {
	ok := map[string]any{"description": "Done."}
	if op.Answer != nil {
		ok["content"] = d.content(op.Answer)
	}
	out := map[string]any{"200": ok}
	codes := map[int][]string{}
	for _, r := range op.Refusals {
		codes[r.Status] = append(codes[r.Status], r.Code)
	}
	for status, words := range codes {
		sort.Strings(words)
		out[strconv.Itoa(status)] = map[string]any{
			"description": "data.code is one of: " + strings.Join(words, ", "),
			"content": map[string]any{"application/json": map[string]any{
				"schema": map[string]any{"$ref": "#/components/schemas/Refusal"},
			}},
		}
	}
	return out
}

// content describes a body by the Go type of its example; a string is the media type of a file.
func (d *document) content(example any) map[string]any {
	if media, ok := example.(string); ok {
		return map[string]any{media: map[string]any{"schema": map[string]any{"type": "string", "format": "binary"}}}
	}
	if schema, ok := example.(map[string]any); ok {
		return map[string]any{"application/json": map[string]any{"schema": schema}}
	}
	return map[string]any{"application/json": map[string]any{"schema": d.schema(reflect.TypeOf(example))}}
}

// schema turns a Go type into JSON Schema and moves its definitions to the document's components.
func (d *document) schema(t reflect.Type) any {
	raw, err := json.Marshal(d.reflector.ReflectFromType(t))
	if err != nil {
		return map[string]any{}
	}
	text := strings.ReplaceAll(string(raw), "#/$defs/", "#/components/schemas/")
	var schema map[string]any
	if json.Unmarshal([]byte(text), &schema) != nil {
		return map[string]any{}
	}
	if defs, ok := schema["$defs"].(map[string]any); ok {
		for name, def := range defs {
			// A generic type's name ends in its parameter, which references leave out.
			plain, _, _ := strings.Cut(name, "[")
			d.schemas[plain] = def
		}
	}
	delete(schema, "$defs")
	delete(schema, "$schema")
	return schema
}
