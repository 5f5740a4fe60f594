// Package sandbox runs JavaScript that nobody here has read.
//
// The idea: an engine inside this process is no sandbox, since a Go process that runs out of memory dies and
// some loops cannot be interrupted. So the code runs in worker processes, which are this same binary started
// again with nothing: no environment, no arguments but one, little memory, one thread. The parent owns the
// deadline and ends a worker with SIGKILL. The invariant: whatever a function does, its caller gets a named
// refusal within the deadline and every other call goes on. The package knows no domain: what a function may
// ask of its host is the host function that the caller hands over.
package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

// Call is one call of one cloud function.
type Call struct {
	// App and Version name the code: equal values promise equal Modules, so that compiled code is kept by
	// them. A worker serves one App in its life.
	App, Version string
	// Function is the function's name; it is only used in messages and as the cache's third key.
	Function string
	// Modules are the function's CommonJS sources by path. index.js is the entry.
	Modules map[string]string
	// Event is the first argument of exports.main; empty means {}.
	Event json.RawMessage
	// Context is the second argument, and what getWXContext answers.
	Context map[string]any
	// Timeout is for calls that should take less than the pool's; zero is the pool's.
	Timeout time.Duration
	// Ahead is how far the house's clock is ahead of the machine's: Date tells the house's.
	Ahead time.Duration
	// Nest finds the functions that this one calls; without it there are none.
	Nest Nest
}

// Result is what a call gave back.
type Result struct {
	Value json.RawMessage // "null" when the function returned nothing
	Logs  []LogLine
}

// LogLine is one console call.
type LogLine struct {
	Level string `json:"level"` // debug, log, info, warn, error
	Text  string `json:"text"`
}

// Host answers what a function asks by cloud.plaza.call. A refusal it returns reaches the function as an
// error with the same code, message and details; any other error reaches it without its cause.
type Host func(ctx context.Context, method string, args json.RawMessage) (json.RawMessage, error)

var (
	// ErrTimeout ends a function that did not finish in time.
	ErrTimeout = refusal.New(http.StatusGatewayTimeout, "function_timeout", "The function did not finish in time.")
	// ErrMemory ends a function that wanted more memory than a worker has.
	ErrMemory = refusal.New(http.StatusInsufficientStorage, "function_memory", "The function ran out of memory.")
	// ErrFunction tells that the function threw; data has message, file, line, column and stack.
	ErrFunction = refusal.New(http.StatusInternalServerError, "function_error", "The function failed.")
	// ErrRecursion ends a function that called itself too deeply.
	ErrRecursion = refusal.New(http.StatusInternalServerError, "function_recursion", "The function called itself too deeply.")
	// ErrUnsettled ends a function whose promise can never settle.
	ErrUnsettled = refusal.New(http.StatusInternalServerError, "function_unsettled", "The function returned a promise that never settles.")
	// ErrTooManyHostCalls ends a function that asked its host too often or for too much.
	ErrTooManyHostCalls = refusal.New(http.StatusTooManyRequests, "too_many_host_calls", "The function asked its host too often.")
	// ErrTooLarge refuses an event, a context or an answer over its cap.
	ErrTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "function_too_large", "The function was given or gave back too much.")
	// ErrBusy refuses a call when every worker is taken and the queue is full.
	ErrBusy = refusal.New(http.StatusServiceUnavailable, "sandbox_busy", "Too many functions are running. Try again in a moment.")
	// ErrNoFunction refuses a call whose modules have no entry or whose entry exports no main.
	ErrNoFunction = refusal.New(http.StatusNotFound, "no_such_function", "There is no such function.")
	// ErrClosed refuses a call of a pool that was closed.
	ErrClosed = refusal.New(http.StatusServiceUnavailable, "sandbox_closed", "The sandbox is closed.")
)
