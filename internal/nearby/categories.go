package nearby

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pocketbase/pocketbase/core"
)

//go:embed data/categories.csv.gz
var categoriesCSV []byte

// categoriesShown is how many categories an answer has at most.
const categoriesShown = 60

// languages are those that categories have names in.
var languages = [...]string{"en", "fr", "zh"}

// category is one kind of place, such as amenity/restaurant/pizza.
type category struct {
	key, icon string
	tags      [][2]string // of OpenStreetMap; "*" is any value
	names     map[string]string
	folded    map[string]string   // the name by language, as searches compare it
	terms     map[string][]string // other words for it by language, folded
}

// name is the category's name in a language, in English without.
func (c *category) name(language string) string { return cmp.Or(c.names[language], c.names["en"]) }

// catalogue is all categories there are.
type catalogue struct {
	all   []*category
	byKey map[string]*category
	byTag map[[2]string][]*category // by the first tag
}

// categoriesKnown reads what is embedded, once.
var categoriesKnown = sync.OnceValues(readCategories)

func readCategories() (*catalogue, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(categoriesCSV))
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	rows, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	known := &catalogue{byKey: map[string]*category{}, byTag: map[[2]string][]*category{}}
	for _, row := range rows[1:] {
		c := &category{key: row[0], icon: row[2], names: map[string]string{}, folded: map[string]string{}, terms: map[string][]string{}}
		for _, tag := range strings.Split(row[1], ";") {
			k, v, _ := strings.Cut(tag, "=")
			c.tags = append(c.tags, [2]string{k, v})
		}
		for i, language := range languages {
			c.names[language] = row[3+i]
			c.folded[language] = plain(row[3+i])
			for _, term := range strings.Split(row[6+i], ",") {
				if term = plain(term); term != "" {
					c.terms[language] = append(c.terms[language], term)
				}
			}
		}
		known.all = append(known.all, c)
		known.byKey[c.key] = c
		known.byTag[c.tags[0]] = append(known.byTag[c.tags[0]], c)
	}
	return known, nil
}

// below is the category with all that are kinds of it.
func (k *catalogue) below(key string) []string {
	var keys []string
	for _, c := range k.all {
		if c.key == key || strings.HasPrefix(c.key, key+"/") {
			keys = append(keys, c.key)
		}
	}
	return keys
}

// ofTags is the category that says most of what the tags of OpenStreetMap say; nil when none fits.
func (k *catalogue) ofTags(tags map[string]string) *category {
	var best *category
	most := 0
	for tag, value := range tags {
		for _, one := range append(strings.Split(value, ";"), "*") {
			for _, c := range k.byTag[[2]string{tag, strings.TrimSpace(one)}] {
				if fit := c.fits(tags); fit > most || (fit == most && fit > 0 && c.key < best.key) {
					best, most = c, fit
				}
			}
		}
	}
	return best
}

// fits is how much the category says of something with these tags, 0 when it is something else.
func (c *category) fits(tags map[string]string) int {
	fit := 0
	for _, tag := range c.tags {
		value, has := tags[tag[0]]
		switch {
		case !has:
			return 0
		case tag[1] == "*":
			fit++
		case slices.ContainsFunc(strings.Split(value, ";"), func(one string) bool { return strings.TrimSpace(one) == tag[1] }):
			fit += 10
		default:
			return 0
		}
	}
	return fit
}

// plain is a text as categories are compared by it: its folded words, without what stands between them.
func plain(text string) string { return strings.Join(wordsOf(text), " ") }

// find is the categories that a query means, the best first. The reader's language counts first, then the others.
func (k *catalogue) find(query, language string) []*category {
	q := plain(query)
	if q == "" {
		return nil
	}
	type hit struct {
		c    *category
		rank int
	}
	var hits []hit
	for _, c := range k.all {
		best := 1 << 20
		for _, each := range languages {
			away := 0
			if each != language {
				away = 100
			}
			best = min(best, away+c.rank(q, each))
		}
		if best < 100+farAway {
			hits = append(hits, hit{c, best})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(len(a.c.key), len(b.c.key)))
	})
	found := make([]*category, len(hits))
	for i, h := range hits {
		found[i] = h.c
	}
	return found
}

// farAway is the rank of a category that a query does not mean.
const farAway = 50

// rank is how well the query names the category in that language; less is better.
func (c *category) rank(q, language string) int {
	name, best := c.folded[language], farAway
	for _, term := range c.terms[language] {
		switch {
		case term == q:
			best = min(best, 1)
		case strings.HasPrefix(term, q):
			best = min(best, 4)
		case contains(term, q):
			best = min(best, 6)
		}
	}
	switch {
	case name == q:
		best = 0
	case strings.HasPrefix(name, q):
		best = min(best, 2)
	case contains(name, q):
		best = min(best, 3)
	}
	return best
}

// contains tells whether the text has the query at the beginning of a word, or anywhere when it is of a script
// without spaces, or has all its words.
func contains(text, q string) bool {
	if isDense(q) {
		return strings.Contains(text, q)
	}
	words := strings.Fields(text)
	for _, needle := range strings.Fields(q) {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, needle) }) {
			return false
		}
	}
	return true
}

// isDense tells scripts that are written without spaces.
func isDense(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= 0x1100 })
}

// ListCategories is the categories that have listings, the commonest first, or with a query the best matches of all.
func ListCategories(app core.App, query, language string) (Categories, error) {
	known, err := categoriesKnown()
	if err != nil {
		return Categories{}, err
	}
	var counted []struct {
		Category string `db:"category"`
		Count    int    `db:"count"`
	}
	if err := app.DB().NewQuery("SELECT category, count FROM nearby_counts WHERE count > 0").All(&counted); err != nil {
		return Categories{}, fmt.Errorf("count listings: %w", err)
	}
	counts := map[string]int{}
	for _, row := range counted {
		for key := row.Category; key != ""; { // also for those above
			if known.byKey[key] != nil {
				counts[key] += row.Count
			}
			at := strings.LastIndexByte(key, '/')
			key = key[:max(at, 0)]
		}
	}
	found := known.find(query, language)
	if strings.TrimSpace(query) == "" {
		for key := range counts {
			found = append(found, known.byKey[key])
		}
		slices.SortFunc(found, func(a, b *category) int {
			return cmp.Or(cmp.Compare(counts[b.key], counts[a.key]), cmp.Compare(a.key, b.key))
		})
	}
	out := Categories{Items: []CategoryCount{}}
	for _, c := range found[:min(len(found), categoriesShown)] {
		out.Items = append(out.Items, CategoryCount{Key: c.key, Name: c.name(language), Icon: c.icon, Count: counts[c.key]})
	}
	return out, nil
}
