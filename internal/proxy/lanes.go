package proxy

import "sync"

// Lane counts exchanges of one kind: at most Most of the same Key are open at a time.
type Lane struct {
	Key  string
	Most int
}

// lanes is how many exchanges are open, all in all and by key.
type lanes struct {
	mu    sync.Mutex
	open  int
	inUse map[string]int
}

// enter takes a place in each lane, or in none.
func (l *lanes) enter(all []Lane) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= MostAtOnce {
		return nil, ErrBusy.With("limit", MostAtOnce)
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
}

// Enter takes a place for something else than an exchange, such as an open socket.
func (c *Client) Enter(all ...Lane) (leave func(), err error) { return c.lanes.enter(all) }
