package check_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/check"
)

const svg = `<svg xmlns="http://www.w3.org/2000/svg"/>`

// Everything that a check says, each with the smallest project that it is said of.
func TestFindings(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string][]byte
		want  []string
	}{
		"nothing wrong": {project(), nil},
		"no manifest":   {without(project(), "manifest.json"), []string{"error manifest_missing manifest.json:0:0"}},
		"lies about its id": {
			project("manifest.json", "{\n  \"name\": \"Shop\",\n  \"app_id\": \"no id\"\n}"),
			[]string{"error manifest_app_id manifest.json:3:3"},
		},
		"unknown member": {
			project("app.json", "{\n\t\"pages\": [\"pages/a/a\"],\n\t\"window\": {\n\t\t\"navigationBarTitle\": \"A\"\n\t}\n}"),
			[]string{"warning json_unknown app.json:4:3"},
		},
		"wrong type": {
			project("app.json", "{\n\t\"pages\": [\"pages/a/a\"],\n\t\"window\": {\n\t\t\"enablePullDownRefresh\": \"yes\"\n\t}\n}"),
			[]string{"error json_type app.json:4:28"},
		},
		"wrong type that the compiler reads": {
			project("app.json", `{"pages":["pages/a/a"],"usingComponents":{"x":1}}`),
			[]string{"error json_type app.json:1:47"},
		},
		"unknown value":  {project("pages/a/a.json", `{"navigationStyle":"none"}`), []string{"warning json_value pages/a/a.json:1:20"}},
		"member twice":   {project("pages/a/a.json", "{\"disableScroll\":true,\n\"disableScroll\":false}"), []string{"warning json_duplicate pages/a/a.json:2:1"}},
		"missing member": {project("app.json", `{"pages":["pages/a/a"],"tabBar":{"list":[{"text":"A"}]}}`), []string{"error json_missing app.json:1:42"}},
		"no json":        {project("pages/a/a.json", "{\n\"disableScroll\":true,\n}"), []string{"error bad_json pages/a/a.json:3:1"}},
		"project config": {project("project.config.json", `{"packOptions":{"ignore":[{"type":"folder","value":1}]}}`), []string{"error json_type project.config.json:1:52"}},
		"manifest member": {
			project("manifest.json", `{"app_id":"shop","name":"Shop","version":{"code":1,"name":"1"},"x_other":1,"platform":2,"x_plaza":{"scope":["orders"]}}`),
			[]string{"warning json_unknown manifest.json:1:76", "warning json_unknown manifest.json:1:100"},
		},
		"manifest type": {project("manifest.json", `{"app_id":"shop","name":7}`), []string{"error manifest_json manifest.json:1:25"}},
		"no such category": {
			project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"category":"nonsense"}}`),
			[]string{"error manifest_category manifest.json:1:43"},
		},
		"no host": {
			project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"domains":{"request":["https://api.example.com/"]}}}`),
			[]string{"error manifest_domain manifest.json:1:65"},
		},
		"missing function": {project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"functions":["sum"]}}`), []string{"error manifest_function manifest.json:1:56"}},
		"desk":             {project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"desk":"pages/a/a"}}`), nil},
		"desk elsewhere":   {project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"desk":"/pages/a/a"}}`), []string{"error manifest_desk manifest.json:1:43"}},
		"desk that is no text": {
			project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"desk":true}}`), []string{"error manifest_json manifest.json:1:53"},
		},
		"hook of nothing": {
			project("manifest.json", "{\"app_id\":\"shop\",\"name\":\"Shop\",\n\"x_plaza\":{\"hooks\":{\"order.eaten\":\"f\"}}}", "cloudfunctions/f/index.js", "exports.main = () => 1"),
			[]string{"error manifest_hook manifest.json:2:21"},
		},
		"hook without its function": {
			project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"hooks":{"order.paid":"f","scan":""}}}`),
			[]string{"error manifest_hook manifest.json:1:52", "error manifest_hook manifest.json:1:69"},
		},
		"hook that is no text": {
			project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"hooks":{"order.paid":7}}}`), []string{"error manifest_json manifest.json:1:65"},
		},
		"timers": {timed(`{"permissions":{"openapi":[]},"triggers":[{"name":"nightly","type":"timer","config":"0 0 2 * * * *"}]}`), nil},
		"timer with a mistake": {
			timed("{\"triggers\":[\n{\"name\":\"nightly\",\"type\":\"timer\",\"config\":\"0 0 25 * * * *\"}]}"), []string{"error timer_spec cloudfunctions/f/config.json:2:43"},
		},
		"timer of a day that never comes": {
			timed(`{"triggers":[{"name":"nightly","type":"timer","config":"0 0 0 30 2 * *"}]}`), []string{"error timer_spec cloudfunctions/f/config.json:1:56"},
		},
		"timer of every second": {
			timed(`{"triggers":[{"name":"often","type":"timer","config":"* * * * * * *"}]}`), []string{"error timer_spec cloudfunctions/f/config.json:1:54"},
		},
		"timer of another kind": {
			timed(`{"triggers":[{"name":"a","type":"http","config":"0 0 2 * * * *"}],"timers":[]}`),
			[]string{"warning json_value cloudfunctions/f/config.json:1:33", "warning json_unknown cloudfunctions/f/config.json:1:67"},
		},
		"timer without a name": {
			timed(`{"triggers":[{"type":"timer","config":"0 0 2 * * * *"},{"name":"1st","type":"timer","config":"0 0 2 * * * *"}]}`),
			[]string{"error json_missing cloudfunctions/f/config.json:1:14", "error timer_name cloudfunctions/f/config.json:1:64"},
		},
		"two timers of one name": {
			timed(`{"triggers":[{"name":"a","type":"timer","config":"0 0 2 * * * *"},{"name":"a","type":"timer","config":"0 0 3 * * * *"}]}`),
			[]string{"error timer_name cloudfunctions/f/config.json:1:75"},
		},
		"timers that are no list": {timed(`{"triggers":{}}`), []string{"error json_type cloudfunctions/f/config.json:1:13"}},
		"too many timers":         {timed(manyTimers(check.MaxTimers + 2)), []string{"error too_many_timers cloudfunctions/f/config.json:21:1"}},
		"missing icon":            {project("manifest.json", `{"app_id":"shop","name":"Shop","icons":[{"src":"icon.svg"}]}`), []string{"error manifest_icon manifest.json:1:48"}},
		"missing screenshot":      {project("manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"screenshots":["a.png"]}}`), []string{"error manifest_screenshots manifest.json:1:58"}},

		"eval":              {project("pages/a/a.js", "Page({})\neval('1')"), []string{"warning forbidden_eval pages/a/a.js:2:1"}},
		"new Function":      {project("pages/a/a.js", "Page({ run: (x) => new Function(x)() })"), []string{"warning forbidden_function pages/a/a.js:1:24"}},
		"the global object": {project("pages/a/a.js", `const g = Function("return this")(); Page({ g })`), nil},
		"timer of text":     {project("pages/a/a.js", `Page({}); setTimeout("alert(1)", 1)`), []string{"warning forbidden_eval pages/a/a.js:1:11"}},
		"script element":    {project("pages/a/a.js", `Page({}); document.createElement("script")`), []string{"warning forbidden_script pages/a/a.js:1:20"}},
		"wasm":              {project("pages/a/a.js", `Page({}); WebAssembly.instantiate(new Uint8Array(8))`), []string{"warning forbidden_wasm pages/a/a.js:1:11"}},
		"remote code":       {project("pages/a/a.js", `Page({ src: "https://cdn.example.com/lib.js?v=1" })`), []string{"warning remote_code pages/a/a.js:1:14"}},
		"remote import":     {project("pages/a/a.js", `Page({}); import("https://cdn.example.com/lib")`), []string{"error remote_code pages/a/a.js:1:11", "warning missing_module pages/a/a.js:1:19"}},
		"words that look so": {
			project("pages/a/a.js", "// eval('1')\nPage({ s: 'eval(1)', eval(x) { return this.eval(x) }, t: `eval(${1})`, r: /eval(x)/ })"), nil,
		},
		"eval in a library": {
			project("miniprogram_npm/lib/index.js", "module.exports = eval('1')", "pages/a/a.js", "require('lib'); Page({})"),
			[]string{"warning forbidden_eval miniprogram_npm/lib/index.js:1:18"},
		},
		"eval that is not reached": {project("other.js", "eval('1')"), nil},
		"web-view":                 {project("pages/a/a.wxml", "<view>\n <web-view src=\"https://example.com\"/></view>"), []string{"warning web_view pages/a/a.wxml:2:2"}},

		"declared domain": {project("pages/a/a.js", `wx.request({ url: "https://api.example.com/v1", data: { url: "https://x.example.org" } }); Page({})`), nil},
		"undeclared domain": {
			project("pages/a/a.js", "Page({})\nwx.request({\n\tdata: {},\n\turl: `https://other.example.com/${1}`,\n})"),
			[]string{"warning undeclared_domain pages/a/a.js:4:8"},
		},
		"wrong list":   {project("pages/a/a.js", `Page({}); wx.uploadFile({ url: "https://api.example.com" })`), []string{"warning undeclared_domain pages/a/a.js:1:33"}},
		"insecure":     {project("pages/a/a.js", `Page({}); wx.request({ url: "http://api.example.com" })`), []string{"warning insecure_url pages/a/a.js:1:30"}},
		"computed url": {project("pages/a/a.js", `Page({}); wx.request({ url: base + "/v1" })`), nil},

		"declared scope":   {project("pages/a/a.js", `Page({}); wx.plaza.call("orders.start", {})`), nil},
		"undeclared scope": {project("pages/a/a.js", "Page({})\nwx.plaza.call('loyalty.statement')"), []string{"error undeclared_scope pages/a/a.js:2:16"}},
		"unknown method":   {project("pages/a/a.js", "Page({})\nwx.plaza.call('orders.steal')"), []string{"warning unknown_method pages/a/a.js:2:16"}},
		"scope of a function": {
			project("cloudfunctions/f/index.js", "const cloud = require('wx-server-sdk')\nexports.main = () => cloud.plaza.call('identity.profile')"),
			[]string{"error undeclared_scope cloudfunctions/f/index.js:2:40"},
		},

		"private key": {project("a.pem", "x\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n"), []string{"error secret a.pem:2:1"}},
		"aws key":     {project("pages/a/a.js", "Page({})\nconst id = 'AKIAIOSFODNN7ABCDEFG'"), []string{"error secret pages/a/a.js:2:13"}},
		"app secret":  {project("pages/a/a.js", "Page({})\nconst config = { appSecret: '0c3f9a7be2d84c15a6b0f7e91d2c3b4a' }"), []string{"error secret pages/a/a.js:2:18"}},
		"no secrets":  {project("pages/a/a.js", "Page({ tokenKey: 'pages/login/index', password: 'your-password-here-1', keyboardKey: 'ArrowLeft', secret: get('x') })"), nil},
		"secret in a library": {
			project("miniprogram_npm/lib/index.js", "module.exports = { secretKey: 'q8Zt4Lx0Vb7Nw2Rk5Yp9' }", "pages/a/a.js", "require('lib'); Page({})"), nil,
		},

		"svg with a script":  {project("a.svg", "<svg xmlns='x'>\n<script>1</script></svg>"), []string{"error svg_script a.svg:2:1"}},
		"svg with a handler": {project("a.svg", "<svg onload='x()'/>"), []string{"error svg_script a.svg:1:6"}},
		"svg with a link":    {project("a.svg", "<svg><a xlink:href='javascript:x()'/></svg>"), []string{"error svg_script a.svg:1:9"}},
		"no svg":             {project("a.svg", "hello"), []string{"warning image_unreadable a.svg:0:0"}},
		"no picture":         {project("a.png", "hello"), []string{"warning image_unreadable a.png:0:0"}},
		"wrong extension":    {project("a.jpg", png(t, 2, 2)), []string{"warning image_extension a.jpg:0:0"}},
		"cut picture":        {project("a.png", png(t, 2, 2)[:20]), []string{"warning image_unreadable a.png:0:0"}},
		"huge picture":       {project("a.png", hugePNG(60_000, 60_000)), []string{"warning image_dimensions a.png:0:0"}},
		"fine pictures":      {project("a.png", png(t, 2, 2), "b.svg", svg, "c.gif", "GIF89a\x02\x00\x02\x00\x00\x00\x00;"), nil},

		"nested archive": {project("a.zip", "PK\x03\x04"), []string{"warning nested_archive a.zip:0:0"}},
		"hidden archive": {project("a.dat", "PK\x03\x04"), []string{"warning nested_archive a.dat:0:0"}},
		"executable":     {project("a.dat", "\x7fELF\x02\x01"), []string{"error forbidden_file a.dat:0:0"}},
	} {
		t.Run(name, func(t *testing.T) {
			report := checked(t, test.files)
			if got := told(report); !slices.Equal(got, append([]string{}, test.want...)) {
				t.Errorf("got  %q\nwant %q\n%+v", got, test.want, report.Findings)
			}
		})
	}
}

// A project of WeChat's as its author has it: the manifest is made of what it is sent to and what it uses.
func TestAProjectWithoutAManifest(t *testing.T) {
	files := without(project("pages/a/a.js", "Page({ go() { wx.getLocation({}); wx.getUserProfile({}) } })", "project.config.json", `{"projectname":"Tea shop"}`), "manifest.json")
	report, err := check.Package(t.Context(), packed(t, files), "tea", check.Default(), "")
	if err != nil || report.Failed() {
		t.Fatalf("%v %+v", err, report.Findings)
	}
	m := report.Manifest
	if m.AppID != "tea" || m.Name != "Tea shop" || !slices.Equal(m.Plaza.Scopes, []string{check.ScopeProfile, check.ScopeLocation}) {
		t.Errorf("got %+v", m)
	}
	if !slices.Contains(told(report), "warning manifest_made manifest.json:0:0") {
		t.Errorf("got %q", told(report))
	}
}

func without(files map[string][]byte, name string) map[string][]byte {
	delete(files, name)
	return files
}

func webProject(more ...string) map[string][]byte {
	files := map[string][]byte{
		"manifest.json": []byte(`{"app_id":"page","name":"Page","x_plaza":{"kind":"web"}}`),
		"index.html":    []byte("<!doctype html>\n<title>Page</title>\n<link rel=stylesheet href=style.css>\n<script src=\"app.js\"></script>"),
		"app.js":        []byte(`plaza.toast("hello")`),
		"style.css":     []byte(`p { color: red }`),
	}
	for i := 0; i < len(more); i += 2 {
		files[more[i]] = []byte(more[i+1])
	}
	return files
}

// What the frame's policy blocks in a document is told with its line before anybody opens it.
func TestFindingsOfWebPrograms(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string][]byte
		want  []string
	}{
		"nothing wrong":  {webProject(), nil},
		"inline script":  {webProject("index.html", "<p>\n<script>\nrun()\n</script>"), []string{"error inline_script index.html:2:1"}},
		"inline data":    {webProject("index.html", `<script type="application/json">{"a":1}</script>`), nil},
		"handler":        {webProject("index.html", "<p>\n<button onclick=\"go()\">"), []string{"error inline_script index.html:2:9"}},
		"javascript":     {webProject("index.html", `<a href=" JavaScript:go()">`), []string{"error inline_script index.html:1:4"}},
		"remote script":  {webProject("index.html", `<script src="https://cdn.example.com/a.js"></script>`), []string{"error remote_code index.html:1:1"}},
		"scheme-less":    {webProject("index.html", `<script src="//cdn.example.com/a.js"></script>`), []string{"error remote_code index.html:1:1"}},
		"remote sheet":   {webProject("index.html", `<link rel="stylesheet" href="https://cdn.example.com/a.css">`), []string{"error remote_code index.html:1:24"}},
		"link elsewhere": {webProject("index.html", `<a href="#top">up</a><a href="about.html">more</a>`), []string{"warning link_elsewhere index.html:1:25"}},
		"integrity":      {webProject("index.html", `<link rel="stylesheet" href="app.js" integrity="sha384-a">`), []string{"error integrity index.html:1:38"}},
		"remote picture": {webProject("index.html", `<img src="https://cdn.example.com/a.png">`), []string{"warning remote_resource index.html:1:6"}},
		"frame":          {webProject("index.html", `<iframe src="other.html"></iframe>`, "other.html", "<p>"), []string{"error forbidden_frame index.html:1:1"}},
		"refresh":        {webProject("index.html", `<meta http-equiv="Refresh" content="0;url=https://example.com">`), []string{"error forbidden_refresh index.html:1:1"}},
		"by reference":   {webProject("index.html", "<a href=\"java&#115;cri\npt:go()\"></a><meta http-equiv=\"re&#102;resh\" content=0>"), []string{"error inline_script index.html:1:4", "error forbidden_refresh index.html:2:14"}},
		"base":           {webProject("index.html", `<base href="https://example.com/">`), []string{"error forbidden_base index.html:1:1"}},
		"missing script": {webProject("index.html", `<script src="js/app.js"></script>`), []string{"error missing_file index.html:1:9"}},
		"from the root":  {webProject("index.html", `<script src="/app.js"></script>`), []string{"error absolute_path index.html:1:9"}},
		"missing picture": {
			webProject("index.html", `<img src="a.png?x"><img src="data:image/png;base64,">`), []string{"warning missing_file index.html:1:6"},
		},
		"second document": {webProject("about/index.html", `<script src="../app.js"></script><script>1</script>`), []string{"error inline_script about/index.html:1:34"}},
		"comment":         {webProject("index.html", "<!-- <script>1</script> --><p title='<script>'>"), nil},
		"eval":            {webProject("app.js", "eval('1')"), []string{"error forbidden_eval app.js:1:1"}},
		"no index":        {without(webProject(), "index.html"), []string{"error no_app_json app.json:0:0"}},
		"kind by files":   {webProject("manifest.json", `{"app_id":"page","name":"Page"}`), []string{"warning manifest_kind manifest.json:1:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			report := checked(t, test.files)
			if got := told(report); !slices.Equal(got, append([]string{}, test.want...)) {
				t.Errorf("got  %q\nwant %q\n%+v", got, test.want, report.Findings)
			}
			if report.Kind != check.KindWeb {
				t.Errorf("kind %q", report.Kind)
			}
		})
	}
}

// A web-view leads out of the program: what it says of that depends on whether the manifest names the site.
func TestWebViewNamesItsSite(t *testing.T) {
	for host, asked := range map[string]bool{"www.example.com": false, "other.example.com": true} {
		report := checked(t, project(
			"manifest.json", `{"app_id":"hello","name":"Hello","x_plaza":{"domains":{"webview":["www.example.com"]}}}`,
			"pages/a/a.wxml", `<web-view src="https://`+host+`/x"/>`,
		))
		said := report.Findings[0].Message
		if strings.Contains(said, "are asked first") != asked || !slices.Contains(report.Hosts, host) {
			t.Errorf("%s: %q, hosts %q", host, said, report.Hosts)
		}
	}
}

// What is used of WeChat's components and APIs, with the first place and how often.
func TestCompatibility(t *testing.T) {
	report := checked(t, project(
		"pages/a/a.js", "const { request, showToast: toast } = wx\nPage({})\nwx.showToast({})\nwx.chooseMedia()\nwx.createInnerAudioContext?.()\nwx.own = 1; wx.own\nwx['getSystemInfoSync']()\nwx.cloud.database()\nwx.nobody()",
		"pages/a/a.wxml", "<view>\n<swiper><camera/></swiper>\n<camera/><own/><block/></view>",
		"pages/a/a.json", `{"usingComponents":{"own":"./own"}}`,
		"pages/a/own.wxml", "<slider/>", "pages/a/own.js", "Component({})", "pages/a/own.json", `{"component":true}`,
	))
	var got []string
	for _, use := range report.Uses {
		got = append(got, strings.Join([]string{use.Support, use.Name, use.File}, " "))
	}
	want := []string{
		"missing wx.nobody pages/a/a.js", "partial wx.chooseMedia pages/a/a.js", "partial wx.getSystemInfoSync pages/a/a.js",
		"partial camera pages/a/a.wxml", "partial swiper pages/a/a.wxml", "supported wx.showToast pages/a/a.js",
		"supported wx.cloud.database pages/a/a.js", "supported wx.createInnerAudioContext pages/a/a.js", "supported wx.request pages/a/a.js",
		"supported slider pages/a/own.wxml", "supported view pages/a/a.wxml",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	for _, use := range report.Uses {
		if use.Name == "camera" && (use.Count != 2 || use.Line != 2) || use.Name == "wx.showToast" && (use.Count != 2 || use.Line != 1) {
			t.Errorf("%+v", use)
		}
	}
}

// A game has its own interface, and a web program another.
func TestCompatibilityOfOtherKinds(t *testing.T) {
	uses := func(report check.Report) (out []string) {
		for _, use := range report.Uses {
			out = append(out, use.Support+" "+use.Name)
		}
		return out
	}
	game := checked(t, map[string][]byte{
		"manifest.json": []byte(`{"app_id":"stars","name":"Stars"}`), "game.json": []byte(`{}`),
		"game.js": []byte(`wx.createCanvas(); wx.onTouchStart(() => {}); wx.showToast({}); wx.getFileSystemManager()`),
	})
	if want := []string{"partial wx.getFileSystemManager", "supported wx.createCanvas", "supported wx.onTouchStart", "supported wx.showToast"}; !slices.Equal(uses(game), want) {
		t.Errorf("%q", uses(game))
	}
	web := checked(t, webProject("app.js", `await plaza.ready(); window.plaza.toast("hello"); wx.showToast({})`))
	if want := []string{"missing wx.showToast", "supported plaza.ready", "supported plaza.toast"}; !slices.Equal(uses(web), want) {
		t.Errorf("%q", uses(web))
	}
}

func TestSizes(t *testing.T) {
	policy := check.Default()
	policy.Limits.MainBytes, policy.Limits.Files = 2_000, 8
	files := project(
		"app.json", `{"pages":["pages/a/a"],"subpackages":[{"root":"sub","pages":["b/b"]}]}`,
		"sub/b/b.wxml", "<view/>", "sub/large.txt", strings.Repeat("x", 3_000), "more.txt", strings.Repeat("y", 2_500), "cloudfunctions/f/index.js", "exports.main = () => 1",
	)
	report, err := check.Package(t.Context(), packed(t, files), "shop", policy, "")
	if err != nil {
		t.Fatal(err)
	}
	codes := []string{}
	for _, f := range report.Findings {
		codes = append(codes, f.Code+": "+f.Message)
	}
	want := []string{
		"package_too_large: The main package, unpacked, has 3 KB; the limit is 2 KB. The largest file is sub/large.txt with 3 KB.",
		"package_too_large: The subpackage sub, unpacked, has 3 KB; the limit is 2 KB. The largest file is sub/large.txt with 3 KB.",
	}
	if !slices.Equal(codes, want) {
		t.Errorf("got %q", codes)
	}
	s := report.Sizes
	if s.Files != 8 || s.Largest[0] != (check.FileSize{File: "sub/large.txt", Bytes: 3_000}) || len(s.Subpackages) != 1 || s.Subpackages[0].Files != 2 || s.Package == 0 {
		t.Errorf("%+v", s)
	}
	policy.Limits.Files = 7
	if report, err = check.Package(t.Context(), packed(t, files), "shop", policy, ""); err != nil || !slices.ContainsFunc(told(report), func(s string) bool { return strings.Contains(s, "too_many_files") }) {
		t.Errorf("%v %v", err, told(report))
	}
	policy.Limits.PackageBytes = 100
	if report, err = check.Package(t.Context(), packed(t, files), "shop", policy, ""); err != nil || !report.Failed() || report.Findings[0].Code != "package_too_large" {
		t.Errorf("%v %v", err, told(report))
	}
}

// A package that was sent for one program and says that it is another is refused at the place where it says so.
func TestAManifestThatLies(t *testing.T) {
	report, err := check.Package(t.Context(), packed(t, project()), "market", check.Default(), "")
	if err != nil || !slices.Equal(told(report), []string{"error manifest_app_id manifest.json:2:2"}) {
		t.Fatalf("%v %v", err, told(report))
	}
}

// A game passes by its own files.
func TestAGame(t *testing.T) {
	report := checked(t, map[string][]byte{
		"manifest.json": []byte(`{"app_id":"stars","name":"Stars","x_plaza":{"kind":"game","category":"games"}}`),
		"game.json":     []byte("{\n\"deviceOrientation\":\"portrait\",\n\"showStatusBar\":1}"),
		"game.js":       []byte(`wx.createCanvas()`),
	})
	if report.Kind != check.KindGame || !slices.Equal(told(report), []string{"error json_type game.json:3:17"}) {
		t.Fatalf("%s %v", report.Kind, told(report))
	}
}

// timed is a project with one cloud function and its config.json.
func timed(config string) map[string][]byte {
	return project("cloudfunctions/f/index.js", "exports.main = () => 1", "cloudfunctions/f/config.json", config)
}

func manyTimers(count int) string {
	var lines []string
	for n := range count {
		lines = append(lines, fmt.Sprintf(`{"name":"t%d","type":"timer","config":"0 %d 2 * * * *"}`, n, n))
	}
	return `{"triggers":[` + strings.Join(lines, ",\n") + "]}"
}

// What runs by itself is in the report, from both places.
func TestTriggersAreReported(t *testing.T) {
	report := checked(t, project(
		"manifest.json", `{"app_id":"shop","name":"Shop","x_plaza":{"hooks":{"scan":"g","order.paid":"f"}}}`,
		"cloudfunctions/f/index.js", "exports.main = () => 1", "cloudfunctions/g/index.js", "exports.main = () => 1",
		"cloudfunctions/g/config.json", "\ufeff"+`{"triggers":[{"name":"nightly","type":"timer","config":"0 0 2 * * MON-FRI *"}]}`))
	want := []check.Trigger{
		{Kind: "hook", Name: "order.paid", Function: "f", Spec: "order.paid"},
		{Kind: "hook", Name: "scan", Function: "g", Spec: "scan"},
		{Kind: "timer", Name: "nightly", Function: "g", Spec: "0 0 2 * * MON-FRI *"},
	}
	if report.Failed() || !slices.Equal(report.Triggers, want) {
		t.Errorf("the report has %v and %v", report.Triggers, report.Findings)
	}
}
