package check

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// scan is one script that is looked through.
type scan struct {
	*inspector
	file    string // as the upload names it
	source  string
	lines   *lines
	tokens  []token
	library bool // the author cannot change it
	server  bool // of a cloud function
}

// script looks through one script: what it uses of wx, what it may not do, whom it talks to.
func (i *inspector) script(file, source string, server bool) {
	s := &scan{
		inspector: i, file: file, source: source, lines: newLines(source), tokens: tokens(source),
		library: isLibrary(file), server: server,
	}
	for at, t := range s.tokens {
		switch t.kind {
		case tokenWord:
			s.word(at, source[t.start:t.end])
		case tokenString:
			s.text(at, source[t.start:t.end])
		}
	}
}

// isLibrary says whether a file comes from a package, or was minified by somebody else.
func isLibrary(file string) bool {
	return strings.Contains("/"+file, "/miniprogram_npm/") || strings.Contains("/"+file, "/node_modules/") ||
		strings.HasSuffix(file, ".min.js") || strings.HasSuffix(file, ".min.css")
}

// is says whether the token at has this text, and is no string.
func (s *scan) is(at int, text string) bool {
	return at >= 0 && at < len(s.tokens) && s.tokens[at].kind != tokenString && s.of(at) == text
}

func (s *scan) of(at int) string {
	if at < 0 || at >= len(s.tokens) {
		return ""
	}
	return s.source[s.tokens[at].start:s.tokens[at].end]
}

func (s *scan) kind(at int) byte {
	if at < 0 || at >= len(s.tokens) {
		return 0
	}
	return s.tokens[at].kind
}

func (s *scan) spot(at int) spot { return s.lines.at(s.tokens[at].start) }

// property is the name that follows an object at a token: .name, ?.name or ["name"]; next is what comes after.
func (s *scan) property(at int) (name string, next int, ok bool) {
	if s.is(at, "?") && s.is(at+1, ".") {
		at++
	}
	switch {
	case s.is(at, ".") && s.kind(at+1) == tokenWord:
		return s.of(at + 1), at + 2, true
	case s.is(at, "[") && s.kind(at+1) == tokenString && s.is(at+2, "]"):
		return s.of(at + 1), at + 3, true
	}
	return "", at, false
}

func (s *scan) word(at int, word string) {
	member := s.is(at-1, ".")
	switch word {
	case "wx":
		if !member && !s.server {
			s.wx(at)
		}
	case "plaza":
		s.plaza(at)
	case "eval":
		if !member && s.is(at+1, "(") && !s.is(at+2, ")") && !s.defines(at) {
			s.forbid(at, "forbidden_eval", "eval is blocked: all code must be in the package.")
		}
	case "Function":
		if !member && s.is(at+1, "(") && !s.harmlessFunction(at+2) {
			s.forbid(at, "forbidden_function", "new Function is blocked: all code must be in the package.")
		}
	case "setTimeout", "setInterval":
		if !member && s.is(at+1, "(") && s.kind(at+2) == tokenString && s.is(at+3, ",") {
			s.forbid(at, "forbidden_eval", "%s with a text is eval, which is blocked.", word)
		}
	case "importScripts":
		if !member && s.is(at+1, "(") {
			s.forbid(at, "forbidden_script", "importScripts is blocked: all code must be in the package.")
		}
	case "createElement":
		if member && s.is(at+1, "(") && s.kind(at+2) == tokenString && strings.EqualFold(s.of(at+2), "script") {
			s.forbid(at, "forbidden_script", "A script that is made at run time is blocked.")
		}
	case "WebAssembly":
		if name, _, ok := s.property(at + 1); ok && !member && slices.Contains([]string{"Module", "compile", "instantiate", "compileStreaming", "instantiateStreaming"}, name) {
			s.forbid(at, "forbidden_wasm", "WebAssembly from data is blocked.")
		}
	case "import":
		if s.is(at+1, "(") && s.kind(at+2) == tokenString && isRemote(s.of(at+2)) {
			s.forbid(at, "remote_code", "Code from %s cannot be loaded: all code must be in the package.", short(s.of(at+2), 100))
		}
	}
}

// defines says whether the name at is a function's or method's that is written here, not a call.
func (s *scan) defines(at int) bool {
	if s.is(at-1, "function") {
		return true
	}
	if !s.is(at-1, "{") && !s.is(at-1, ",") && !s.is(at-1, "async") && !s.is(at-1, "}") {
		return false
	}
	depth := 0
	for i := at + 1; i < len(s.tokens) && i < at+200; i++ {
		switch {
		case s.is(i, "("):
			depth++
		case s.is(i, ")"):
			if depth--; depth == 0 {
				return s.is(i+1, "{")
			}
		}
	}
	return false
}

// harmlessFunction are the two shapes by which bundlers ask for the global object. They may fail, and are
// written so.
func (s *scan) harmlessFunction(at int) bool {
	return s.kind(at) == tokenString && slices.Contains([]string{"return this", "r"}, s.of(at))
}

// forbid reports a construct that the frame blocks when it runs. What a bundler put into a mini program carries
// much that never runs, and WeChat blocks the same without refusing the package: there, and in a library, it is a
// warning. In a cloud function it is the sandbox's matter.
func (s *scan) forbid(at int, code, format string, args ...any) {
	switch {
	case s.server:
	case s.library, s.report.Kind != KindWeb && code != "remote_code":
		s.warn(code, s.file, s.spot(at), format, args...)
	default:
		s.fail(code, s.file, s.spot(at), format, args...)
	}
}

// wx notes what a script uses of wx.
func (s *scan) wx(at int) {
	name, next, ok := s.property(at + 1)
	if !ok {
		s.taken(at)
		return
	}
	if s.is(next, "=") && !s.is(next+1, "=") {
		return // the program's own property
	}
	called := s.is(next, "(") || s.is(next, "?") && s.is(next+1, ".") && s.is(next+2, "(")
	switch name {
	case "cloud", "plaza":
		if inner, _, ok := s.property(next); ok {
			s.use("api", "wx."+name+"."+inner, s.file, s.spot(at))
		}
	default:
		s.api(name, called, at)
		if called {
			s.network(name, next)
		}
	}
}

// api counts a use of wx.name. A name that is nobody's is the program's own, unless it is called.
func (s *scan) api(name string, called bool, at int) {
	if _, known := s.level("api", "wx."+name); known || support().names[name] || called {
		s.use("api", "wx."+name, s.file, s.spot(at))
	}
}

// taken notes the names of const { request, showToast: toast } = wx.
func (s *scan) taken(at int) {
	if !s.is(at-1, "=") || !s.is(at-2, "}") {
		return
	}
	for i := at - 3; i >= 0 && at-i < 200 && !s.is(i, "{"); i-- {
		if s.kind(i) == tokenWord && (s.is(i-1, "{") || s.is(i-1, ",")) {
			s.api(s.of(i), false, i)
		}
	}
}

// networkLists are the lists of x_plaza.domains by API.
var networkLists = map[string]string{"request": "request", "uploadFile": "upload", "downloadFile": "download", "connectSocket": "socket"}

// network compares the literal url of a call with the declared hosts.
func (s *scan) network(name string, at int) {
	list, ok := networkLists[name]
	if !ok || !s.is(at+1, "{") {
		return
	}
	depth := 0
	for i := at + 1; i < len(s.tokens) && i < at+2_000; i++ {
		switch s.of(i) {
		case "{", "(", "[":
			if s.kind(i) == tokenSign {
				depth++
			}
		case "}", ")", "]":
			if s.kind(i) == tokenSign {
				depth--
			}
		case "url":
			if depth == 1 && s.is(i+1, ":") && s.kind(i+2) == tokenString {
				s.reached(name, list, i+2)
			}
		}
		if depth == 0 {
			return
		}
	}
}

// reached judges the address of one request.
func (s *scan) reached(name, list string, at int) {
	host, secure, ok := remoteHost(s.of(at))
	if !ok {
		return
	}
	if !secure {
		s.mention("insecure_url", at, "wx.%s needs https:// or wss://: this address is refused when it is asked for.", name)
	}
	declared := map[string][]string{
		"request": s.manifest.Plaza.Domains.Request, "upload": s.manifest.Plaza.Domains.Upload,
		"download": s.manifest.Plaza.Domains.Download, "socket": s.manifest.Plaza.Domains.Socket,
	}
	if slices.Contains(declared[list], host) {
		return
	}
	s.mention("undeclared_domain", at, "wx.%s reaches %s, which is not in x_plaza.domains.%s of manifest.json: add it there, or in the program's settings.", name, host, list)
}

// mention is a warning in the program's own code, and nothing in a library, which may never run that.
func (s *scan) mention(code string, at int, format string, args ...any) {
	if !s.library {
		s.warn(code, s.file, s.spot(at), format, args...)
	}
}

// soften is an error in the program's own code, and nothing in a library, which may never run that.
func (s *scan) soften(code string, at int, format string, args ...any) {
	if !s.library {
		s.fail(code, s.file, s.spot(at), format, args...)
	}
}

// plaza compares plaza.call("method") with the declared scopes.
func (s *scan) plaza(at int) {
	name, next, ok := s.property(at + 1)
	if _, known := support().Web["plaza."+name]; known && s.report.Kind == KindWeb && !s.server {
		s.use("api", "plaza."+name, s.file, s.spot(at))
	}
	if !ok || name != "call" || !s.is(next, "(") || s.kind(next+1) != tokenString {
		return
	}
	method := s.of(next + 1)
	scope, known := methodScopes[method]
	switch {
	case !known && s.is(next+2, "+"):
	case !known:
		s.warn("unknown_method", s.file, s.spot(next+1), "There is no method %s.", short(method, 80))
	case scope != "" && !slices.Contains(s.manifest.Plaza.Scopes, scope):
		s.soften("undeclared_scope", next+1, "%s needs the scope %s, which is not in x_plaza.scopes of manifest.json.", method, scope)
	}
}

// text notes the hosts that a script names, and code that would come from one of them.
func (s *scan) text(at int, text string) {
	if !isRemote(text) {
		return
	}
	host, _, ok := remoteHost(text)
	if !ok {
		return
	}
	s.host(host)
	clean, _, _ := strings.Cut(text, "?")
	switch path.Ext(clean) {
	case ".js", ".mjs", ".wasm":
		if !s.library && !s.server {
			s.warn("remote_code", s.file, s.spot(at), "Code from %s cannot be loaded: all code must be in the package.", host)
		}
	}
}

func isRemote(text string) bool {
	for _, scheme := range []string{"https://", "http://", "wss://", "ws://"} {
		if len(text) >= len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// remoteHost is the host of a literal address, which may be the begin of a longer one.
func remoteHost(text string) (host string, secure, ok bool) {
	if !isRemote(text) {
		return "", false, false
	}
	scheme, rest, _ := strings.Cut(text, "://")
	if end := strings.IndexAny(rest, "/?#\\ \"'"); end >= 0 {
		rest = rest[:end]
	}
	parsed, err := url.Parse("https://" + rest)
	if err != nil || parsed.Hostname() == "" || len(rest) > 255 {
		return "", false, false
	}
	scheme = strings.ToLower(scheme)
	return strings.ToLower(parsed.Host), scheme == "https" || scheme == "wss", true
}
