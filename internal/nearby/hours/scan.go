package hours

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is.
type kind int

const (
	end kind = iota
	number
	sign    // one of , ; : . - + / ( ) [ ] & and the pair ||
	comment // "…"
	weekday // value 0 is Sunday
	month   // value 1 is January
	state   // value is a State
	event   // value is the minute of the day at which it is taken to be
	name    // a word with a meaning of its own: easter, week, day, ph, sh, am, pm, h, daily …
)

// token is a piece of a value.
type token struct {
	kind   kind
	text   string
	value  int
	digits int  // of a number
	spaced bool // there is a space before it
	at     int
}

// is tells whether the token is that sign or name.
func (t token) is(text string) bool { return (t.kind == sign || t.kind == name) && t.text == text }

// alike are signs that are typed for others.
var alike = map[rune]string{
	'–': "-", '—': "-", '‐': "-", '‑': "-", '−': "-", '~': "-", '～': "-", '－': "-", '至': "-", '到': "-",
	'，': ",", '、': ",", '；': ";", '：': ":", '．': ".", '（': "(", '）': ")", '&': ",", '＋': "+", '／': "/",
}

// scan takes a value apart.
func scan(value string) ([]token, error) {
	var tokens []token
	spaced := false
	for at := 0; at < len(value); {
		r, size := utf8.DecodeRuneInString(value[at:])
		found := token{at: at, spaced: spaced}
		spaced = false
		switch {
		case unicode.IsSpace(r):
			spaced = true
			at += size
			continue
		case r >= '0' && r <= '9':
			at = scanNumber(value, at, &found)
		case r == '"' || r == '“' || r == '”' || r == '„':
			closing := strings.IndexAny(value[at+size:], `"“”`)
			if closing < 0 {
				return nil, &SyntaxError{at, "a comment without its closing quote"}
			}
			found.kind, found.text = comment, value[at+size:at+size+closing]
			_, last := utf8.DecodeRuneInString(value[at+size+closing:])
			at += size + closing + last
		case unicode.IsLetter(r) && alike[r] == "":
			at = scanWord(value, at, &found)
			if found.kind == end {
				return nil, &SyntaxError{found.at, "the word " + value[found.at:at] + " is not known"}
			}
		case strings.HasPrefix(value[at:], "||"):
			found.kind, found.text = sign, "||"
			at += 2
		case alike[r] != "":
			found.kind, found.text = sign, alike[r]
			at += size
		case strings.ContainsRune(",;:.-+/()[]", r):
			found.kind, found.text = sign, string(r)
			at += size
		default:
			return nil, &SyntaxError{at, "the sign " + string(r) + " has no meaning here"}
		}
		tokens = append(tokens, found)
	}
	return append(tokens, token{kind: end, at: len(value)}), nil
}

func scanNumber(value string, at int, found *token) int {
	begin := at
	for at < len(value) && value[at] >= '0' && value[at] <= '9' {
		if at-begin < 6 {
			found.value = found.value*10 + int(value[at]-'0')
		}
		at++
	}
	found.kind, found.digits = number, at-begin
	return at
}

// scanWord reads letters, the longest word that is known: "Mo-Fr" and "lundi", but also "Mo" of "Mo09:00".
func scanWord(value string, at int, found *token) int {
	begin := at
	for at < len(value) {
		r, size := utf8.DecodeRuneInString(value[at:])
		if !unicode.IsLetter(r) {
			break
		}
		at += size
		// Chinese words stand next to one another without spaces.
		if unicode.Is(unicode.Han, r) {
			if word, ok := words[value[begin:at]]; ok {
				found.kind, found.text, found.value = word.kind, word.text, word.value
				return at
			}
		}
	}
	if word, ok := words[strings.ToLower(value[begin:at])]; ok {
		found.kind, found.text, found.value = word.kind, word.text, word.value
	}
	return at
}
