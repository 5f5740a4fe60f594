package check

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

// Manifest is manifest.json: the W3C MiniApp members that Plaza reads, and its own under x_plaza.
type Manifest struct {
	AppID       string          `json:"app_id"`
	Name        string          `json:"name"`
	ShortName   string          `json:"short_name,omitempty"`
	Description string          `json:"description,omitempty"`
	Icons       []ManifestIcon  `json:"icons,omitempty"`
	Version     ManifestVersion `json:"version"`
	Plaza       ManifestPlaza   `json:"x_plaza"`
}

// ManifestIcon is a picture of the package that stands for the program.
type ManifestIcon struct {
	Src   string `json:"src"`
	Sizes string `json:"sizes,omitempty"`
	Label string `json:"label,omitempty"`
}

// ManifestVersion is the author's own name for the version.
type ManifestVersion struct {
	Code int    `json:"code"`
	Name string `json:"name"`
}

// ManifestPlaza are the members that are Plaza's own.
type ManifestPlaza struct {
	Kind         string            `json:"kind,omitempty"`
	Scopes       []string          `json:"scopes,omitempty"`
	Reasons      map[string]string `json:"reasons,omitempty"` // what each scope is wanted for, in the program's words
	Functions    []string          `json:"functions,omitempty"`
	Hooks        map[string]string `json:"hooks,omitempty"` // event → function
	Desk         string            `json:"desk,omitempty"`  // the page for those who work for the program's organisation
	Domains      ManifestDomains   `json:"domains,omitzero"`
	Category     string            `json:"category,omitempty"`
	Keywords     []string          `json:"keywords,omitempty"`
	Icon         string            `json:"icon,omitempty"`
	Color        string            `json:"color,omitempty"`
	Names        map[string]string `json:"names,omitempty"`
	Descriptions map[string]string `json:"descriptions,omitempty"`
	Screenshots  []string          `json:"screenshots,omitempty"`
	Leaderboards []ManifestBoard   `json:"leaderboards,omitempty"`
}

// ManifestDomains are the hosts that a program may reach, by what it does there.
type ManifestDomains struct {
	Request  []string `json:"request,omitempty"`
	Socket   []string `json:"socket,omitempty"`
	Upload   []string `json:"upload,omitempty"`
	Download []string `json:"download,omitempty"`
	WebView  []string `json:"webview,omitempty"`
}

// All is every declared host, each once, sorted.
func (d ManifestDomains) All() []string {
	all := slices.Concat(d.Request, d.Socket, d.Upload, d.Download, d.WebView)
	slices.Sort(all)
	return slices.Compact(all)
}

const (
	manifestFile = "manifest.json"
	// manifestLimit is what a version's row keeps.
	manifestLimit = 64_000
	// iconLimit is the longest address of an icon that a program's row keeps.
	iconLimit = 200
	// iconAddress is how many characters of that address are not the appid and not the file's name.
	iconAddress = len("/mp/") + 1 + 64 + len("/res/")
	// MaxKeywords is how many keywords a program may have.
	MaxKeywords = 20
	// MaxScreenshots is how many pictures the store shows of a program.
	MaxScreenshots = 8
)

var (
	appIDPattern    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,62}$`)
	colorPattern    = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	categoryPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	iconPattern     = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	domainPattern   = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](:[0-9]{1,5})?$`)
	languages       = []string{"en", "fr", "zh"}
)

// Languages are those that texts of programs are shown in.
func Languages() []string { return slices.Clone(languages) }

// IsAppID is true for what can be a program's address.
func IsAppID(appid string) bool { return appIDPattern.MatchString(appid) }

// IsName is true for what people can read and tell apart: what cannot be seen, or turns the direction of writing,
// would let one program pass for another. Pictures that are joined of several keep their joiner.
func IsName(name string) bool {
	trimmed := strings.TrimSpace(name)
	return IsLine(trimmed) && len([]rune(trimmed)) <= 60
}

// IsLine is true for one line of text that people read as it is written: with something to see, and nothing in it that
// hides, breaks the line or turns the direction of writing.
func IsLine(text string) bool {
	marks, before, seen := 0, rune(0), false
	for _, r := range text {
		picture := unicode.In(before, unicode.So, unicode.Sk) || before == '\ufe0f'
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if isHidden(r) && (r != '\u200d' || !picture) || marks > marksLimit {
			return false
		}
		seen = seen || unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
		before = r
	}
	return seen
}

// marksLimit is how many accents one letter of a name may bear: what bears more runs into the lines around it.
const marksLimit = 3

// isHidden is true for control and format characters, and for letters that have no picture.
func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || strings.ContainsRune("\u115f\u1160\u2800\u3164\uffa0", r)
}

// IsColor is true for a colour as programs have them, #0a7d5a.
func IsColor(color string) bool { return colorPattern.MatchString(color) }

// Spoken is texts in the languages that are shown.
func Spoken(texts map[string]string) map[string]string {
	shown := maps.Clone(texts)
	maps.DeleteFunc(shown, func(language, _ string) bool { return !slices.Contains(languages, language) })
	return shown
}

// Resource is the name of a project file among the bundle's resources.
func Resource(path string) string {
	return "res/" + strings.TrimPrefix(strings.TrimPrefix(path, "./"), "/")
}

// ParseManifest parses and judges manifest.json; appid "" takes whatever it says. Findings with severity
// "error" mean that it cannot be used.
func ParseManifest(source []byte, appid string, policy Policy) (Manifest, []weapp.Finding) {
	var m Manifest
	if source == nil {
		return m, []weapp.Finding{{
			File: manifestFile, Severity: weapp.SeverityError, Code: "manifest_missing",
			Message: "The package has no manifest.json; it needs at least app_id and name.",
		}}
	}
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	judge := inspection{source: source, policy: policy}
	if len(source) > manifestLimit {
		judge.say(weapp.SeverityError, "", "manifest_too_large", "manifest.json must have at most %d bytes.", manifestLimit)
		return m, judge.findings
	}
	if err := json.Unmarshal(source, &m); err != nil {
		judge.broken(err)
		return Manifest{}, judge.findings
	}
	// A member that stands twice would be read differently by different readers.
	var whole any
	if err := strictjson.Unmarshal(source, &whole); err != nil {
		judge.ambiguous(err)
		return Manifest{}, judge.findings
	}
	judge.identity(m, appid)
	judge.texts(m)
	judge.looks(m)
	judge.permissions(m)
	judge.reasons(m)
	judge.domains(m)
	judge.hooks(m)
	judge.boards(m)
	return m, judge.findings
}

// inspection collects what is wrong with one manifest, and where.
type inspection struct {
	source   []byte
	policy   Policy
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
	message := "This is not JSON: " + strings.TrimPrefix(err.Error(), "json: ") + "."
	if kind != nil {
		message = fmt.Sprintf("The member %s cannot be a %s.", kind.Field, kind.Value)
	}
	line, column := position(i.source, int(offset))
	i.findings = append(i.findings, weapp.Finding{
		File: manifestFile, Line: line, Column: column, Severity: weapp.SeverityError, Code: "manifest_json", Message: short(message, maxMessage),
	})
}

func (i *inspection) ambiguous(err error) {
	finding := weapp.Finding{File: manifestFile, Line: 1, Column: 1, Severity: weapp.SeverityError, Code: "manifest_json", Message: short(err.Error(), maxMessage)}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		finding.Line, finding.Column = position(i.source, int(syntax.ByteOffset))
		finding.Message = short(syntax.Err.Error()+" at "+string(syntax.JSONPointer), maxMessage)
	}
	i.findings = append(i.findings, finding)
}

// say adds a finding at the first place where the member's name stands in the text.
func (i *inspection) say(severity, member, code, format string, args ...any) {
	finding := weapp.Finding{File: manifestFile, Line: 1, Column: 1, Severity: severity, Code: code, Message: short(fmt.Sprintf(format, args...), maxMessage)}
	if at := bytes.Index(i.source, []byte(`"`+member+`"`)); at >= 0 {
		finding.Line, finding.Column = position(i.source, at)
	}
	i.findings = append(i.findings, finding)
}

func (i *inspection) identity(m Manifest, appid string) {
	switch {
	case appid != "" && m.AppID != appid:
		i.say(weapp.SeverityError, "app_id", "manifest_app_id", "app_id is %q but the package was sent to %q.", m.AppID, appid)
	case appid == "" && !IsAppID(m.AppID):
		i.say(weapp.SeverityError, "app_id", "manifest_app_id", "app_id must have 2 to 63 small letters, digits, dots, dashes and underscores, and start with a letter or digit.")
	}
	if !IsName(m.Name) {
		i.say(weapp.SeverityError, "name", "manifest_name", "name must have 1 to 60 characters, none of them invisible.")
	}
	if m.Version.Code < 0 {
		i.say(weapp.SeverityError, "code", "manifest_version", "version.code must not be negative.")
	}
	if len([]rune(m.Version.Name)) > 40 {
		i.say(weapp.SeverityError, "version", "manifest_version", "version.name must have at most 40 characters.")
	}
	if m.Plaza.Kind != "" && !slices.Contains([]string{KindApp, KindGame, KindWeb}, m.Plaza.Kind) {
		i.say(weapp.SeverityError, "kind", "manifest_kind", "x_plaza.kind must be app, game or web.")
	}
}

func (i *inspection) texts(m Manifest) {
	if len([]rune(m.Description)) > 500 {
		i.say(weapp.SeverityError, "description", "manifest_description", "description must have at most 500 characters.")
	}
	for _, language := range slices.Sorted(maps.Keys(m.Plaza.Names)) {
		if !IsName(m.Plaza.Names[language]) {
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
	if len(m.Plaza.Keywords) > MaxKeywords {
		i.say(weapp.SeverityError, "keywords", "manifest_keywords", "There may be at most %d keywords.", MaxKeywords)
	}
	for n, word := range m.Plaza.Keywords {
		if trimmed := strings.TrimSpace(word); !IsName(word) || len([]rune(trimmed)) > 30 || slices.Contains(m.Plaza.Keywords[:n], word) {
			i.say(weapp.SeverityError, word, "manifest_keywords", "The keyword %q must have 1 to 30 characters and stand once.", word)
		}
	}
}

func (i *inspection) looks(m Manifest) {
	if m.Plaza.Color != "" && !colorPattern.MatchString(m.Plaza.Color) {
		i.say(weapp.SeverityError, "color", "manifest_color", "x_plaza.color must look like #0a7d5a.")
	}
	if m.Plaza.Category != "" {
		if !categoryPattern.MatchString(m.Plaza.Category) {
			i.say(weapp.SeverityError, "category", "manifest_category", "x_plaza.category must be one small word.")
		} else if _, ok := i.policy.Category(m.Plaza.Category); !ok {
			i.say(weapp.SeverityError, "category", "manifest_category", "There is no category %q; they are %s.", m.Plaza.Category, i.categories())
		}
	}
	if m.Plaza.Icon != "" && !iconPattern.MatchString(m.Plaza.Icon) {
		i.say(weapp.SeverityError, "icon", "manifest_icon", "x_plaza.icon must be a name of the icon set; a picture goes under icons.")
	}
	if len(m.Icons) > 0 && iconAddress+len(m.AppID)+len(Resource(m.Icons[0].Src))-len("res/") > iconLimit {
		i.say(weapp.SeverityError, "icons", "manifest_icon", "The path of the first icon is too long.")
	}
	if len(m.Plaza.Screenshots) > MaxScreenshots {
		i.say(weapp.SeverityError, "screenshots", "manifest_screenshots", "There may be at most %d screenshots.", MaxScreenshots)
	}
}

func (i *inspection) categories() string {
	ids := make([]string, 0, len(i.policy.Categories))
	for _, c := range i.policy.Categories {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, ", ")
}

func (i *inspection) language(member, language string) {
	if !slices.Contains(languages, language) {
		i.say(weapp.SeverityWarning, member, "manifest_language", "x_plaza.%s.%s is not shown: the languages are %s.", member, language, strings.Join(languages, ", "))
	}
}

func (i *inspection) permissions(m Manifest) {
	for n, scope := range m.Plaza.Scopes {
		if !slices.Contains(Scopes(), scope) {
			i.say(weapp.SeverityError, scope, "manifest_scope", "There is no scope %q; the scopes are %s.", scope, strings.Join(Scopes(), ", "))
		}
		if slices.Contains(m.Plaza.Scopes[:n], scope) {
			i.say(weapp.SeverityError, scope, "manifest_scope", "The scope %q is listed twice.", scope)
		}
	}
}

func (i *inspection) domains(m Manifest) {
	all := m.Plaza.Domains.All()
	for _, host := range all {
		if !domainPattern.MatchString(host) {
			i.say(weapp.SeverityError, host, "manifest_domain", "%q is no host: write it like api.example.com, without https:// and without path.", host)
		}
	}
	if i.policy.Limits.Domains > 0 && len(all) > i.policy.Limits.Domains {
		i.say(weapp.SeverityError, "domains", "too_many_domains", "A program may name at most %d hosts.", i.policy.Limits.Domains)
	}
}

// position is the 1-based line and column, in characters, of a byte offset.
func position(source []byte, offset int) (line, column int) {
	before := source[:min(max(offset, 0), len(source))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1
}
