package proxy

import (
	"context"
	"sync"
)

// Lane counts exchanges of one kind: at most Most of the same Key are open at a time.
type Lane struct {
	Key  string
	Most int
}

// lanes is how many exchanges are open, all in all and by key.
type lanes struct {
	most  int // all in all
	mu    sync.Mutex
	open  int
	inUse map[string]int
	left  chan struct{} // closed when somebody has left, for those who wait; nil while nobody does
}

// enter takes a place in each lane, or in none.
func (l *lanes) enter(all []Lane) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.take(all)
}

// wait takes a place in each lane as soon as there is one in all of them.
func (l *lanes) wait(ctx context.Context, all []Lane) (leave func(), err error) {
	for {
		l.mu.Lock()
		leave, err = l.take(all)
		if err != nil && l.left == nil {
			l.left = make(chan struct{})
		}
		left := l.left
		l.mu.Unlock()
		if err == nil {
			return leave, nil
		}
		select {
		case <-left:
		case <-ctx.Done():
			return nil, err
		}
	}
}

func newLanes(most int) lanes { return lanes{most: most, inUse: map[string]int{}} }

func (l *lanes) take(all []Lane) (leave func(), err error) {
	if l.open >= l.most {
		return nil, ErrBusy.With("limit", l.most)
	}
	for _, lane := range all {
		if l.inUse[lane.Key] >= lane.Most {
			return nil, ErrBusy.With("limit", lane.Most)
		}
	}
	l.open++
	for _, lane := range all {
		l.inUse[lane.Key]++
	}
	return sync.OnceFunc(func() { l.leave(all) }), nil
}

func (l *lanes) leave(all []Lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	for _, lane := range all {
		if l.inUse[lane.Key]--; l.inUse[lane.Key] == 0 {
			delete(l.inUse, lane.Key)
		}
	}
	if l.left != nil {
		close(l.left)
		l.left = nil
	}
}
