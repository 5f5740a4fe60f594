package sandbox

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// require is the function of that name in a module of the folder dir. It knows the modules of the call and those of
// the house, and no file of this machine.
func (r *run) require(dir, spec string) goja.Value {
	if value, ok := r.builtin(spec); ok {
		return value
	}
	if name, ok := r.program.resolve(dir, spec); ok {
		module, err := r.load(name)
		if err != nil {
			panic(r.rethrow(err))
		}
		return module.Get("exports")
	}
	failure := r.failure("Cannot find module '" + spec + "'")
	_ = failure.Set("code", "MODULE_NOT_FOUND")
	panic(failure)
}

// resolve finds the module that a specifier means, as Node does: a path from here, or a package in a node_modules
// beside here or further up. The functions of a program share the one beside their folders: "../node_modules".
func (p *program) resolve(dir, spec string) (string, bool) {
	if strings.HasPrefix(spec, "./") || strings.HasPrefix(spec, "../") || strings.HasPrefix(spec, "/") || spec == "." || spec == ".." {
		if strings.HasPrefix(spec, "/") {
			dir, spec = "", strings.TrimLeft(spec, "/")
		}
		return p.file(path.Join(dir, spec), maxMains)
	}
	for {
		if path.Base(dir) != packagesFolder {
			if name, ok := p.file(path.Join(dir, packagesFolder, spec), maxMains); ok {
				return name, true
			}
		}
		switch dir {
		case ".", "":
			dir = ".."
		case "..":
			return "", false
		default:
			dir = path.Dir(dir)
		}
	}
}

const (
	packagesFolder = "node_modules"
	maxMains       = 4 // package.json files that lead from one to the next
)

// file finds a module by its path, with or without its extension, or by the folder whose entry it is.
func (p *program) file(name string, mains int) (string, bool) {
	if p.has(name) {
		return name, true
	}
	stem := name
	if ext := path.Ext(name); ext == ".ts" || ext == ".mjs" || ext == ".cjs" {
		stem = strings.TrimSuffix(name, ext) // what they were compiled to
	}
	for _, ending := range []string{".js", ".cjs", ".json", ".mjs"} {
		if p.has(stem + ending) {
			return stem + ending, true
		}
	}
	if text, ok := p.modules[path.Join(name, "package.json")]; ok && mains > 0 {
		var manifest struct {
			Main any `json:"main"`
		}
		_ = json.Unmarshal([]byte(text), &manifest) // what is no manifest names no entry
		if main, ok := manifest.Main.(string); ok && path.Clean(main) != "." {
			if found, ok := p.file(path.Join(name, main), mains-1); ok {
				return found, true
			}
		}
	}
	for _, index := range []string{"index.js", "index.cjs", "index.json"} {
		if p.has(path.Join(name, index)) {
			return path.Join(name, index), true
		}
	}
	return "", false
}

// has tells whether there is a module of that path.
func (p *program) has(name string) bool {
	_, ok := p.modules[name]
	return ok && slices.Contains([]string{".js", ".cjs", ".mjs", ".json"}, path.Ext(name))
}
