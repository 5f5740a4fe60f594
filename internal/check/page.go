package check

import (
	"html"
	"path"
	"regexp"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/weapp"
)

// template looks through one WXML file: which built-in components it uses. using are the tags of components
// that the program brings itself.
func (i *inspector) template(file, source string, using map[string]string) {
	where := newLines(source)
	markup(source, func(t tag) {
		if _, own := using[t.name]; own || t.end {
			return
		}
		if _, known := support().Components[t.name]; known {
			i.use("component", t.name, file, where.at(t.start))
		} else if strings.HasPrefix(t.name, "xr-") {
			i.use("component", "xr-scene", file, where.at(t.start))
		}
		if t.name == "web-view" {
			i.webView(file, t, where)
		}
	})
}

// webView says what a web-view shows: the frame opens no other page, so it is a card with the address, which the
// host opens in the browser: at a tap if the site is declared, after a question of its own if not.
func (i *inspector) webView(file string, t tag, where *lines) {
	if isLibrary(file) {
		return
	}
	source, _ := t.attr("src")
	host, _, ok := remoteHost(source.value)
	if !ok {
		i.warn("web_view", file, where.at(t.start), "A web-view does not show %s in the program: people open it in their browser.", orSome(source.value))
		return
	}
	i.host(host)
	asked := ""
	if !i.manifest.Plaza.Domains.Reach(DomainWebView, host) {
		asked = ", and are asked first because x_plaza.domains.webview of manifest.json does not name its host"
	}
	i.warn("web_view", file, where.at(t.start), "A web-view does not show %s in the program: people open it in their browser%s.", orSome(source.value), asked)
}

func orSome(address string) string {
	if address == "" {
		return "a page"
	}
	return short(address, 100)
}

// document looks through one HTML file of a web program. The frame's policy lets scripts of the package run,
// and nothing that stands in the document or comes from elsewhere.
func (i *inspector) document(file, source string) {
	d := &document{inspector: i, file: file, lines: newLines(source)}
	markup(source, func(t tag) {
		for n := range t.attrs {
			// As a browser reads it: its characters may be written as references, and it ends no line.
			t.attrs[n].value = lineEnds.Replace(html.UnescapeString(t.attrs[n].value))
		}
		d.tag(t)
	})
}

var lineEnds = strings.NewReplacer("\t", "", "\n", "", "\r", "")

type document struct {
	*inspector
	file  string
	lines *lines
}

// dataTypes are types of a script element whose content does not run.
var dataTypes = []string{"application/json", "application/ld+json", "text/template", "text/html", "text/plain"}

func (d *document) tag(t tag) {
	if t.end {
		return
	}
	for _, a := range t.attrs {
		d.attribute(t, a)
	}
	at := d.lines.at(t.start)
	switch t.name {
	case "script":
		d.script(t, at)
	case "iframe", "frame", "object", "embed", "portal", "fencedframe":
		d.fail("forbidden_frame", d.file, at, "<%s> is blocked: a program may not open other pages in its frame.", t.name)
	case "base":
		d.fail("forbidden_base", d.file, at, "<base> is blocked.")
	case "meta":
		kind, _ := t.attr("http-equiv")
		switch strings.ToLower(kind.value) {
		case "refresh":
			d.fail("forbidden_refresh", d.file, at, "A document may not send the frame elsewhere.")
		case "content-security-policy":
			d.warn("own_policy", d.file, at, "The frame has its own content security policy; this one can only take more away.")
		}
	case "form":
		if action, ok := t.attr("action"); ok && isRemote(action.value) {
			d.fail("forbidden_form", d.file, at, "A form may not be sent: read it with a script and use the bridge.")
		}
	}
}

func (d *document) script(t tag, at spot) {
	kind, _ := t.attr("type")
	if slices.Contains(dataTypes, strings.ToLower(strings.TrimSpace(kind.value))) {
		return
	}
	source, has := t.attr("src")
	switch {
	case !has && strings.TrimSpace(t.text) != "":
		d.fail("inline_script", d.file, at, "An inline script does not run: put it into a file of the package.")
	case strings.EqualFold(kind.value, "importmap") || strings.EqualFold(kind.value, "speculationrules"):
		d.fail("inline_script", d.file, at, "A script of the type %s does not work here.", short(kind.value, 40))
	case isTelegram(source.value):
	case isElsewhere(source.value):
		d.fail("remote_code", d.file, at, "The script %s is not in the package.", short(source.value, 100))
	case has:
		d.local(t, source)
	}
}

// TelegramScript is the address of Telegram's script for mini apps, as documents write it. The house has one of its own
// in its place.
var TelegramScript = regexp.MustCompile(`(?:https?:)?//telegram\.org/js/telegram-web-app\.js(?:\?[\w.=-]*)?`)

func isTelegram(address string) bool {
	return address != "" && TelegramScript.FindString(address) == address
}

// loads are the attributes by which a tag loads something.
var loads = []string{"src", "srcset", "poster", "background", "data"}

func (d *document) attribute(t tag, a attr) {
	at := d.lines.at(a.start)
	value := strings.TrimSpace(a.value)
	switch {
	case strings.HasPrefix(a.name, "on") && len(a.name) > 2:
		d.fail("inline_script", d.file, at, "The handler %s does not run: add a listener in a script.", a.name)
	case hasScheme(value, "javascript:"):
		d.fail("inline_script", d.file, at, "A javascript: address does not run.")
	case a.name == "integrity" && (t.name == "script" || t.name == "link"):
		d.fail("integrity", d.file, at, "The package is verified as a whole; with integrity of its own a file does not load.")
	case (t.name == "a" || t.name == "area") && a.name == "href" && !strings.HasPrefix(value, "#"):
		d.warn("link_elsewhere", d.file, at, "A web program is one document: the link to %s does nothing.", orSome(value))
	case t.name == "script":
	case t.name == "link" && a.name == "href":
		d.link(t, a, at)
	case slices.Contains(loads, a.name) && isElsewhere(value):
		if host, _, ok := remoteHost(withScheme(value)); ok {
			d.host(host)
		}
		d.warn("remote_resource", d.file, at, "%s is not in the package and will not load.", short(value, 100))
	case a.name == "src":
		d.local(t, a)
	}
}

func (d *document) link(t tag, a attr, at spot) {
	kind, _ := t.attr("rel")
	switch words := strings.Fields(strings.ToLower(kind.value)); {
	case isTelegram(a.value):
	case isElsewhere(a.value) && slices.Contains(words, "canonical"):
	case isElsewhere(a.value) && slices.Contains(words, "stylesheet"):
		d.fail("remote_code", d.file, at, "The sheet %s is not in the package.", short(a.value, 100))
	case isElsewhere(a.value):
		d.warn("remote_resource", d.file, at, "%s is not in the package and will not load.", short(a.value, 100))
	case slices.Contains(words, "stylesheet"):
		d.local(t, a)
	}
}

// local reports a file that the document loads and the package has not got.
func (d *document) local(t tag, a attr) {
	name, _, _ := strings.Cut(a.value, "?")
	name, _, _ = strings.Cut(name, "#")
	if name == "" || hasScheme(name, "data:") || hasScheme(name, "blob:") {
		return
	}
	if strings.HasPrefix(name, "/") {
		d.fail("absolute_path", d.file, d.lines.at(a.start), "%s begins with a slash, which leads out of the package.", short(name, 100))
		return
	}
	file := strings.TrimPrefix(path.Join("/", path.Dir(d.file), name), "/")
	if _, ok := d.files[file]; !ok {
		severity := weapp.SeverityWarning
		if t.name == "script" || t.name == "link" {
			severity = weapp.SeverityError
		}
		at := d.lines.at(a.start)
		d.add(severity, "missing_file", d.file, at.line, at.column, "There is no file %s.", short(file, 100))
	}
}

func hasScheme(value, scheme string) bool {
	return len(value) >= len(scheme) && strings.EqualFold(value[:len(scheme)], scheme)
}

// isElsewhere says whether an address of a document leads out of the package.
func isElsewhere(address string) bool {
	address = strings.TrimSpace(address)
	return isRemote(address) || strings.HasPrefix(address, "//") || strings.HasPrefix(address, `\\`)
}

func withScheme(address string) string {
	if strings.HasPrefix(address, "//") {
		return "https:" + address
	}
	return address
}
