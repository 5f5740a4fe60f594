package clouddb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"plaza.internal/plaza/internal/clouddb/query"
)

// signalKey names a collection of a program.
type signalKey struct{ appid, collection string }

// signal is closed at the next change.
type signal struct {
	changed chan struct{}
	waiters int
}

// await gives what is closed at the collection's next change; leave forgets it.
func (f *Files) await(key signalKey) (changed <-chan struct{}, leave func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.signals[key]
	if s == nil {
		s = &signal{changed: make(chan struct{})}
		f.signals[key] = s
	}
	s.waiters++
	return s.changed, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if s.waiters--; s.waiters == 0 && f.signals[key] == s {
			delete(f.signals, key)
		}
	}
}

// awaitAny gives what is closed at the next change of any of the collections.
func (f *Files) awaitAny(appid string, collections []string) (changed <-chan struct{}, leave func()) {
	if len(collections) == 1 {
		return f.await(signalKey{appid, collections[0]})
	}
	first, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	leaves := []func(){func() { close(done) }}
	for _, name := range collections {
		one, leave := f.await(signalKey{appid, name})
		leaves = append(leaves, leave)
		go func() {
			select {
			case <-one:
				once.Do(func() { close(first) })
			case <-done:
			}
		}()
	}
	return first, func() {
		for _, leave := range leaves {
			leave()
		}
	}
}

// wake tells those who watch one of the collections.
func (f *Files) wake(appid string, collections map[string]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range collections {
		key := signalKey{appid, name}
		if s := f.signals[key]; s != nil {
			close(s.changed)
			delete(f.signals, key)
		}
	}
}

func (f *Files) wakeAll() {
	for key, s := range f.signals {
		close(s.changed)
		delete(f.signals, key)
	}
}

// Watch is a query to follow.
type Watch struct {
	Query
	Seen string `json:"seen"` // of the last answer; "" when there is none
	Wait int    `json:"wait"` // seconds, at most WatchTime; 0 answers at once
}

// Watched is the state of what is followed. Docs are left out when nothing has changed.
type Watched struct {
	Seen string          `json:"seen"`
	Docs json.RawMessage `json:"docs,omitzero"`
}

// Watch answers as soon as the documents are others than Seen, or when the time is over. still is asked before each
// answer that took waiting, for the caller may have lost the right meanwhile.
func (s *Session) Watch(ctx context.Context, w Watch, still func() error) (Watched, error) {
	if w.Wait < 0 || time.Duration(w.Wait)*time.Second > WatchTime {
		return Watched{}, query.ErrBadQuery.With("detail", "wait is 0 to 25 seconds")
	}
	leave, err := s.files.watcher(s.appid, s.who.OpenID)
	if err != nil {
		return Watched{}, err
	}
	defer leave()
	until := time.NewTimer(time.Duration(w.Wait) * time.Second)
	defer until.Stop()
	followed := []string{w.Collection}
	for {
		changed, forget := s.files.awaitAny(s.appid, followed)
		state, looked, err := s.state(ctx, w)
		if err != nil || state.Seen != w.Seen || w.Wait == 0 {
			forget()
			return state, err
		}
		if more := missingOf(followed, looked); len(more) > 0 { // what rules look at counts, too
			forget()
			followed = append(followed, more...)
			continue
		}
		select {
		case <-changed:
			forget()
		case <-until.C:
			forget()
			return Watched{Seen: w.Seen}, nil
		case <-ctx.Done():
			forget()
			return Watched{}, ctx.Err()
		}
		if err := still(); err != nil {
			return Watched{}, err
		}
		time.Sleep(watchPause) // a burst of writes is answered once
	}
}

// state is what the query gives now, with a mark by which two states are compared.
func (s *Session) state(ctx context.Context, w Watch) (out Watched, looked []string, err error) {
	q := w.Query
	limit := WatchLimit
	if q.Limit != nil {
		limit = *q.Limit
	}
	if limit < 1 || limit > WatchLimit {
		return out, nil, query.ErrBadQuery.With("detail", fmt.Sprintf("limit is 1 to %d", WatchLimit))
	}
	if q.ID != nil {
		q.Where, q.ID = map[string]any{"_id": map[string]any{"$eq": q.ID}}, nil
	}
	err = s.read(ctx, func(v *view) error {
		t, err := v.collection(q.Collection)
		if err != nil {
			return err
		}
		found, err := v.query(t, q, limit)
		if err != nil {
			return err
		}
		v.remember(t)
		looked = slices.Collect(maps.Keys(v.looked))
		mark := sha256.Sum256(found.out.Bytes())
		out = Watched{Seen: hex.EncodeToString(mark[:12]), Docs: json.RawMessage("[" + found.out.String() + "]")}
		return nil
	})
	return out, looked, err
}

// missingOf are the names that are not in the list yet.
func missingOf(list, names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(list, name) })
}

// watcher counts one, up to the limits of the person and of the program.
func (f *Files) watcher(appid, openid string) (leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	each := appid + "/" + openid
	if f.watched[each] >= WatchersEach || f.watched[appid] >= WatchersAll {
		return nil, ErrTooMany.With("what", "watchers").With("limit", WatchersEach)
	}
	f.watched[each]++
	f.watched[appid]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, key := range []string{each, appid} {
			if f.watched[key]--; f.watched[key] == 0 {
				delete(f.watched, key)
			}
		}
	}, nil
}
