package weapp

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// values writes tokens of a declaration or of a media query.
func (f *sheetFile) values(tokens []token) {
	for i, t := range tokens {
		if i == len(tokens)-1 && t.kind == css.WhitespaceToken {
			return
		}
		f.value(t)
	}
}

// value writes one token: rpx becomes vw, an address of the project becomes that of the resource.
func (f *sheetFile) value(t token) {
	switch t.kind {
	case css.DimensionToken:
		f.out.WriteString(dimension(t.text))
	case css.URLToken:
		f.url(t)
	case css.WhitespaceToken:
		f.out.WriteByte(' ')
	case css.BadStringToken, css.BadURLToken:
		f.fail(t.offset, "This string or address does not end.")
	default:
		f.out.WriteString(t.text)
	}
}

// dimension converts rpx, of which the screen's width has 750.
func dimension(text string) string {
	if len(text) < 4 || !strings.EqualFold(text[len(text)-3:], "rpx") {
		return text
	}
	number, err := strconv.ParseFloat(text[:len(text)-3], 64)
	if err != nil {
		return text
	}
	short := strconv.FormatFloat(number/7.5, 'f', 6, 64)
	return strings.TrimSuffix(strings.TrimRight(short, "0"), ".") + "vw"
}

var (
	remote = regexp.MustCompile(`^(?i:(https?|wss?|ftp|file|cloud):)?//`)
	inline = regexp.MustCompile(`^(?i:data:|blob:|about:|#|$)`)
)

func (f *sheetFile) url(t token) {
	target := address(t.text)
	if inline.MatchString(target) {
		f.out.WriteString(t.text)
		return
	}
	at := f.place(t.offset)
	if remote.MatchString(target) {
		f.report.warn("remote_url", at, "Pictures and fonts from elsewhere are not loaded: %s", target)
		f.out.WriteString(t.text)
		return
	}
	if i := strings.IndexAny(target, "?#"); i >= 0 {
		target = target[:i]
	}
	file := inside(path.Dir(f.name), target)
	if strings.HasPrefix(target, "/") {
		file = inside("", target)
	}
	if _, ok := f.files[file]; !ok {
		f.report.warn("missing_resource", at, "There is no file %s.", file)
	}
	f.out.WriteString("url(" + strconv.Quote(resourceRoot+file) + ")")
}

// address is what url(…) holds.
func address(text string) string {
	_, text, _ = strings.Cut(text, "(")
	return unquote(strings.TrimSpace(strings.TrimSuffix(text, ")")))
}

var cssEscape = regexp.MustCompile(`\\([^0-9a-fA-F\n])`)

// unquote takes the quotes off and undoes escapes of single characters.
func unquote(text string) string {
	if n := len(text); n >= 2 && (text[0] == '"' || text[0] == '\'') && text[n-1] == text[0] {
		text = text[1 : n-1]
	}
	return cssEscape.ReplaceAllString(text, "$1")
}
