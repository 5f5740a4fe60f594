package search

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	// shortestTypo is from how many letters on a slip is forgiven: shorter words are too close to one another.
	shortestTypo = 4
	// typoPrefix is how many letters of a word are varied; a slip further on changes none of them.
	typoPrefix = 7
	// choices is how many words are weighed against each other.
	choices = 128
)

// correctable words are of letters with spaces between words, and long enough.
func correctable(word string) bool {
	length := 0
	for _, r := range word {
		if !unicode.IsLetter(r) || dense(r) {
			return false
		}
		length++
	}
	return length >= shortestTypo && length <= wordLimit
}

// rests are the hashes of the word's beginning, whole and with each of its letters missing. Two words that one
// slip divides (a letter too many, too few, another, or two that changed places) share at least one.
func rests(word string) []int64 {
	letters := []rune(clip(word, typoPrefix))
	found := []int64{hash(letters)}
	for i := range letters {
		found = append(found, hash(append(append(make([]rune, 0, len(letters)), letters[:i]...), letters[i+1:]...)))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// hash keeps 48 bits: a collision costs one comparison.
func hash(letters []rune) int64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(string(letters)))
	return int64(sum.Sum64() >> 16)
}

// learn remembers the words' rests. A word that is gone from all documents stays, and is not offered.
func (s statements) learn(words []string) error {
	for _, word := range words {
		for _, rest := range rests(word) {
			if _, err := s.remember.Bind(dbx.Params{"rest": rest, "word": word}).Execute(); err != nil {
				return fmt.Errorf("learn %q: %w", word, err)
			}
		}
	}
	return nil
}

// correct is the commonest word one slip away from word, or "".
func correct(app core.App, word string) (string, error) {
	if !correctable(word) {
		return "", nil
	}
	var known []string
	tried := map[string]bool{}
	best, uses := "", 0
	for _, rest := range rests(word) {
		known = known[:0]
		err := app.DB().NewQuery("SELECT word FROM search_typos WHERE rest = {:rest} LIMIT {:limit}").
			Bind(dbx.Params{"rest": rest, "limit": choices}).Column(&known)
		if err != nil {
			return "", err
		}
		for _, candidate := range known {
			if tried[candidate] || !oneSlip(word, candidate) {
				continue
			}
			tried[candidate] = true
			count, err := usesOf(app, candidate)
			if err != nil {
				return "", err
			}
			if count > uses || (count == uses && count > 0 && candidate < best) {
				best, uses = candidate, count
			}
		}
	}
	return best, nil
}

func usesOf(app core.App, word string) (count int, err error) {
	err = app.DB().NewQuery("SELECT COALESCE(SUM(count), 0) FROM search_postings WHERE term = {:term}").
		Bind(dbx.Params{"term": spaceWord + word}).Row(&count)
	return count, err
}

// oneSlip tells whether one letter more, less or other, or two neighbours exchanged, makes b of a.
func oneSlip(a, b string) bool {
	x, y := []rune(a), []rune(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	if len(x) <= 1 && len(y) <= 1 {
		return true
	}
	return len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0]
}

// corrections is the words with those replaced that nobody has, or nil when none can be.
func corrections(app core.App, wanted []needle) ([]needle, error) {
	better := slices.Clone(wanted)
	changed := false
	s := &reader{app: app, rows: map[string]map[int64]postings{}, whole: map[string]bool{}}
	for i, n := range wanted {
		if n.dense {
			continue
		}
		anywhere, err := s.sourceOf(n, spaceWord, spaceWordPrefix)
		if err != nil {
			return nil, err
		}
		known, err := s.known(anywhere)
		if err != nil {
			return nil, err
		}
		if known {
			continue
		}
		word, err := correct(app, n.text)
		if err != nil || word == "" {
			return nil, err // one word that nothing is near to leaves nothing to find
		}
		better[i] = needle{text: word}
		changed = true
	}
	if !changed {
		return nil, nil
	}
	return better, nil
}

func spell(wanted []needle) string {
	var out strings.Builder
	before := needle{}
	for i, n := range wanted {
		switch {
		case i == 0 || (n.dense && before.dense && strings.HasPrefix(n.text, lastOf(before.text))):
		default:
			out.WriteByte(' ')
		}
		if n.dense && before.dense && strings.HasPrefix(n.text, lastOf(before.text)) {
			out.WriteString(strings.TrimPrefix(n.text, lastOf(before.text)))
		} else {
			out.WriteString(n.text)
		}
		before = n
	}
	return out.String()
}

func lastOf(text string) string {
	letters := []rune(text)
	if len(letters) == 0 {
		return "\x00"
	}
	return string(letters[len(letters)-1:])
}
