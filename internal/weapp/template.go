package weapp

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// maxTraps is how many templates that break the compiler are looked for before it gives up.
const maxTraps = 5

// templateRuntime gives WXS the two functions that WeChat has and the compiler's output has not.
const templateRuntime = `var getDate=function(){var a=[null];for(var i=0;i<arguments.length;i++)a.push(arguments[i]);` +
	`return new(Function.prototype.bind.apply(Date,a))};var getRegExp=function(p,f){return new RegExp(p,f)};`

var (
	wxsConstructor = regexp.MustCompile(`\.constructor(\s*[!=]==?\s*["'])`)
	wxsConstantFst = regexp.MustCompile(`(["'][!=]==?[\w$.\[\]]+)\.constructor\b`)
	wxsPattern     = regexp.MustCompile(`\bgetRegExp\(\s*(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')`)
	wxsEscape      = regexp.MustCompile(`\\(.)`)
	// Names that WXS lets a variable have, and JavaScript does not.
	wxsReserved = regexp.MustCompile(`\bvar\s+(class|enum|extends|super|const|let|static|package|private|public|interface|yield)\s*[=;,]`)
	wxsRequire  = regexp.MustCompile(`\brequire\(\s*["']([^"'\n]+)["']\s*\)`)
)

// tolerated are errors of the compiler that published libraries have and WeChat's tools let pass: children
// of an element that shows none, and an unknown entity.
var tolerated = []float64{65557, 65541}

// unbalanced are warnings of the compiler that WeChat's tools refuse: an element that is not closed, and an end
// that closes none. Elements that hold nothing may stay open.
var (
	unbalanced = []float64{65543, 65567}
	empty      = regexp.MustCompile(`^(image|input|icon|progress|slider|switch|checkbox|radio|import|include|br|hr|img)\b`)
)

// maxLineLook is how far into a line the name of an element is looked for.
const maxLineLook = 4 << 10

// templates compiles WXML and WXS into one group.
type templates struct {
	*project
	engine *engine
	ctx    context.Context
	failed map[string]bool   // files that the compiler broke on, or that are too deep
	wxs    map[string]string // the files of scripts, by path without extension, as the group gets them
}

// compile gives the group's JavaScript expression and which templates it holds. The templates that roots
// name are in it, and whatever they include, import and require. An error is a full stop: the context ended.
func (t *templates) compile(roots []string) (groups string, held map[string]bool, err error) {
	for range maxTraps {
		var trapped string
		groups, held, trapped, err = t.attempt(roots)
		if err == nil {
			break
		}
		if cause := t.ctx.Err(); cause != nil {
			return "", nil, cause
		}
		// The instance is dead: the file is to blame, and the others go into a new one.
		if trapped == "" {
			return "", nil, err
		}
		t.report.fail("template_trap", place{file: trapped}, "The template compiler broke on this file.")
		t.failed[trapped] = true
	}
	if err != nil {
		return "", map[string]bool{}, nil // maxTraps findings say why
	}
	return groups, held, nil
}

// attempt compiles with one instance; trapped names the file on which it broke.
func (t *templates) attempt(roots []string) (groups string, held map[string]bool, trapped string, err error) {
	g, err := t.engine.newGroup(t.ctx)
	if err != nil {
		return "", nil, "", err
	}
	defer g.close()
	if err := g.setExtraRuntime(templateRuntime); err != nil {
		return "", nil, "", err
	}
	held = map[string]bool{}
	queue := append([]string(nil), roots...)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if held[name] || t.failed[name+".wxml"] {
			continue
		}
		held[name] = true
		more, err := t.template(g, name)
		if err != nil {
			return "", nil, name + ".wxml", err
		}
		queue = append(queue, more...)
	}
	if groups, err = g.output("tmplgroup_getTmplGenObjectGroups"); err != nil {
		return "", nil, t.culprit(held), err
	}
	if !isScript(groups) {
		return groups, held, "", t.unreadable(g, held)
	}
	return groups, held, "", nil
}

// isScript says whether the compiler's output is JavaScript, which it promises but does not always keep.
func isScript(code string) bool {
	checked := api.Transform(code, api.TransformOptions{Loader: api.LoaderJS, LogLevel: api.LogLevelSilent, MinifyWhitespace: true})
	return len(checked.Errors) == 0
}

// unreadable reports the templates whose output is no JavaScript. The compiler names variables a, b, … and
// comes to "if" after some two thousand elements of one template.
func (t *templates) unreadable(g *group, held map[string]bool) error {
	named := false
	for _, name := range slices.Sorted(maps.Keys(held)) {
		code, err := g.output("tmplgroup_getTmplGenObject", name)
		if err != nil {
			return err
		}
		if !isScript("(" + code + ")") {
			named = true
			t.report.fail("template_output", place{file: name + ".wxml"}, "The template compiler cannot compile this file: it has too many elements.")
		}
	}
	if !named {
		t.report.fail("template_output", place{}, "The compiled templates are not JavaScript.")
	}
	return nil
}

// template compiles one WXML file and what it needs of WXS, and gives the templates that it refers to.
func (t *templates) template(g *group, name string) ([]string, error) {
	file := name + ".wxml"
	source := t.files[file]
	if at := nestingOfTemplate(source); at >= 0 {
		t.failed[file] = true
		t.report.fail("nested_too_deeply", position(file, source, at), "The template is nested too deeply from here.")
		return nil, nil
	}
	if at := elementBeyond(source, MaxElements); at >= 0 {
		t.failed[file] = true
		t.report.fail("too_many_elements", position(file, source, at), "The template has more than %d elements; this is the first one too many.", MaxElements)
		return nil, nil
	}
	said, err := g.addTemplate(name, source)
	if err != nil {
		return nil, err
	}
	t.used[file] = true
	t.hear(file, said)
	if err := t.inlineScripts(g, name); err != nil {
		return nil, err
	}
	scripts, err := g.list("tmplgroup_getScriptDependencies", name)
	if err != nil {
		return nil, err
	}
	for _, script := range scripts {
		if err := t.script(g, strings.Trim(script, "/"), file); err != nil {
			return nil, err
		}
	}
	referred, err := g.list("tmplgroup_getDirectDependencies", name)
	var out []string
	for _, other := range referred {
		if _, ok := t.files[other+".wxml"]; !ok {
			t.report.warn("missing_template", t.mention(file, source, other), "There is no template %s.wxml.", other)
			continue
		}
		out = append(out, other)
	}
	return out, err
}

// mention is where a file speaks of another, by its path or by its last name.
func (p *project) mention(file, source, other string) place {
	if p.report.full() {
		return place{file: file}
	}
	for _, form := range []string{other, other[strings.LastIndexByte(other, '/')+1:]} {
		if at := strings.Index(source, form); at >= 0 {
			return position(file, source, at)
		}
	}
	return place{file: file}
}

// hear turns what the compiler said of a file into findings.
func (t *templates) hear(file string, said []any) {
	for _, item := range said {
		entry, ok := item.(object)
		if !ok {
			continue
		}
		at := place{file: file}
		if line, ok := entry["startLine"].(float64); ok {
			at.line = int(line) + 1
		}
		if column, ok := entry["startColumn"].(float64); ok {
			at.column = int(column) + 1
		}
		level, _ := entry["level"].(string)
		code, _ := entry["code"].(float64)
		if level == "Fatal" || level == "Error" && !slices.Contains(tolerated, code) || t.open(at, code) {
			t.report.fail("template_syntax", at, "%v", entry["message"])
		} else {
			t.report.warn("template_warning", at, "%v", entry["message"])
		}
	}
}

// open says whether the finding is about an element of the author's own that is not closed as it must be.
func (t *templates) open(at place, code float64) bool {
	if !slices.Contains(unbalanced, code) || isLibrary(at.file) {
		return false
	}
	return !empty.MatchString(after(t.files[at.file], at))
}

// after is what stands in the source from the place on, without what opens a tag.
func after(source string, at place) string {
	for range at.line - 1 {
		_, source, _ = strings.Cut(source, "\n")
	}
	runes := []rune(source[:min(len(source), maxLineLook)])
	return strings.TrimLeft(string(runes[min(max(at.column-1, 0), len(runes)):]), "</")
}

// inlineScripts prepares the scripts that stand in the template itself.
func (t *templates) inlineScripts(g *group, name string) error {
	modules, err := g.list("tmplgroup_getInlineScriptModuleNames", name)
	if err != nil {
		return err
	}
	for _, module := range modules {
		source, err := g.output("tmplgroup_getInlineScript", name, module)
		if err != nil {
			return err
		}
		line, err := g.inlineScriptLine(name, module)
		if err != nil {
			return err
		}
		// Blank lines before it make esbuild's line numbers those of the file.
		code, ok := t.wxsCode(name+".wxml", strings.Repeat("\n", line)+source)
		if !ok {
			code = ""
		}
		if err := g.setInlineScript(name, module, code); err != nil {
			return err
		}
		if err := t.required(g, name+".wxml", code); err != nil {
			return err
		}
	}
	return nil
}

// script adds a WXS file, once, and those that it requires.
func (t *templates) script(g *group, name, from string) error {
	file := strings.TrimSuffix(name, ".wxs") + ".wxs"
	source, ok := t.files[file]
	if !ok {
		t.report.fail("missing_script", t.mention(from, t.files[from], strings.TrimSuffix(name, ".wxs")), "There is no script %s.", file)
		return nil
	}
	code, known := t.wxs[file]
	if !known {
		if code, ok = t.wxsCode(file, source); !ok {
			code = ""
		}
		t.wxs[file] = code
	}
	t.used[file] = true
	if !g.once(file) {
		return nil
	}
	if err := g.addScript(strings.TrimSuffix(file, ".wxs"), code); err != nil {
		return err
	}
	return t.required(g, file, code)
}

// required adds the scripts that a script requires.
func (t *templates) required(g *group, from, code string) error {
	for _, match := range wxsRequire.FindAllStringSubmatch(code, -1) {
		target := match[1]
		if !strings.HasPrefix(target, "/") {
			target = inside(from[:strings.LastIndexByte("/"+from, '/')], target)
		}
		if err := t.script(g, strings.Trim(target, "/"), from); err != nil {
			return err
		}
	}
	return nil
}

// wxsCode makes a WXS source what the group's loader understands: files are required without extension, and
// the constructor's name is compared, for in WXS the constructor is its name.
func (t *templates) wxsCode(file, source string) (string, bool) {
	source = wxsPattern.ReplaceAllStringFunc(source, keepBackslashes)
	for _, match := range wxsReserved.FindAllStringSubmatch(source, -1) {
		source = regexp.MustCompile(`(^|[^\w$.'"])`+match[1]+`\b`).ReplaceAllString(source, "${1}"+match[1]+"_")
	}
	code, ok := t.report.transform(file, source, api.TransformOptions{Format: api.FormatCommonJS, Target: api.ES2020, MinifyWhitespace: true})
	if !ok {
		return "", false
	}
	code = wxsConstructor.ReplaceAllString(code, ".constructor.name$1")
	code = wxsConstantFst.ReplaceAllString(code, "$1.constructor.name")
	return wxsRequire.ReplaceAllStringFunc(code, func(call string) string {
		return strings.Replace(call, ".wxs", "", 1)
	}), true
}

// keepBackslashes doubles those that a string would lose: WeChat reads '\d' in a pattern as it is written.
func keepBackslashes(call string) string {
	return wxsEscape.ReplaceAllStringFunc(call, func(escape string) string {
		if strings.ContainsAny(escape[1:], "\\\"'`nrtux0") {
			return escape
		}
		return `\` + escape
	})
}

// culprit finds which template makes the group's output trap, each in an instance of its own.
func (t *templates) culprit(held map[string]bool) string {
	for name := range held {
		if err := t.alone(name); err != nil && t.ctx.Err() == nil {
			return name + ".wxml"
		}
	}
	return ""
}

func (t *templates) alone(name string) error {
	g, err := t.engine.newGroup(t.ctx)
	if err != nil {
		return err
	}
	defer g.close()
	if _, err := g.addTemplate(name, t.files[name+".wxml"]); err != nil {
		return err
	}
	if _, err = g.output("tmplgroup_getTmplGenObject", name); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	return nil
}
