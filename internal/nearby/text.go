package nearby

import (
	"strings"
	"unicode"

	"plaza.internal/plaza/internal/search"
)

const (
	// queryLimit is how many bytes of a search count.
	queryLimit = 120
	// needleLimit is how many words of a search count.
	needleLimit = 8
	// foldedLimit is how many bytes of a listing's words are kept.
	foldedLimit = 3_000
)

// folded is texts as searches compare them: each word with a space before it.
func folded(texts ...string) string {
	var out strings.Builder
	seen := map[string]bool{}
	for _, text := range texts {
		for _, word := range wordsOf(text) {
			if !seen[word] && out.Len()+len(word) < foldedLimit {
				seen[word] = true
				out.WriteByte(' ')
				out.WriteString(word)
			}
		}
	}
	return out.String()
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(search.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) })
}

// needles is what a listing's words must have to be found: the beginning of a word, or any part of a word of a script
// without spaces.
func needles(query string) []string {
	if len(query) > queryLimit {
		query = strings.ToValidUTF8(query[:queryLimit], "")
	}
	words := wordsOf(query)
	out := words[:min(len(words), needleLimit)]
	for i, word := range out {
		if !isDense(word) {
			out[i] = " " + word
		}
	}
	return out
}

// indexed is folded words for nearby_text: a word of a script without spaces becomes its signs and pairs of signs.
func indexed(folded string) string {
	var out []string
	for _, word := range strings.Fields(folded) {
		if !isDense(word) {
			out = append(out, word)
			continue
		}
		signs := []rune(word)
		for i := range signs {
			out = append(out, string(signs[i]))
			if i > 0 {
				out = append(out, string(signs[i-1:i+1]))
			}
		}
	}
	return strings.Join(out, " ")
}

// matching is the query of nearby_text for all words of a text. Words are quoted: nothing in them is an operator.
func matching(text string) string {
	words := wordsOf(text)
	var out []string
	for _, word := range words[:min(len(words), needleLimit)] {
		if !isDense(word) {
			out = append(out, `"`+word+`"*`)
			continue
		}
		signs := []rune(word)
		if len(signs) == 1 {
			out = append(out, `"`+word+`"`)
		}
		for i := 1; i < len(signs); i++ {
			out = append(out, `"`+string(signs[i-1:i+1])+`"`)
		}
	}
	return strings.Join(out, " AND ")
}

// oneLine is a text in one line, without what cannot be read in it: control characters, and signs that turn the
// direction of writing, by which one place could pass for another.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if (unicode.Is(unicode.Cc, r) && !unicode.IsSpace(r)) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}
