package weapp

import (
	"context"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// cloudFunctions compiles the cloud functions: each folder below the functions' root is one, and index.js in it is its
// entry. What the sandbox's engine does not know (async generators, for await) is lowered.
func (p *project) cloudFunctions(ctx context.Context) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	// Findings of functions name paths of the upload, not of the pages' folder.
	r := &report{prefix: p.funcRoot}
	for _, file := range slices.Sorted(maps.Keys(p.functions)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		name, rest, nested := strings.Cut(file, "/")
		if !nested || strings.HasPrefix(name, ".") || strings.Contains("/"+rest, "/node_modules/") {
			continue
		}
		code, ok := functionFile(r, file, p.functions[file])
		if !ok {
			continue
		}
		if out[name] == nil {
			out[name] = map[string]string{}
		}
		out[name][scriptPath(rest)] = code
	}
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if _, ok := out[name]["index.js"]; !ok {
			r.fail("no_function_entry", place{file: name + "/index.js"}, "The cloud function %s has no index.js.", name)
		}
	}
	p.report.findings = append(p.report.findings, r.sorted()...)
	return out, nil
}

// functionFile compiles one file of a cloud function; false leaves it out.
func functionFile(r *report, file, source string) (string, bool) {
	switch path.Ext(file) {
	case ".json":
		var value json.RawMessage
		if err := json.Unmarshal([]byte(source), &value); err != nil {
			at := jsonPlace(file, source, err)
			r.fail("bad_json", at, "%s", jsonMessage(source, err))
			return "", false
		}
		return source, true
	case ".js", ".ts", ".mjs", ".cjs":
		if strings.HasSuffix(file, ".d.ts") {
			return "", false
		}
		// The map lets the sandbox name the author's lines.
		return r.transform(file, source, api.TransformOptions{
			Format: api.FormatCommonJS, Target: api.ES2020, MinifyWhitespace: true,
			Supported: map[string]bool{"dynamic-import": false, "async-generator": false, "for-await": false},
			Sourcemap: api.SourceMapInline, SourcesContent: api.SourcesContentExclude,
		})
	}
	return "", false
}
