package weapp

import "strings"

// The template compiler has a small fixed stack, and esbuild a recursion per nested expression whose end is
// the end of the process. So sources are measured before either of them reads them. Both measures look at
// characters, not at grammar: they may refuse what nobody writes, and must not let deep nesting through.
const (
	maxBrackets = 100   // brackets inside each other within one {{ }}
	maxOpen     = 8_000 // tokens of a script that may make a parser recurse and are not closed yet
	arrowWeight = 20    // esbuild's work grows with the square of nested functions
	maxQuoted   = 1_000 // brackets inside each other in a string, lest a quote hides them
)

// nestingOfTemplate gives the offset at which a WXML source is nested too deeply, or -1.
func nestingOfTemplate(source string) int {
	depth := 0
	for i := 0; i < len(source); {
		rest := source[i:]
		switch {
		case strings.HasPrefix(rest, "<!--"):
			i += end(rest, "-->")
		case strings.HasPrefix(rest, "{{"):
			length := end(rest, "}}")
			if at := nestingOfExpression(rest[:length]); at >= 0 {
				return i + at
			}
			i += length
		case strings.HasPrefix(rest, "</"):
			depth = max(depth-1, 0)
			i += 2
		case rest[0] == '<' && len(rest) > 1 && rest[1] != ' ':
			length, closed, bad := tag(rest)
			if bad >= 0 {
				return i + bad
			}
			if !closed {
				depth++
			}
			if depth > MaxNesting {
				return i
			}
			i += length
		default:
			i++
		}
	}
	return -1
}

// elementBeyond gives the offset of the element after the first limit ones, or -1. What looks like a tag counts.
func elementBeyond(source string, limit int) int {
	for i, count := 0, 0; ; i++ {
		next := strings.IndexByte(source[i:], '<')
		if next < 0 || i+next+1 >= len(source) {
			return -1
		}
		i += next
		if c := source[i+1]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			if count++; count > limit {
				return i
			}
		}
	}
}

// tag measures a start tag: its length, whether it closes itself, and where an expression in it is too deep.
// The text of a wxs element belongs to the tag: there "<" is an operator.
func tag(source string) (length int, closed bool, bad int) {
	quote := byte(0)
	i := 1
	for ; i < len(source); i++ {
		switch c := source[i]; {
		case strings.HasPrefix(source[i:], "{{"):
			length := end(source[i:], "}}")
			if at := nestingOfExpression(source[i : i+length]); at >= 0 {
				return 0, false, i + at
			}
			i += length - 1
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			closed = source[i-1] == '/'
			i++
			if name := source[1:i]; strings.HasPrefix(name, "wxs") && !closed {
				i += strings.Index(source[i:]+"</wxs", "</wxs")
			}
			return i, closed, -1
		}
	}
	return i, false, -1
}

// nestingOfExpression gives the offset at which a binding has too many brackets, or too many operators that
// nest without one, or -1.
func nestingOfExpression(source string) int {
	depth, operators := 0, 0
	for i := 0; i < len(source); i++ {
		switch source[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '!', '~', '-', '+', '?', '.', '*', '/', '%', '&', '|', '<', '>', '=':
			operators++
		case ',':
			operators = 0
		}
		if depth > maxBrackets || operators > 10*maxBrackets {
			return i
		}
	}
	return -1
}

// end is how long source is up to and with the mark; all of it if the mark is missing.
func end(source, mark string) int {
	if i := strings.Index(source, mark); i >= 0 {
		return i + len(mark)
	}
	return len(source)
}

// scriptNesting walks over JavaScript or TypeScript and keeps, for every open bracket, how many tokens since
// the last separator may have made a parser recurse.
type scriptNesting struct {
	source string
	at     int
	open   []byte // brackets; '`' for the expression in a template literal
	counts []int  // one for the top and one for each bracket
	total  int    // the sum of counts
	last   byte   // the last byte that is not white space; 'a' for a word that ends an operand
}

// nestingOfScript gives the offset at which a script is nested too deeply, or -1.
func nestingOfScript(source string) int {
	s := &scriptNesting{source: source, counts: []int{0}, last: ';'}
	for s.at < len(source) {
		from := s.at
		if !s.step() || s.total > maxOpen || len(s.open) > MaxNesting {
			return from
		}
	}
	return -1
}

// step walks over one token; false means that a literal is nested too deeply.
func (s *scriptNesting) step() bool {
	c, rest := s.source[s.at], s.source[s.at:]
	switch {
	case c == '\n' || c == ' ' || c == '\t' || c == '\r':
		if c == '\n' && s.endsStatement() {
			s.separate()
		}
		s.at++
		return true
	case strings.HasPrefix(rest, "//"):
		s.at += end(rest, "\n") - 1
		if s.at == len(s.source)-1 {
			s.at++
		}
		return true
	case strings.HasPrefix(rest, "/*"):
		s.at += end(rest, "*/")
		return true
	case c == '"' || c == '\'' || c == '`':
		return s.literal(c)
	case c == '/' && !s.operandBefore():
		return s.literal(c)
	case wordByte(c):
		s.word()
		return true
	}
	s.punctuation(c)
	return true
}

// punctuation counts brackets and operators.
func (s *scriptNesting) punctuation(c byte) {
	s.at++
	switch c {
	case '(', '[', '{':
		s.count(1)
		s.push(c)
	case ')', ']', '}':
		if s.pop() {
			s.literalRest() // the expression in a template literal is over
			return
		}
	case ';', ',':
		s.separate()
	case '>':
		if s.last == '=' {
			s.count(arrowWeight)
		}
	case '+', '-':
		if !s.operandBefore() {
			s.count(1)
		}
	default:
		s.count(1)
	}
	s.last = c
}

func (s *scriptNesting) count(n int) {
	s.counts[len(s.counts)-1] += n
	s.total += n
}

func (s *scriptNesting) separate() {
	top := len(s.counts) - 1
	s.total -= s.counts[top]
	s.counts[top] = 0
}

func (s *scriptNesting) push(c byte) {
	s.open = append(s.open, c)
	s.counts = append(s.counts, 0)
}

// pop closes a bracket and says whether it was the one of an expression in a template literal.
func (s *scriptNesting) pop() bool {
	if len(s.open) == 0 {
		return false
	}
	s.separate()
	kind := s.open[len(s.open)-1]
	s.open, s.counts = s.open[:len(s.open)-1], s.counts[:len(s.counts)-1]
	return kind == '`'
}

// word walks over an identifier, a keyword or a number.
func (s *scriptNesting) word() {
	from := s.at
	for s.at < len(s.source) && wordByte(s.source[s.at]) {
		s.at++
	}
	switch s.source[from:s.at] {
	case "return", "typeof", "void", "delete", "new", "await", "yield", "in", "of", "instanceof", "case",
		"throw", "else", "do", "extends", "if", "for", "while", "with", "function", "class":
		s.count(1)
		s.last = '('
	default:
		s.last = 'a'
	}
}

// endsStatement says whether a line break here ends the statement: something complete stands before it and
// what follows cannot go on with it.
func (s *scriptNesting) endsStatement() bool {
	if s.last == ')' || !s.operandBefore() && s.last != '}' {
		return false
	}
	rest := strings.TrimLeft(s.source[s.at:], " \t\r\n")
	for _, word := range []string{"else", "in", "of", "instanceof", "while", "catch", "finally"} {
		if strings.HasPrefix(rest, word) {
			return false
		}
	}
	return rest == "" || wordByte(rest[0]) || rest[0] == '}' || rest[0] == '@'
}

func (s *scriptNesting) operandBefore() bool {
	return s.last == 'a' || s.last == ')' || s.last == ']' || s.last == '"'
}

// literal walks over a string, a template literal or a regular expression.
func (s *scriptNesting) literal(quote byte) bool {
	s.at++
	if quote == '`' {
		return s.literalRest()
	}
	depth, class := 0, false
	for ; s.at < len(s.source); s.at++ {
		switch c := s.source[s.at]; {
		case c == '\\':
			s.at++
		case c == '\n':
			s.last = '"'
			return true
		case c == quote && (quote != '/' || !class):
			s.at++
			s.last = '"'
			return true
		case quote == '/' && (c == '[' || c == ']'):
			class = c == '['
		case c == '(' || c == '[' || c == '{':
			if depth++; depth > maxQuoted {
				return false
			}
		case c == ')' || c == ']' || c == '}':
			depth = max(depth-1, 0)
		}
	}
	return true
}

// literalRest walks on in a template literal up to its end or its next expression.
func (s *scriptNesting) literalRest() bool {
	for ; s.at < len(s.source); s.at++ {
		switch {
		case s.source[s.at] == '\\':
			s.at++
		case s.source[s.at] == '`':
			s.at++
			s.last = '"'
			return true
		case strings.HasPrefix(s.source[s.at:], "${"):
			s.at += 2
			s.count(1)
			s.push('`')
			s.last = '('
			return true
		}
	}
	return true
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}
