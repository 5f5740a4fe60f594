package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// prefixKeys is the longest beginning of a word that has a posting list of its own; longer ones have few words
	// behind them, which are looked up.
	prefixKeys = 5
	// wordLimit is how many characters of a word count.
	wordLimit = 24
	// needleLimit is how many words, or signs of a script without spaces, of a query count.
	needleLimit = 12
	// queryLimit is how many characters of a query are read at all.
	queryLimit = 120
)

// unfolded are letters that Unicode does not take apart although people type them as two, or as their neighbour.
var unfolded = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// Fold is the form in which texts are compared: no case, no accents, one width.
func Fold(text string) string { return fold(text) }

// fold is the form in which texts are compared: no case, no accents, one width.
func fold(text string) string {
	ascii := true
	for i := range len(text) {
		if text[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(text)
	}
	var out strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(unicode.ToLower(r))
		}
	}
	// Hangul comes apart like accents and must be whole again.
	return unfolded.Replace(norm.NFC.String(out.String()))
}

// dense tells scripts that are written without spaces, or whose words are looked for by their parts.
func dense(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// run is a word, or a stretch of a script without spaces.
type run struct {
	text  string
	dense bool
}

// runs takes a folded text apart. What is neither letter nor digit only separates.
func runs(folded string) []run {
	var found []run
	begin, inDense := -1, false
	end := func(at int) {
		if begin >= 0 {
			found = append(found, run{folded[begin:at], inDense})
		}
		begin = -1
	}
	for i, r := range folded {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != 'ー' {
			end(i)
			continue
		}
		if d := dense(r) || (inDense && r == 'ー'); begin < 0 || d != inDense {
			end(i)
			begin, inDense = i, d
		}
	}
	end(len(folded))
	return found
}

// clip is at most n characters of the text.
func clip(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// grams are the characters of a dense run, and its pairs of neighbours.
func grams(text string, each func(gram string)) {
	before := -1
	for i, r := range text {
		next := i + len(string(r))
		each(text[i:next])
		if before >= 0 {
			each(text[before:next])
		}
		before = i
	}
}

// pieces gives the words and grams of a text to each.
func pieces(text string, each func(piece string, dense bool)) {
	for _, r := range runs(fold(text)) {
		if r.dense {
			grams(r.text, func(gram string) { each(gram, true) })
		} else {
			each(clip(r.text, wordLimit), false)
		}
	}
}

// whole is a name in the form in which whole names are compared.
func whole(name string) string {
	var out strings.Builder
	before := run{dense: true}
	for _, r := range runs(fold(name)) {
		if out.Len() > 0 && (!r.dense || !before.dense) {
			out.WriteByte(' ')
		}
		out.WriteString(r.text)
		before = r
	}
	return clip(out.String(), queryLimit)
}

// The kinds of terms. One letter before the text keeps them apart in one table.
const (
	spaceWhole      = "=" // a whole name
	spaceName       = "n" // a word of a name
	spaceNamePrefix = "N" // how a word of a name begins
	spaceWord       = "w" // a word of anything, names too
	spaceWordPrefix = "W"
	spaceTag        = "t"
	everything      = "*"
)

// terms gives everything under which the document is found to each; some come more than once.
func (d Document) terms(each func(term string)) {
	each(everything)
	for _, tag := range d.Tags {
		each(spaceTag + tag)
	}
	word := func(exact, prefix string) func(string, bool) {
		return func(piece string, dense bool) {
			each(exact + piece)
			if dense {
				return
			}
			for i, n := 0, 0; n < prefixKeys && i < len(piece); n++ {
				_, size := utf8.DecodeRuneInString(piece[i:])
				i += size
				each(prefix + piece[:i])
			}
		}
	}
	named, said := word(spaceName, spaceNamePrefix), word(spaceWord, spaceWordPrefix)
	for _, name := range d.Names {
		if full := whole(name); full != "" {
			each(spaceWhole + full)
		}
		pieces(name, func(piece string, dense bool) {
			named(piece, dense)
			said(piece, dense)
		})
	}
	for _, text := range d.Words {
		pieces(text, said)
	}
}

// needle is one thing that a query looks for.
type needle struct {
	text   string
	dense  bool
	prefix bool // the word may go on: it is the last one, and perhaps still being typed
}

// needles takes a query apart. Of a dense run the pairs suffice: they say more than the characters.
func needles(query string) []needle {
	var found []needle
	parts := runs(fold(clip(query, queryLimit)))
	for i, r := range parts {
		if !r.dense {
			found = append(found, needle{text: clip(r.text, wordLimit), prefix: i == len(parts)-1})
			continue
		}
		characters := []rune(r.text)
		if len(characters) == 1 {
			found = append(found, needle{text: r.text, dense: true})
		}
		for at := 0; at+1 < len(characters); at++ {
			found = append(found, needle{text: string(characters[at : at+2]), dense: true})
		}
	}
	return unique(found)
}

func unique(found []needle) []needle {
	seen := map[needle]bool{}
	kept := found[:0]
	for _, n := range found {
		if !seen[n] && len(kept) < needleLimit {
			kept = append(kept, n)
		}
		seen[n] = true
	}
	return kept
}
