package search

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	// stageStart is how many documents the first stage of a walk looks at, at least: the best. Most first pages end there.
	stageStart = 4096
	// oneByOne is how many things a match must have are read one after the other; the rest at once.
	oneByOne = 3
	// expansions is how many rows of the words that go on from a long beginning are read.
	expansions = 256
	// namesakes is up to how many rows of names that begin with the whole query are put before other matches.
	namesakes = 64
)

// The kinds of match, best first.
const (
	TierName   = iota // the name itself
	TierBegins        // a name that begins so
	TierNames         // all words in names
	TierWords         // all words anywhere
	Tiers
)

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

// Match is a document that was found.
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
	reader, err := newReader(app, query.Without)
	if err != nil {
		return Result{}, err
	}
	s := &finding{reader: reader, query: query, need: query.Skip + query.Limit + 1, earlier: map[int64]alternatives{}}
	if err := s.plan(wanted, name); err != nil {
		return Result{}, err
	}
	for tier, names := range []source{s.exact, s.begins} {
		if err := s.wholeNames(tier, names); err != nil {
			return Result{}, err
		}
	}
	if err := s.walk(); err != nil {
		return Result{}, err
	}
	return s.result(), nil
}

// finding is one query being answered.
type finding struct {
	*reader
	query   Query
	need    int
	filters []source

	exact, begins source   // whole names
	named, said   []source // words, in names and anywhere

	earlier map[int64]alternatives // what whole names have taken, by block
	found   [Tiers][]Match
	seen    int // how many have the words, whether the page has room for them or not
	looked  int // documents in the blocks that were looked at
}

// source is one thing that a match must have: any of the terms.
type source []string

// first is the source's first term: what the query says, before what it may go on to.
func (s source) first() string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

func (s *finding) plan(wanted []needle, name string) error {
	for _, tag := range s.query.Tags {
		s.filters = append(s.filters, source{spaceTag + tag})
	}
	if len(wanted) == 0 {
		if len(s.filters) == 0 {
			s.filters = append(s.filters, source{everything})
		}
		return nil
	}
	if name != "" {
		begins, err := s.expand(spaceWhole+name, namesakes)
		if err != nil {
			return err
		}
		s.exact = source{spaceWhole + name}
		s.whole[s.exact.first()] = true
		if s.rowsOf(begins) < namesakes { // else there may be more, and only some would come first
			s.begins = begins
		}
	}
	for _, n := range wanted {
		inName, err := s.sourceOf(n, spaceName, spaceNamePrefix)
		if err != nil {
			return err
		}
		anywhere, err := s.sourceOf(n, spaceWord, spaceWordPrefix)
		if err != nil {
			return err
		}
		s.named, s.said = append(s.named, inName), append(s.said, anywhere)
	}
	return nil
}

func (r *reader) sourceOf(n needle, exact, prefix string) (source, error) {
	switch {
	case !n.prefix:
		return source{exact + n.text}, nil
	case len([]rune(n.text)) <= prefixKeys:
		return source{prefix + n.text}, nil
	}
	return r.expand(exact+n.text, expansions)
}

// wholeNames gathers the documents that are called so, of all blocks.
func (s *finding) wholeNames(tier int, names source) error {
	if len(names) == 0 {
		return nil
	}
	left, err := s.survivors(nil, s.numbers(0, len(s.blocks)), append([]source{names}, s.filters...))
	if err != nil {
		return err
	}
	for _, one := range left {
		s.collect(tier, one, postings{})
		s.earlier[one.block] = append(s.earlier[one.block], one.postings)
	}
	return nil
}

// walk gathers what has the words, in stages from the best blocks on. Whatever has them in its names has them
// anywhere, so names are looked at where something is left. It ends as soon as the page is full of names.
func (s *finding) walk() error {
	for from, to := s.start(), 0; from < len(s.blocks) && !s.done(); from = to {
		to = s.stage(from)
		blocks := s.numbers(from, to)
		var anywhere, names []survivor
		var err error
		if len(s.found[TierWords]) >= s.need {
			names, err = s.survivors(nil, blocks, append(slices.Clone(s.named), s.filters...))
		} else if anywhere, err = s.survivors(nil, blocks, append(slices.Clone(s.said), s.filters...)); err == nil && len(s.named) > 0 {
			names, err = s.survivors(anywhere, nil, s.named)
		}
		if err != nil {
			return err
		}
		for _, one := range names {
			s.seen += one.count
			s.collect(TierNames, one, postings{})
		}
		for _, one := range anywhere {
			named := inBlock(names, one.block)
			s.seen += one.count - named.count
			s.collect(TierWords, one, named)
		}
		for _, block := range s.blocks[from:to] {
			s.looked += block.count
		}
	}
	return nil
}

// start is the block where the walk begins: where the last page ended, if that was among the last tier.
func (s *finding) start() int {
	from := 0
	if s.query.After.Tier == TierWords {
		for from < len(s.blocks) && s.blocks[from].number < s.query.After.Place>>blockBits {
			from++
		}
	}
	return from
}

// stage is where the stage that begins at from ends: where, after what was found so far, the page may well be full.
func (s *finding) stage(from int) int {
	wanted := stageStart
	if s.looked > 0 {
		tier := TierNames
		if len(s.named) == 0 || s.query.After.Tier == TierWords {
			tier = TierWords
		}
		found := len(s.found[tier])
		if found == 0 {
			return len(s.blocks)
		}
		wanted = 2 * s.looked * s.need / found
	}
	to := from
	for sum := 0; to < len(s.blocks) && sum < wanted; to++ {
		sum += s.blocks[to].count
	}
	return to
}

func (s *finding) numbers(from, to int) []int64 {
	numbers := make([]int64, 0, to-from)
	for _, block := range s.blocks[from:to] {
		numbers = append(numbers, block.number)
	}
	return numbers
}

// done tells whether the page is full of what comes first: names, unless nobody asks for them any more.
func (s *finding) done() bool {
	if len(s.named) == 0 || s.query.After.Tier == TierWords {
		return len(s.found[TierWords]) >= s.need
	}
	return len(s.found[TierName])+len(s.found[TierBegins])+len(s.found[TierNames]) >= s.need
}

// survivor is what is left in a block of the places that may match.
type survivor struct {
	block int64
	postings
}

func inBlock(all []survivor, block int64) postings {
	for _, one := range all {
		if one.block == block {
			return one.postings
		}
	}
	return postings{}
}

// survivors is what has something of every source, among those so far, or in the blocks when there are none yet.
// What is there already and the longest words, which are the rarest as a rule, come first; the others are read
// only for the blocks where something is left.
func (s *finding) survivors(sofar []survivor, blocks []int64, sources []source) ([]survivor, error) {
	slices.SortStableFunc(sources, s.sooner)
	for _, one := range sofar {
		blocks = append(blocks, one.block)
	}
	for i, terms := range sources {
		reading := sources[i : i+1]
		if i >= oneByOne {
			reading = sources[i:]
		}
		if err := s.read(blocks, reading); err != nil {
			return nil, err
		}
		left := make([]survivor, 0, len(blocks))
		for k, block := range blocks {
			has := s.any(terms, block)
			switch {
			case len(has) == 0:
				continue
			case sofar == nil:
				left = append(left, survivor{block, has.union()})
			default:
				if both := sofar[k].meet(has); both.count > 0 {
					left = append(left, survivor{block, both})
				}
			}
		}
		if len(left) == 0 {
			return nil, nil
		}
		sofar, blocks = left, blocks[:0:0]
		for _, one := range left {
			blocks = append(blocks, one.block)
		}
	}
	return sofar, nil
}

// sooner orders sources by how few places they are likely to leave: those that are there already, then those whose
// rows so far had fewest, then the longest words.
func (s *finding) sooner(a, b source) int {
	whole := func(terms source) int {
		if slices.ContainsFunc(terms, func(term string) bool { return !s.whole[term] }) {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(whole(a), whole(b)), cmp.Compare(s.density(a), s.density(b)), cmp.Compare(len(b.first()), len(a.first())))
}

// density is how many places of a block have the terms, on average of the blocks that were read.
func (r *reader) density(terms source) int {
	sum, blocks := 0, 0
	for _, term := range terms {
		for _, p := range r.rows[term] {
			sum += p.count
		}
		blocks = max(blocks, len(r.rows[term]))
	}
	if blocks == 0 {
		return blockSize // nothing is known of it
	}
	return sum / blocks
}

// collect takes a block's matches of a tier that no earlier tier has, as many as the page needs.
func (s *finding) collect(tier int, one survivor, taken postings) {
	absent := s.rows[spaceTag+s.query.Without][one.block]
	one.each(func(low uint16) bool {
		place := one.block<<blockBits | int64(low)
		if s.query.After.before(tier, place) && !absent.has(low) && !taken.has(low) && !s.earlier[one.block].has(low) {
			s.found[tier] = append(s.found[tier], Match{tier, place})
		}
		return len(s.found[tier]) < s.need
	})
}

// before tells whether the match comes after the position.
func (p Position) before(tier int, place int64) bool {
	return !p.begun || tier > p.Tier || (tier == p.Tier && place > p.Place)
}

func (s *finding) result() Result {
	matches := slices.Concat(s.found[:]...)
	r := Result{Total: len(matches), Exact: true}
	documents := 0
	for _, block := range s.blocks {
		documents += block.count
	}
	if len(matches) >= s.need || s.looked < documents {
		// As many again may be expected in what was not looked at.
		r.Exact, r.Total = false, max(len(matches), s.seen*documents/max(s.looked, 1))
	}
	r.Exact = r.Exact && !s.query.After.begun
	if len(matches) > s.query.Skip {
		r.Matches = matches[s.query.Skip:]
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
