package weapp

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// PartFolder is where the parts of the script are among the resources. No file of an upload is there, since what
// begins with a dot is nobody's resource.
const PartFolder = ".parts/"

// parts takes from the modules what is loaded by itself and puts it into scripts of its own, which config then names.
// The rest is the main script.
func (p *project) parts(config *Config, modules map[string]linked) (rest map[string]linked, files map[string][]byte) {
	var roots []string
	if config.Workers != "" {
		roots = append(roots, config.Workers)
	}
	if config.Open != "" {
		roots = append(roots, strings.TrimSuffix(config.Open, "/index.js"))
	}
	if config.Game {
		for _, sub := range config.Subpackages {
			roots = append(roots, sub.Root)
		}
	}
	split := map[string]map[string]linked{}
	rest, files = map[string]linked{}, map[string][]byte{}
	for name, m := range modules {
		root := "" // the deepest that it is in
		for _, one := range roots {
			if (name == one || strings.HasPrefix(name, one+"/")) && len(one) > len(root) {
				root = one
			}
		}
		if root == "" {
			rest[name] = m
			continue
		}
		if split[root] == nil {
			split[root] = map[string]linked{}
		}
		split[root][name] = m
	}
	for n, root := range slices.Sorted(maps.Keys(split)) {
		var out bytes.Buffer
		writeModules(&out, split[root])
		out.WriteString("__run();\n")
		part := Part{Root: root, Path: PartFolder + strconv.Itoa(n) + ".js", Size: out.Len()}
		files[resourceRoot+part.Path] = out.Bytes()
		config.Parts = append(config.Parts, part)
	}
	return rest, files
}
