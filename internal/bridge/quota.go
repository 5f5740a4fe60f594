package bridge

import (
	"math"
	"sync"
	"time"
)

// bucketsKept is how many (program, person) pairs are remembered before the ones that are full again go.
const bucketsKept = 10_000

type bucketKey struct{ appid, user string }

// bucket holds the calls that are left; it fills at CallsPerMinute.
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
	if !ok {
		q.makeRoom(now)
		b = bucket{left: CallsPerMinute, at: now}
	}
	b = b.filled(now)
	if b.left < 1 {
		q.buckets[key] = b
		wait := math.Ceil((1 - b.left) * 60 / CallsPerMinute)
		return ErrQuota.With("calls_per_minute", CallsPerMinute).With("retry_after", wait)
	}
	b.left--
	q.buckets[key] = b
	return nil
}

// filled is the bucket at a later time. A clock that was put back fills nothing and counts from there.
func (b bucket) filled(now time.Time) bucket {
	if passed := now.Sub(b.at).Minutes(); passed > 0 {
		b.left = min(CallsPerMinute, b.left+passed*CallsPerMinute)
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
		if b.filled(now).left >= CallsPerMinute {
			delete(q.buckets, key)
		}
	}
}
