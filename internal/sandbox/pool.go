package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Caps that hold for every call, whatever the pool's options say.
const (
	maxFrame     = 16 << 20 // one frame, also the code of one function
	maxEvent     = 1 << 20  // event and context
	maxValue     = 1 << 20  // what a function gives back, and one host call's arguments or answer
	maxLogLines  = 200
	maxLogLine   = 2 << 10
	maxLogBytes  = 64 << 10
	maxCalls     = 1_000                  // calls of one worker's life
	maxPrograms  = 50                     // programs that one worker is given
	idleLife     = time.Minute            // how long an unused worker is kept
	interruption = 250 * time.Millisecond // between the worker's own deadline and SIGKILL
)

// Options of a Pool. Zero values choose the defaults.
type Options struct {
	Workers     int           // prompt calls at a time; the number of cores, and two at least
	Slow        int           // slow calls at a time, those that wait for their host too; four for each worker
	Queue       int           // calls that may wait for a worker; 64 for each worker
	Timeout     time.Duration // of one call, host calls included, and of the wait before it; 4 seconds
	MemoryBytes int64         // of one worker's data; 256 MiB
	HostCalls   int           // of one call; 200
	HostBytes   int           // of all host calls of one call, both ways; 8 MiB
}

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = max(2, runtime.NumCPU()) // one alone could be held by one program
	}
	if o.Slow <= 0 {
		o.Slow = 4 * o.Workers
	}
	if o.Queue <= 0 {
		o.Queue = 64 * o.Workers
	}
	if o.Timeout <= 0 {
		o.Timeout = 4 * time.Second
	}
	if o.MemoryBytes <= 0 {
		o.MemoryBytes = 256 << 20
	}
	if o.HostCalls <= 0 {
		o.HostCalls = 200
	}
	if o.HostBytes <= 0 {
		o.HostBytes = 8 << 20
	}
	return o
}

// Pool is a set of worker processes. It is safe for use by many goroutines.
type Pool struct {
	opts    Options
	turns   chan struct{} // one for each prompt call that may run
	slow    chan struct{} // one for each slow call that may run
	waiting chan struct{} // one for each call that may wait or run
	lane    chan struct{} // one for each call of heavy apps that may run
	shares  *shares

	mu     sync.Mutex
	idle   []*worker // least recently used first
	all    map[*worker]bool
	closed bool
}

// NewPool makes a pool; workers start when they are needed.
func NewPool(opts Options) *Pool {
	opts = opts.withDefaults()
	return &Pool{
		opts: opts, all: map[*worker]bool{},
		turns: make(chan struct{}, opts.Workers), slow: make(chan struct{}, opts.Slow),
		waiting: make(chan struct{}, opts.Workers+opts.Slow+opts.Queue),
		lane:    make(chan struct{}, max(1, opts.Slow/2)), shares: newShares(opts),
	}
}

// Close ends every worker. Calls that run get ErrClosed.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for w := range p.all {
		w.kill(ErrClosed)
	}
	p.idle = nil
}

// Call runs one function and waits for its answer. Errors are refusals of this package, a refusal of the host that the
// function let through, or the end of ctx.
func (p *Pool) Call(ctx context.Context, call Call, host Host) (Result, error) {
	encoded, err := encode(&call)
	if err != nil {
		return Result{}, err
	}
	if _, heavy := p.shares.standing(call.App, time.Now()); heavy && len(p.waiting) > cap(p.waiting)/2 {
		return Result{}, ErrBusy // the other half of the queue is for the rest
	}
	select {
	case p.waiting <- struct{}{}:
		defer func() { <-p.waiting }()
	default:
		return Result{}, ErrBusy
	}
	at, err := p.enter(ctx, call.App)
	if err != nil {
		return Result{}, err
	}
	defer at.leave()
	w, err := p.take(call.App, at.slow)
	if err != nil {
		return Result{}, err
	}
	at.runs(w)
	began := time.Now()
	result, err := w.call(ctx, call, encoded, host)
	ended := time.Now()
	charged, slow := at.done(ended.Sub(began))
	p.shares.charge(call.App, charged, ended, slow)
	p.give(w)
	return result, err
}

// encode checks what the caller hands over and gives the context as JSON.
func encode(call *Call) (json.RawMessage, error) {
	if call.Modules[entry] == "" {
		return nil, ErrNoFunction.With("function", call.Function)
	}
	if len(call.Event) == 0 {
		call.Event = json.RawMessage("{}")
	}
	encoded, err := json.Marshal(call.Context)
	if err != nil {
		return nil, fmt.Errorf("sandbox context: %w", err)
	}
	if call.Context == nil {
		encoded = []byte("{}")
	}
	if len(call.Event)+len(encoded) > maxEvent {
		return nil, ErrTooLarge.With("limit", maxEvent).With("what", "event")
	}
	return encoded, nil
}

// take gives a worker of the app: one that is idle, or a new one. A worker never changes its app, so when the
// pool is full the one that was idle the longest ends. One that lets others go first is for slow calls alone, for it
// cannot be told otherwise any more.
func (p *Pool) take(app string, slow bool) (*worker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	for i := len(p.idle) - 1; i >= 0; i-- {
		if w := p.idle[i]; w.app == app && (slow || !w.lowered) {
			p.idle = slices.Delete(p.idle, i, i+1)
			w.rest.Stop()
			return w, nil
		}
	}
	if len(p.all) >= p.opts.Workers+p.opts.Slow && len(p.idle) > 0 {
		p.drop(p.idle[0])
		p.idle = p.idle[1:]
	}
	w, err := start(p.opts, app)
	if err != nil {
		return nil, fmt.Errorf("sandbox worker: %w", err)
	}
	p.all[w] = true
	return w, nil
}

// give takes a worker back after a call.
func (p *Pool) give(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || w.spent() {
		p.drop(w)
		return
	}
	p.idle = append(p.idle, w)
	w.rest = time.AfterFunc(idleLife, func() { p.expire(w) })
}

// expire ends a worker that nobody has used for a while.
func (p *Pool) expire(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.idle, w); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
		p.drop(w)
	}
}

// drop ends a worker; the caller holds the lock.
func (p *Pool) drop(w *worker) {
	delete(p.all, w)
	if w.rest != nil {
		w.rest.Stop()
	}
	w.kill(ErrClosed)
}
