package search

import (
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	// firstBlocks is how many of the best blocks are read before the others: most first pages end there.
	firstBlocks = 3
	// expansions is how many rows of the words that go on from a long beginning are read.
	expansions = 256
	// namesakes is up to how many rows of names that begin with the whole query are put before other matches.
	namesakes = 64
)

// Tiers is how many kinds of match there are: the name itself, a name that begins so, in names, anywhere.
const Tiers = 4

// Query is what is looked for. Without Text it is everything with the tags.
type Query struct {
	Text    string
	Tags    []string // all of them
	Without string   // and not this one
	After   Position // only what comes after it
	Skip    int      // leave out so many more
	Limit   int
}

// Position is where a list was left: the tier of the match, and its place in it. The zero value is the start.
type Position struct {
	Tier  int
	Place int64
	begun bool
}

// At is the position of a match.
func At(tier int, place int64) Position { return Position{Tier: tier, Place: place, begun: true} }

// Match is a document that was found. Tiers are: the name itself, a name that begins so, in names, anywhere.
type Match struct {
	Tier  int
	Place int64
}

// Result is the matches in order. Total is exact only if Exact; else it is a guess from the blocks that were read.
type Result struct {
	Matches   []Match
	More      bool
	Total     int
	Exact     bool
	Corrected string // the query that was answered instead, when a word was taken for another
}

// Find answers the query. A query whose every character is a separator finds nothing.
func Find(app core.App, query Query) (Result, error) {
	wanted := needles(query.Text)
	if len(wanted) == 0 && strings.TrimSpace(query.Text) != "" {
		return Result{Exact: true}, nil
	}
	result, err := find(app, query, wanted, whole(clip(query.Text, queryLimit)))
	if err != nil || len(wanted) == 0 || result.Total > 0 {
		return result, err
	}
	better, err := corrections(app, wanted)
	if err != nil || better == nil {
		return result, err
	}
	result, err = find(app, query, better, "")
	result.Corrected = spell(better)
	return result, err
}

func find(app core.App, query Query, wanted []needle, name string) (Result, error) {
	blocks, err := blockMap(app)
	if err != nil {
		return Result{}, err
	}
	s := &finding{reader: newReader(app, blocks), query: query, need: query.Skip + query.Limit + 1}
	if err := s.plan(wanted, name); err != nil {
		return Result{}, err
	}
	for tier := query.After.Tier; tier < len(s.tiers); tier++ {
		if err := s.walk(tier); err != nil {
			return Result{}, err
		}
		if s.full() {
			break
		}
	}
	return s.result(), nil
}

// finding is one query being answered.
type finding struct {
	*reader
	query   Query
	need    int
	filters []source
	absent  []source
	tiers   [][]source // for each tier what must all be there; a match counts in the first tier that has it
	found   []Match
	total   int
	stopped bool
}

// source is one thing that a match must have: any of the terms.
type source []string

func (s *finding) plan(wanted []needle, name string) error {
	for _, tag := range s.query.Tags {
		s.filters = append(s.filters, source{spaceTag + tag})
	}
	if s.query.Without != "" {
		s.absent = []source{{spaceTag + s.query.Without}}
	}
	if len(wanted) == 0 {
		if len(s.filters) == 0 {
			s.filters = append(s.filters, source{everything})
		}
		s.tiers = [][]source{{}}
		return nil
	}
	exact, begins := source(nil), source(nil)
	if name != "" {
		exact = source{spaceWhole + name}
		var err error
		if begins, err = s.expand(spaceWhole+name, namesakes); err != nil {
			return err
		}
		if s.rowsOf(begins) == namesakes {
			begins = nil // there may be more of them, and then only some would come first
		}
	}
	named, said := []source{}, []source{}
	for _, n := range wanted {
		inName, err := s.sourceOf(n, spaceName, spaceNamePrefix)
		if err != nil {
			return err
		}
		anywhere, err := s.sourceOf(n, spaceWord, spaceWordPrefix)
		if err != nil {
			return err
		}
		named, said = append(named, inName), append(said, anywhere)
	}
	s.tiers = [][]source{{exact}, {begins}, named, said}
	return nil
}

func (s *finding) sourceOf(n needle, exact, prefix string) (source, error) {
	switch {
	case !n.prefix:
		return source{exact + n.text}, nil
	case len([]rune(n.text)) <= prefixKeys:
		return source{prefix + n.text}, nil
	}
	return s.expand(exact+n.text, expansions)
}

func (s *finding) full() bool { return len(s.found) >= s.need }

// walk gathers a tier's matches, the best blocks first, from where the last page ended.
func (s *finding) walk(tier int) error {
	first := 0
	if tier == s.query.After.Tier {
		for first < len(s.blocks) && s.blocks[first].number < s.query.After.Place>>blockBits {
			first++
		}
	}
	looked := 0
	before := len(s.found)
	for from, to := first, first+firstBlocks; from < len(s.blocks); from, to = to, len(s.blocks) {
		to = min(to, len(s.blocks))
		possible, err := s.narrow(tier, s.blocks[from:to])
		if err != nil {
			return err
		}
		for _, block := range s.blocks[from:to] {
			if !slices.Contains(possible, block.number) {
				looked += block.count
				continue
			}
			last := s.gather(tier, block.number)
			if s.full() {
				// As many again may be expected in what was not looked at.
				looked += min(block.count, int(last)+1)
				s.stopped, s.total = true, before+(len(s.found)-before)*s.documents()/looked
				return nil
			}
			looked += block.count
		}
	}
	s.total = len(s.found)
	return nil
}

// narrow reads what the tier needs of the blocks and says which of them can hold a match. What is there already
// and the longest word, which is the rarest as a rule, come first: of the others only the blocks that are left
// are read.
func (s *finding) narrow(tier int, blocks []block) ([]int64, error) {
	left := make([]int64, len(blocks))
	for i, block := range blocks {
		left[i] = block.number
	}
	needed := slices.Concat(s.tiers[tier], s.filters)
	for _, terms := range needed {
		if !slices.ContainsFunc(terms, func(term string) bool { return !s.whole[term] }) {
			left = s.holding(terms, left)
		}
	}
	if words := s.tiers[tier]; len(words) > 1 {
		rarest := slices.MaxFunc(words, func(a, b source) int { return len(a.first()) - len(b.first()) })
		if err := s.read(left, []source{rarest}); err != nil {
			return nil, err
		}
		left = s.holding(rarest, left)
	}
	if err := s.read(left, slices.Concat(append(slices.Clone(s.tiers[:tier]), needed, s.absent)...)); err != nil {
		return nil, err
	}
	for _, terms := range needed {
		left = s.holding(terms, left)
	}
	return left, nil
}

func (s *finding) documents() int {
	total := 0
	for _, block := range s.blocks {
		total += block.count
	}
	return total
}

// gather takes the block's matches of the tier that no earlier tier has, and says which was the last.
func (s *finding) gather(tier int, block int64) (last uint16) {
	must, possible := s.all(s.tiers[tier], block)
	if !possible {
		return 0
	}
	absent := s.rows[spaceTag+s.query.Without][block]
	var earlier [][]alternatives
	for t := range tier {
		if all, possible := s.all(s.tiers[t], block); possible {
			earlier = append(earlier, all)
		}
	}
	candidates(must, func(low uint16) bool {
		place := block<<blockBits | int64(low)
		if s.query.After.before(tier, place) && !absent.has(low) && !slices.ContainsFunc(earlier, meets(low)) {
			s.found = append(s.found, Match{tier, place})
		}
		last = low
		return !s.full()
	})
	return last
}

// meets tells whether the place has everything that a tier asks for.
func meets(low uint16) func(all []alternatives) bool {
	return func(all []alternatives) bool {
		for _, any := range all {
			if !any.has(low) {
				return false
			}
		}
		return true
	}
}

// before tells whether the match comes after the position.
func (p Position) before(tier int, place int64) bool {
	return !p.begun || tier > p.Tier || (tier == p.Tier && place > p.Place)
}

// all is what a match in the block must have, of the tier and the filters; not possible when one of it is
// nowhere in the block.
func (s *finding) all(tier []source, block int64) (must []alternatives, possible bool) {
	for _, sources := range [][]source{tier, s.filters} {
		for _, terms := range sources {
			var any alternatives
			for _, term := range terms {
				if p := s.rows[term][block]; p.count > 0 {
					any = append(any, p)
				}
			}
			if len(any) == 0 {
				return nil, false
			}
			must = append(must, any)
		}
	}
	return must, len(must) > 0
}

func (s *finding) result() Result {
	r := Result{Exact: !s.stopped && !s.query.After.begun, Total: s.total}
	if len(s.found) > s.query.Skip {
		r.Matches = s.found[s.query.Skip:]
	}
	if len(r.Matches) > s.query.Limit {
		r.Matches, r.More = r.Matches[:s.query.Limit], true
	}
	return r
}

// Count is how many documents have the tag.
func Count(app core.App, tag string) (count int, err error) {
	err = app.DB().NewQuery("SELECT COALESCE(SUM(count), 0) FROM search_postings WHERE term = {:term}").
		Bind(dbx.Params{"term": spaceTag + tag}).Row(&count)
	return count, err
}
