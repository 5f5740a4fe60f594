package weapp

import (
	"context"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

const (
	classPlaceholder = "__S__" // before a class name; the frame puts the scope's prefix there
	hostPlaceholder  = "__H__" // the scope's host
	hostSelector     = `[wx-host="` + hostPlaceholder + `"]`
	elementPrefix    = "wx-" // every element has it, so that no sheet meets a tag of HTML
	maxSheetImports  = 500
	maxSheetBytes    = 4 << 20
)

// token is one token of a sheet with its place.
type token struct {
	kind   css.TokenType
	text   string
	offset int
}

// sheet writes one sheet with everything that it imports.
type sheet struct {
	*project
	ctx     context.Context
	out     strings.Builder
	imports int
	over    bool     // it imports too much, or the context has ended: the rest is left out
	inside  []string // the files being written, outermost first
}

// sheetFile is the walk over one file of a sheet.
type sheetFile struct {
	*sheet
	name   string
	source string
	tokens []token
	at     int
	lines  []int // where lines begin, once something was said of the file
}

// place is where the byte at offset stands. A sheet may be wrong in each of its tokens, so lines are counted once.
func (f *sheetFile) place(offset int) place {
	if f.lines == nil {
		f.lines = lineStarts(f.source)
	}
	line, found := slices.BinarySearch(f.lines, offset)
	if !found {
		line--
	}
	from := f.lines[line]
	// In a minified line of a megabyte bytes are near enough.
	column := offset - from
	if column < maxCounted {
		column = utf8.RuneCountInString(f.source[from:offset])
	}
	return place{file: f.name, line: line + 1, column: column + 1}
}

const maxCounted = 2_000

// style compiles a sheet to CSS with the two placeholders.
func (p *project) style(ctx context.Context, name string) string {
	s := &sheet{project: p, ctx: ctx}
	s.file(name, place{file: name})
	return s.out.String()
}

// appStyle compiles the program's sheet, behind that of a library that it was lent.
func (p *project) appStyle(ctx context.Context) string {
	s := &sheet{project: p, ctx: ctx}
	if p.weui {
		s.file(weuiSheet, place{file: "app.json"})
	}
	if _, ok := p.files["app.wxss"]; ok {
		s.file("app.wxss", place{file: "app.wxss"})
	}
	return s.out.String()
}

// file writes one file into the sheet.
func (s *sheet) file(name string, from place) {
	if s.over = s.over || s.ctx.Err() != nil; s.over {
		return
	}
	source, ok := s.files[name]
	if !ok {
		s.report.fail("missing_import", from, "There is no sheet %s.", name)
		return
	}
	s.used[name] = true
	if s.imports++; s.imports > maxSheetImports || s.out.Len() > maxSheetBytes {
		s.over = true
		s.report.fail("too_many_imports", from, "The sheet imports too much.")
		return
	}
	for _, outer := range s.inside {
		if outer == name {
			s.report.warn("import_cycle", from, "%s imports itself, directly or by others.", name)
			return
		}
	}
	for _, reserved := range []string{classPlaceholder, hostPlaceholder} {
		if at := strings.Index(source, reserved); at >= 0 {
			s.report.fail("reserved_name", position(name, source, at), "%s is reserved.", reserved)
			return
		}
	}
	s.inside = append(s.inside, name)
	f := &sheetFile{sheet: s, name: name, source: source, tokens: tokens(source)}
	f.rules(0)
	s.inside = s.inside[:len(s.inside)-1]
}

// tokens splits a source; comments are left out, since nobody reads the output.
func tokens(source string) []token {
	lexer := css.NewLexer(parse.NewInputString(source))
	var out []token
	for offset := 0; ; {
		kind, text := lexer.Next()
		if kind == css.ErrorToken && len(text) == 0 {
			return out
		}
		if kind != css.CommentToken && kind != css.CDOToken && kind != css.CDCToken {
			out = append(out, token{kind, string(text), offset})
		}
		offset += len(text)
	}
}

func (f *sheetFile) fail(offset int, message string) {
	f.report.fail("sheet_syntax", f.place(offset), "%s", message)
}

// rules writes rules up to the closing brace of the block that they stand in, or to the end of the file.
func (f *sheetFile) rules(depth int) {
	for f.at < len(f.tokens) && !f.over {
		t := f.tokens[f.at]
		switch t.kind {
		case css.WhitespaceToken, css.SemicolonToken:
			f.at++
		case css.RightBraceToken:
			if depth > 0 {
				return
			}
			f.fail(t.offset, "There is a } without a {.")
			f.at++
		case css.AtKeywordToken:
			f.atRule(depth)
		default:
			f.rule(depth)
		}
	}
}

// prelude takes the tokens up to one of the kinds and gives them without it, and its kind; ErrorToken is the
// end of the file.
func (f *sheetFile) prelude(until ...css.TokenType) ([]token, css.TokenType) {
	from, brackets := f.at, 0
	for ; f.at < len(f.tokens); f.at++ {
		kind := f.tokens[f.at].kind
		switch kind {
		case css.LeftParenthesisToken, css.FunctionToken, css.LeftBracketToken:
			brackets++
		case css.RightParenthesisToken, css.RightBracketToken:
			brackets = max(brackets-1, 0)
		}
		for _, stop := range until {
			// A brace ends a prelude also inside of brackets, or one missing bracket would eat the sheet.
			if kind == stop && (brackets == 0 || kind == css.LeftBraceToken || kind == css.RightBraceToken) {
				f.at++
				return f.tokens[from : f.at-1], kind
			}
		}
	}
	return f.tokens[from:], css.ErrorToken
}

// atRule writes one rule that begins with @.
func (f *sheetFile) atRule(depth int) {
	name := strings.ToLower(f.tokens[f.at].text)
	start := f.tokens[f.at].offset
	f.at++
	from := f.at
	prelude, stop := f.prelude(css.SemicolonToken, css.LeftBraceToken, css.RightBraceToken)
	if stop == css.RightBraceToken {
		f.at-- // the block around it ends here
	}
	plain := strings.TrimLeft(name, "@")
	if plain == "import" && stop == css.LeftBraceToken {
		// Without a semicolon it ends with its line, as WeChat reads it; what follows is a rule.
		prelude = f.line(from)
	}
	switch plain {
	case "import":
		f.importRule(prelude, start)
		return
	case "charset", "namespace":
		return
	}
	f.out.WriteString(name)
	f.values(prelude)
	if stop != css.LeftBraceToken {
		f.out.WriteString(";")
		return
	}
	f.out.WriteString("{")
	switch {
	case strings.HasSuffix(plain, "keyframes"):
		f.raw(start)
		return
	case plain == "media" || plain == "supports" || plain == "layer" || plain == "container" || strings.HasSuffix(plain, "document"):
		if depth >= MaxNesting {
			f.fail(start, "The rules are nested too deeply.")
			f.at = len(f.tokens)
			return
		}
		f.rules(depth + 1)
		f.closeBlock(start)
	default: // @font-face, @page …
		f.declarations(start, depth)
	}
}

// line takes the tokens from one on up to the end of the line that it is in.
func (f *sheetFile) line(from int) []token {
	for f.at = from; f.at < len(f.tokens); f.at++ {
		if t := f.tokens[f.at]; f.at > from && t.kind == css.WhitespaceToken && strings.Contains(t.text, "\n") {
			break
		}
	}
	return f.tokens[from:f.at]
}

// closeBlock takes and writes the brace that ends a block.
func (f *sheetFile) closeBlock(start int) {
	if f.at >= len(f.tokens) {
		f.fail(start, "The block of this rule is not closed.")
		return
	}
	f.at++
	f.out.WriteString("}")
}

// raw writes a block as it is, but for lengths and addresses: the block of @keyframes.
func (f *sheetFile) raw(start int) {
	for depth := 1; f.at < len(f.tokens); f.at++ {
		switch f.tokens[f.at].kind {
		case css.LeftBraceToken:
			depth++
		case css.RightBraceToken:
			if depth--; depth == 0 {
				f.closeBlock(start)
				return
			}
		}
		f.value(f.tokens[f.at])
	}
	f.closeBlock(start)
}

// importRule writes the imported file, in a media query if the import has one.
func (f *sheetFile) importRule(prelude []token, start int) {
	at := f.place(start)
	target := ""
	for len(prelude) > 0 && target == "" {
		switch prelude[0].kind {
		case css.StringToken:
			target = unquote(prelude[0].text)
		case css.URLToken:
			target = address(prelude[0].text)
		case css.WhitespaceToken:
		default:
			f.fail(start, "This import has no address.")
			return
		}
		prelude = prelude[1:]
	}
	if remote.MatchString(target) {
		f.report.warn("remote_url", at, "Sheets from elsewhere are not loaded: %s", target)
		return
	}
	file := inside(path.Dir(f.name), target)
	if strings.HasPrefix(target, "/") {
		file = inside("", target)
	}
	if path.Ext(file) == "" {
		file += ".wxss"
	}
	var media strings.Builder
	for _, t := range prelude {
		media.WriteString(t.text)
	}
	if query := strings.TrimSpace(media.String()); query != "" {
		f.out.WriteString("@media " + query + "{")
		defer f.out.WriteString("}")
	}
	f.file(file, at)
}

// rule writes a selector and its declarations.
func (f *sheetFile) rule(depth int) {
	start := f.tokens[f.at].offset
	prelude, stop := f.prelude(css.LeftBraceToken, css.RightBraceToken)
	if stop != css.LeftBraceToken {
		f.fail(start, "This selector has no block.")
		if stop == css.RightBraceToken {
			f.at--
			if depth == 0 {
				f.at++
			}
		}
		return
	}
	f.selector(prelude)
	f.out.WriteString("{")
	f.declarations(start, depth)
}

// declarations writes what stands between the braces of a rule: declarations and, if need be, rules in it.
func (f *sheetFile) declarations(start, depth int) {
	for {
		for f.at < len(f.tokens) && (f.tokens[f.at].kind == css.WhitespaceToken || f.tokens[f.at].kind == css.SemicolonToken) {
			f.at++
		}
		if f.at >= len(f.tokens) || f.tokens[f.at].kind == css.RightBraceToken {
			f.closeBlock(start)
			return
		}
		if f.tokens[f.at].kind == css.AtKeywordToken {
			f.atRule(depth + 1)
			continue
		}
		begin := f.tokens[f.at].offset
		part, stop := f.prelude(css.SemicolonToken, css.LeftBraceToken, css.RightBraceToken)
		if stop != css.LeftBraceToken {
			f.values(part)
			f.out.WriteString(";")
			if stop == css.RightBraceToken {
				f.at--
			}
			continue
		}
		if depth >= MaxNesting {
			f.fail(begin, "The rules are nested too deeply.")
			f.at = len(f.tokens)
			return
		}
		f.selector(part)
		f.out.WriteString("{")
		f.declarations(begin, depth+1)
	}
}

// selector writes a selector: classes and elements get their prefixes, :host its attribute.
func (f *sheetFile) selector(tokens []token) {
	for len(tokens) > 0 && tokens[len(tokens)-1].kind == css.WhitespaceToken {
		tokens = tokens[:len(tokens)-1]
	}
	brackets := 0
	literal := []bool{false} // for each open parenthesis: whether it holds words and not selectors
	for i, t := range tokens {
		before, prior := token{}, token{}
		if i > 0 {
			before = tokens[i-1]
		}
		if i > 1 {
			prior = tokens[i-2]
		}
		switch t.kind {
		case css.LeftBracketToken:
			brackets++
		case css.RightBracketToken:
			brackets = max(brackets-1, 0)
		case css.FunctionToken:
			literal = append(literal, !selectorFunction(t.text))
			if t.text == "host(" && before.kind == css.ColonToken {
				f.out.WriteString(hostSelector + ":is(")
				continue
			}
		case css.LeftParenthesisToken:
			literal = append(literal, true)
		case css.RightParenthesisToken:
			literal = literal[:max(len(literal)-1, 1)]
		case css.IdentToken:
			f.identifier(t, before, prior, brackets > 0 || literal[len(literal)-1])
			continue
		case css.ColonToken:
			if i+1 < len(tokens) && hostOrRoot(tokens[i+1].text) && before.kind != css.ColonToken {
				continue // identifier writes it
			}
		case css.BadStringToken, css.BadURLToken, css.SemicolonToken:
			f.fail(t.offset, "This is no selector.")
			return
		}
		f.out.WriteString(t.text)
	}
}

func hostOrRoot(name string) bool { return name == "host" || name == "host(" || name == "root" }

// selectorFunction says whether the arguments of a pseudo class are selectors.
func selectorFunction(name string) bool {
	switch strings.ToLower(name) {
	case "not(", "is(", "where(", "has(", "matches(", "host(", "host-context(", "slotted(", "-webkit-any(":
		return true
	}
	return false
}

// identifier writes a name in a selector.
func (f *sheetFile) identifier(t, before, prior token, verbatim bool) {
	switch {
	case before.kind == css.ColonToken && t.text == "host" && prior.kind != css.ColonToken:
		f.out.WriteString(hostSelector)
	case before.kind == css.ColonToken && t.text == "root" && prior.kind != css.ColonToken:
		f.out.WriteString(elementPrefix + "page")
	case verbatim || before.kind == css.ColonToken:
		f.out.WriteString(t.text)
	case before.kind == css.DelimToken && before.text == ".":
		f.out.WriteString(classPlaceholder + t.text)
	case strings.HasPrefix(t.text, elementPrefix):
		f.out.WriteString(t.text)
	case t.text == "body" || t.text == "html":
		f.out.WriteString(elementPrefix + "page")
	default:
		f.out.WriteString(elementPrefix + t.text)
	}
}
