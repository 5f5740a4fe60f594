package weapp

import (
	"cmp"
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Config is the program table: what Bundle.Config holds as JSON.
type Config struct {
	Kind        string               `json:"kind"`
	App         json.RawMessage      `json:"app"`
	Entry       string               `json:"entry"`
	Pages       []string             `json:"pages"`
	Subpackages []Subpackage         `json:"subpackages"`
	Window      json.RawMessage      `json:"window"`
	TabBar      json.RawMessage      `json:"tabBar"`
	Components  map[string]Component `json:"components"` // pages and components, by path
	Order       []string             `json:"order"`      // their paths, dependencies first
	AppScript   bool                 `json:"app_script"`
	AppStyle    bool                 `json:"app_style"`
	Game        bool                 `json:"game"`
	Workers     string               `json:"workers,omitempty"` // the folder with the scripts of workers
	Open        string               `json:"open,omitempty"`    // of a game: the script of its open data context
	Parts       []Part               `json:"parts,omitempty"`
}

// Part is a piece of the script that is loaded by itself, when the program asks for what is below Root: a subpackage
// of a game, its open data context, its workers. Path is that of a resource.
type Part struct {
	Root string `json:"root"`
	Path string `json:"path"`
	Size int    `json:"size"`
}

// Subpackage is a part of the program with its own folder. Pages are relative to Root.
type Subpackage struct {
	Root        string   `json:"root"`
	Entry       string   `json:"entry,omitempty"` // of a game: the module that loading it runs
	Name        string   `json:"name,omitempty"`
	Pages       []string `json:"pages"`
	Independent bool     `json:"independent,omitempty"`
}

// Component is a page or a component.
type Component struct {
	Page        bool               `json:"page,omitempty"`
	JSON        json.RawMessage    `json:"json"`
	Using       map[string]string  `json:"using"`              // tag → path
	Generics    map[string]*string `json:"generics,omitempty"` // name → path of its default, or null
	Placeholder map[string]string  `json:"placeholder,omitempty"`
	Template    bool               `json:"template"`
	Style       bool               `json:"style"`
	Script      bool               `json:"script"`
}

// declared are the members of app.json that the compiler reads.
type declared struct {
	Pages         []string          `json:"pages"`
	EntryPagePath string            `json:"entryPagePath"`
	Subpackages   []Subpackage      `json:"subpackages"`
	SubPackages   []Subpackage      `json:"subPackages"`
	Window        json.RawMessage   `json:"window"`
	TabBar        json.RawMessage   `json:"tabBar"`
	Using         map[string]string `json:"usingComponents"`
	ResolveAlias  map[string]string `json:"resolveAlias"`
	UseExtended   map[string]any    `json:"useExtendedLib"`
	Workers       json.RawMessage   `json:"workers"`
	OpenData      string            `json:"openDataContext"`
}

// componentMembers are the members of a page's or component's json that the compiler reads.
type componentMembers struct {
	Using       map[string]string          `json:"usingComponents"`
	Generics    map[string]json.RawMessage `json:"componentGenerics"`
	Placeholder map[string]string          `json:"componentPlaceholder"`
}

var emptyObject = json.RawMessage("{}")

// program reads app.json or game.json and every page and component that can be reached from there.
func (p *project) program() (Config, declared) {
	config := Config{
		Pages: []string{}, Subpackages: []Subpackage{}, Order: []string{}, Components: map[string]Component{},
		App: emptyObject, Window: emptyObject, TabBar: json.RawMessage("null"),
	}
	var app declared
	config.Kind = p.kindOf()
	config.Game = config.Kind == KindGame
	name, ok := mainFiles[config.Kind]
	if _, there := p.files[name]; !ok || !there {
		p.report.fail("no_app_json", place{file: "app.json"}, "The project has neither app.json nor game.json nor index.html, or not the one of its kind.")
		return config, app
	}
	if config.Kind == KindWeb {
		config.Entry = webEntry
		return config, app
	}
	if !p.unmarshal(name, &app) {
		return config, app
	}
	config.App = json.RawMessage(p.files[name])
	config.Workers = p.workers(name, app)
	if config.Game {
		p.game(&config, app)
		return config, app
	}
	if len(app.Window) > 0 {
		config.Window = app.Window
	}
	if len(app.TabBar) > 0 {
		config.TabBar = app.TabBar
	}
	if err := p.extend(app); err != nil {
		p.report.fail("extended_lib", p.inJSON("app.json", "useExtendedLib"), "%v", err)
	}
	p.pages(&config, app)
	order := &ordering{project: p, config: &config, app: app, state: map[string]int{}}
	for _, page := range config.Pages {
		order.visit(page, true)
	}
	if _, ok := p.files["custom-tab-bar/index.json"]; ok && strings.Contains(string(config.TabBar), `"custom"`) {
		order.visit("custom-tab-bar/index", false)
	}
	for _, tag := range slices.Sorted(maps.Keys(app.Using)) {
		if target, ok := order.target("app.json", "", tag, app.Using[tag]); ok {
			order.visit(target, false)
		}
	}
	_, config.AppStyle = p.files["app.wxss"]
	config.AppStyle = config.AppStyle || p.weui
	return config, app
}

// webEntry is the page that a web program opens with.
const webEntry = "index.html"

// mainFiles are the files that make a project one of a kind.
var mainFiles = map[string]string{KindApp: "app.json", KindGame: "game.json", KindWeb: webEntry}

// kindOf is what the project is said to be, or looks like.
func (p *project) kindOf() string {
	if p.kind != "" {
		return p.kind
	}
	for _, kind := range []string{KindApp, KindGame, KindWeb} {
		if _, ok := p.files[mainFiles[kind]]; ok {
			return kind
		}
	}
	return KindApp
}

// game finds the scripts of a game: game.js, and one of each subpackage.
func (p *project) game(config *Config, app declared) {
	config.Entry = "game"
	if _, ok := p.scriptFile(config.Entry); !ok {
		p.report.fail("no_game_js", place{file: "game.js"}, "The game has no game.js.")
	}
	for _, sub := range append(app.Subpackages, app.SubPackages...) {
		sub.Root, sub.Pages = inside("", sub.Root), []string{}
		entry := sub.Root
		if path.Ext(entry) != ".js" {
			entry = inside(sub.Root, "game.js")
		}
		file, ok := p.scriptFile(strings.TrimSuffix(entry, ".js"))
		if !ok {
			p.report.fail("missing_subpackage", p.inJSON("game.json", sub.Root), "There is no %s for the subpackage %s.", entry, sub.Root)
			continue
		}
		sub.Entry = scriptPath(file)
		config.Subpackages = append(config.Subpackages, sub)
	}
	if root := inside("", app.OpenData); root != "" {
		if file, ok := p.scriptFile(root + "/index"); ok {
			config.Open = scriptPath(file)
		} else {
			p.report.fail("missing_open_data", p.inJSON("game.json", app.OpenData), "There is no %s/index.js for the open data context.", root)
		}
	}
}

// workers is the folder that the program names for its workers: a path, or an object with one.
func (p *project) workers(file string, app declared) string {
	var root string
	var named struct {
		Path string `json:"path"`
	}
	if len(app.Workers) == 0 || json.Unmarshal(app.Workers, &root) != nil && (json.Unmarshal(app.Workers, &named) != nil || named.Path == "") {
		return ""
	}
	if root = inside("", cmp.Or(root, named.Path)); root == "" || len(p.scriptsBelow(root)) == 0 {
		p.report.warn("missing_workers", p.inJSON(file, "workers"), "There is no script in the folder of the workers.")
		return ""
	}
	return root
}

// scriptsBelow are the project's own scripts in a folder.
func (p *project) scriptsBelow(root string) []string {
	return slices.DeleteFunc(p.ownScripts(), func(file string) bool { return !strings.HasPrefix(file, root+"/") })
}

// pages lists the pages of the program and of its subpackages.
func (p *project) pages(config *Config, app declared) {
	add := func(page string) {
		page = inside("", page)
		if slices.Contains(config.Pages, page) {
			p.report.warn("page_twice", p.inJSON("app.json", page), "The page %s is listed twice.", page)
			return
		}
		if _, ok := p.files[page+".wxml"]; !ok {
			p.report.fail("missing_page", p.inJSON("app.json", page[strings.LastIndexByte(page, '/')+1:]), "There is no %s.wxml.", page)
			return
		}
		config.Pages = append(config.Pages, page)
	}
	for _, page := range app.Pages {
		add(page)
	}
	for _, sub := range append(app.Subpackages, app.SubPackages...) {
		sub.Root = inside("", sub.Root)
		if sub.Pages == nil {
			sub.Pages = []string{}
		}
		config.Subpackages = append(config.Subpackages, sub)
		for _, page := range sub.Pages {
			add(sub.Root + "/" + page)
		}
	}
	if len(config.Pages) == 0 {
		p.report.fail("no_pages", p.inJSON("app.json", "pages"), "app.json lists no page that is there.")
		return
	}
	config.Entry = config.Pages[0]
	if entry := strings.TrimSuffix(inside("", app.EntryPagePath), ".html"); app.EntryPagePath != "" && slices.Contains(config.Pages, entry) {
		config.Entry = entry
	}
}

// inJSON is where a JSON file has the word, in quotes or at the end of a path.
func (p *project) inJSON(file, word string) place {
	if p.report.full() {
		return place{file: file}
	}
	source := p.files[file]
	for _, form := range []string{`"` + word + `"`, "/" + word + `"`, word} {
		if at := strings.Index(source, form); at >= 0 && word != "" {
			return position(file, source, at)
		}
	}
	return place{file: file}
}

// ordering walks over components, dependencies first.
type ordering struct {
	*project
	config *Config
	app    declared
	state  map[string]int
	depth  int
}

const (
	visiting = 1
	visited  = 2
	// maxComponentDepth bounds the walk; a chain of components this long is no program.
	maxComponentDepth = 500
)

// visit reads a page or component and, before it, what it uses. Components may use each other in a circle.
func (o *ordering) visit(name string, page bool) {
	if o.state[name] != 0 || o.depth > maxComponentDepth {
		return
	}
	o.state[name] = visiting
	o.depth++
	defer func() { o.depth-- }()
	file := name + ".json"
	component := Component{Page: page, JSON: emptyObject, Using: map[string]string{}}
	var members componentMembers
	if _, ok := o.files[file]; ok && o.unmarshal(file, &members) {
		component.JSON = json.RawMessage(o.files[file])
	}
	o.using(name, "app.json", o.app.Using, &component)
	o.using(name, file, members.Using, &component)
	o.generics(file, name, members.Generics, &component)
	component.Placeholder = members.Placeholder
	for _, tag := range slices.Sorted(maps.Keys(component.Using)) {
		o.visit(component.Using[tag], false)
	}
	for _, generic := range slices.Sorted(maps.Keys(component.Generics)) {
		if target := component.Generics[generic]; target != nil {
			o.visit(*target, false)
		}
	}
	_, component.Template = o.files[name+".wxml"]
	_, component.Style = o.files[name+".wxss"]
	_, component.Script = o.scriptFile(name)
	o.state[name] = visited
	o.config.Components[name] = component
	o.config.Order = append(o.config.Order, name)
}

// using resolves the tags of a json file. What app.json uses is used by every component, so a component that
// app.json names would use itself; that is left out unless it says so itself.
func (o *ordering) using(name, file string, tags map[string]string, component *Component) {
	dir := path.Dir(name)
	if file == "app.json" {
		dir = ""
	}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		if target, ok := o.target(file, dir, tag, tags[tag]); ok && (file != "app.json" || target != name) {
			component.Using[tag] = target
		}
	}
}

func (o *ordering) generics(file, name string, generics map[string]json.RawMessage, component *Component) {
	for generic, value := range generics {
		if component.Generics == nil {
			component.Generics = map[string]*string{}
		}
		component.Generics[generic] = nil
		var options struct {
			Default string `json:"default"`
		}
		if json.Unmarshal(value, &options) != nil || options.Default == "" {
			continue // true, or an object without default: the user of the component chooses
		}
		if target, ok := o.target(file, path.Dir(name), generic, options.Default); ok {
			component.Generics[generic] = &target
		}
	}
}

// remoteScheme are components that come from elsewhere: plugin://, dynamicLib://, ext://.
var remoteScheme = regexp.MustCompile(`^[a-zA-Z-]+://`)

// pluginOf is the name between the scheme and the path.
func pluginOf(spec string) string {
	_, rest, _ := strings.Cut(spec, "://")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// target resolves one entry of usingComponents to a component's path.
func (o *ordering) target(file, dir, tag, spec string) (string, bool) {
	if remoteScheme.MatchString(spec) {
		o.report.warn("plugin_component", o.inJSON(file, tag), "The component %s comes from the plugin %s; plugins do not run here.", tag, pluginOf(spec))
		return "", false
	}
	spec = strings.TrimSuffix(spec, ".js")
	if found, ok := o.componentPath(dir, spec); ok {
		return found, true
	}
	if strings.HasPrefix(spec, "weui-miniprogram/") {
		o.report.warn("extended_lib", o.inJSON(file, tag), "Say \"useExtendedLib\": {\"weui\": true} in app.json, or put weui-miniprogram into the project, for %s.", tag)
		return "", false
	}
	o.report.fail("missing_component", o.inJSON(file, tag), "There is no component %s for the tag %s.", spec, tag)
	return "", false
}

func (o *ordering) componentPath(dir, spec string) (string, bool) {
	if rest, ok := alias(spec, o.app.ResolveAlias); ok {
		return o.componentAt(inside("", rest))
	}
	if strings.HasPrefix(spec, "/") {
		return o.componentAt(inside("", spec))
	}
	if found, ok := o.componentAt(inside(dir, spec)); ok {
		return found, true
	}
	if strings.HasPrefix(spec, ".") {
		return "", false
	}
	if found, ok := o.packageFile(dir, spec, o.componentAt); ok {
		return found, true
	}
	return o.componentAt(inside("", spec))
}

// componentAt says whether a component is at a path, or in index below it.
func (o *ordering) componentAt(name string) (string, bool) {
	for _, candidate := range []string{name, name + "/index"} {
		if _, ok := o.files[candidate+".wxml"]; ok {
			return candidate, true
		}
		if _, ok := o.files[candidate+".json"]; ok {
			if _, ok := o.scriptFile(candidate); ok {
				return candidate, true
			}
		}
	}
	return "", false
}
