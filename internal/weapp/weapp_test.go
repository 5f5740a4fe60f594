package weapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"
)

// shopProject reads the project that testdata holds.
func shopProject(t testing.TB) map[string][]byte {
	t.Helper()
	root := os.DirFS("testdata/shop")
	files := map[string][]byte{}
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = fs.ReadFile(root, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func compile(t testing.TB, files map[string][]byte) *Bundle {
	t.Helper()
	bundle, err := Compile(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// page is a project of one page with more files, or other ones, given as path and content.
func page(more ...string) map[string][]byte {
	files := map[string][]byte{
		"app.json":         []byte(`{"pages":["pages/a/a"]}`),
		"pages/a/a.wxml":   []byte(`<view class="x">{{text}}</view>`),
		"pages/a/a.js":     []byte(`Page({})`),
		"pages/other.wxml": []byte(`<view/>`),
	}
	for i := 0; i < len(more); i += 2 {
		files[more[i]] = []byte(more[i+1])
	}
	return files
}

func lines(findings []Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %s %s:%d:%d", f.Severity, f.Code, f.File, f.Line, f.Column))
	}
	return out
}

// A whole project: two packages, components, scripts of both kinds, npm, a cloud function.
func TestAProjectBecomesABundle(t *testing.T) {
	bundle := compile(t, shopProject(t))
	want := []string{
		"warning plugin_component pages/index/index.json:1:61",
		"warning remote_url pages/index/index.wxss:3:23",
	}
	if got := lines(bundle.Findings); !slices.Equal(got, want) {
		t.Fatalf("findings %q", got)
	}
	var config Config
	if err := json.Unmarshal(bundle.Config, &config); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(config.Pages, []string{"pages/index/index", "packageA/pages/detail/detail"}) || config.Entry != "pages/index/index" {
		t.Errorf("pages %v, entry %s", config.Pages, config.Entry)
	}
	order := []string{"components/card/inner/inner", "components/card/card", "miniprogram_npm/@acme/ui/button/index", "pages/index/index", "packageA/pages/detail/detail"}
	if !slices.Equal(config.Order, order) {
		t.Errorf("order %v", config.Order)
	}
	index := config.Components["pages/index/index"]
	if !index.Page || !index.Template || !index.Style || !index.Script || index.Using["a-button"] != order[2] || index.Using["shop-card"] != order[1] || index.Placeholder["a-button"] != "view" {
		t.Errorf("index %+v", index)
	}
	card := config.Components["components/card/card"]
	if item := card.Generics["item"]; item == nil || *item != order[0] || card.Generics["free"] != nil || len(card.Generics) != 2 || len(card.Using) != 1 {
		t.Errorf("card %+v", card)
	}
	if got := slices.Sorted(maps.Keys(bundle.Resources)); !slices.Contains(got, "res/img/dot.png") || slices.Contains(got, "res/app.js") {
		t.Errorf("resources %v", got)
	}
	checkScript(t, string(bundle.Script))
	function := bundle.Functions["quote"]
	if len(function) != 3 || strings.Contains(function["index.js"], "for await") || !strings.Contains(function["lib/sum.js"], "module.exports") {
		t.Errorf("functions %v", bundle.Functions)
	}
}

func checkScript(t *testing.T, script string) {
	t.Helper()
	if r := api.Transform(script, api.TransformOptions{LogLevel: api.LogLevelSilent}); len(r.Errors) > 0 {
		t.Fatal("the bundle is not JavaScript:", r.Errors[0].Text)
	}
	for _, part := range []string{
		"__c({", "__g(() => (()=>{", `__d("app.js",(wx,App,Page,`, `},{"money":"miniprogram_npm/money/index.js"});`,
		`__d("pages/index/index.js",`, `{"@utils":"utils/index.js"}`, `{"../../zones.json":"packageA/zones.json","~/utils/index":"utils/index.js"}`,
		`__json("packageA/zones.json",{"zones":["Europe/Paris"]});`, `{"../mixin":"miniprogram_npm/@acme/ui/mixin.js"}`,
		`require("./base")`, `x.constructor.name==="Array"`, "var getDate=",
		`.__S__row, wx-view > .__S__cell:not(.__S__last):hover::before, #top wx-text{width: 100vw;margin: -1.4vw calc(100% - 0.266667vw);}wx-page{background: #fff;}`,
		`[wx-host=\"__H__\"]{color: red;}.__S__row.__S__on{background: url(\"res/img/dot.png\");}`,
		`@media (min-width: 53.333333vw){wx-button{width: 0.133333vw;}}@keyframes turn{ from { left: 1vw } to { left: 0 } }`,
		`src: url(data:font/woff2;base64,AA==)`,
	} {
		if !strings.Contains(script, part) {
			t.Errorf("the bundle lacks %s", part)
		}
	}
	if strings.Contains(script, "not reachable") || !strings.HasSuffix(script, "__run();\n") {
		t.Error("the bundle has too much, or no end")
	}
}

// The same project gives the same bytes, or its hash would say nothing.
func TestCompilingTwiceGivesTheSame(t *testing.T) {
	first, second := compile(t, shopProject(t)), compile(t, shopProject(t))
	if string(first.Script) != string(second.Script) || string(first.Config) != string(second.Config) {
		t.Error("the bundles differ")
	}
}

// Every problem is named with its place, those of several files at once, and there is nothing to run.
func TestFindingsNameTheirPlace(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string][]byte
		want  []string
	}{
		"several files at once": {
			page("pages/a/a.wxml", "<view>\n  {{ a b }}</view>", "pages/a/a.js", "Page({\n  data: }\n)", "pages/a/a.wxss", "view {\n", "pages/a/a.json", "{\n  // no\n}"),
			[]string{"error bad_json pages/a/a.json:2:3", "error script_syntax pages/a/a.js:2:9", "error template_syntax pages/a/a.wxml:2:8", "error sheet_syntax pages/a/a.wxss:1:1"},
		},
		"comment in app.json":    {page("app.json", "{ /* no */ \"pages\": [] }"), []string{"error bad_json app.json:1:3"}},
		"cut json":               {page("app.json", "{\n\"pages\": ["), []string{"error bad_json app.json:2:10"}},
		"wrong kind":             {page("app.json", "{\n\"pages\": 5}"), []string{"error bad_json app.json:2:11"}},
		"no app":                 {map[string][]byte{"x.js": nil}, []string{"error no_app_json app.json:0:0"}},
		"no pages":               {page("app.json", `{"pages":[]}`), []string{"error no_pages app.json:1:2"}},
		"missing page":           {page("app.json", "{\"pages\":[\"pages/a/a\",\n\"pages/b/b\"]}"), []string{"error missing_page app.json:2:9"}},
		"page twice":             {page("app.json", `{"pages":["pages/a/a","/pages/a/a"]}`), []string{"warning page_twice app.json:1:11"}},
		"missing component":      {page("pages/a/a.json", `{"usingComponents":{"x-y":"./nope"}}`), []string{"error missing_component pages/a/a.json:1:21"}},
		"missing template":       {page("pages/a/a.wxml", "<view/>\n<import src=\"./nope.wxml\"/>"), []string{"warning missing_template pages/a/a.wxml:2:16"}},
		"missing script":         {page("pages/a/a.wxml", "<wxs src=\"./nope.wxs\" module=\"m\"/>"), []string{"error missing_script pages/a/a.wxml:1:13"}},
		"missing import":         {page("pages/a/a.wxss", "\n@import './nope.wxss';"), []string{"error missing_import pages/a/a.wxss:2:1"}},
		"missing module":         {page("pages/a/a.js", "\nrequire('./nope')"), []string{"warning missing_module pages/a/a.js:2:10"}},
		"import cycle":           {page("pages/a/a.wxss", "@import 'b.wxss';", "pages/a/b.wxss", "\n@import 'a.wxss';"), []string{"warning import_cycle pages/a/b.wxss:2:1"}},
		"stray brace":            {page("pages/a/a.wxss", "view{}\n }"), []string{"error sheet_syntax pages/a/a.wxss:2:2"}},
		"no block":               {page("pages/a/a.wxss", "view{}\n.a .b"), []string{"error sheet_syntax pages/a/a.wxss:2:1"}},
		"reserved name":          {page("pages/a/a.wxss", ".__S__a{}"), []string{"error reserved_name pages/a/a.wxss:1:2"}},
		"bad wxs":                {page("pages/a/a.wxml", "<wxs module=\"m\">\nvar = 1\n</wxs>"), []string{"error script_syntax pages/a/a.wxml:2:5"}},
		"wxs out of its module":  {page("pages/a/a.wxml", "<wxs module=\"m\">}); evil(); (() => {</wxs>"), []string{"error script_syntax pages/a/a.wxml:1:1"}},
		"not utf-8":              {page("pages/a/a.wxml", "<view>\n\xff\xfe</view>"), []string{"error not_utf8 pages/a/a.wxml:2:1"}},
		"bad function":           {page("cloudfunctions/f/index.js", "\n("), []string{"error script_syntax cloudfunctions/f/index.js:2:2"}},
		"function without entry": {page("cloudfunctions/f/main.js", "1"), []string{"error no_function_entry cloudfunctions/f/index.js:0:0"}},
		"unclosed tag":           {page("pages/a/a.wxml", "<view>\n<text"), []string{"error template_syntax pages/a/a.wxml:1:2", "error template_syntax pages/a/a.wxml:2:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			bundle := compile(t, c.files)
			got := lines(bundle.Findings)
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q\n%+v", got, c.want, bundle.Findings)
			}
			if failed := strings.HasPrefix(c.want[0], "error"); bundle.Failed() != failed || (bundle.Script == nil) != failed {
				t.Errorf("failed %v, script of %d bytes", bundle.Failed(), len(bundle.Script))
			}
		})
	}
}

// Where the sources stand is the author's business: below miniprogramRoot, or at the root; with a byte order
// mark or without.
func TestRootsAndMarks(t *testing.T) {
	files := map[string][]byte{"project.config.json": []byte(`{"miniprogramRoot":"./src/","cloudfunctionRoot":"cloud/"}`), "cloud/f/index.js": []byte("exports.main = () => 1")}
	for name, content := range page() {
		files["src/"+name] = append([]byte("\ufeff"), content...)
	}
	bundle := compile(t, files)
	if bundle.Failed() || bundle.Functions["f"]["index.js"] == "" {
		t.Errorf("%+v %v", bundle.Findings, bundle.Functions)
	}
	files["src/pages/a/a.js"] = []byte("(")
	if got := lines(compile(t, files).Findings); !slices.Equal(got, []string{"error script_syntax src/pages/a/a.js:1:2"}) {
		t.Errorf("%q", got)
	}
	game := compile(t, map[string][]byte{"game.json": []byte("{}"), "game.js": []byte("require('./b')"), "b.js": []byte("1")})
	if game.Failed() || !strings.Contains(string(game.Script), `__d("b.js"`) || !strings.Contains(string(game.Config), `"game":true`) {
		t.Errorf("game: %+v %s", game.Findings, game.Config)
	}
}

// Modules: TypeScript beside its output, node_modules, computed requires, dynamic import.
func TestModules(t *testing.T) {
	files := page(
		"pages/a/a.ts", "this is older", "pages/a/a.js", "import('../../lazy'); require('./' + name); require('pkg/deep'); Page({})",
		"lazy.js", "export default 1", "pages/a/named.js", "1", "broken.d.ts", "not read",
		"node_modules/pkg/package.json", `{"miniprogram":"dist"}`, "node_modules/pkg/dist/deep.js", "2",
	)
	bundle := compile(t, files)
	script := string(bundle.Script)
	for _, part := range []string{`"pkg/deep":"node_modules/pkg/dist/deep.js"`, `__d("pages/a/named.js"`, `__d("lazy.js"`, `"../../lazy":"lazy.js"`} {
		if !strings.Contains(script, part) {
			t.Errorf("lacks %s: %+v", part, bundle.Findings)
		}
	}
	if strings.Contains(script, "import(") || strings.Contains(script, "older") {
		t.Error("dynamic import or the TypeScript source is left")
	}
}

// What is hostile ends in a finding or a refusal, soon, and the next project compiles.
func TestHostileProjects(t *testing.T) {
	deep := strings.Repeat("<view>", 100_000)
	many := map[string][]byte{}
	for i := range MaxFiles + 1 {
		many[fmt.Sprint(i)] = nil
	}
	imports := page()
	for i := range 60 {
		imports[fmt.Sprintf("pages/a/%d.wxss", i)] = fmt.Appendf(nil, "@import '%d.wxss'; @import '%d.wxss'; .a{b:c}", i+1, i+1)
	}
	imports["pages/a/60.wxss"] = nil
	imports["pages/a/a.wxss"] = []byte("@import '0.wxss';")
	for name, c := range map[string]struct {
		files map[string][]byte
		want  string // the code of a finding, or of a refusal
	}{
		"deep elements":       {page("pages/a/a.wxml", deep), "nested_too_deeply"},
		"deep unclosed":       {page("pages/a/a.wxml", strings.Repeat("<view a='", 50_000)), ""},
		"parentheses":         {page("pages/a/a.wxml", "<view>{{"+strings.Repeat("(", 50_000)+"</view>"), "nested_too_deeply"},
		"parentheses in attr": {page("pages/a/a.wxml", `<view a="{{`+strings.Repeat("(", 50_000)+"1"+strings.Repeat(")", 50_000)+`}}"/>`), "nested_too_deeply"},
		"operators":           {page("pages/a/a.wxml", "<view>{{"+strings.Repeat("!", 50_000)+"a}}</view>"), "nested_too_deeply"},
		"ternaries":           {page("pages/a/a.wxml", "<view>{{"+strings.Repeat("a?b:", 50_000)+"a}}</view>"), "nested_too_deeply"},
		"members":             {page("pages/a/a.wxml", "<view>{{a"+strings.Repeat(".b", 50_000)+"}}</view>"), "nested_too_deeply"},
		"many bindings":       {page("pages/a/a.wxml", strings.Repeat("{{a}}", 100_000)), "template_trap"},
		"many static lines":   {page("pages/a/a.wxml", strings.Repeat("<view>a</view>\n", 1_500)), "ok"},
		"many lines":          {page("pages/a/a.wxml", strings.Repeat("<view>{{a}}</view>\n", 50_000)), "too_many_elements"},
		"too many lines":      {page("pages/a/a.wxml", strings.Repeat("<view>{{a}}</view>\n", 3_000)), "template_output"},
		"injection":           {page("pages/a/a.wxml", `<view a='{{ "\"+alert(1)+\"" }}' b="'+alert(1)+'" c="\u2028">{{ a["${alert(1)}"] }}`+"`${alert(1)}`</view>"), "ok"},
		"template name":       {page("pages/a/a.wxml", "<template name=\"a'\n`\"></template><template is=\"__proto__\"/>"), "ok"},
		"includes itself":     {page("pages/a/a.wxml", `<include src="a.wxml"/>`), "ok"},
		"deep script":         {page("pages/a/a.js", strings.Repeat("(", 500_000)), "nested_too_deeply"},
		"deep functions":      {page("pages/a/a.js", strings.Repeat("function f(){", 50_000)), "nested_too_deeply"},
		"deep operators":      {page("pages/a/a.js", "a="+strings.Repeat("!", 900_000)+"1"), "nested_too_deeply"},
		"deep members":        {page("pages/a/a.js", "a"+strings.Repeat(".b", 400_000)), "nested_too_deeply"},
		"deep arrows":         {page("pages/a/a.js", strings.Repeat("a=>\n", 200_000)+"1"), "nested_too_deeply"},
		"deep ifs":            {page("pages/a/a.js", strings.Repeat("if(a)\n", 150_000)+"1"), "nested_too_deeply"},
		"deep template":       {page("pages/a/a.js", strings.Repeat("`${", 300_000)), "nested_too_deeply"},
		"deep quoted":         {page("pages/a/a.js", "a++ /"+strings.Repeat("(", 300_000)), "nested_too_deeply"},
		"deep function code":  {page("cloudfunctions/f/index.js", strings.Repeat("[", 500_000)), "nested_too_deeply"},
		"deep wxs":            {page("pages/a/a.wxml", "<wxs module='m'>"+strings.Repeat("[", 500_000)+"</wxs>"), "nested_too_deeply"},
		"deep sheet":          {page("pages/a/a.wxss", strings.Repeat("@media x{", 100_000)), "sheet_syntax"},
		"deep rules":          {page("pages/a/a.wxss", strings.Repeat("a{", 400_000)), "sheet_syntax"},
		"deep json":           {page("app.json", strings.Repeat("[", 500_000)), "bad_json"},
		"imports double":      {imports, "too_many_imports"},
		"too many files":      {many, "too_many_files"},
		"large source":        {page("pages/a/a.wxml", strings.Repeat(" ", MaxSourceBytes+1)), "file_too_large"},
		"large script":        {page("pages/a/a.js", strings.Repeat(" ", MaxScriptBytes+1)), "file_too_large"},
		"large file":          {page("x.bin", strings.Repeat(" ", MaxFileBytes+1)), "file_too_large"},
		"climbing path":       {page("../x.js", "1"), "bad_path"},
		"absolute path":       {page("/x.js", "1"), "bad_path"},
		"garbage":             {page("pages/a/a.wxml", "\x00\x01<\x02{{\x03}}"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			bundle, err := Compile(t.Context(), c.files)
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			got := "ok"
			if err != nil {
				got = strings.SplitN(err.Error(), ":", 2)[0]
			} else if bundle.Failed() {
				for _, f := range bundle.Findings {
					if f.Severity == SeverityError {
						got = f.Code
						break
					}
				}
			}
			if c.want != "" && got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if err == nil && !bundle.Failed() {
				if r := api.Transform(string(bundle.Script), api.TransformOptions{LogLevel: api.LogLevelSilent}); len(r.Errors) > 0 {
					t.Error("the bundle is not JavaScript:", r.Errors[0].Text)
				}
			}
			if compile(t, page()).Failed() {
				t.Error("the next project does not compile")
			}
		})
	}
}

// A template that breaks the compiler costs its own instance only: the other files are still read.
func TestATrapNamesItsFile(t *testing.T) {
	p, err := read(page("pages/b/b.wxml", strings.Repeat("<view>", 2_000), "pages/c/c.wxml", "{{ a b }}"))
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := processCompiler()
	if err != nil {
		t.Fatal(err)
	}
	g, err := compiler.engine.newGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	// Past our own measure the wasm traps, which is why there is one.
	if _, err := g.addTemplate("b", p.files["pages/b/b.wxml"]); err == nil {
		if _, err = g.output("tmplgroup_getTmplGenObjectGroups"); err == nil {
			t.Error("2,000 elements inside each other did not trap: the measure may be raised")
		}
	}
	c := &templates{project: p, engine: compiler.engine, ctx: t.Context(), failed: map[string]bool{}, wxs: map[string]string{}}
	if _, held, err := c.compile([]string{"pages/a/a", "pages/b/b", "pages/c/c"}); err != nil || !held["pages/a/a"] {
		t.Error(err, held)
	}
	got := lines(p.report.sorted())
	want := []string{"error nested_too_deeply pages/b/b.wxml:1:1201", "error template_syntax pages/c/c.wxml:1:6"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A deadline ends a compilation, and a caller who went away is not told a story.
func TestACompilationEndsWithItsContext(t *testing.T) {
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := Compile(late, shopProject(t)); !errors.Is(err, ErrCompileTimeout) {
		t.Error(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := Compile(gone, shopProject(t)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The compiler's machine code can be kept between starts.
func TestTheCacheIsUsed(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		compiler, err := New(t.Context(), Options{CacheDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if bundle, err := compiler.Compile(t.Context(), page()); err != nil || bundle.Failed() {
			t.Error(err)
		}
		if err := compiler.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) == 0 {
		t.Error("nothing was kept", err)
	}
}

func BenchmarkFortyPages(b *testing.B) {
	shop := shopProject(b)
	var names []string
	for i := range 40 {
		for _, ext := range []string{".wxml", ".ts", ".wxss", ".json"} {
			shop[fmt.Sprintf("pages/p%d/index%s", i, ext)] = shop["pages/index/index"+ext]
		}
		shop[fmt.Sprintf("pages/p%d/row.wxml", i)] = shop["pages/index/row.wxml"]
		names = append(names, fmt.Sprintf(`"pages/p%d/index"`, i))
	}
	shop["app.json"] = []byte(strings.Replace(string(shop["app.json"]), `"pages": [`, `"pages": [`+strings.Join(names, ",")+",", 1))
	compile(b, shop)
	for b.Loop() {
		if bundle, err := Compile(b.Context(), shop); err != nil || bundle.Failed() {
			b.Fatal(err, bundle.Findings)
		}
	}
}

// WeChat lets an import end with its line.
func TestAnImportWithoutEnd(t *testing.T) {
	files := page("pages/a/a.wxss", "@import 'b.wxss'\n.a{color:red}", "pages/a/b.wxss", ".b{left:0}")
	bundle, err := Compile(t.Context(), files)
	if err != nil || len(bundle.Findings) > 0 {
		t.Fatalf("%v %+v", err, bundle.Findings)
	}
	if want := `.__S__b{left:0;}.__S__a{color:red;}`; !strings.Contains(string(bundle.Script), want) {
		t.Errorf("the sheet is not %s", want)
	}
}
