package leaderboards

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// A rank is how many stand before. Counting them one by one in the index takes time with the rank, so of a large season
// this process keeps how many stand in each of some thousand buckets of neighbours, and SQL counts inside of one.
//
// What is true is in SQL alone. Each change of a ranking has a number, given in its transaction; the buckets are read
// from one snapshot together with the number of the last change in it, and take in what is committed after that, each
// change once, whatever the order. A bucket is split only when the buckets are what the snapshot is.

const (
	// countedFrom is how many players a season has before its buckets are kept.
	countedFrom = 2_000
	// bucketSize is how many neighbours a bucket has when it is made; one of more than twice as many is split.
	bucketSize = 128
	// rankingsKept is how many seasons' buckets are kept; those that nobody asked for go first.
	rankingsKept = 256
	// rankingIdle is for how long buckets are kept that nobody asks for.
	rankingIdle = time.Hour
)

const ranksKey = "plaza.leaderboards.ranks"

// position is a place in a ranking: the smaller key first, then who came first, then the row.
type position struct {
	Key int64 `db:"key"`
	At  int64 `db:"at"`
	ID  int64 `db:"id"`
}

func (p position) before(other position) bool {
	if p.Key != other.Key {
		return p.Key < other.Key
	}
	if p.At != other.At {
		return p.At < other.At
	}
	return p.ID < other.ID
}

func (p position) params(prefix string, params dbx.Params) dbx.Params {
	params[prefix+"key"], params[prefix+"at"], params[prefix+"id"] = p.Key, p.At, p.ID
	return params
}

var first = position{math.MinInt64, math.MinInt64, math.MinInt64}

// step is one change of a ranking.
type step struct {
	rev      int64
	from, to *position
}

// ranking is the buckets of one season.
type ranking struct {
	loading sync.Mutex // held while somebody reads the buckets
	mu      sync.Mutex
	ready   bool
	busy    bool       // they are being read
	waiting []step     // what was committed meanwhile
	base    int64      // the last change in the snapshot
	taken   int64      // changes taken in since
	low     []position // the first position of each bucket
	count   []int64
	asked   time.Time
}

type rankings struct {
	mu     sync.Mutex
	season map[int64]*ranking
}

func rankingsOf(app core.App) *rankings {
	return app.Store().GetOrSet(ranksKey, func() any { return &rankings{season: map[int64]*ranking{}} }).(*rankings)
}

// of is the ranking of a season: a new one when it is wanted and there is none.
func (r *rankings) of(season int64, wanted bool) *ranking {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.season[season]
	if found == nil && wanted {
		if len(r.season) >= rankingsKept {
			r.dropOldest()
		}
		found = &ranking{asked: time.Now()}
		r.season[season] = found
	}
	return found
}

func (r *rankings) dropOldest() {
	var oldest int64
	var at time.Time
	for id, one := range r.season {
		one.mu.Lock()
		if at.IsZero() || one.asked.Before(at) {
			oldest, at = id, one.asked
		}
		one.mu.Unlock()
	}
	delete(r.season, oldest)
}

// forget drops what nobody has asked for lately.
func (r *rankings) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, one := range r.season {
		one.mu.Lock()
		if time.Since(one.asked) > rankingIdle {
			delete(r.season, id)
		}
		one.mu.Unlock()
	}
}

// move numbers a change of a season's ranking in its transaction, and tells the buckets once that is committed. Who
// comes has no from, who goes has no to.
func move(tx core.App, season int64, from, to *position) error {
	s := step{from: from, to: to}
	players := 0
	if from == nil {
		players++
	}
	if to == nil {
		players--
	}
	err := ask(tx, "UPDATE leaderboards_seasons SET rev = rev + 1, players = players + {:players} WHERE id = {:season} RETURNING rev").
		Bind(dbx.Params{"season": season, "players": players}).Row(&s.rev)
	if err != nil {
		return fmt.Errorf("ranking of season %d: %w", season, err)
	}
	kept := rankingsOf(tx)
	ledger.Committed(tx, func() {
		if one := kept.of(season, false); one != nil {
			one.take(s)
		}
	})
	return nil
}

// take lets the buckets follow a change.
func (r *ranking) take(s step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ready {
		if r.busy {
			r.waiting = append(r.waiting, s)
		}
		return
	}
	r.apply(s)
}

func (r *ranking) apply(s step) {
	if s.rev <= r.base {
		return // it was in the snapshot
	}
	r.taken++
	if s.to != nil {
		r.count[r.bucket(*s.to)]++
	}
	if s.from != nil {
		i := r.bucket(*s.from)
		r.count[i]--
		r.join(i)
	}
}

// bucket is where a position belongs.
func (r *ranking) bucket(p position) int {
	return sort.Search(len(r.low), func(i int) bool { return p.before(r.low[i]) }) - 1
}

// join makes one bucket of two that have become small.
func (r *ranking) join(i int) {
	if i == 0 || r.count[i-1]+r.count[i] > bucketSize/2 {
		return
	}
	r.count[i-1] += r.count[i]
	r.low, r.count = slices.Delete(r.low, i, i+1), slices.Delete(r.count, i, i+1)
}

const inRanking = "FROM leaderboards_scores WHERE season = {:season} AND hidden = '' "

// load reads the buckets, once; who comes meanwhile waits, for counting one by one would hold up everybody longer.
func (r *ranking) load(app core.App, season int64) error {
	r.loading.Lock()
	defer r.loading.Unlock()
	r.mu.Lock()
	if r.ready {
		r.mu.Unlock()
		return nil
	}
	r.busy, r.waiting = true, nil
	r.mu.Unlock()
	read, err := survey(app, season)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = false
	if err == nil {
		r.low, r.count, r.base, r.taken, r.ready = read.low, read.count, read.base, 0, true
		for _, s := range r.waiting {
			r.apply(s)
		}
	}
	r.waiting = nil
	return err
}

// survey reads the buckets of a season from one snapshot: it hops from the first of each to the first of the next.
func survey(app core.App, season int64) (*ranking, error) {
	read := &ranking{low: []position{first}}
	db, ok := app.ConcurrentDB().(*dbx.DB)
	if !ok {
		return nil, errors.New("a ranking is not read in a transaction")
	}
	// Read-only, so that it is a snapshot which holds up no writer.
	err := db.TransactionalContext(context.Background(), &sql.TxOptions{ReadOnly: true}, func(tx *dbx.Tx) error {
		var players int64
		err := tx.NewQuery("SELECT rev, players FROM leaderboards_seasons WHERE id = {:season}").
			Bind(dbx.Params{"season": season}).Row(&read.base, &players)
		if err != nil {
			return err
		}
		hop := tx.NewQuery("SELECT key, at, id " + inRanking +
			"AND (key, at, id) >= ({:key}, {:at}, {:id}) ORDER BY key, at, id LIMIT 1 OFFSET {:size}").Prepare()
		defer hop.Close() //nolint:errcheck // the transaction ends with it
		for {
			var next position
			err := hop.Bind(read.low[len(read.low)-1].params("", dbx.Params{"season": season, "size": bucketSize})).One(&next)
			if errors.Is(err, sql.ErrNoRows) {
				read.count = append(read.count, players-int64(len(read.count))*bucketSize)
				return nil
			}
			if err != nil {
				return err
			}
			read.low, read.count = append(read.low, next), append(read.count, bucketSize)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("ranking of season %d: %w", season, err)
	}
	return read, nil
}

// before says how many stand in the buckets before that of a position, where that begins, and whether it has grown too
// large.
func (r *ranking) before(p position) (count int64, low position, large bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = time.Now()
	i := r.bucket(p)
	for _, n := range r.count[:i] {
		count += n
	}
	return count, r.low[i], r.count[i] > 2*bucketSize
}

// split makes two buckets of that of a position, if nothing has been committed that the buckets do not know yet.
func (r *ranking) split(app core.App, season int64, p position) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.bucket(p)
	half := r.count[i] / 2
	if half < bucketSize {
		return nil // somebody else has done it
	}
	var middle struct {
		Rev int64 `db:"rev"`
		position
	}
	err := app.DB().NewQuery(`SELECT (SELECT rev FROM leaderboards_seasons WHERE id = {:season}) AS rev, key, at, id ` + inRanking +
		`AND (key, at, id) >= ({:lowkey}, {:lowat}, {:lowid}) ORDER BY key, at, id LIMIT 1 OFFSET {:half}`).
		Bind(r.low[i].params("low", dbx.Params{"season": season, "half": half})).One(&middle)
	if err != nil || middle.Rev != r.base+r.taken {
		return nil //nolint:nilerr // it can be done the next time, and a large bucket is right, too
	}
	r.low, r.count = slices.Insert(r.low, i+1, middle.position), slices.Insert(r.count, i+1, r.count[i]-half)
	r.count[i] = half
	return nil
}

// rankOf is the rank of a position in its season, and how many are ranked there.
func rankOf(app core.App, s *season, p position) (rank, players int64, err error) {
	if err := ask(app, "SELECT players FROM leaderboards_seasons WHERE id = {:season}").Bind(dbx.Params{"season": s.ID}).Row(&players); err != nil {
		return 0, 0, fmt.Errorf("players of season %d: %w", s.ID, err)
	}
	if players < countedFrom {
		rank, err = countFrom(app, s.ID, first, p)
		return rank + 1, players, err
	}
	kept := rankingsOf(app).of(s.ID, true)
	if err := kept.load(app, s.ID); err != nil {
		return 0, players, err
	}
	count, low, large := kept.before(p)
	inside, err := countFrom(app, s.ID, low, p)
	if err == nil && large {
		err = kept.split(app, s.ID, p)
	}
	return count + inside + 1, players, err
}

// countFrom is how many stand from one position up to before another.
func countFrom(app core.App, season int64, low, p position) (count int64, err error) {
	params := p.params("", low.params("low", dbx.Params{"season": season}))
	err = ask(app, "SELECT COUNT(*) "+inRanking+"AND (key, at, id) >= ({:lowkey}, {:lowat}, {:lowid}) AND (key, at, id) < ({:key}, {:at}, {:id})").
		Bind(params).Row(&count)
	if err != nil {
		return 0, fmt.Errorf("rank in season %d: %w", season, err)
	}
	return count, nil
}
