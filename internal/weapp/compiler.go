package weapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options of a Compiler. The zero value is valid.
type Options struct {
	// CacheDir, when given, keeps the machine code of the template compiler between starts, which turns a
	// second and a half into some milliseconds.
	CacheDir string
	// Timeout of one compilation, for callers whose context has no deadline; 30 seconds when zero.
	Timeout time.Duration
	// Parallel is how many compilations may run at a time, each with its own memory; 2 when zero.
	Parallel int
}

const (
	defaultTimeout  = 30 * time.Second
	defaultParallel = 2
	resourceRoot    = "res/"
)

// Compiler holds the prepared template compiler. It is safe for use by many goroutines.
type Compiler struct {
	engine  *engine
	timeout time.Duration
	turns   chan struct{}
}

// New prepares a compiler.
func New(ctx context.Context, opts Options) (*Compiler, error) {
	engine, err := newEngine(ctx, opts.CacheDir)
	if err != nil {
		return nil, err
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.Parallel <= 0 {
		opts.Parallel = defaultParallel
	}
	return &Compiler{engine: engine, timeout: opts.Timeout, turns: make(chan struct{}, opts.Parallel)}, nil
}

// Close frees the compiler's memory. No compilation may be running.
func (c *Compiler) Close(ctx context.Context) error { return c.engine.close(ctx) }

// processCompiler is the compiler behind the function Compile.
var processCompiler = sync.OnceValues(func() (*Compiler, error) {
	return New(context.Background(), Options{})
})

// Compile compiles a project; see the function Compile.
func (c *Compiler) Compile(ctx context.Context, files map[string][]byte) (*Bundle, error) {
	return c.CompileKind(ctx, "", files)
}

// CompileKind compiles a project as one of the kinds. "" goes by what is there: app.json, game.json, index.html.
func (c *Compiler) CompileKind(ctx context.Context, kind string, files map[string][]byte) (*Bundle, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		return nil, compileError(ctx.Err())
	}
	p, err := read(files)
	if err != nil {
		return nil, err
	}
	p.kind = kind
	bundle, err := c.build(ctx, p)
	if err != nil {
		return nil, compileError(err)
	}
	return bundle, nil
}

// compileError names the refusal for a deadline; a caller that went away is just that.
func compileError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrCompileTimeout
	}
	return fmt.Errorf("compile: %w", err)
}

// build compiles what was read. Each part reports what it finds and goes on, so that one compilation names
// the problems of all files.
func (c *Compiler) build(ctx context.Context, p *project) (*Bundle, error) {
	config, app := p.program()
	var roots []string
	for _, name := range config.Order {
		if config.Components[name].Template {
			roots = append(roots, name)
		}
	}
	t := &templates{project: p, engine: c.engine, ctx: ctx, failed: map[string]bool{}, wxs: map[string]string{}}
	groups := ""
	if len(roots) > 0 {
		var err error
		if groups, _, err = t.compile(roots); err != nil {
			return nil, err
		}
	}
	modules, err := p.modules(ctx, config, app)
	if err != nil {
		return nil, err
	}
	_, config.AppScript = modules["app.js"]
	sheets, err := p.sheets(ctx, config)
	if err != nil {
		return nil, err
	}
	functions, err := p.cloudFunctions(ctx)
	if err != nil {
		return nil, err
	}
	main, parts := p.parts(&config, modules)
	encoded, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("program table: %w", err)
	}
	resources := p.resources(config.Kind)
	maps.Copy(resources, parts)
	bundle := &Bundle{
		Config: encoded, Resources: resources, Functions: functions, Findings: p.report.sorted(),
		Kind: config.Kind, Root: p.report.prefix, FunctionRoot: p.funcRoot, Sources: p.sources(config, modules),
	}
	if !bundle.Failed() {
		bundle.Script = p.script(config.Kind, encoded, groups, sheets, main)
	}
	return bundle, nil
}

// linked is a module with what its specifiers mean.
type linked struct {
	module
	deps map[string]string
	data string // the text of a JSON file, instead of code
}

// modules compiles every script that can be reached: the program's, those of pages and components, and what
// they require. When a script requires something computed, all of the project's own scripts are reachable.
func (p *project) modules(ctx context.Context, config Config, app declared) (map[string]linked, error) {
	queue := p.entries(config)
	out, seen, computed := map[string]linked{}, map[string]bool{}, false
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
		l, ok := p.link(file, app.ResolveAlias, &queue)
		if !ok {
			continue
		}
		out[l.path] = l
		if l.computed && !computed {
			computed = true
			queue = append(queue, p.ownScripts()...)
		}
	}
	return out, nil
}

// entries are the scripts that run by themselves.
func (p *project) entries(config Config) []string {
	var names, queue []string
	switch config.Kind {
	case KindApp:
		names = append([]string{"app"}, config.Order...)
	case KindGame:
		names = []string{config.Entry}
		for _, sub := range config.Subpackages {
			names = append(names, strings.TrimSuffix(sub.Entry, ".js"))
		}
		if config.Open != "" {
			names = append(names, strings.TrimSuffix(config.Open, ".js"))
		}
	}
	if config.Workers != "" {
		queue = append(queue, p.scriptsBelow(config.Workers)...)
	}
	for _, name := range names {
		if file, ok := p.scriptFile(name); ok {
			queue = append(queue, file)
		}
	}
	return queue
}

// sources are the files that became part of the script, as the upload names them.
func (p *project) sources(config Config, modules map[string]linked) []string {
	all := map[string]bool{}
	add := func(file string) {
		if _, ok := p.files[file]; ok && !p.lent(file) {
			all[p.report.prefix+file] = true
		}
	}
	for _, m := range modules {
		add(m.source)
	}
	for file := range p.used {
		add(file)
	}
	for _, name := range config.Order {
		add(name + ".json")
	}
	return slices.Sorted(maps.Keys(all))
}

// link compiles one module and finds what it requires.
func (p *project) link(file string, aliases map[string]string, queue *[]string) (linked, bool) {
	source := p.files[file]
	if path.Ext(file) == ".json" {
		var value json.RawMessage
		if !p.unmarshal(file, &value) {
			return linked{}, false
		}
		return linked{module: module{path: file, source: file}, data: source}, true
	}
	m, ok := p.report.pageScript(file, source)
	if !ok {
		return linked{}, false
	}
	l := linked{module: m, deps: map[string]string{}}
	for _, spec := range m.requires {
		found, ok := p.requireFile(file, spec, aliases)
		if !ok {
			if isLibrary(file) {
				continue // the author cannot change it
			}
			p.report.warn("missing_module", p.mention(file, source, spec), "There is no module %s.", spec)
			continue
		}
		l.deps[spec] = scriptPath(found)
		*queue = append(*queue, found)
	}
	return l, true
}

// ownScripts are the scripts of the project that are not of a library.
func (p *project) ownScripts() []string {
	var out []string
	for _, file := range slices.Sorted(maps.Keys(p.files)) {
		name, ext := strings.TrimSuffix(file, path.Ext(file)), path.Ext(file)
		if found, ok := p.scriptFile(name); ok && found == file && (ext == ".js" || ext == ".ts") && !isLibrary(file) {
			out = append(out, file)
		}
	}
	return out
}

// sheets compiles the sheet of the program and those of its pages and components.
func (p *project) sheets(ctx context.Context, config Config) (map[string]string, error) {
	out := map[string]string{}
	if config.AppStyle {
		out["app"] = p.appStyle(ctx)
	}
	for _, name := range config.Order {
		if config.Components[name].Style {
			out[name] = p.style(ctx, name+".wxss")
		}
	}
	return out, ctx.Err()
}

// notResources are files that a page does not load: sources, and what the author's tools keep.
var notResources = []string{".wxml", ".wxss", ".wxs", ".js", ".ts", ".mjs", ".cjs", ".map", ".md", ".less", ".scss", ".sass", ".zip"}

// resources are the files that pages may load. A web program has nothing but those.
func (p *project) resources(kind string) map[string][]byte {
	out := map[string][]byte{}
	for name, content := range p.files {
		hidden := strings.Contains("/"+name, "/node_modules/") || strings.Contains("/"+name, "/.")
		if !hidden && (kind == KindWeb || !slices.Contains(notResources, path.Ext(name))) {
			if isSource(name) {
				out[resourceRoot+name] = []byte(content)
			} else {
				out[resourceRoot+name] = p.raw[p.report.prefix+name]
			}
		}
	}
	return out
}

// script writes the bundle's script. Everything is in a fixed order, so that the same project always gives
// the same bytes.
func (p *project) script(kind string, config []byte, groups string, sheets map[string]string, modules map[string]linked) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "__c(%s);\n", scriptJSON(json.RawMessage(config)))
	if kind == KindWeb {
		out.WriteString("__run();\n")
		return out.Bytes()
	}
	if groups != "" {
		fmt.Fprintf(&out, "__g(() => %s);\n", groups)
	} else {
		out.WriteString("__g(() => ({}));\n")
	}
	for _, name := range slices.Sorted(maps.Keys(sheets)) {
		fmt.Fprintf(&out, "__s(%s,%s);\n", scriptJSON(name), scriptJSON(sheets[name]))
	}
	writeModules(&out, modules)
	out.WriteString("__run();\n")
	return out.Bytes()
}

// writeModules writes what registers the modules.
func writeModules(out *bytes.Buffer, modules map[string]linked) {
	parameters := strings.Join(ModuleParameters[:], ",")
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		m := modules[name]
		if m.code == "" && m.data != "" {
			fmt.Fprintf(out, "__json(%s,%s);\n", scriptJSON(name), scriptJSON(json.RawMessage(m.data)))
			continue
		}
		fmt.Fprintf(out, "__d(%s,(%s)=>function(require,module,exports){%s\n},%s);\n",
			scriptJSON(name), parameters, strings.TrimSuffix(m.code, "\n"), scriptJSON(m.deps))
	}
}

// scriptJSON is v as a JavaScript expression, which JSON is since ES2019.
func scriptJSON(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Sprintf("weapp: %v", err)) // strings, maps of strings and checked JSON always encode
	}
	return bytes.TrimSpace(out.Bytes())
}
