package bridge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// UploadsAtOnce is how many files one person may be uploading, in all programs together. The next ones wait, so that
	// nobody takes all the places that the house has for files on their way.
	UploadsAtOnce = 3
	// uploadStill is how long an upload may pause.
	uploadStill = 20 * time.Second
	// uploadRate is how many bytes a second it brings on average at least, once it was waited for uploadStill.
	uploadRate = 2 << 10
)

var errDrips = errors.New("the upload is too slow")

// seats are the places that people have for something of which each may do a few at once.
type seats struct {
	mu sync.Mutex
	by map[string]*row
}

// row is one person's places, while anybody wants one.
type row struct {
	taken chan struct{}
	want  int
}

// wait takes one of the person's places as soon as there is one.
func (s *seats) wait(ctx context.Context, who string) (leave func(), err error) {
	s.mu.Lock()
	if s.by == nil {
		s.by = map[string]*row{}
	}
	own := s.by[who]
	if own == nil {
		own = &row{taken: make(chan struct{}, UploadsAtOnce)}
		s.by[who] = own
	}
	own.want++
	s.mu.Unlock()
	gone := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if own.want--; own.want == 0 {
			delete(s.by, who)
		}
	}
	select {
	case own.taken <- struct{}{}:
		return func() { <-own.taken; gone() }, nil
	case <-ctx.Done():
		gone()
		return nil, ctx.Err()
	}
}

// steady is what arrives, as long as it does: what pauses or drips ends. Time in which nobody reads does not count.
type steady struct {
	from  io.Reader
	line  *http.ResponseController
	got   int64
	spent time.Duration
}

func (s *steady) Read(p []byte) (int, error) {
	began := time.Now()
	_ = s.line.SetReadDeadline(began.Add(uploadStill)) // where it cannot be moved, the server's own holds
	n, err := s.from.Read(p)
	s.got, s.spent = s.got+int64(n), s.spent+time.Since(began)
	if err == nil && s.spent > uploadStill && float64(s.got) < s.spent.Seconds()*uploadRate {
		return n, errDrips
	}
	return n, err
}
