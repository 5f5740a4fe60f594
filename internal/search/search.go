// Package search finds documents by words, best first, and knows nothing of what they are.
//
// A document lies at a place, a number that is its rank: the lower, the better. For each term the database holds,
// block by block of 65,536 places, which of them have it; so the common terms of a query are laid on one another
// as bits and the first matches are the best ones. Nothing is sorted, a first page of common words reads the best
// blocks alone, and the worst query reads a few kilobytes for each of its words and blocks. The invariant: Apply
// takes out exactly what it put in, in the transaction of whoever calls it.
//
// Words are compared without case, accents and width. Text without spaces is found by any part of it, the last
// word of a query by its beginning, and a word that nobody has is taken for the commonest one a slip away.
package search

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Version changes when the same documents would make other terms; then an index must be built anew.
const Version = "1"

// Document is what is found: Names count more than Words, Tags are found only by whole.
type Document struct {
	Place              int64
	Names, Words, Tags []string
}

// Change is a document as it was and as it shall be; nil where it was not or shall not be.
type Change struct{ Before, After *Document }

var errDamaged = errors.New("the index is damaged; build it anew")

// key is a row of the index.
type key struct {
	term  string
	block int64
}

// edit is which places of a row come and go.
type edit struct{ in, out []uint16 }

// Apply makes the changes in the transaction tx. Rows that several of them touch are written once.
func Apply(tx core.App, changes ...Change) error {
	edits := map[key]*edit{}
	words := map[string]bool{}
	for _, change := range changes {
		collect(change, edits, words)
	}
	order := slices.SortedFunc(maps.Keys(edits), func(a, b key) int {
		if a.term != b.term {
			if a.term < b.term {
				return -1
			}
			return 1
		}
		return int(a.block - b.block)
	})
	if len(edits) == 0 {
		return nil
	}
	statements := prepare(tx)
	defer statements.close()
	for _, k := range order {
		if err := statements.rewrite(k, edits[k]); err != nil {
			return fmt.Errorf("index %q: %w", k.term, err)
		}
	}
	return statements.learn(slices.Sorted(maps.Keys(words)))
}

// collect notes what differs between the two sides of a change.
func collect(change Change, edits map[key]*edit, words map[string]bool) {
	before, after := keysOf(change.Before), keysOf(change.After)
	old := map[string]bool{}
	for k := range before {
		old[k.term] = true
	}
	note := func(k key) *edit {
		if edits[k] == nil {
			edits[k] = &edit{}
		}
		return edits[k]
	}
	if change.Before != nil && change.After != nil && change.Before.Place == change.After.Place {
		for k := range before {
			if after[k] {
				delete(before, k)
				delete(after, k)
			}
		}
	}
	for k := range before {
		e := note(k)
		e.out = append(e.out, uint16(change.Before.Place&blockMask))
	}
	for k := range after {
		e := note(k)
		e.in = append(e.in, uint16(change.After.Place&blockMask))
		if k.term[:1] == spaceWord && !old[k.term] && correctable(k.term[1:]) {
			words[k.term[1:]] = true
		}
	}
}

func keysOf(d *Document) map[key]bool {
	found := map[key]bool{}
	if d != nil {
		d.terms(func(term string) { found[key{term, d.Place >> blockBits}] = true })
	}
	return found
}

// statements are what Apply runs again and again, compiled once.
type statements struct{ read, write, remove, remember *dbx.Query }

func prepare(tx core.App) statements {
	compiled := func(statement string) *dbx.Query { return tx.DB().NewQuery(statement).Prepare() }
	return statements{
		read: compiled("SELECT count, places FROM search_postings WHERE term = {:term} AND block = {:block}"),
		write: compiled(`INSERT INTO search_postings (term, block, count, places) VALUES ({:term}, {:block}, {:count}, {:places})
			ON CONFLICT (term, block) DO UPDATE SET count = excluded.count, places = excluded.places`),
		remove:   compiled("DELETE FROM search_postings WHERE term = {:term} AND block = {:block}"),
		remember: compiled("INSERT INTO search_typos (rest, word) VALUES ({:rest}, {:word}) ON CONFLICT DO NOTHING"),
	}
}

func (s statements) close() {
	for _, query := range []*dbx.Query{s.read, s.write, s.remove, s.remember} {
		_ = query.Close() // they go with the transaction in any case
	}
}

func (s statements) rewrite(k key, e *edit) error {
	var p postings
	params := dbx.Params{"term": k.term, "block": k.block}
	if err := s.read.Bind(params).Row(&p.count, &p.bytes); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if !p.sound() {
		return errDamaged
	}
	p = p.changed(e.in, e.out)
	if p.count == 0 {
		_, err := s.remove.Bind(params).Execute()
		return err
	}
	_, err := s.write.Bind(dbx.Params{"term": k.term, "block": k.block, "count": p.count, "places": p.bytes}).Execute()
	return err
}
