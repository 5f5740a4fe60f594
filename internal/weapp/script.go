package weapp

import (
	"path"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// tsconfig is how WeChat's tools read decorators and class fields.
const tsconfig = `{"compilerOptions":{"experimentalDecorators":true,"useDefineForClassFields":false,"verbatimModuleSyntax":false}}`

// module is one script of the bundle.
type module struct {
	path     string // always with ".js"
	source   string // the file it was
	code     string
	requires []string // literal specifiers, each once
	computed bool     // requires something that is not a literal
}

var (
	requireCall = regexp.MustCompile(`\brequire(?:\.async)?\("((?:[^"\\\n]|\\.)*)"\)`)
	requireAny  = regexp.MustCompile(`\brequire(?:\.async)?\(`)
)

// transform is esbuild's reading of one script. Problems become findings.
func (r *report) transform(file, source string, options api.TransformOptions) (string, bool) {
	if at := nestingOfScript(source); at >= 0 {
		r.fail("nested_too_deeply", position(file, source, at), "The script is nested too deeply from here.")
		return "", false
	}
	options.Sourcefile, options.LogLevel = file, api.LogLevelSilent
	options.Charset, options.LegalComments = api.CharsetUTF8, api.LegalCommentsNone
	options.TsconfigRaw, options.Loader = tsconfig, api.LoaderJS
	if path.Ext(file) == ".ts" {
		options.Loader = api.LoaderTS
	}
	result := api.Transform(source, options)
	for _, message := range result.Errors {
		r.fail("script_syntax", messagePlace(file, message), "%s", message.Text)
	}
	for _, message := range result.Warnings {
		r.warn("script_warning", messagePlace(file, message), "%s", message.Text)
	}
	return string(result.Code), len(result.Errors) == 0
}

func messagePlace(file string, message api.Message) place {
	if message.Location == nil {
		return place{file: file}
	}
	return place{file: file, line: message.Location.Line, column: message.Location.Column + 1}
}

// pageScript compiles one script of the pages to CommonJS.
func (r *report) pageScript(file, source string) (module, bool) {
	code, ok := r.transform(file, source, api.TransformOptions{
		Format: api.FormatCommonJS, Target: api.ES2020, MinifyWhitespace: true,
		Supported: map[string]bool{"dynamic-import": false},
	})
	if !ok {
		return module{}, false
	}
	m := module{path: scriptPath(file), source: file, code: code}
	literal, seen := requireCall.FindAllStringSubmatch(code, -1), map[string]bool{}
	for _, match := range literal {
		if !seen[match[1]] {
			seen[match[1]] = true
			m.requires = append(m.requires, match[1])
		}
	}
	m.computed = !isLibrary(file) && len(requireAny.FindAllStringIndex(code, -1)) > len(literal)
	return m, true
}

func isLibrary(file string) bool {
	return strings.Contains("/"+file, "/miniprogram_npm/") || strings.Contains("/"+file, "/node_modules/")
}

// scriptPath is the module's path in the bundle.
func scriptPath(file string) string {
	switch path.Ext(file) {
	case ".ts", ".mjs", ".cjs":
		return strings.TrimSuffix(file, path.Ext(file)) + ".js"
	}
	return file
}

// scriptFile finds the file of a script by its path without extension: what was compiled already is preferred
// to its TypeScript source.
func (p *project) scriptFile(name string) (string, bool) {
	for _, ext := range []string{".js", ".ts"} {
		if _, ok := p.files[name+ext]; ok && !strings.HasSuffix(name+ext, ".d.ts") {
			return name + ext, true
		}
	}
	return "", false
}

// moduleFile finds the file that a required path means.
func (p *project) moduleFile(name string) (string, bool) {
	name = strings.Trim(path.Clean("/"+name), "/")
	if ext := path.Ext(name); ext == ".js" || ext == ".ts" || ext == ".json" || ext == ".mjs" || ext == ".cjs" {
		if _, ok := p.files[name]; ok {
			return name, true
		}
		if file, ok := p.scriptFile(strings.TrimSuffix(name, ext)); ok && ext != ".json" {
			return file, true
		}
	}
	if file, ok := p.scriptFile(name); ok {
		return file, true
	}
	if _, ok := p.files[name+".json"]; ok {
		return name + ".json", true
	}
	return p.scriptFile(strings.TrimPrefix(name+"/index", "/"))
}

// requireFile finds the file that a specifier means in the module from.
func (p *project) requireFile(from, spec string, aliases map[string]string) (string, bool) {
	if rest, ok := alias(spec, aliases); ok {
		return p.moduleFile(rest)
	}
	dir := path.Dir(from)
	switch {
	case strings.HasPrefix(spec, "/"):
		return p.moduleFile(spec)
	case strings.HasPrefix(spec, "."):
		return p.moduleFile(inside(dir, spec))
	}
	if file, ok := p.moduleFile(inside(dir, spec)); ok {
		return file, true
	}
	if file, ok := p.packageFile(dir, spec, p.moduleFile); ok {
		return file, true
	}
	return p.moduleFile(spec)
}

// inside joins a relative path to a folder; what climbs out of the project stays at its root.
func inside(dir, name string) string { return strings.Trim(path.Join("/", dir, name), "/") }

// alias applies resolveAlias: "~/*" → "/*", "@utils" → "/lib/utils".
func alias(spec string, aliases map[string]string) (string, bool) {
	best, out := -1, ""
	for from, to := range aliases {
		prefix, star := strings.CutSuffix(from, "*")
		switch {
		case !star && spec == from:
			return to, true
		case star && strings.HasPrefix(spec, prefix) && len(prefix) > best:
			best, out = len(prefix), strings.TrimSuffix(to, "*")+strings.TrimPrefix(spec, prefix)
		}
	}
	return out, best >= 0
}

// packageFile looks a package's path up from the folder dir upwards: in miniprogram_npm, which the author's
// tools have built, and in node_modules, where package.json names the folder with the components.
func (p *project) packageFile(dir, spec string, find func(string) (string, bool)) (string, bool) {
	name, rest, _ := strings.Cut(spec, "/")
	if strings.HasPrefix(spec, "@") {
		scoped, after, _ := strings.Cut(rest, "/")
		name, rest = name+"/"+scoped, after
	}
	for {
		if file, ok := find(inside(dir, "miniprogram_npm/"+spec)); ok {
			return file, true
		}
		home := inside(dir, "node_modules/"+name)
		if _, ok := p.files[home+"/package.json"]; ok {
			if file, ok := p.inPackage(home, rest, find); ok {
				return file, true
			}
		}
		if dir == "." || dir == "" || dir == "/" {
			return "", false
		}
		dir = path.Dir(dir)
	}
}

func (p *project) inPackage(home, rest string, find func(string) (string, bool)) (string, bool) {
	var manifest struct {
		Miniprogram string `json:"miniprogram"`
		Main        string `json:"main"`
	}
	if !p.unmarshal(home+"/package.json", &manifest) {
		return "", false
	}
	if rest == "" && manifest.Miniprogram == "" && manifest.Main != "" {
		return find(inside(home, manifest.Main))
	}
	return find(inside(home, manifest.Miniprogram+"/"+rest))
}
