package search

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// block is where documents lie, and how many.
type block struct {
	number int64
	count  int
}

// reader fetches rows of the index and keeps them while one query is answered.
type reader struct {
	app    core.App
	blocks []block                       // in order
	rows   map[string]map[int64]postings // a block without the term is there too, once it was looked for
	whole  map[string]bool               // terms of which every row is there
}

// newReader knows the blocks, and all of the tag that is to be left out.
func newReader(app core.App, without string) (*reader, error) {
	r := &reader{app: app, rows: map[string]map[int64]postings{}, whole: map[string]bool{spaceTag + without: true}}
	found, err := app.DB().NewQuery(`SELECT term, block, count, CASE term WHEN {:all} THEN x'' ELSE places END FROM search_postings
		WHERE term IN ({:all}, {:tag}) ORDER BY term, block`).Bind(dbx.Params{"all": everything, "tag": spaceTag + without}).Rows()
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	defer found.Close() //nolint:errcheck // read to its end below
	for found.Next() {
		var term string
		var number int64
		var p postings
		if err := found.Scan(&term, &number, &p.count, &p.bytes); err != nil {
			return nil, fmt.Errorf("read the index: %w", err)
		}
		if term == everything {
			r.blocks = append(r.blocks, block{number, p.count})
		} else if err := r.keep(term, number, p); err != nil {
			return nil, err
		}
	}
	return r, found.Err()
}

func (r *reader) keep(term string, block int64, p postings) error {
	if !p.sound() {
		return errDamaged
	}
	if r.rows[term] == nil {
		r.rows[term] = map[int64]postings{}
	}
	r.rows[term][block] = p
	return nil
}

// rowsOf is how many rows the terms have, as far as they are read.
func (r *reader) rowsOf(terms source) (count int) {
	for _, term := range terms {
		count += len(r.rows[term])
	}
	return count
}

// any is the postings of the terms in the block, as far as they are read.
func (r *reader) any(terms source, block int64) (found alternatives) {
	for _, term := range terms {
		if p := r.rows[term][block]; p.count > 0 {
			found = append(found, p)
		}
	}
	return found
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
			if !r.isRead(term, block) {
				r.rows[term][block] = postings{}
			}
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
		if err := r.keep(term, block, p); err != nil {
			return nil, err
		}
		if len(terms) == 0 || terms[len(terms)-1] != term {
			terms = append(terms, term)
		}
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
