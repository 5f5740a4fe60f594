package search

import (
	"fmt"
	"slices"
	"strconv"
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

// corrections is the words with those replaced that nobody has, or nil when none can be.
func corrections(app core.App, wanted []needle) ([]needle, error) {
	better := slices.Clone(wanted)
	changed := false
	s := &finding{reader: newReader(app, nil)}
	// Only whether a word is there is asked.
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

// block is where documents lie, and how many.
type block struct {
	number int64
	count  int
}

// blockMap is the blocks that hold documents, in order.
func blockMap(app core.App) ([]block, error) {
	var rows []struct {
		Block int64 `db:"block"`
		Count int   `db:"count"`
	}
	err := app.DB().NewQuery("SELECT block, count FROM search_postings WHERE term = {:term} ORDER BY block").
		Bind(dbx.Params{"term": everything}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	blocks := make([]block, len(rows))
	for i, row := range rows {
		blocks[i] = block{row.Block, row.Count}
	}
	return blocks, nil
}

// first is the source's first term: what the query says, before what it may go on to.
func (s source) first() string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

// reader fetches rows of the index and keeps them while one query is answered.
type reader struct {
	app    core.App
	blocks []block
	rows   map[string]map[int64]postings // a block without the term is there too, once it was looked for
	whole  map[string]bool               // terms of which every row is there
}

func newReader(app core.App, blocks []block) *reader {
	return &reader{app: app, blocks: blocks, rows: map[string]map[int64]postings{}, whole: map[string]bool{}}
}

// rowsOf is how many rows the terms have, as far as they are read.
func (r *reader) rowsOf(terms source) (count int) {
	for _, term := range terms {
		count += len(r.rows[term])
	}
	return count
}

// holding is those of the blocks where any of the terms is, as far as they are read.
func (r *reader) holding(terms source, blocks []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(blocks), func(block int64) bool {
		return !slices.ContainsFunc(terms, func(term string) bool { return r.rows[term][block].count > 0 })
	})
}

// fewBlocks is up to how many blocks are asked for one by one.
const fewBlocks = 4

// read fetches the terms of the sources in the blocks, as far as they are not there. The text of the query has
// few forms, so that it is compiled once.
func (r *reader) read(blocks []int64, sources []source) error {
	var missing []string
	for _, terms := range sources {
		for _, term := range terms {
			if !slices.Contains(missing, term) && slices.ContainsFunc(blocks, func(block int64) bool { return !r.isRead(term, block) }) {
				missing = append(missing, term)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	params := dbx.Params{}
	condition := "term IN (" + list(params, "t", missing) + ") AND block "
	if len(blocks) > fewBlocks {
		params["from"], params["to"] = blocks[0], blocks[len(blocks)-1]
		condition += "BETWEEN {:from} AND {:to}"
	} else {
		four := make([]int64, fewBlocks)
		for i := range four {
			four[i] = blocks[min(i, len(blocks)-1)]
		}
		condition += "IN (" + list(params, "b", four) + ")"
	}
	_, err := r.fetch(selectRows+condition, params)
	for _, term := range missing {
		if r.rows[term] == nil {
			r.rows[term] = map[int64]postings{}
		}
		for _, block := range blocks {
			r.rows[term][block] = r.rows[term][block]
		}
	}
	return err
}

func (r *reader) isRead(term string, block int64) bool {
	_, read := r.rows[term][block]
	return read || r.whole[term]
}

// list names the values as parameters.
func list[V any](params dbx.Params, prefix string, values []V) string {
	names := make([]string, len(values))
	for i, value := range values {
		name := prefix + strconv.Itoa(i)
		names[i], params[name] = "{:"+name+"}", value
	}
	return strings.Join(names, ",")
}

const selectRows = "SELECT term, block, count, places FROM search_postings WHERE "

// fetch keeps the rows of the query and says of which terms they are, in order.
func (r *reader) fetch(query string, params dbx.Params) (terms []string, err error) {
	found, err := r.app.DB().NewQuery(query).Bind(params).Rows()
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	defer found.Close() //nolint:errcheck // read to its end below
	for found.Next() {
		var term string
		var block int64
		var p postings
		if err := found.Scan(&term, &block, &p.count, &p.bytes); err != nil {
			return nil, fmt.Errorf("read the index: %w", err)
		}
		if !p.sound() {
			return nil, errDamaged
		}
		if len(terms) == 0 || terms[len(terms)-1] != term {
			terms = append(terms, term)
		}
		if r.rows[term] == nil {
			r.rows[term] = map[int64]postings{}
		}
		r.rows[term][block] = p
	}
	return terms, found.Err()
}

// expand is the terms that begin with prefix, of its first rows; they are read with it.
func (r *reader) expand(prefix string, limit int) (source, error) {
	terms, err := r.fetch(selectRows+"term >= {:from} AND term < {:to} LIMIT {:limit}",
		dbx.Params{"from": prefix, "to": prefix + "\U0010ffff", "limit": limit})
	for _, term := range terms {
		r.whole[term] = true
	}
	return terms, err
}

// known tells whether any of the terms is anywhere.
func (r *reader) known(terms source) (bool, error) {
	for _, term := range terms {
		if len(r.rows[term]) > 0 {
			return true, nil
		}
		var some int
		err := r.app.DB().NewQuery("SELECT COUNT(*) FROM (SELECT 1 FROM search_postings WHERE term = {:term} LIMIT 1)").
			Bind(dbx.Params{"term": term}).Row(&some)
		if err != nil || some > 0 {
			return some > 0, err
		}
	}
	return false, nil
}

// Count is how many documents have the tag.
func Count(app core.App, tag string) (count int, err error) {
	err = app.DB().NewQuery("SELECT COALESCE(SUM(count), 0) FROM search_postings WHERE term = {:term}").
		Bind(dbx.Params{"term": spaceTag + tag}).Row(&count)
	return count, err
}
