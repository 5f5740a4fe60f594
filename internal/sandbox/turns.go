package sandbox

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// slice is how long a call keeps the place of a prompt one. Most are done in a tenth of it.
	slice = 10 * time.Millisecond
	// slowCPU is what a call takes of a processor before its program is slow.
	slowCPU = 20 * time.Millisecond
	// startCPU is what a new worker may take beside that, to start and to be given its first program.
	startCPU = 100 * time.Millisecond
	// slowFor is how long a program is slow after its last slow call.
	slowFor = 10 * time.Second
)

// place is where a call runs. Prompt calls have a processor each and leave soon. A call that takes longer, because it
// computes or because it waits for its host, goes on in a slow place, and the next prompt one begins; if it computes,
// the system is told to let others go first. A program whose calls were slow, or whose workers did not survive them,
// begins in a slow place. So nobody waits for what somebody else's function does for long.
type place struct {
	pool   *Pool
	app    string
	inLane bool

	mu     sync.Mutex
	slow   bool // a slow place and no prompt one
	left   bool
	worker *worker
	before time.Duration // processor time that the worker had used
	spare  time.Duration // and what it may use before it is slow
	watch  *time.Timer
}

// enter waits until the app may run, as long as a call may take. A heavy app needs a place in the lane too, also one
// that has become heavy while this call waited.
func (p *Pool) enter(ctx context.Context, app string) (*place, error) {
	patience := time.NewTimer(p.opts.Timeout)
	defer patience.Stop()
	at := &place{pool: p, app: app}
	for {
		slow, heavy := p.shares.standing(app, time.Now())
		if heavy && !at.inLane {
			if err := wait(ctx, p.lane, patience); err != nil {
				return nil, err
			}
			at.inLane = true
		}
		room := p.turns
		if at.slow = slow; slow {
			room = p.slow
		}
		if err := wait(ctx, room, patience); err != nil {
			at.leaveLane()
			return nil, err
		}
		if _, heavy := p.shares.standing(app, time.Now()); at.inLane || !heavy {
			return at, nil
		}
		<-room
	}
}

func wait(ctx context.Context, room chan<- struct{}, patience *time.Timer) error {
	select {
	case room <- struct{}{}:
		return nil
	case <-patience.C:
		return ErrBusy
	case <-ctx.Done():
		return fmt.Errorf("sandbox queue: %w", ctx.Err())
	}
}

// runs begins to watch how long the worker takes.
func (at *place) runs(w *worker) {
	at.mu.Lock()
	defer at.mu.Unlock()
	at.worker, at.before, at.spare = w, w.cpu, slowCPU
	if w.calls == 0 {
		at.spare += startCPU
	}
	if at.slow {
		w.lower()
		return
	}
	at.watch = time.AfterFunc(slice, at.overtime)
}

// overtime gives the prompt place to the next call, and lets others go first if this one computes.
func (at *place) overtime() {
	at.mu.Lock()
	defer at.mu.Unlock()
	if at.left {
		return
	}
	computes := at.worker.processorTime()-at.before > at.spare
	if computes {
		at.worker.lower()
	}
	if !at.slow {
		select {
		case at.pool.slow <- struct{}{}:
			at.slow = true
			<-at.pool.turns
		default: // all are taken: it stays where it is until one is free
		}
	}
	if !at.slow || !computes {
		at.watch.Reset(slice)
	}
}

// done ends the watch of a call that took so long, and says what its app is charged for it, and whether it was slow.
// A prompt call is charged what it used of a processor, not how long a busy machine let it wait for one.
func (at *place) done(took time.Duration) (charged time.Duration, slow bool) {
	at.mu.Lock()
	defer at.mu.Unlock()
	at.left = true
	if at.watch != nil {
		at.watch.Stop()
	}
	after := at.worker.processorTime()
	used := after - at.before
	at.worker.cpu = after
	slow = used > at.spare || at.worker.failed()
	if at.slow || used == 0 {
		return took, slow
	}
	return min(used, took), slow
}

// leave gives the places to others.
func (at *place) leave() {
	at.mu.Lock()
	defer at.mu.Unlock()
	at.left = true
	if at.slow {
		<-at.pool.slow
	} else {
		<-at.pool.turns
	}
	at.leaveLane()
}

func (at *place) leaveLane() {
	if at.inLane {
		<-at.pool.lane
		at.inLane = false
	}
}
