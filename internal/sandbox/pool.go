package sandbox

import (
	"context"
	"time"
)

// Options of a Pool. Zero values choose the defaults.
type Options struct {
	Workers     int           // processes; the number of cores
	Queue       int           // calls that may wait for a worker
	Timeout     time.Duration // of one call, host calls included
	MemoryBytes int64         // of one worker
	HostCalls   int           // of one call
	HostBytes   int           // of all host calls of one call, both ways
}

// Pool is a set of worker processes. It is safe for use by many goroutines.
type Pool struct{}

// NewPool makes a pool; workers start when they are needed.
func NewPool(opts Options) *Pool { return &Pool{} }

// Close ends every worker. Calls that run get ErrClosed.
func (p *Pool) Close() {}

// Call runs one function and waits for its answer.
func (p *Pool) Call(ctx context.Context, call Call, host Host) (Result, error) {
	return Result{}, ErrClosed
}
