package bench

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/store"
)

const (
	storePrograms  = 580_000
	storeShare     = 100 // how many times smaller the store is that growth is measured against
	storeQueries   = 3000
	storeOverHTTP  = 2000
	storeWarm      = 300
	storeLimit     = 20 * time.Millisecond
	storeGrowth    = 2
	storeBuildTime = 5 * time.Minute
)

// aStore is a filled store and how long it took to make.
type aStore struct {
	*server
	indexed time.Duration
}

// stores measures the store at two sizes with the same queries, one after the other on both, so that whatever
// else the machine does weighs on both.
func stores(register Register) (rows []Row, err error) {
	large, err := fillStore(register, storePrograms)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, large.stop()) }()
	small, err := fillStore(register, storePrograms/storeShare)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, small.stop()) }()
	size, err := bytesOf(large.dir)
	if err != nil {
		return nil, err
	}
	rows = append(rows,
		atMost("index of 580,000 programs, built anew, processor time", large.indexed.Seconds(), "s", "limit of 300 s", large.indexed.Seconds()/storeBuildTime.Seconds(), 1),
		atMost("data of 580,000 programs and 1,000,000 creators", float64(size>>20), "MiB", "limit of 4 KiB a program", float64(size)/(4096*storePrograms), 1))
	for _, kind := range []struct {
		name string
		make func(r *rand.Rand) store.Query
	}{{"search", searchQuery}, {"category page", categoryQuery}} {
		queries := make([]store.Query, storeQueries)
		r := rand.New(rand.NewPCG(3, 5))
		for i := range queries {
			queries[i] = kind.make(r)
		}
		measured, err := compareStores(kind.name, queries, small, large)
		if err != nil {
			return nil, err
		}
		rows = append(rows, measured...)
	}
	return rows, nil
}

func compareStores(name string, queries []store.Query, small, large aStore) ([]Row, error) {
	var wall, fewHTTP, overHTTP, few, many []time.Duration
	for i, query := range append(slices.Clone(queries[:storeWarm]), queries...) {
		inSmall, err := small.ask(query)
		if err != nil {
			return nil, err
		}
		inLarge, err := large.ask(query)
		if err != nil {
			return nil, err
		}
		if i >= storeWarm { // the first ones read the files
			few, many, wall = append(few, inSmall.work), append(many, inLarge.work), append(wall, inLarge.wait)
		}
	}
	for _, query := range queries[:storeOverHTTP] {
		inSmall, err := small.get(query)
		if err != nil {
			return nil, err
		}
		inLarge, err := large.get(query)
		if err != nil {
			return nil, err
		}
		fewHTTP, overHTTP = append(fewHTTP, inSmall), append(overHTTP, inLarge)
	}
	p99, p99Few, p99HTTP := p99Of(wall), p99Of(fewHTTP), p99Of(overHTTP)
	before, after := p99Of(few), p99Of(many)
	return []Row{
		atMost(name+" among 580,000 programs, p99", milliseconds(p99), "ms",
			fmt.Sprintf("limit of 20 ms (processor time %.2f ms; among 5,800 %.2f ms)", milliseconds(after), milliseconds(before)),
			float64(p99)/float64(storeLimit), 1),
		atMost(name+" among 580,000 programs over HTTP, p99", milliseconds(p99HTTP), "ms", "limit of 20 ms", float64(p99HTTP)/float64(storeLimit), 1),
		atMost(name+" p99 over HTTP, growth from 5,800 programs to 580,000", float64(p99HTTP)/float64(p99Few), "×",
			fmt.Sprintf("5,800 programs %.2f ms", milliseconds(p99Few)), float64(p99HTTP)/float64(p99Few), storeGrowth),
	}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func p99Of(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)*99/100]
}

// cost is what a query took: on the clock, and of the processor.
type cost struct{ wait, work time.Duration }

// ask answers a query through the verb.
func (s aStore) ask(query store.Query) (cost, error) {
	began := time.Now()
	work, err := worked(func() error {
		_, err := store.Search(s.app, query)
		return err
	})
	return cost{time.Since(began), work}, err
}

// get answers it over HTTP.
func (s aStore) get(query store.Query) (time.Duration, error) {
	values := url.Values{"q": {query.Q}, "category": {query.Category}, "sort": {query.Sort}, "lang": {query.Language}}
	if query.Page > 0 {
		values.Set("page", fmt.Sprint(query.Page))
	}
	if query.Certified {
		values.Set("certified", "true")
	}
	began := time.Now()
	answer, err := s.client.Get(s.url + "/api/store?" + values.Encode())
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%v: %d %.300s", values, answer.StatusCode, body)
	}
	return time.Since(began), err
}

// searchQuery is one to three words as people type them: rare and very common, in three languages, half typed,
// and now and then with a slip.
func searchQuery(r *rand.Rand) store.Query {
	query := store.Query{Language: languages[r.IntN(len(languages))]}
	lexicon := lexicons[query.Language]
	words := make([]string, 1+r.IntN(3))
	for i := range words {
		switch r.IntN(4) {
		case 0:
			words[i] = lexicon[r.IntN(8)] // among the commonest
		case 1:
			words[i] = brand(r.IntN(storePrograms / storeShare))
		default:
			words[i] = lexicon[zipf(r, len(lexicon))]
		}
	}
	last := []rune(words[len(words)-1])
	switch {
	case r.IntN(4) == 0: // still being typed
		last = last[:1+r.IntN(len(last))]
	case r.IntN(8) == 0 && len(last) > 4:
		at := 1 + r.IntN(len(last)-2)
		last[at], last[at+1] = last[at+1], last[at]
	}
	words[len(words)-1] = string(last)
	query.Q = strings.Join(words, " ")
	return query
}

// categoryQuery is a page of a category: mostly the first ones, by rank or newest first.
func categoryQuery(r *rand.Rand) store.Query {
	query := store.Query{Category: shelves[r.IntN(len(shelves))], Language: languages[r.IntN(len(languages))], Page: 1 + r.IntN(5)}
	switch r.IntN(6) {
	case 0:
		query.Sort = store.SortNew
	case 1:
		query.Certified = true
	case 2:
		query.Page = 10 + r.IntN(40)
	}
	return query
}

// fillStore makes a store of n programs, with creators and certified organisations in proportion.
func fillStore(register Register, n int) (aStore, error) {
	s, err := start(plazaStore, register, nil)
	if err != nil {
		return aStore{}, err
	}
	// The night's work is done while there is none, or it would be made up for in the middle of the measuring.
	if _, err := jobs.RunDue(s.app, clock.Now(s.app)); err != nil {
		return aStore{}, errors.Join(err, s.stop())
	}
	if err := s.app.RunInTransaction(func(tx core.App) error { return fillPrograms(tx, n) }); err != nil {
		return aStore{}, errors.Join(err, s.stop())
	}
	took, err := worked(func() error { return store.Rebuild(s.app) })
	if err != nil {
		return aStore{}, errors.Join(err, s.stop())
	}
	for _, statement := range []string{"PRAGMA wal_checkpoint(TRUNCATE)", "ANALYZE"} {
		if _, err := s.app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
			return aStore{}, errors.Join(err, s.stop())
		}
	}
	return aStore{s, took}, nil
}

// worked is the processor time that the action takes: a neighbour's work is not the store's.
func worked(action func() error) (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began, err := threadTime()
	if err != nil {
		return 0, err
	}
	if err := action(); err != nil {
		return 0, err
	}
	ended, err := threadTime()
	return ended - began, err
}

func bytesOf(dir string) (total int64, err error) {
	for _, name := range []string{"data.db", "data.db-wal"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, err
		}
		if err == nil {
			total += info.Size()
		}
	}
	return total, nil
}

// zipf is a place in a list of n that is the smaller the more often: word frequencies of a natural language.
func zipf(r *rand.Rand, n int) int {
	return cmp.Or(int(float64(n)*pow4(r.Float64())), 0) % n
}

func pow4(x float64) float64 { return x * x * x * x }
