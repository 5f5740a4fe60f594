package store

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/search"
)

const (
	// indexedAtOnce is how many programs one transaction indexes: everybody who writes waits for it.
	indexedAtOnce = 8
	// loadedAtOnce is how many programs a rebuild reads with one query.
	loadedAtOnce = 200
	// entryVersion changes when the same programs would make other entries.
	entryVersion = "1"
	versionName  = "index"
)

// Reindex makes the index say what the programs are. It finds what was missed, because a process died between a
// commit and its entry, by stamps; an index that another version of Plaza made is built anew.
func Reindex(app core.App) error {
	current, err := isCurrent(app)
	if err != nil {
		return err
	}
	if !current {
		return Rebuild(app)
	}
	return catchUp(app)
}

func isCurrent(app core.App) (bool, error) {
	var version string
	err := app.DB().NewQuery("SELECT value FROM store_state WHERE name = {:name}").Bind(dbx.Params{"name": versionName}).Row(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("read the version of the index: %w", err)
	}
	return version == search.Version+"."+entryVersion, nil
}

func catchUp(app core.App) error {
	var missed []string
	err := app.DB().NewQuery(`SELECT p.id ` + factsFrom + ` LEFT JOIN store_entries e ON e.program = p.id
		WHERE (` + listed + ` AND (e.stamp IS NULL OR e.stamp != ` + stampColumn + `)) OR (e.stamp IS NOT NULL AND NOT ` + listed + `)
		UNION ALL SELECT e.program FROM store_entries e WHERE NOT EXISTS (SELECT 1 FROM programs WHERE id = e.program)`).Column(&missed)
	if err != nil {
		return fmt.Errorf("find what the index missed: %w", err)
	}
	return indexAll(app, missed)
}

func indexAll(app core.App, ids []string) error {
	for chunk := range slices.Chunk(ids, indexedAtOnce) {
		if err := ledger.Write(app, func(tx core.App) error { return index(tx, clock.Now(tx), chunk...) }); err != nil {
			return err
		}
	}
	return nil
}

// ranked is a program on its way to a place.
type ranked struct {
	ID         string
	Score      int
	Restricted bool
	place      int64
}

// Rebuild makes the whole index anew, in one transaction: everybody who writes waits for it.
func Rebuild(app core.App) error {
	return app.RunInTransaction(func(tx core.App) error {
		for _, table := range []string{"store_entries", "store_free"} {
			if _, err := tx.DB().NewQuery("DELETE FROM " + table).Execute(); err != nil {
				return err
			}
		}
		order, err := placed(tx, clock.Now(tx))
		if err != nil {
			return err
		}
		if err := search.Build(tx, entries(tx, order)); err != nil {
			return err
		}
		_, err = tx.DB().NewQuery(`INSERT INTO store_state (name, value) VALUES ({:name}, {:value})
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`).
			Bind(dbx.Params{"name": versionName, "value": search.Version + "." + entryVersion}).Execute()
		return err
	})
}

// placed is every program to be listed with its place, best first. Its score is made anew.
func placed(tx core.App, now time.Time) ([]ranked, error) {
	var order []ranked
	for after := ""; ; {
		var programs []facts
		err := tx.DB().NewQuery(`SELECT p.id, p."release", p.tier, p.people, p.stars, p.ratings, p.score, p.rising, p.released_at,
			COALESCE(o.certified, FALSE) AS certified FROM programs p LEFT JOIN orgs o ON o.id = p.org
			WHERE p.id > {:after} AND ` + listed + ` ORDER BY p.id LIMIT {:limit}`).
			Bind(dbx.Params{"after": after, "limit": weighedAtOnce}).All(&programs)
		if err != nil {
			return nil, fmt.Errorf("list programs: %w", err)
		}
		if len(programs) == 0 {
			break
		}
		after = programs[len(programs)-1].ID
		changed, err := reweigh(tx, programs, now)
		if err == nil {
			err = writeScores(tx, changed)
		}
		if err != nil {
			return nil, err
		}
		for _, program := range programs {
			order = append(order, ranked{ID: program.ID, Score: program.Score, Restricted: program.Release == ""})
		}
	}
	slices.SortFunc(order, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(bucket(a.Score, a.Restricted), bucket(b.Score, b.Restricted)), cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	next := map[int64]int64{}
	for i := range order {
		b := bucket(order[i].Score, order[i].Restricted)
		order[i].place = b<<bucketBits + next[b]
		next[b]++
	}
	return order, nil
}

// entries saves each program's entry and yields its document.
func entries(tx core.App, order []ranked) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for chunk := range slices.Chunk(order, loadedAtOnce) {
			made, err := load(tx, chunk)
			for i := 0; i < len(made) && err == nil; i++ {
				var document *search.Document
				if document, err = made[i].document(); err == nil && !yield(*document, nil) {
					return
				}
			}
			if err != nil {
				yield(search.Document{}, err)
				return
			}
		}
	}
}

func load(tx core.App, chunk []ranked) ([]entry, error) {
	ids := make([]string, len(chunk))
	for i, program := range chunk {
		ids[i] = program.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	var found []facts
	err = tx.DB().NewQuery(selectFacts + " WHERE p.id IN (SELECT value FROM json_each({:ids}))").
		Bind(dbx.Params{"ids": string(list)}).All(&found)
	if err != nil {
		return nil, fmt.Errorf("read programs: %w", err)
	}
	byID := make(map[string]facts, len(found))
	for _, program := range found {
		byID[program.ID] = program
	}
	query := tx.DB().NewQuery(saveEntry).Prepare()
	defer query.Close() //nolint:errcheck // it goes with the transaction in any case
	made := make([]entry, len(chunk))
	for i, program := range chunk {
		one, err := byID[program.ID].entry()
		if err != nil {
			return nil, err
		}
		one.Place = program.place
		if _, err := query.Bind(one.row()).Execute(); err != nil {
			return nil, err
		}
		made[i] = one
	}
	return made, nil
}
