package bridge

import (
	"sync"
	"time"
)

// vettingHolds is how long the launch of a running function is taken for good once it was checked. A function asks its
// host many times within a few milliseconds; a program that is stopped is stopped so much later.
const vettingHolds = 100 * time.Millisecond

// vetted is when the launch of one run was last checked, by a clock that nobody moves.
type vetted struct {
	mu sync.Mutex
	at time.Time
}

func vettedNow() *vetted { return &vetted{at: time.Now()} }

// holds tells whether the last check is still good enough; without one, none is.
func (v *vetted) holds() bool {
	if v == nil {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return time.Since(v.at) < vettingHolds
}

func (v *vetted) renew() {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.at = time.Now()
}
