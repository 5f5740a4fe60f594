package query

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Rule is a security rule: an expression over auth, doc, request and now, such as doc._openid == auth.openid.
type Rule struct {
	eval   func(Facts) any
	source string
	owner  bool
}

// Facts are what a rule may look at.
type Facts struct {
	OpenID string
	Doc    Document                             // as it is kept; nil when it does not exist
	Data   Document                             // as it would be after the write; nil when nothing is written
	Now    string                               // a date
	Get    func(collection, id string) Document // another document; nil gives none
}

// Allows tells whether the rule is true. Whatever is not true refuses.
func (r Rule) Allows(facts Facts) bool { return r.eval != nil && r.eval(facts) == true }

// OwnerOnly tells whether the rule can only be true for the document's own person.
func (r Rule) OwnerOnly() bool { return r.owner }

func (r Rule) String() string { return r.source }

const (
	maxRule      = 1_000 // bytes
	maxRuleDepth = 30
	maxRuleGets  = 3 // other documents that one rule looks at (WeChat's own limit)
)

// ParseRule reads a rule. There are the literals of JSON, auth.openid, doc.…, request.data.…, now, another document
// by get(`database.NAME.${doc.x}`).…, and the operators == != > >= < <= in && || ! with parentheses and lists.
func ParseRule(source string) (Rule, error) {
	if len(source) > maxRule || !utf8.ValidString(source) {
		return Rule{}, fmt.Errorf("a rule has at most %d bytes", maxRule)
	}
	p := &ruleParser{rest: source}
	p.next()
	eval, err := p.or(0)
	if err == nil && p.token != "" {
		err = fmt.Errorf("%q is not expected", clip(p.token))
	}
	if err != nil {
		return Rule{}, fmt.Errorf("rule %q: %w", clip(source), err)
	}
	compact := strings.ReplaceAll(strings.ReplaceAll(source, " ", ""), "===", "==")
	owner := compact == "auth.openid==doc._openid" || compact == "doc._openid==auth.openid"
	return Rule{eval: eval, source: source, owner: owner}, nil
}

type ruleParser struct {
	rest, token string
	gets        int
	inside      bool // of the id of another document
}

type evaluate = func(Facts) any

var ruleOperators = []string{"===", "!==", "==", "!=", ">=", "<=", "&&", "||", ">", "<", "!", "(", ")", "[", "]", ",", "."}

// next takes the next token: an operator, a name, a number or a quoted text.
func (p *ruleParser) next() {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	p.token = ""
	if p.rest == "" {
		return
	}
	length := 0
	switch c := p.rest[0]; {
	case c == '"' || c == '\'' || c == '`':
		length = quoted(p.rest)
	case isWord(c):
		for length < len(p.rest) && (isWord(p.rest[length]) || p.rest[length] == '.' && c >= '0' && c <= '9') {
			length++
		}
	default:
		for _, operator := range ruleOperators {
			if strings.HasPrefix(p.rest, operator) {
				length = len(operator)
				break
			}
		}
		if length == 0 {
			_, length = utf8.DecodeRuneInString(p.rest)
		}
	}
	p.token, p.rest = p.rest[:length], p.rest[length:]
}

// quoted is the length of the text with its quotes; one that does not end takes all, and is refused as a value.
func quoted(source string) int {
	for i := 1; i < len(source); i++ {
		if source[i] == source[0] {
			return i + 1
		}
	}
	return len(source)
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (p *ruleParser) accept(token string) bool {
	if p.token != token {
		return false
	}
	p.next()
	return true
}

func (p *ruleParser) or(depth int) (evaluate, error) {
	left, err := p.and(depth)
	for err == nil && p.accept("||") {
		var right evaluate
		one := left
		right, err = p.and(depth)
		left = func(f Facts) any { return one(f) == true || right(f) == true }
	}
	return left, err
}

func (p *ruleParser) and(depth int) (evaluate, error) {
	left, err := p.compare(depth)
	for err == nil && p.accept("&&") {
		var right evaluate
		one := left
		right, err = p.compare(depth)
		left = func(f Facts) any { return one(f) == true && right(f) == true }
	}
	return left, err
}

func (p *ruleParser) compare(depth int) (evaluate, error) {
	left, err := p.unary(depth)
	if err != nil {
		return nil, err
	}
	operator := p.token
	holds, ok := ruleComparisons[operator]
	if !ok {
		return left, nil
	}
	p.next()
	right, err := p.unary(depth)
	return func(f Facts) any { return holds(left(f), right(f)) }, err
}

// ruleComparisons of values of different kinds do not hold, but for being unequal.
var ruleComparisons = map[string]func(a, b any) bool{
	"==": same, "===": same,
	"!=":  func(a, b any) bool { return !same(a, b) },
	"!==": func(a, b any) bool { return !same(a, b) },
	">":   func(a, b any) bool { return alike(a, b) && Compare(a, b) > 0 },
	">=":  func(a, b any) bool { return alike(a, b) && Compare(a, b) >= 0 },
	"<":   func(a, b any) bool { return alike(a, b) && Compare(a, b) < 0 },
	"<=":  func(a, b any) bool { return alike(a, b) && Compare(a, b) <= 0 },
	"in": func(a, b any) bool {
		list, _ := b.([]any)
		for _, element := range list {
			if same(a, element) {
				return true
			}
		}
		return false
	},
}

// same takes a field that is not there for null, but never holds between two such fields: what has no owner is
// nobody's.
func same(a, b any) bool {
	x, y := kindOf(a), kindOf(b)
	if x == kindMissing || y == kindMissing {
		return x+y == kindMissing+kindNull
	}
	return equal(a, b)
}

func alike(a, b any) bool { return Scalar(a) && kindOf(a) == kindOf(b) }

func (p *ruleParser) unary(depth int) (evaluate, error) {
	if depth++; depth > maxRuleDepth {
		return nil, fmt.Errorf("it is deeper than %d", maxRuleDepth)
	}
	if p.accept("!") {
		inner, err := p.unary(depth)
		return func(f Facts) any { return inner(f) != true }, err
	}
	if p.accept("(") {
		inner, err := p.or(depth)
		if err == nil && !p.accept(")") {
			err = fmt.Errorf("a ) is missing")
		}
		return inner, err
	}
	if p.accept("[") {
		return p.list(depth)
	}
	return p.value()
}

func (p *ruleParser) list(depth int) (evaluate, error) {
	var parts []evaluate
	for !p.accept("]") {
		if len(parts) > 0 && !p.accept(",") {
			return nil, fmt.Errorf("a ] is missing")
		}
		part, err := p.unary(depth)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return func(f Facts) any {
		out := make([]any, len(parts))
		for i, part := range parts {
			out[i] = part(f)
		}
		return out
	}, nil
}

func (p *ruleParser) value() (evaluate, error) {
	token := p.token
	p.next()
	constant := func(value any) (evaluate, error) { return func(Facts) any { return value }, nil }
	switch token {
	case "":
		return nil, fmt.Errorf("it ends too early")
	case "true", "false":
		return constant(token == "true")
	case "null", "undefined":
		return constant(nil)
	case "now":
		return func(f Facts) any { return f.Now }, nil
	case "auth", "doc", "request":
		return p.reference(token)
	case "get":
		return p.other()
	}
	if c := token[0]; c == '"' || c == '\'' {
		if len(token) < 2 || token[len(token)-1] != c || strings.Contains(token, `\`) {
			return nil, fmt.Errorf("the text %s does not end, or has a backslash", clip(token))
		}
		return constant(token[1 : len(token)-1])
	}
	number, err := strconv.ParseFloat(token, 64)
	if err != nil || token[0] < '0' || token[0] > '9' {
		return nil, fmt.Errorf("%q is unknown", clip(token))
	}
	return constant(number)
}

// other reads get(`database.NAME.ID`) and what is looked at in that document.
func (p *ruleParser) other() (evaluate, error) {
	if p.gets++; p.gets > maxRuleGets || p.inside {
		return nil, fmt.Errorf("a rule has at most %d get, none in another", maxRuleGets)
	}
	if !p.accept("(") {
		return nil, fmt.Errorf("get takes (`database.NAME.ID`)")
	}
	collection, id, err := p.address(p.token)
	if err != nil {
		return nil, err
	}
	p.next()
	if !p.accept(")") {
		return nil, fmt.Errorf("a ) is missing")
	}
	at, err := p.steps()
	return func(f Facts) any {
		name := id(f)
		if f.Get == nil || name == "" {
			return missing{}
		}
		return field(f.Get(collection, name), at)
	}, err
}

// address reads a quoted database.NAME.ID, in whose ID ${…} stands for a value. The collection is always written out.
func (p *ruleParser) address(token string) (collection string, id func(Facts) string, err error) {
	wrong := fmt.Errorf("get takes (`database.NAME.ID`), not %s", clip(token))
	if len(token) < 2 || !strings.ContainsRune("`\"'", rune(token[0])) || token[len(token)-1] != token[0] || strings.Contains(token, `\`) {
		return "", nil, wrong
	}
	rest, ok := strings.CutPrefix(token[1:len(token)-1], "database.")
	collection, rest, found := strings.Cut(rest, ".")
	if !ok || !found || !IsCollection(collection) || rest == "" {
		return "", nil, wrong
	}
	var parts []evaluate
	for rest != "" {
		before, inner, value := strings.Cut(rest, "${")
		parts = append(parts, func(Facts) any { return before })
		if rest = ""; value {
			inner, rest, ok = strings.Cut(inner, "}")
			nested := &ruleParser{rest: inner, inside: true}
			nested.next()
			part, err := nested.or(0)
			if err != nil || !ok || nested.token != "" {
				return "", nil, wrong
			}
			parts = append(parts, part)
		}
	}
	return collection, func(f Facts) string { return joined(parts, f) }, nil
}

// joined is the text of all parts; "" when one has none.
func joined(parts []evaluate, f Facts) string {
	var out strings.Builder
	for _, part := range parts {
		switch value := part(f).(type) {
		case string:
			out.WriteString(text(value))
		case float64:
			fmt.Fprint(&out, value) //nolint:errcheck // a builder takes everything
		default:
			return ""
		}
	}
	return out.String()
}

// reference reads .name or [0] after a root.
func (p *ruleParser) reference(root string) (evaluate, error) {
	at, err := p.steps()
	if err != nil {
		return nil, err
	}
	return referTo(root, at)
}

// steps reads .name and [0], as many as there are.
func (p *ruleParser) steps() (path, error) {
	var at path
	for len(at) <= MaxDepth {
		switch {
		case p.accept("."):
			at = append(at, p.token)
		case p.accept("["):
			at = append(at, strings.Trim(p.token, `"'`))
			p.next()
			if p.token != "]" {
				return nil, fmt.Errorf("a ] is missing")
			}
		default:
			return at, nil
		}
		if checkName(at[len(at)-1]) != nil {
			return nil, fmt.Errorf("%q is not a field", clip(at[len(at)-1]))
		}
		p.next()
	}
	return nil, fmt.Errorf("it is deeper than %d", MaxDepth)
}

func referTo(root string, at path) (evaluate, error) {
	switch {
	case root == "auth" && (at.String() == "openid" || at.String() == "uid"):
		return func(f Facts) any { return f.OpenID }, nil
	case root == "doc":
		return func(f Facts) any { return field(f.Doc, at) }, nil
	case root == "request" && len(at) > 0 && at[0] == "data":
		return func(f Facts) any { return field(f.Data, at[1:]) }, nil
	}
	return nil, fmt.Errorf("%s.%s is unknown", root, at)
}

func field(doc Document, at path) any {
	if doc == nil {
		return missing{}
	}
	return one(doc, at)
}
