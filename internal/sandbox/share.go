package sandbox

import (
	"sync"
	"time"
)

// shares keeps one program from taking every worker: a person may call a function that loops as often as any
// other, and every other program would hear ErrBusy. What an app's calls took of the workers is counted and
// forgotten at a quarter of what all workers could do; an app that is ahead of that by two whole timeouts is
// heavy until it has waited it off, and all heavy apps together leave half of the slow places to the rest.
type shares struct {
	burst  time.Duration // what an app may be ahead
	refill float64       // what is forgotten for each unit of time

	mu   sync.Mutex
	used map[string]share
}

type share struct {
	ahead time.Duration
	at    time.Time
	slow  time.Time // until when its calls are taken for slow
}

// sharesKept is how many apps are remembered before those that owe nothing are looked for and forgotten.
const sharesKept = 1_000

func newShares(opts Options) *shares {
	return &shares{burst: 2 * opts.Timeout, refill: float64(opts.Workers) / 4, used: map[string]share{}}
}

// now is the share of app at the instant; the caller holds the lock.
func (s *shares) now(app string, at time.Time) share {
	past := s.used[app]
	if past.at.IsZero() {
		return share{at: at}
	}
	forgotten := time.Duration(float64(at.Sub(past.at)) * s.refill)
	return share{ahead: max(past.ahead-forgotten, 0), at: at, slow: past.slow}
}

// standing tells whether an app is slow, and whether it is heavy; a heavy one is slow too.
func (s *shares) standing(app string, at time.Time) (slow, heavy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now(app, at)
	heavy = now.ahead >= s.burst
	return heavy || at.Before(now.slow), heavy
}

// charge adds a call that took so long until at, and remembers that it was slow.
func (s *shares) charge(app string, took time.Duration, at time.Time, slow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.now(app, at)
	next.ahead += took
	if slow {
		next.slow = at.Add(slowFor)
	}
	s.used[app] = next
	if len(s.used) <= sharesKept {
		return
	}
	for other := range s.used {
		if now := s.now(other, at); now.ahead == 0 && at.After(now.slow) {
			delete(s.used, other)
		}
	}
}
