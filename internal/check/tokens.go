package check

import "strings"

// A token of JavaScript or TypeScript. The checks look at tokens and not at a tree: they must say something
// about every file, also one that the compiler refuses, in one pass over it.
type token struct {
	kind       byte
	start, end int // of the source; of a string without its quotes
}

const (
	tokenWord   = 'w' // names and keywords
	tokenString = 's' // a string, or a piece of a template literal
	tokenSign   = 'p' // one byte of punctuation
	tokenNumber = 'n'
	tokenRegexp = 'r'
)

// maxTokens bounds the memory of one file's tokens; a megabyte of signs has more, and no program has.
const maxTokens = 600_000

// tokenizer walks over a source. The only ambiguity that matters is a slash, which begins a regular
// expression where an operand is expected; as in every such reading, a bracket before it is taken for the end
// of an operand.
type tokenizer struct {
	source    string
	at        int
	tokens    []token
	templates []int // how many braces are open in each template literal's expression
}

func tokens(source string) []token {
	t := &tokenizer{source: source, tokens: make([]token, 0, len(source)/4)}
	for t.at < len(source) && len(t.tokens) < maxTokens {
		t.step()
	}
	return t.tokens
}

func (t *tokenizer) step() {
	c, rest := t.source[t.at], t.source[t.at:]
	switch {
	case c == ' ' || c == '\n' || c == '\t' || c == '\r':
		t.at++
	case strings.HasPrefix(rest, "//"):
		t.at += until(rest, "\n")
	case strings.HasPrefix(rest, "/*"):
		t.at += until(rest, "*/")
	case c == '"' || c == '\'':
		t.quoted(c)
	case c == '`':
		t.at++
		t.template()
	case c == '/' && !t.afterOperand():
		t.regexp()
	case c >= '0' && c <= '9':
		t.run(tokenNumber)
	case isWordByte(c):
		t.run(tokenWord)
	case c == '}' && len(t.templates) > 0 && t.templates[len(t.templates)-1] == 0:
		t.templates = t.templates[:len(t.templates)-1]
		t.at++
		t.template()
	default:
		t.sign(c)
	}
}

func (t *tokenizer) sign(c byte) {
	if last := len(t.templates) - 1; last >= 0 {
		switch c {
		case '{':
			t.templates[last]++
		case '}':
			t.templates[last]--
		}
	}
	t.add(tokenSign, t.at, t.at+1)
	t.at++
}

func (t *tokenizer) add(kind byte, start, end int) {
	t.tokens = append(t.tokens, token{kind, start, end})
}

func (t *tokenizer) run(kind byte) {
	start := t.at
	for t.at < len(t.source) && (isWordByte(t.source[t.at]) || kind == tokenNumber && t.source[t.at] == '.') {
		t.at++
	}
	t.add(kind, start, t.at)
}

func (t *tokenizer) quoted(quote byte) {
	start := t.at + 1
	for t.at++; t.at < len(t.source); t.at++ {
		switch t.source[t.at] {
		case '\\':
			t.at++
		case quote, '\n':
			t.add(tokenString, start, t.at)
			t.at++
			return
		}
	}
	t.at = len(t.source)
	t.add(tokenString, min(start, t.at), t.at)
}

// template walks on in a template literal up to its end or its next expression.
func (t *tokenizer) template() {
	start := t.at
	for ; t.at < len(t.source); t.at++ {
		switch {
		case t.source[t.at] == '\\':
			t.at++
		case t.source[t.at] == '`':
			t.add(tokenString, start, t.at)
			t.at++
			return
		case strings.HasPrefix(t.source[t.at:], "${"):
			t.add(tokenString, start, t.at)
			t.templates = append(t.templates, 0)
			t.at += 2
			return
		}
	}
	t.at = len(t.source)
	t.add(tokenString, min(start, t.at), t.at)
}

func (t *tokenizer) regexp() {
	start, class := t.at, false
	for t.at++; t.at < len(t.source); t.at++ {
		switch c := t.source[t.at]; {
		case c == '\\':
			t.at++
		case c == '\n': // it was a division after all
			t.at = start
			t.sign('/')
			return
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			t.at++
			t.add(tokenRegexp, start, t.at)
			return
		}
	}
	t.at = start
	t.sign('/')
}

// afterOperand says whether what comes now cannot begin an expression.
func (t *tokenizer) afterOperand() bool {
	if len(t.tokens) == 0 {
		return false
	}
	last := t.tokens[len(t.tokens)-1]
	switch last.kind {
	case tokenWord:
		switch t.source[last.start:last.end] {
		case "return", "typeof", "void", "delete", "new", "await", "yield", "in", "of", "instanceof", "case", "throw", "else", "do":
			return false
		}
		return true
	case tokenSign:
		return t.source[last.start] == ')' || t.source[last.start] == ']' || t.source[last.start] == '}'
	}
	return true
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

// until is how long source is up to and with the mark; all of it if the mark is missing.
func until(source, mark string) int {
	if i := strings.Index(source, mark); i >= 0 {
		return i + len(mark)
	}
	return len(source)
}
