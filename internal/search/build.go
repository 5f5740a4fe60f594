package search

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// rowsAtOnce is how many rows one statement of a build inserts.
const rowsAtOnce = 50

// Build empties the index and fills it with the documents, which come in the order of their places. It is for a
// first filling and for a new Version: everybody who writes waits for it.
func Build(tx core.App, documents iter.Seq2[Document, error]) error {
	for _, statement := range []string{"DELETE FROM search_postings", "DELETE FROM search_typos"} {
		if _, err := tx.DB().NewQuery(statement).Execute(); err != nil {
			return fmt.Errorf("empty the index: %w", err)
		}
	}
	b := builder{tx: tx, block: -1, lists: map[string][]uint16{}, words: map[string]bool{}}
	for document, err := range documents {
		if err == nil {
			err = b.add(document)
		}
		if err != nil {
			return fmt.Errorf("build the index: %w", err)
		}
	}
	if err := errors.Join(b.flush(), b.learn()); err != nil {
		return fmt.Errorf("build the index: %w", err)
	}
	return nil
}

type builder struct {
	tx    core.App
	block int64
	lists map[string][]uint16
	words map[string]bool
}

func (b *builder) add(d Document) error {
	if at := d.Place >> blockBits; at != b.block {
		if at < b.block {
			return errors.New("the documents are not in order")
		}
		if err := b.flush(); err != nil {
			return err
		}
		b.block = at
	}
	low := uint16(d.Place & blockMask)
	d.terms(func(term string) {
		list, known := b.lists[term]
		switch {
		case !known:
			// A term is a part of its document's text, which must not be kept alive by it.
			b.lists[strings.Clone(term)] = []uint16{low}
		case list[len(list)-1] != low:
			b.lists[term] = append(list, low)
		}
	})
	return nil
}

// flush writes the block. In the order of the key, so that each page of the tree is visited once.
func (b *builder) flush() error {
	terms := slices.Sorted(maps.Keys(b.lists))
	for chunk := range slices.Chunk(terms, rowsAtOnce) {
		values := make([]any, 0, 4*len(chunk))
		for _, term := range chunk {
			p := listed(b.lists[term])
			values = append(values, term, b.block, p.count, p.bytes)
			if term[:1] == spaceWord && correctable(term[1:]) {
				b.words[term[1:]] = true
			}
		}
		if err := insert(b.tx, "search_postings (term, block, count, places)", 4, values); err != nil {
			return err
		}
	}
	clear(b.lists)
	return nil
}

// learn writes the rests of all words at once, in the order of the key.
func (b *builder) learn() error {
	type entry struct {
		rest int64
		word string
	}
	entries := make([]entry, 0, 8*len(b.words))
	for word := range b.words {
		for _, rest := range rests(word) {
			entries = append(entries, entry{rest, word})
		}
	}
	slices.SortFunc(entries, func(x, y entry) int {
		if x.rest != y.rest {
			if x.rest < y.rest {
				return -1
			}
			return 1
		}
		return strings.Compare(x.word, y.word)
	})
	for chunk := range slices.Chunk(entries, 2*rowsAtOnce) {
		values := make([]any, 0, 2*len(chunk))
		for _, e := range chunk {
			values = append(values, e.rest, e.word)
		}
		if err := insert(b.tx, "search_typos (rest, word)", 2, values); err != nil {
			return err
		}
	}
	return nil
}

// insert writes rows of width columns in one statement.
func insert(tx core.App, into string, width int, values []any) error {
	params := make(dbx.Params, len(values))
	var statement strings.Builder
	statement.WriteString("INSERT INTO " + into + " VALUES ")
	for i, value := range values {
		switch {
		case i == 0:
			statement.WriteByte('(')
		case i%width == 0:
			statement.WriteString("),(")
		default:
			statement.WriteByte(',')
		}
		name := fmt.Sprintf("v%d", i)
		params[name] = value
		statement.WriteString("{:" + name + "}")
	}
	statement.WriteByte(')')
	_, err := tx.DB().NewQuery(statement.String()).Bind(params).Execute()
	return err
}
