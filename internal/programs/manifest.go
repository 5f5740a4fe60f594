package programs

import (
	"bytes"
	"encoding/json"
	"encoding/json/jsontext"
	strictjson "encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"plaza.internal/plaza/internal/weapp"
)

// Scopes a manifest may ask for. The bridge's table ties each method to one of them, or to none.
const (
	ScopeOrders  = "orders"  // see, start and fill the person's baskets
	ScopePoints  = "points"  // see the person's points
	ScopeProfile = "profile" // see the person's name and language
)

// Scopes is every scope there is, in the order in which a person is asked.
func Scopes() []string { return []string{ScopeProfile, ScopeOrders, ScopePoints} }

// manifest is manifest.json: the W3C MiniApp members that Plaza reads, and its own under x_plaza.
type manifest struct {
	AppID       string `json:"app_id"`
	Name        string `json:"name"`
	ShortName   string `json:"short_name,omitempty"`
	Description string `json:"description,omitempty"`
	Icons       []struct {
		Src   string `json:"src"`
		Sizes string `json:"sizes,omitempty"`
	} `json:"icons,omitempty"`
	Version struct {
		Code int    `json:"code"`
		Name string `json:"name"`
	} `json:"version"`
	Plaza struct {
		Scopes       []string          `json:"scopes,omitempty"`
		Functions    []string          `json:"functions,omitempty"`
		Category     string            `json:"category,omitempty"`
		Icon         string            `json:"icon,omitempty"`
		Color        string            `json:"color,omitempty"`
		Names        map[string]string `json:"names,omitempty"`
		Descriptions map[string]string `json:"descriptions,omitempty"`
	} `json:"x_plaza"`
}

const (
	manifestFile = "manifest.json"
	// manifestLimit is what the version's row keeps.
	manifestLimit = 64_000
	// iconLimit is the longest address of an icon that a program's row keeps.
	iconLimit = 200
)

var (
	appIDPattern    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,62}$`)
	colorPattern    = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	categoryPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	iconPattern     = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	languages       = []string{"en", "fr", "zh"}
)

// readManifest parses and judges manifest.json. Findings with severity "error" mean that it cannot be used.
func readManifest(source []byte, appid string) (manifest, []weapp.Finding) {
	var m manifest
	if source == nil {
		return m, []weapp.Finding{{
			File: manifestFile, Severity: weapp.SeverityError, Code: "manifest_missing",
			Message: "The package has no manifest.json; it needs at least app_id and name.",
		}}
	}
	judge := inspection{source: source}
	if len(source) > manifestLimit {
		judge.say(weapp.SeverityError, "", "manifest_too_large", "manifest.json must have at most %d bytes.", manifestLimit)
		return m, judge.findings
	}
	if err := json.Unmarshal(source, &m); err != nil {
		judge.broken(err)
		return m, judge.findings
	}
	// A member that stands twice would be read differently by different readers.
	var whole any
	if err := strictjson.Unmarshal(source, &whole); err != nil {
		judge.ambiguous(err)
		return m, judge.findings
	}
	judge.identity(m, appid)
	judge.texts(m)
	judge.permissions(m)
	return m, judge.findings
}

// inspection collects what is wrong with one manifest, and where.
type inspection struct {
	source   []byte
	findings []weapp.Finding
}

func (i *inspection) broken(err error) {
	offset := int64(0)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset - 1
	case errors.As(err, &kind):
		offset = kind.Offset - 1
	}
	line, column := position(i.source, int(offset))
	i.findings = append(i.findings, weapp.Finding{
		File: manifestFile, Line: line, Column: column, Severity: weapp.SeverityError, Code: "manifest_json",
		Message: strings.TrimPrefix(err.Error(), "json: "),
	})
}

func (i *inspection) ambiguous(err error) {
	finding := weapp.Finding{File: manifestFile, Line: 1, Column: 1, Severity: weapp.SeverityError, Code: "manifest_json", Message: err.Error()}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		finding.Line, finding.Column = position(i.source, int(syntax.ByteOffset))
		finding.Message = syntax.Err.Error() + " at " + string(syntax.JSONPointer)
	}
	i.findings = append(i.findings, finding)
}

// say adds a finding at the first place where the member's name stands in the text.
func (i *inspection) say(severity, member, code, format string, args ...any) {
	finding := weapp.Finding{File: manifestFile, Line: 1, Column: 1, Severity: severity, Code: code, Message: fmt.Sprintf(format, args...)}
	if at := bytes.Index(i.source, []byte(`"`+member+`"`)); at >= 0 {
		finding.Line, finding.Column = position(i.source, at)
	}
	i.findings = append(i.findings, finding)
}

func (i *inspection) identity(m manifest, appid string) {
	if m.AppID != appid {
		i.say(weapp.SeverityError, "app_id", "manifest_app_id", "app_id is %q but the package was sent to %q.", m.AppID, appid)
	}
	if !isName(m.Name) {
		i.say(weapp.SeverityError, "name", "manifest_name", "name must have 1 to 60 characters, none of them invisible.")
	}
	if m.Version.Code < 0 {
		i.say(weapp.SeverityError, "code", "manifest_version", "version.code must not be negative.")
	}
	if len([]rune(m.Version.Name)) > 40 {
		i.say(weapp.SeverityError, "version", "manifest_version", "version.name must have at most 40 characters.")
	}
}

func (i *inspection) texts(m manifest) {
	if len([]rune(m.Description)) > 500 {
		i.say(weapp.SeverityError, "description", "manifest_description", "description must have at most 500 characters.")
	}
	for _, language := range slices.Sorted(maps.Keys(m.Plaza.Names)) {
		if !isName(m.Plaza.Names[language]) {
			i.say(weapp.SeverityError, "names", "manifest_name", "x_plaza.names.%s must have 1 to 60 characters, none of them invisible.", language)
		}
		i.language("names", language)
	}
	for _, language := range slices.Sorted(maps.Keys(m.Plaza.Descriptions)) {
		if len([]rune(m.Plaza.Descriptions[language])) > 500 {
			i.say(weapp.SeverityError, "descriptions", "manifest_description", "x_plaza.descriptions.%s must have at most 500 characters.", language)
		}
		i.language("descriptions", language)
	}
	if m.Plaza.Color != "" && !colorPattern.MatchString(m.Plaza.Color) {
		i.say(weapp.SeverityError, "color", "manifest_color", "x_plaza.color must look like #0a7d5a.")
	}
	if m.Plaza.Category != "" && !categoryPattern.MatchString(m.Plaza.Category) {
		i.say(weapp.SeverityError, "category", "manifest_category", "x_plaza.category must be one small word.")
	}
	if m.Plaza.Icon != "" && !iconPattern.MatchString(m.Plaza.Icon) {
		i.say(weapp.SeverityError, "icon", "manifest_icon", "x_plaza.icon must be a name of the icon set; a picture goes under icons.")
	}
	if len(m.Icons) > 0 && len(Address(m.AppID, digest(nil))+resource(m.Icons[0].Src)) > iconLimit {
		i.say(weapp.SeverityError, "icons", "manifest_icon", "The path of the first icon is too long.")
	}
}

// isName is true for what people can read and tell apart: control characters and signs that turn the direction
// of writing would let one program pass for another.
func isName(name string) bool {
	trimmed := strings.TrimSpace(name)
	hidden := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	return trimmed != "" && len([]rune(trimmed)) <= 60 && !strings.ContainsFunc(trimmed, hidden)
}

// spoken is texts in the languages that are shown.
func spoken(texts map[string]string) map[string]string {
	shown := maps.Clone(texts)
	maps.DeleteFunc(shown, func(language, _ string) bool { return !slices.Contains(languages, language) })
	return shown
}

func (i *inspection) language(member, language string) {
	if !slices.Contains(languages, language) {
		i.say(weapp.SeverityWarning, member, "manifest_language", "x_plaza.%s.%s is not shown: the languages are %s.", member, language, strings.Join(languages, ", "))
	}
}

func (i *inspection) permissions(m manifest) {
	for n, scope := range m.Plaza.Scopes {
		if !slices.Contains(Scopes(), scope) {
			i.say(weapp.SeverityError, scope, "manifest_scope", "There is no scope %q; the scopes are %s.", scope, strings.Join(Scopes(), ", "))
		}
		if slices.Contains(m.Plaza.Scopes[:n], scope) {
			i.say(weapp.SeverityError, scope, "manifest_scope", "The scope %q is listed twice.", scope)
		}
	}
}

// position is the 1-based line and column, in characters, of a byte offset.
func position(source []byte, offset int) (line, column int) {
	before := source[:min(max(offset, 0), len(source))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1
}

// contradictions compares the manifest with what the compiler found.
func contradictions(source []byte, m manifest, bundle *weapp.Bundle) []weapp.Finding {
	judge := inspection{source: source}
	for _, function := range m.Plaza.Functions {
		if _, ok := bundle.Functions[function]; !ok {
			judge.say(weapp.SeverityError, function, "manifest_function", "x_plaza.functions names %q, but the package has no such cloud function.", function)
		}
	}
	for _, icon := range m.Icons {
		if _, ok := bundle.Resources[resource(icon.Src)]; !ok {
			judge.say(weapp.SeverityError, icon.Src, "manifest_icon", "icons names %q, but the package has no such file.", icon.Src)
		}
	}
	return judge.findings
}

// resource is the name of a project file among the bundle's resources.
func resource(path string) string {
	return "res/" + strings.TrimPrefix(strings.TrimPrefix(path, "./"), "/")
}
