package programs

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

const (
	// framePolicy confines a program's document: an origin of its own, no network but its own files, no frame,
	// no form. The sandbox stands in the header as well as on the host's iframe, so that the document is
	// confined when somebody opens it directly. The first %s are the only scripts that can run in it, each by its hash;
	// the second is where its workers come from, whose scripts the host brings.
	framePolicy = "sandbox allow-scripts; default-src 'none'; script-src %s; style-src 'unsafe-inline'; " +
		"img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'none'; " +
		"frame-src 'none'; worker-src %s; base-uri 'none'; form-action 'none'"
	// openPolicy is framePolicy for a game's open data context, which knows who a person's friends are: it loads
	// nothing at all. The host brings it its pictures.
	openPolicy = "sandbox allow-scripts; default-src 'none'; script-src %s; style-src 'unsafe-inline'; " +
		"img-src data: blob:; font-src data:; connect-src 'none'; frame-src 'none'; worker-src 'none'; base-uri 'none'; form-action 'none'"
	// webPolicy is framePolicy for a program that is plain HTML: its sheets are files, too.
	webPolicy = "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
		"img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'none'; " +
		"frame-src 'none'; worker-src 'none'; base-uri 'none'; form-action 'none'"
	// connections closes what no policy covers, in browsers that know it: connections that are opened ahead of a
	// request, and WebRTC once more.
	connections = "(response-origin)"
	// filePolicy makes a file that is opened as a document, an SVG for example, a picture without scripts.
	filePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
	forever    = "public, max-age=31536000, immutable"
	// keptDocument lets a browser open a document without asking: its address names package and runtime, and whoever
	// may no longer open the program is told so by the launch.
	keptDocument = "private, max-age=31536000, immutable"
)

// boot is the document's own script: it waits for the host, which brings the runtime and the program's script as
// text. A frame with an origin of its own has no cache in Chromium and no service worker anywhere, so what it would
// load by itself would be loaded anew at every opening, and not at all without a network.
const boot = `addEventListener("message",function boot(e){var d=e.data;if(e.source!==parent||!d||d.t!=="init"||!d.code)return;` +
	`removeEventListener("message",boot);var s=document.createElement("script");s.textContent=d.code.runtime;document.body.append(s);` +
	`dispatchEvent(new MessageEvent("message",{data:d,source:e.source,ports:[].slice.call(e.ports)}))})`

var frameDocument = template.Must(template.New("frame").Parse(`<!doctype html>
<html lang="{{.Lang}}"{{if .Theme}} data-theme="{{.Theme}}"{{end}}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="{{if .Theme}}{{.Theme}}{{else}}light dark{{end}}">
<title>{{.Title}}</title>
</head>
<body>{{if .Notice}}<p style="font:16px/1.5 system-ui,sans-serif;padding:25vh 10vw 0;text-align:center">{{.Notice}}</p>
{{else}}<script>` + boot + `</script>{{end}}</body>
</html>
`))

type framePage struct {
	Lang, Theme, Title, Notice string
	Runtime                    runtime
	First                      string // the name of the script that it runs first
}

// notices are what a document says instead of running a program, by the refusal's code.
var notices = map[string]map[string]string{
	ErrNotFound.Code: {
		"en": "There is no such mini program.", "fr": "Cette mini-application n’existe pas.", "zh": "没有这个小程序。",
	},
	ErrTakenDown.Code: {
		"en": "This mini program was taken down.", "fr": "Cette mini-application a été retirée.", "zh": "该小程序已被下架。",
	},
	ErrDeleted.Code: {
		"en": "This mini program no longer exists.", "fr": "Cette mini-application n’existe plus.", "zh": "该小程序已停止服务。",
	},
	ErrAltered.Code: {
		"en": "This mini program is damaged and was not opened.",
		"fr": "Cette mini-application est endommagée et n’a pas été ouverte.", "zh": "该小程序已损坏，未能打开。",
	},
	errNoRuntime.Code: {
		"en": "The user interface is not built.", "fr": "L’interface n’est pas compilée.", "zh": "界面尚未构建。",
	},
}

var errNoRuntime = refusal.New(http.StatusServiceUnavailable, "ui_not_built", "The user interface is not built: run make build.")

// handleFrame answers the document that the host's iframe loads. It runs the runtime, which closes what the policy
// leaves open, and then the program's script; the host brings both. A program that is plain HTML is its own document,
// behind the runtime.
func handleFrame(e *core.RequestEvent) error {
	page := framePage{Lang: "en"}
	query := e.Request.URL.Query()
	if slices.Contains(check.Languages(), query.Get("lang")) {
		page.Lang = query.Get("lang")
	}
	if theme := query.Get("theme"); theme == "light" || theme == "dark" {
		page.Theme = theme
	}
	status := http.StatusOK
	program, bundle, err := requested(e)
	if err == nil {
		err = page.fill(e, program)
	}
	switch {
	case err != nil:
		var no *refusal.Refusal
		if !errors.As(err, &no) || notices[no.Code] == nil {
			return err
		}
		status, page.Notice = no.Status, notices[no.Code][page.Lang]
		if own, _ := no.Details["notice"].(string); own != "" {
			page.Notice = own
		}
	case program.Kind == check.KindWeb:
		return sendPage(e, http.StatusOK, webPolicy, page.keeping(e), page.Runtime.before(bundle, bundle.Resources[webEntry].Bytes))
	}
	policy := fmt.Sprintf(framePolicy, "'none'", "'none'")
	if bundle != nil {
		policy = policyOf(bundle, page.Runtime.hashes(program.Kind), query.Get("open") != "")
	}
	var out bytes.Buffer
	if err := frameDocument.Execute(&out, page); err != nil {
		return err
	}
	return sendPage(e, status, policy, page.keeping(e), out.Bytes())
}

// policyOf is what the document of a bundle may load: the boot, the runtime, its own script with the script's parts,
// and what it declares. WebAssembly is for those that have some; the runtime runs what is in the package alone.
func policyOf(bundle *Bundle, own []string, open bool) string {
	scripts := append([]string{source([]byte(boot))}, own...)
	scripts = append(scripts, source(bundle.Script.Bytes))
	wasm, workers := false, "'none'"
	for _, name := range slices.Sorted(maps.Keys(bundle.Resources)) {
		wasm = wasm || strings.HasSuffix(name, ".wasm") || strings.HasSuffix(name, ".wasm.br")
		if strings.HasPrefix(name, weapp.PartFolder) {
			scripts = append(scripts, source(bundle.Resources[name].Bytes))
		}
	}
	if wasm {
		scripts = append(scripts, "'wasm-unsafe-eval'")
	}
	if open {
		return fmt.Sprintf(openPolicy, strings.Join(scripts, " "))
	}
	var declared struct {
		Workers string `json:"workers"`
	}
	if json.Unmarshal(bundle.Config, &declared) == nil && declared.Workers != "" {
		workers = "blob:"
	}
	return fmt.Sprintf(framePolicy, strings.Join(scripts, " "), workers)
}

// source is a script by its content, as a policy names it.
func source(script []byte) string {
	sum := sha256.Sum256(script)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// keeping is how long the document may be kept: for ever, when it runs and the address names the runtime in it.
func (p *framePage) keeping(e *core.RequestEvent) string {
	if asked := e.Request.URL.Query().Get("runtime"); p.Notice == "" && asked != "" && asked == p.First {
		return keptDocument
	}
	return "no-cache" // a program that is taken down must say so at the next opening
}

// webEntry is the document that a web program opens with.
const webEntry = "index.html"

func sendPage(e *core.RequestEvent, status int, policy, keeping string, document []byte) error {
	header := e.Response.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Connection-Allowlist", connections)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", keeping)
	guard(header)
	return e.Blob(status, "text/html; charset=utf-8", document)
}

func (p *framePage) fill(e *core.RequestEvent, program Program) error {
	var err error
	if p.Runtime, err = registryOf(e.App).runtime(); err != nil {
		return err
	}
	p.First = p.Runtime.first(program.Kind)
	p.Title = program.Name
	if name := program.Names[p.Lang]; name != "" {
		p.Title = name
	}
	return nil
}

// before puts the bridge before everything else in an author's document, whatever that holds: inside it no place is
// safe, as a comment or a template may swallow it. The parser then takes the author's own <html> and <head> as it takes
// any that come late.
func (r runtime) before(bundle *Bundle, document []byte) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "<!doctype html>\n<script crossorigin src=%q></script>\n", address(r.Web))
	if asksDatabase(bundle) {
		fmt.Fprintf(&out, "<script crossorigin src=%q></script>\n", address(r.Database))
	}
	out.Write(withTelegram(document, address(r.Telegram)))
	return out.Bytes()
}

// runtime is the scripts that frames run before those of programs, as the build wrote them down: names, which hold a
// hash. Those of web programs have one hash together.
type runtime struct {
	Script   string `json:"script"`
	Hash     string `json:"sha256"` // of Script's content, in base64, as a policy names it
	Map      string `json:"map"`    // what draws maps, fetched by the first map of a frame
	MapHash  string `json:"map_sha256"`
	Game     string `json:"game"` // the runtime of games
	GameHash string `json:"game_sha256"`
	Web      string `json:"web"`      // the bridge of a program that is plain HTML
	Database string `json:"database"` // the client of its cloud database
	Telegram string `json:"telegram"` // Telegram.WebApp over the bridge
}

// first is the script that a program of that kind runs first.
func (r runtime) first(kind string) string {
	switch kind {
	case check.KindWeb:
		return r.Web
	case check.KindGame:
		return cmp.Or(r.Game, r.Script) // a build from before games had their own
	}
	return r.Script
}

// hashes are those of the house's scripts that a document of the kind may run, as a policy names them.
func (r runtime) hashes(kind string) []string {
	if kind == check.KindGame && r.Game != "" {
		return []string{"'sha256-" + r.GameHash + "'"}
	}
	return []string{"'sha256-" + r.Hash + "'", "'sha256-" + r.MapHash + "'"}
}

// address is where a script of the build is, and empty when the user interface is not built.
func address(script string) string {
	if script == "" {
		return ""
	}
	return "/frame/" + script
}

// complete tells whether every script has a name that is nothing else.
func (r runtime) complete() bool {
	for _, name := range []string{r.Script, r.Hash, r.Map, r.MapHash, r.Web, r.Database, r.Telegram} {
		if name == "" {
			return false
		}
	}
	for _, name := range []string{r.Script, r.first(check.KindGame), r.Map, r.Web, r.Database, r.Telegram} {
		if path.Base(name) != name {
			return false
		}
	}
	return true
}

func (r *registry) runtime() (runtime, error) {
	var built runtime
	if r.dist == nil {
		return built, errNoRuntime
	}
	content, err := fs.ReadFile(r.dist, "frame/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return built, errNoRuntime
	}
	if err != nil {
		return built, err
	}
	if err := json.Unmarshal(content, &built); err != nil || !built.complete() {
		return built, fmt.Errorf("frame/manifest.json names no scripts: %w", errors.Join(err, errNoRuntime))
	}
	return built, nil
}

// handleScript serves a version's script. A web program may well have an app.js of its own, and has no other.
func handleScript(e *core.RequestEvent) error {
	program, bundle, err := requested(e)
	if err != nil {
		return err
	}
	if own, ok := bundle.Resources[scriptName]; ok && program.Kind == check.KindWeb {
		return serve(e, own)
	}
	return serve(e, bundle.Script)
}

// handleResource serves a file of a version.
func handleResource(e *core.RequestEvent) error {
	_, bundle, err := requested(e)
	if err != nil {
		return err
	}
	file, ok := bundle.Resources[e.Request.PathValue("path")]
	if !ok {
		return e.NotFoundError("", nil)
	}
	return serve(e, file)
}

// handleWebFile serves a file of a web program where its documents look for it: beside them. Its other documents
// are behind the runtime as the first one is.
func handleWebFile(e *core.RequestEvent) error {
	program, bundle, err := requested(e)
	if err != nil {
		return err
	}
	name := e.Request.PathValue("path")
	file, ok := bundle.Resources[name]
	if !ok || program.Kind != check.KindWeb {
		return e.NotFoundError("", nil)
	}
	if !strings.HasSuffix(name, ".html") {
		return serve(e, file)
	}
	page := framePage{Lang: "en"}
	if err := page.fill(e, program); err != nil {
		return err
	}
	return sendPage(e, http.StatusOK, webPolicy, "no-cache", page.Runtime.before(bundle, file.Bytes))
}

func requested(e *core.RequestEvent) (Program, *Bundle, error) {
	program, err := ByPackage(e.App, e.Request.PathValue("appid"), e.Request.PathValue("hash"))
	if err != nil {
		return program, nil, err
	}
	bundle, err := program.Open(e.App)
	return program, bundle, err
}

// serve answers a file whose address contains its hash: it may be kept for ever, and every origin may read it,
// because a frame's origin is its own.
func serve(e *core.RequestEvent, file File) error {
	header := e.Response.Header()
	header.Set("Content-Security-Policy", filePolicy)
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cache-Control", forever)
	guard(header)
	content := file.Bytes
	if file.Gzip != nil {
		header.Add("Vary", "Accept-Encoding")
		if acceptsGzip(e.Request.Header.Get("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			content = file.Gzip
		}
	}
	return e.Blob(http.StatusOK, file.Type, content)
}

func guard(header http.Header) {
	header.Set("X-Content-Type-Options", "nosniff")
}

func acceptsGzip(accepted string) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		coding, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(coding) == "gzip" {
			quality = strings.ReplaceAll(quality, " ", "")
			return quality != "q=0" && quality != "q=0.0"
		}
	}
	return false
}
