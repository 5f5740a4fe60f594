package leaderboards

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
)

// fill puts scores of nobody into a season, in one statement.
func fill(t testing.TB, app core.App, season int64, count int, ties int64) {
	t.Helper()
	for _, statement := range []string{
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {:count})
			INSERT INTO leaderboards_scores (season, person, key, at) SELECT {:season}, 'p' || i, -((i * 7919) % {:ties}), 1000000 + (i * 31) % 5000 FROM n`,
		"UPDATE leaderboards_seasons SET players = (SELECT COUNT(*) FROM leaderboards_scores WHERE season = {:season} AND hidden = ''), rev = rev + 1 WHERE id = {:season}",
	} {
		if _, err := app.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"season": season, "count": count, "ties": ties}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
}

// counted is the rank as SQL counts it, one by one.
func counted(t testing.TB, app core.App, s *season, p position) int64 {
	t.Helper()
	n, err := countFrom(app, s.ID, first, p)
	if err != nil {
		t.Fatal(err)
	}
	return n + 1
}

// shape fails unless the buckets are what SQL holds.
func shape(t testing.TB, app core.App, s *season) {
	t.Helper()
	r := rankingsOf(app).of(s.ID, false)
	if r == nil || !r.ready {
		t.Fatal("the season has no buckets")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var all int64
	for i, low := range r.low {
		high := position{1 << 62, 0, 0}
		if i+1 < len(r.low) {
			high = r.low[i+1]
			if !low.before(high) {
				t.Fatalf("bucket %d begins at %v, and the next at %v", i, low, high)
			}
		}
		inside, err := countFrom(app, s.ID, low, high)
		if err != nil || inside != r.count[i] {
			t.Fatalf("bucket %d of %d has %d, SQL counts %d (%v)", i, len(r.low), r.count[i], inside, err)
		}
		all += inside
	}
	if n := int64(0); app.DB().NewQuery("SELECT players FROM leaderboards_seasons WHERE id = {:s}").Bind(dbx.Params{"s": s.ID}).Row(&n) != nil || n != all {
		t.Fatalf("the season says %d players, the buckets %d", n, all)
	}
}

// The rank that the buckets give is the one that SQL counts, whatever happened: scores that come, rise, fall, tie, are
// taken out, come back and go, and undone transactions.
func TestTheFastRankIsTheRank(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b", Operator: "set"})
	h.score("Ana", "b", 1, noon)
	b, err := boardOf(h.App, h.by("Ana"), "b")
	if err != nil {
		t.Fatal(err)
	}
	s, err := lastSeason(h.App, b, millis(noon))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, h.App, s.ID, 5_000, 300)
	dice := rand.New(rand.NewPCG(1, 2))
	act := func(round int) error {
		return ledger.Write(h.App, func(tx core.App) error {
			person := fmt.Sprint("p", 1+dice.IntN(5_400)) // some are new
			row, err := scoreRow(tx, s, person)
			if err != nil {
				return err
			}
			switch {
			case row != nil && dice.IntN(10) == 0:
				if row.Hidden == "" {
					err = hide(tx, s.ID, *row, hiddenRemoved)
				} else {
					err = unhide(tx, s.ID, *row)
				}
			case row != nil && dice.IntN(20) == 0:
				_, err = erase(tx, "TRUE", dbx.Params{"person": person})
			default:
				// Many rise to the same few scores, so that buckets there must split and others join.
				_, err = put(tx, s, row, person, 200+dice.Int64N(20), noon.Add(time.Duration(dice.IntN(50))*time.Millisecond))
			}
			if err == nil && dice.IntN(7) == 0 {
				err = fmt.Errorf("undone in round %d", round)
			}
			return err
		})
	}
	for round := range 4_000 {
		_ = act(round) // some are undone
		if round%20 != 0 {
			continue
		}
		var some scored
		if err := h.DB().NewQuery("SELECT id, person, key, at, hidden " + inRanking + "ORDER BY (id * {:dice}) % 10007 LIMIT 1").
			Bind(dbx.Params{"season": s.ID, "dice": 1 + dice.IntN(1_000)}).One(&some); err != nil {
			t.Fatal(err)
		}
		rank, _, err := rankOf(h.App, s, some.place())
		if err != nil || rank != counted(t, h.App, s, some.place()) {
			t.Fatalf("round %d: rank %d, SQL counts %d (%v)", round, rank, counted(t, h.App, s, some.place()), err)
		}
	}
	shape(t, h.App, s)
	if n := len(rankingsOf(h.App).of(s.ID, false).low); n < 20 || n > 200 {
		t.Errorf("5,000 players are in %d buckets", n)
	}
}

// Buckets that are read while scores come in lose none of them and count none twice.
func TestBucketsAreReadWhileScoresCome(t *testing.T) {
	h := newHouse(t, check.ManifestBoard{ID: "b"})
	h.score("Ana", "b", 1, noon)
	b, err := boardOf(h.App, h.by("Ana"), "b")
	if err != nil {
		t.Fatal(err)
	}
	s, err := lastSeason(h.App, b, millis(noon))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, h.App, s.ID, 20_000, 1_000)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 150 {
				var at position
				err := ledger.Write(h.App, func(tx core.App) error {
					person := fmt.Sprint("p", 1+(worker*150+i)*13%20_500)
					row, err := scoreRow(tx, s, person)
					if err == nil {
						at, err = put(tx, s, row, person, int64(2_000+i), noon.Add(time.Duration(i)*time.Millisecond))
					}
					return err
				})
				if err == nil {
					_, _, err = rankOf(h.App, s, at)
				}
				if err != nil {
					t.Error(err)
				}
				if worker == 0 && i%50 == 49 { // and again, as after an hour of silence
					kept := rankingsOf(h.App)
					kept.mu.Lock()
					delete(kept.season, s.ID)
					kept.mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if _, _, err := rankOf(h.App, s, position{}); err != nil {
		t.Fatal(err)
	}
	shape(t, h.App, s)
}

// BenchmarkRank measures a rank in the middle of a board of a million: counted in the index, and by buckets.
func BenchmarkRank(b *testing.B) {
	h := newHouse(b, check.ManifestBoard{ID: "b"})
	h.score("Ana", "b", 1, noon)
	board, err := boardOf(h.App, h.by("Ana"), "b")
	if err != nil {
		b.Fatal(err)
	}
	s, err := lastSeason(h.App, board, millis(noon))
	if err != nil {
		b.Fatal(err)
	}
	fill(b, h.App, s.ID, 1_000_000, 100_003)
	middle := position{-50_000, 0, 0}
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if err := new(ranking).load(h.App, s.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			counted(b, h.App, s, middle)
		}
	})
	if _, _, err := rankOf(h.App, s, middle); err != nil { // which reads the buckets
		b.Fatal(err)
	}
	b.Run("buckets", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := rankOf(h.App, s, middle); err != nil {
				b.Fatal(err)
			}
		}
	})
}
