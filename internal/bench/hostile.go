package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/sandbox"
)

const (
	hostileRounds  = 10                     // of quiet and of hostility in turn, for the machine is not equally fast all the time
	hostileRepeats = 20                     // of each kind in a round
	hostileClients = 4                      // who call hostile functions, all at once
	hostileTimeout = 100 * time.Millisecond // of each such call, so that those which never end do not last hours
	honestClients  = 2                      // who call honest functions, each of a program of their own
	honestPause    = 2 * time.Millisecond   // between two calls, as people leave one
	quiet          = 2 * time.Second        // of each round, when nobody is hostile
)

// hostileKinds are what a stranger's function may do to the others. Each is a program of its own.
var hostileKinds = map[string]string{
	"calls itself":           `exports.main = () => cloud.callFunction({ name: 'self' })`,
	"recurses":               `const f = () => f() + 1; exports.main = f`,
	"sleeps":                 `exports.main = () => new Promise(() => { setInterval(() => {}, 1000) })`,
	"never returns":          `exports.main = () => { for (;;) {} }`,
	"never settles":          `exports.main = () => new Promise(() => {})`,
	"backtracks":             `exports.main = () => /^(a+)+\1$/.test('a'.repeat(40) + 'b')`,
	"calls the host":         `exports.main = async () => { for (;;) await cloud.plaza.call('echo', {}) }`,
	"sends the host much":    `exports.main = async () => { for (;;) await cloud.plaza.call('echo', 'x'.repeat(9e5)) }`,
	"floods the log":         `exports.main = () => { for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000)) }`,
	"opens 10,000 documents": `exports.main = () => Promise.all(Array.from({ length: 10000 }, (_, i) => cloud.plaza.call('echo', { i })))`,
	"returns 100 MB":         `exports.main = () => Array.from({ length: 100 }, () => 'x'.repeat(1e6))`,
	"throws a string":        `exports.main = () => { throw 'words' }`,
	"throws a trap":          `exports.main = () => { throw new Proxy({}, { get() { throw 1 } }) }`,
	"sets a million timers":  `exports.main = () => { for (let i = 0; i < 1e6; i++) setTimeout(() => {}, i) }`,
	"wants 8 GB":             `exports.main = () => new ArrayBuffer(8e9)`,
	"doubles a string":       `exports.main = () => { let s = 'x'.repeat(1e6); for (;;) s = s + s + s.slice(1).toUpperCase() }`,
	"pollutes":               `Object.prototype.then = Array.prototype.map = JSON.stringify = () => 'mine'; cloud.plaza.call = null; exports.main = () => 1`,
}

// hostility measures how long honest calls take while others do their worst, against how long they take alone.
func hostility(Register) ([]Row, error) {
	pool := sandbox.NewPool(sandbox.Options{})
	defer pool.Close()
	honest := &witness{pool: pool}
	var all sync.WaitGroup
	for client := range honestClients {
		all.Go(func() { honest.calls(fmt.Sprint("honest ", client)) })
	}
	var wrong error
	var alone, among []float64
	began := time.Now()
	for range hostileRounds {
		time.Sleep(quiet)
		alone = append(alone, honest.turn(1))
		wrong = errors.Join(wrong, hostileCalls(pool, slices.Sorted(maps.Keys(hostileKinds))))
		among = append(among, honest.turn(0))
	}
	honest.over.Store(true)
	all.Wait()
	if wrong != nil {
		return nil, wrong
	}
	var ratios []float64
	for i := range alone {
		ratios = append(ratios, among[i]/alone[i])
	}
	what := fmt.Sprintf("alone %.2f ms, medians of %d rounds; %d hostile calls of %d kinds in %.0f s, each ended after %v", median(alone), hostileRounds,
		hostileRounds*hostileRepeats*len(hostileKinds), len(hostileKinds), time.Since(began).Seconds(), hostileTimeout)
	return []Row{
		atMost("honest calls among hostile ones, p99", median(among), "ms", what, median(ratios), 2),
		atMost("honest calls among hostile ones, lost", float64(honest.lost), "calls", fmt.Sprintf("%d calls", honest.answered), float64(honest.lost), 0),
	}, nil
}

// witness makes honest calls and keeps how long those of the present phase took: 0 in quiet, 1 among hostile ones.
type witness struct {
	pool  *sandbox.Pool
	phase atomic.Int32
	over  atomic.Bool

	mu       sync.Mutex
	took     []time.Duration
	answered int
	lost     int
}

// turn begins the next phase and gives the p99 of the one before, in milliseconds.
func (w *witness) turn(next int32) float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phase.Store(next)
	took := w.took
	w.took = nil
	if len(took) == 0 {
		return 0
	}
	return milliseconds(p99Of(took))
}

// calls one program until the end. A call that is not answered as it should be is lost.
func (w *witness) calls(app string) {
	call := strangers(app, `exports.main = async (event) => (await cloud.plaza.call('echo', event)).n + 1`)
	call.Event = json.RawMessage(`{"n":1}`)
	for !w.over.Load() {
		phase, began := w.phase.Load(), time.Now()
		result, err := w.pool.Call(context.Background(), call, echoed)
		spent := time.Since(began)
		w.mu.Lock()
		if err != nil || string(result.Value) != "2" {
			w.lost++
		} else if phase == w.phase.Load() {
			w.took = append(w.took, spent)
			w.answered++
		}
		w.mu.Unlock()
		time.Sleep(honestPause)
	}
}

// strangers is a call of a program that nobody knows.
func strangers(app, source string) sandbox.Call {
	return sandbox.Call{
		App: app, Version: "1", Function: "self", Nest: func(context.Context, string, json.RawMessage) (sandbox.Inner, error) { return sandbox.Inner{}, nil },
		Modules: map[string]string{"index.js": "const cloud = require('wx-server-sdk');" + source},
	}
}

func echoed(_ context.Context, _ string, args json.RawMessage) (json.RawMessage, error) {
	return args, nil
}

// hostileCalls makes the calls of one round, and says which did not end by a refusal.
func hostileCalls(pool *sandbox.Pool, kinds []string) error {
	work := make(chan string)
	var all sync.WaitGroup
	var mu sync.Mutex
	var wrong error
	for range hostileClients {
		all.Go(func() {
			for name := range work {
				call := strangers(name, hostileKinds[name])
				call.Timeout = hostileTimeout
				_, err := pool.Call(context.Background(), call, echoed)
				var no *refusal.Refusal
				if err != nil && !errors.As(err, &no) {
					mu.Lock()
					wrong = fmt.Errorf("%s: %w", name, err)
					mu.Unlock()
				}
			}
		})
	}
	for range hostileRepeats {
		for _, name := range kinds {
			work <- name
		}
	}
	close(work)
	all.Wait()
	return wrong
}
