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
// entry. What the sandbox's engine does not know (async generators, for await) is lowered. Packages of node_modules
// become part of the functions that require them.
func (p *project) cloudFunctions(ctx context.Context) (map[string]map[string]string, error) {
	// Findings of functions name paths of the upload, not of the pages' folder.
	l := &functionLinker{
		files: p.functions, report: &report{prefix: p.funcRoot}, compiled: map[string]functionModule{}, room: MaxFunctionsBytes,
		packages: packages{read: func(name string) (string, bool) { source, ok := p.functions[name]; return source, ok }},
	}
	own := map[string][]string{}
	for _, file := range slices.Sorted(maps.Keys(p.functions)) {
		name, rest, nested := strings.Cut(file, "/")
		if nested && !strings.HasPrefix(name, ".") && !inPackage(file) && rest != "" {
			own[name] = append(own[name], file)
		}
	}
	out := map[string]map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		modules, err := l.link(ctx, name, own[name])
		if err != nil {
			return nil, err
		}
		if len(modules) == 0 {
			continue
		}
		out[name] = modules
		if _, ok := modules["index.js"]; !ok {
			l.report.fail("no_function_entry", place{file: name + "/index.js"}, "The cloud function %s has no index.js.", name)
		}
	}
	p.report.findings = append(p.report.findings, l.report.sorted()...)
	return out, nil
}

// functionLinker puts functions together. A file of a package that several functions share is compiled once.
type functionLinker struct {
	files    map[string]string
	report   *report
	packages packages
	compiled map[string]functionModule
	room     int // bytes that all functions may still have
}

type functionModule struct {
	code     string
	ok       bool
	requires []string
}

// link gives the modules of one function by their paths in its folder: its own files, and what they reach.
func (l *functionLinker) link(ctx context.Context, function string, own []string) (map[string]string, error) {
	out, size := map[string]string{}, 0
	queue, seen := slices.Clone(own), map[string]bool{}
	for len(queue) > 0 {
		file := queue[0]
		queue = queue[1:]
		if seen[file] {
			continue
		}
		seen[file] = true
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := l.compile(file)
		if !m.ok {
			continue
		}
		if size += len(m.code); size > MaxFunctionBytes || size > l.room {
			l.report.fail("function_too_large", place{file: function + "/index.js"},
				"The cloud function %s is too large with the packages that it requires: %d MB is the most, and %d MB for all functions.",
				function, MaxFunctionBytes>>20, MaxFunctionsBytes>>20)
			return out, nil
		}
		out[placeInFunction(function, file)] = m.code
		for _, spec := range m.requires {
			name := strings.TrimPrefix(spec, "node:")
			if slices.Contains(provided, name) {
				continue // the house's own, whatever is installed
			}
			found, ok := l.packages.find(file, spec)
			if slices.Contains(refusing, name) && !inPackage(file) {
				l.report.warn("refusing_module", l.mention(file, spec), "%s loads in a cloud function, but refuses all that it is asked.", spec)
			}
			if !ok {
				if !strings.HasPrefix(spec, ".") && !strings.HasPrefix(spec, "/") && !inPackage(file) && !slices.Contains(refusing, name) {
					l.report.warn("missing_module", l.mention(file, spec), "There is no module %s: install it in the function's folder.", spec)
				}
				continue
			}
			if inPackage(found.file) {
				queue = append(queue, found.file)
				pointer(out, function, found, l.files)
			}
		}
	}
	l.room -= size
	return out, nil
}

// pointer says to the sandbox, which knows main but no exports, where a package's module is.
func pointer(out map[string]string, function string, found foundModule, files map[string]string) {
	if found.folder == "" {
		return
	}
	target, inside := strings.CutPrefix(found.file, found.folder+"/")
	if !inside {
		return // a package inside this one, or a file beside its folder
	}
	if found.rest == "" {
		manifest := map[string]any{}
		_ = json.Unmarshal([]byte(files[found.folder+"/package.json"]), &manifest) // what is no manifest says nothing
		manifest["main"] = "./" + target
		if encoded, err := json.Marshal(manifest); err == nil {
			out[placeInFunction(function, found.folder+"/package.json")] = string(encoded)
		}
		return
	}
	name := found.rest
	if !isFunctionScript(name) && path.Ext(name) != ".json" {
		name += ".js"
	}
	key := placeInFunction(function, found.folder+"/"+name)
	if _, taken := files[found.folder+"/"+name]; taken || target == found.rest+"/index.js" {
		return // it is found where it stands
	}
	if _, made := out[key]; !made {
		up := "./" + strings.Repeat("../", strings.Count(name, "/"))
		out[key] = "module.exports=require(" + string(scriptJSON(up+target)) + ")"
	}
}

// placeInFunction is where a module stands as the function sees it: packages that all functions share are beside it.
func placeInFunction(function, file string) string {
	own, inside := strings.CutPrefix(file, function+"/")
	switch {
	case !inside:
		return "../" + file
	case inPackage(own):
		return own
	}
	return scriptPath(own)
}

// compile compiles one file, once.
func (l *functionLinker) compile(file string) functionModule {
	if m, ok := l.compiled[file]; ok {
		return m
	}
	m := functionModule{}
	m.code, m.ok = functionFile(l.report, file, l.files[file])
	if path.Ext(file) != ".json" {
		for _, match := range requireCall.FindAllStringSubmatch(m.code, -1) {
			m.requires = append(m.requires, match[1])
		}
	}
	l.compiled[file] = m
	return m
}

func (l *functionLinker) mention(file, spec string) place {
	for _, quote := range []string{`"`, "'"} {
		if at := strings.Index(l.files[file], quote+spec+quote); at >= 0 {
			return position(file, l.files[file], at)
		}
	}
	return place{file: file}
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
		to := r
		if inPackage(file) {
			to = &report{prefix: r.prefix} // its author reads no warnings here
		}
		// The map lets the sandbox name the author's lines.
		code, ok := to.transform(file, source, api.TransformOptions{
			Format: api.FormatCommonJS, Target: api.ES2020, MinifyWhitespace: true,
			Supported: map[string]bool{"dynamic-import": false, "async-generator": false, "for-await": false},
			Sourcemap: sourceMap(file), SourcesContent: api.SourcesContentExclude,
		})
		if to != r && !ok && len(r.findings) < MaxFindings {
			r.findings = append(r.findings, to.findings...)
		}
		return code, ok
	}
	return "", false
}

// sourceMap is left out of packages: nobody looks for their lines, and it is larger than they are.
func sourceMap(file string) api.SourceMap {
	if inPackage(file) {
		return api.SourceMapNone
	}
	return api.SourceMapInline
}

// provided are the modules that the sandbox brings; refusing are those that only load.
var (
	provided = []string{
		"assert", "buffer", "crypto", "events", "path", "process", "querystring", "stream", "string_decoder", "timers", "url", "util", "wx-server-sdk",
	}
	refusing = []string{"fs", "http", "http2", "https", "net", "os", "tls", "tty", "zlib"}
)

// Provided are the names that a cloud function may require without bringing the module, those included that refuse
// what they are asked.
func Provided() []string { return slices.Concat(provided, refusing) }
