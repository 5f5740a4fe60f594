package bridge

import (
	"math"
	"sync"
	"time"
)

// bucketsKept is how many (program, person) pairs are remembered before the ones that are full again go.
const bucketsKept = 10_000

type bucketKey struct{ appid, user string }

// limit is the calls of a minute: one person's, or those that timers and events make for all of them.
func (k bucketKey) limit() float64 {
	if k.user == "" {
		return CallsPerMinuteAlone
	}
	return CallsPerMinute
}

// bucket holds the calls that are left; it fills at its limit.
type bucket struct {
	left float64
	at   time.Time
}

// quota counts calls per program and person, in this process.
type quota struct {
	mu      sync.Mutex
	buckets map[bucketKey]bucket
}

func newQuota() *quota { return &quota{buckets: map[bucketKey]bucket{}} }

// take counts one call, or refuses it and says when the next is possible.
func (q *quota) take(c call) error {
	key := bucketKey{appid: c.program.AppID} // of nobody, when a timer or an event calls
	if c.user != nil {
		key.user = c.user.Id
	}
	return q.spend(key, c.now)
}

func (q *quota) spend(key bucketKey, now time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	b, ok := q.buckets[key]
	limit := key.limit()
	if !ok {
		q.makeRoom(now)
		b = bucket{left: limit, at: now}
	}
	b = b.filled(limit, now)
	if b.left < 1 {
		q.buckets[key] = b
		wait := math.Ceil((1 - b.left) * 60 / limit)
		return ErrQuota.With("calls_per_minute", int(limit)).With("retry_after", wait)
	}
	b.left--
	q.buckets[key] = b
	return nil
}

// filled is the bucket at a later time. A clock that was put back fills nothing and counts from there.
func (b bucket) filled(limit float64, now time.Time) bucket {
	if passed := now.Sub(b.at).Minutes(); passed > 0 {
		b.left = min(limit, b.left+passed*limit)
	}
	b.at = now
	return b
}

// makeRoom forgets the buckets that are full, for a forgotten bucket is a full one; if all are in use, the
// map grows rather than forgive anybody.
func (q *quota) makeRoom(now time.Time) {
	if len(q.buckets) < bucketsKept {
		return
	}
	for key, b := range q.buckets {
		if b.filled(key.limit(), now).left >= key.limit() {
			delete(q.buckets, key)
		}
	}
}
