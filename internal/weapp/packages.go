package weapp

import (
	"bytes"
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// packages finds what cloud functions require of node_modules, as Node does: in the folder of the file, then one
// folder up, and so on to the folder of the functions. Only what is reached becomes part of a function, for a package
// brings many files that nobody runs.
type packages struct {
	read func(name string) (string, bool) // a file below the functions' folder
}

// FunctionModules are the files of node_modules that the cloud functions of a project reach, with the package.json
// files that say so. files is the project without its node_modules, read gives any file of it.
func FunctionModules(files map[string][]byte, read func(name string) ([]byte, error)) map[string][]byte {
	p := &project{report: &report{}}
	_, root := p.roots(files)
	if root == "" {
		return nil
	}
	out := map[string][]byte{}
	kept := map[string]bool{}
	look := func(name string) (string, bool) {
		full := root + name
		if content, ok := files[full]; ok {
			return string(content), true
		}
		if content, ok := out[full]; ok {
			return string(content), true
		}
		content, err := read(full)
		if err == nil && inPackage(name) {
			out[full] = content
		}
		return string(content), err == nil
	}
	k := packages{read: look}
	var queue []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if inner, ok := strings.CutPrefix(name, root); ok && isFunctionScript(inner) {
			queue = append(queue, inner)
		}
	}
	for len(queue) > 0 && len(kept) < MaxFiles {
		name := queue[0]
		queue = queue[1:]
		if kept[name] {
			continue
		}
		kept[name] = true
		source, _ := look(name)
		for _, spec := range mentioned(source) {
			if found, ok := k.find(name, spec); ok && inPackage(found.file) {
				kept[found.manifest] = true
				queue = append(queue, found.file)
			}
		}
	}
	maps.DeleteFunc(out, func(name string, _ []byte) bool { return !kept[strings.TrimPrefix(name, root)] })
	return out
}

// specifiers of the ways in which a source, as its author wrote it, may name a module.
var specifiers = []*regexp.Regexp{
	regexp.MustCompile("\\brequire\\s*\\(\\s*[\"'`]([^\"'`\\n]+)[\"'`]\\s*\\)"),
	regexp.MustCompile(`\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']`),
}

func mentioned(source string) []string {
	var out []string
	for _, pattern := range specifiers {
		for _, match := range pattern.FindAllStringSubmatch(source, -1) {
			out = append(out, match[1])
		}
	}
	return out
}

func inPackage(name string) bool { return strings.Contains("/"+name, "/node_modules/") }

func isFunctionScript(name string) bool {
	return slices.Contains([]string{".js", ".ts", ".mjs", ".cjs"}, path.Ext(name)) && !strings.HasSuffix(name, ".d.ts")
}

// foundModule is a module, and what says that it is this one.
type foundModule struct {
	file     string
	manifest string // the package.json that was asked, or ""
	folder   string // of the package, when the specifier was its name
	rest     string // what followed the name
}

// find gives the file that a specifier means in a file.
func (k packages) find(from, spec string) (foundModule, bool) {
	if strings.HasPrefix(spec, ".") {
		return k.file(path.Join(path.Dir(from), spec))
	}
	name, rest := packageName(spec)
	if name == "" || slices.Contains(Provided(), spec) {
		return foundModule{}, false
	}
	for dir := path.Dir(from); ; dir = path.Dir(dir) {
		if path.Base(dir) != "node_modules" {
			if found, ok := k.inFolder(path.Join(dir, "node_modules", name), rest); ok {
				return found, true
			}
		}
		if dir == "." {
			return foundModule{}, false
		}
	}
}

// packageName splits a bare specifier: @scope/name/path is the package @scope/name and ./path in it.
func packageName(spec string) (name, rest string) {
	parts := strings.Split(spec, "/")
	size := 1
	if strings.HasPrefix(spec, "@") {
		size = 2
	}
	if len(parts) < size || strings.ContainsAny(spec, ":\\") || slices.Contains(parts, "..") || parts[0] == "" {
		return "", ""
	}
	return strings.Join(parts[:size], "/"), strings.Join(parts[size:], "/")
}

// manifest is what a package.json says about where its modules are.
type packageManifest struct {
	Main    any             `json:"main"` // some packages have false here
	Exports json.RawMessage `json:"exports"`
}

func (k packages) inFolder(folder, rest string) (foundModule, bool) {
	file := folder + "/package.json"
	source, has := k.read(file)
	var manifest packageManifest
	has = has && json.Unmarshal([]byte(strings.TrimPrefix(source, "\ufeff")), &manifest) == nil
	subpath := "."
	if rest != "" {
		subpath = "./" + rest
	}
	if has && len(manifest.Exports) > 0 {
		if target, ok := exported(manifest.Exports, subpath); ok {
			target = path.Join(folder, target)
			if _, ok := k.read(target); ok && strings.HasPrefix(target, folder+"/") {
				return foundModule{file: target, manifest: file, folder: folder, rest: rest}, true
			}
		}
	}
	found, ok := k.file(path.Join(folder, rest))
	if has && found.manifest == "" {
		found.manifest = file
	}
	found.folder, found.rest = folder, rest
	return found, ok
}

// file finds the file that a path means: itself, with an extension, or a folder's entry.
func (k packages) file(name string) (foundModule, bool) {
	if strings.HasPrefix(name, "..") {
		return foundModule{}, false
	}
	for _, ending := range []string{"", ".js", ".cjs", ".json", ".mjs", ".ts"} {
		if candidate := name + ending; isFunctionScript(candidate) || path.Ext(candidate) == ".json" {
			if _, ok := k.read(candidate); ok {
				return foundModule{file: candidate}, true
			}
		}
	}
	file := path.Join(name, "package.json")
	source, has := k.read(file)
	var manifest packageManifest
	if has && json.Unmarshal([]byte(source), &manifest) == nil {
		if main, ok := manifest.Main.(string); ok && path.Clean(main) != "." {
			if found, ok := k.file(path.Join(name, main)); ok && strings.HasPrefix(found.file, name+"/") {
				found.manifest = file
				return found, true
			}
		}
	} else {
		file = ""
	}
	for _, index := range []string{"index.js", "index.cjs", "index.json", "index.ts"} {
		if _, ok := k.read(path.Join(name, index)); ok {
			return foundModule{file: path.Join(name, index), manifest: file}, true
		}
	}
	return foundModule{}, false
}

// conditions of "exports" that hold in a cloud function, which requires as Node does.
var conditions = []string{"require", "node", "default"}

// maxConditions is how deep conditions may stand in each other.
const maxConditions = 8

// exported reads the member exports of a package.json for one path.
func exported(raw json.RawMessage, subpath string) (string, bool) {
	var paths map[string]json.RawMessage
	if json.Unmarshal(raw, &paths) == nil && slices.ContainsFunc(slices.Collect(maps.Keys(paths)), func(key string) bool { return strings.HasPrefix(key, ".") }) {
		if target, ok := paths[subpath]; ok {
			return chosen(target, "", 0)
		}
		for _, pattern := range slices.Sorted(maps.Keys(paths)) {
			before, after, star := strings.Cut(pattern, "*")
			if star && len(subpath) > len(before)+len(after) && strings.HasPrefix(subpath, before) && strings.HasSuffix(subpath, after) {
				return chosen(paths[pattern], subpath[len(before):len(subpath)-len(after)], 0)
			}
		}
		return "", false
	}
	if subpath != "." {
		return "", false
	}
	return chosen(raw, "", 0)
}

// chosen is the first target whose conditions hold, in the order in which the package names them.
func chosen(raw json.RawMessage, star string, depth int) (string, bool) {
	var target string
	if json.Unmarshal(raw, &target) == nil {
		return strings.ReplaceAll(target, "*", star), strings.HasPrefix(target, "./")
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && depth < maxConditions {
		for _, one := range list {
			if target, ok := chosen(one, star, depth+1); ok {
				return target, true
			}
		}
		return "", false
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') || depth >= maxConditions {
		return "", false
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return "", false
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return "", false
		}
		if name, ok := key.(string); ok && slices.Contains(conditions, name) {
			if target, ok := chosen(value, star, depth+1); ok {
				return target, true
			}
		}
	}
	return "", false
}
