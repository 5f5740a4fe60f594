package logs

import (
	"context"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// MaxWait is how long Tail waits for a line at most.
const MaxWait = 25 * time.Second

// Tail is the lines that the filter chooses. If there are none yet it waits for the first, until wait is over or
// ctx ends, and is woken when lines of the program are written; the end of ctx is no error, the answer is empty.
// next is where to go on from: After of the next call, so that what a filter passes over is looked at once.
func Tail(ctx context.Context, app core.App, filter Filter, wait time.Duration) (lines []Line, next int64, err error) {
	b := bufferOf(app)
	if b == nil {
		return nil, filter.After, nil
	}
	if err := b.prepare(); err != nil {
		return nil, filter.After, err
	}
	deadline := time.NewTimer(min(wait, MaxWait))
	defer deadline.Stop()
	next = filter.After
	for {
		// Who listens before looking misses nothing in between.
		var woken <-chan struct{}
		if wait > 0 {
			woken = b.waiters.listen(filter.AppID)
		}
		// What is written after this look at the end is read in the next round, or the next call.
		end, err := lastID(app)
		if err != nil {
			return nil, next, err
		}
		if lines, err = read(app, filter); err != nil {
			return nil, next, err
		}
		if len(lines) > 0 {
			return lines, lines[len(lines)-1].ID, nil
		}
		next = max(next, end)
		filter.After = next
		if woken == nil {
			return nil, next, nil
		}
		select {
		case <-woken:
		case <-deadline.C:
			return nil, next, nil
		case <-ctx.Done():
			return nil, next, nil
		case <-b.waiters.closed:
			return nil, next, nil
		}
	}
}

// waiters are the readers that wait for lines: for each program a channel that is closed when lines came.
type waiters struct {
	closed chan struct{}

	mu    sync.Mutex
	woken map[string]chan struct{} // stays until lines come: one for each program that was ever followed
}

func newWaiters() *waiters {
	return &waiters{closed: make(chan struct{}), woken: map[string]chan struct{}{}}
}

func (w *waiters) listen(appid string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	woken := w.woken[appid]
	if woken == nil {
		woken = make(chan struct{})
		w.woken[appid] = woken
	}
	return woken
}

// wake ends the waiting for each program that has lines.
func (w *waiters) wake(lines []Line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range lines {
		if woken := w.woken[lines[i].Program]; woken != nil {
			close(woken)
			delete(w.woken, lines[i].Program)
		}
	}
}
