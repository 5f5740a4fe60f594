package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza.internal/plaza/internal/confined"
	"plaza.internal/plaza/internal/refusal"
)

// The test binary is its own worker, as the real one is.
func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}

func newPool(t testing.TB, opts Options) *Pool {
	t.Helper()
	pool := NewPool(opts)
	t.Cleanup(pool.Close)
	return pool
}

func function(name, source string) Call {
	return Call{App: "app-" + name, Version: "1", Function: name, Modules: map[string]string{"index.js": source}}
}

// echo answers with its arguments, except for the method refuse.
func echo(_ context.Context, method string, args json.RawMessage) (json.RawMessage, error) {
	switch method {
	case "refuse":
		return nil, refusal.New(403, "consent_required", "Ask first.").With("scope", "orders")
	case "break":
		return nil, errors.New("the password is hunter2")
	}
	return args, nil
}

func code(err error) string {
	var r *refusal.Refusal
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &r):
		return r.Code
	}
	return err.Error()
}

// Every attack ends with the refusal that its first line names, in time, while another program's calls go on.
func TestAttacksAreContained(t *testing.T) {
	files, err := filepath.Glob("testdata/attacks/*.js")
	if err != nil || len(files) < 15 {
		t.Fatal("no attacks", err)
	}
	const timeout = 700 * time.Millisecond
	hasty := newPool(t, Options{Workers: 2, Timeout: timeout, HostCalls: 50, HostBytes: 8 << 20})
	// Filling the memory takes a while, the more so since whoever computes for long lets others go first.
	patient := newPool(t, Options{Workers: 2, Timeout: 10 * time.Second, HostCalls: 50, HostBytes: 8 << 20})
	good := function("good", `
		const cloud = require('wx-server-sdk')
		exports.main = async (e) => ({ sum: await cloud.plaza.call('echo', e.a + e.b), clean: [1].map(x => x + 1)[0] === 2 && !({}).polluted && typeof left === 'undefined' &&
			!cloud.polluted && !require('util').polluted && cloud.getWXContext().OPENID === 'o' && Buffer.from('x').toString('hex') === '78' && typeof fetch === 'function' &&
			require('crypto').createHash('md5').update('').digest('hex').length === 32 })`)
	good.Context = map[string]any{"OPENID": "o"}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".js"), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(source), "\n")
			want := strings.Fields(strings.TrimPrefix(first, "// want:"))
			if confined.RaceDetector && slices.Contains(want, ErrMemory.Code) {
				return // see confined.RaceDetector
			}
			if confined.RaceDetector {
				want = append(want, ErrTimeout.Code) // what is slow may end there first
			}
			attack, pool, limit := function(filepath.Base(file), string(source)), hasty, timeout
			if !confined.RaceDetector && slices.Contains(want, ErrMemory.Code) && !slices.Contains(want, ErrTimeout.Code) {
				pool, limit = patient, patient.opts.Timeout
			}
			var wait sync.WaitGroup
			wait.Go(func() { expectSum(t, pool, good) })
			begin := time.Now()
			result, err := pool.Call(t.Context(), attack, echo)
			took := time.Since(begin)
			wait.Wait()
			if !slices.Contains(want, code(err)) {
				t.Errorf("got %v, want one of %v", err, want)
			}
			if took > limit+interruption+3*time.Second {
				t.Errorf("took %v", took)
			}
			if len(result.Logs) > maxLogLines {
				t.Errorf("%d log lines", len(result.Logs))
			}
			// The same app is served again, by a clean runtime.
			again := good
			again.App, again.Version = attack.App, "2"
			expectSum(t, pool, again)
		})
	}
}

func expectSum(t *testing.T, pool *Pool, good Call) {
	t.Helper()
	good.Event = json.RawMessage(`{"a":1,"b":2}`)
	result, err := pool.Call(t.Context(), good, echo)
	if err != nil || string(result.Value) != `{"sum":3,"clean":true}` {
		t.Errorf("a good call beside it: %s, %v", result.Value, err)
	}
}

// What a cloud function may rely on: both kinds of main, modules, the event, the context, the host, the log.
func TestAFunctionHasWhatItNeeds(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	call := function("full", `
		const cloud = require('wx-server-sdk')
		cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })
		const { twice } = require('./lib/twice')
		const config = require('./config.json')
		exports.main = async (event, context) => {
			console.log('event', event, [1, 2], 'text', new Error('shown'))
			console.warn(undefined)
			await new Promise(resolve => setTimeout(resolve, 60000))
			const order = []
			await new Promise(resolve => { setTimeout(() => { order.push('late'); resolve() }, 5); setTimeout(x => order.push(x), 1, 'early') })
			const echoed = await cloud.plaza.call('echo', { n: twice(event.n) })
			return { echoed, openid: cloud.getWXContext().OPENID, same: context.OPENID, zone: config.zone, order }
		}`)
	call.Modules["lib/twice.js"] = "exports.twice = n => 2 * n; exports.up = require('../index.js')"
	call.Modules["config.json"] = `{"zone":"Europe/Paris"}`
	call.Event = json.RawMessage(`{"n":21}`)
	call.Context = map[string]any{"OPENID": "o-1"}
	result, err := pool.Call(t.Context(), call, echo)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"echoed":{"n":42},"openid":"o-1","same":"o-1","zone":"Europe/Paris","order":["early","late"]}`
	if string(result.Value) != want {
		t.Errorf("value %s, want %s", result.Value, want)
	}
	logs := []LogLine{{"log", `event {"n":21} [1,2] text Error: shown`}, {"warn", "undefined"}}
	if !slices.Equal(result.Logs, logs) {
		t.Errorf("logs %v", result.Logs)
	}
}

// A page must learn that a consent is missing although a function stands between it and the host, and must
// not learn what broke inside of the host.
func TestWhatTheHostRefuses(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	uncaught := function("uncaught", `exports.main = () => require('wx-server-sdk').plaza.call('refuse')`)
	_, err := pool.Call(t.Context(), uncaught, echo)
	var r *refusal.Refusal
	if !errors.As(err, &r) || r.Code != "consent_required" || r.Details["scope"] != "orders" {
		t.Errorf("uncaught: %v", err)
	}
	caught := function("caught", `exports.main = async () => {
		const cloud = require('wx-server-sdk'), seen = []
		for (const method of ['refuse', 'break'])
			try { await cloud.plaza.call(method) } catch (e) { seen.push([e instanceof Error, e.code, e.message, e.data]) }
		return seen
	}`)
	result, err := pool.Call(t.Context(), caught, echo)
	want := `[[true,"consent_required","Ask first.",{"scope":"orders"}],[true,"internal","Something went wrong.",null]]`
	if err != nil || string(result.Value) != want {
		t.Errorf("caught: %s, %v", result.Value, err)
	}
	if _, err := pool.Call(t.Context(), uncaught, nil); code(err) != "no_such_method" {
		t.Errorf("without a host: %v", err)
	}
}

// An author reads where it broke.
func TestAnErrorNamesItsLine(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	mapped, err := os.ReadFile("testdata/functions/mapped.js")
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{
		"thrown":   "exports.main = () => {\n  console.log('before')\n  throw new TypeError('bad thing')\n}",
		"rejected": "exports.main = async () => {\n  console.log('before'); await null\n  throw new TypeError('bad thing')\n}",
		"syntax":   "exports.main = () => {\n  'before'\n  let let = 1\n}",
		"mapped":   string(mapped), // "rejected" as the compiler gives it, in one line and with a source map
	} {
		result, err := pool.Call(t.Context(), function(name, source), nil)
		var r *refusal.Refusal
		if !errors.As(err, &r) || r.Code != "function_error" || r.Details["line"] != 3 || r.Details["file"] != "index.js" {
			t.Errorf("%s: %v %+v", name, err, r)
		}
		if name != "syntax" && (len(result.Logs) != 1 || r.Details["message"] != "TypeError: bad thing") {
			t.Errorf("%s: logs %v, details %v", name, result.Logs, r.Details)
		}
	}
}

// When everything is taken the next caller hears so at once, and those who wait get their turn.
func TestTheQueueIsBounded(t *testing.T) {
	pool := newPool(t, Options{Workers: 1, Slow: 1, Queue: 2, Timeout: 2 * time.Second})
	entered, leave := make(chan struct{}), make(chan struct{})
	hold := func(ctx context.Context, _ string, _ json.RawMessage) (json.RawMessage, error) {
		entered <- struct{}{}
		<-leave
		return json.RawMessage("1"), ctx.Err()
	}
	slow := function("slow", `exports.main = () => require('wx-server-sdk').plaza.call('wait')`)
	quick := function("quick", "exports.main = () => 2")
	var wait sync.WaitGroup
	wait.Go(func() {
		if _, err := pool.Call(t.Context(), slow, hold); err != nil {
			t.Error(err)
		}
	})
	<-entered
	for range 3 { // one who runs and two who wait
		pool.waiting <- struct{}{}
	}
	if _, err := pool.Call(t.Context(), quick, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("over the queue: %v", err)
	}
	for range 3 { // and in whose places others come
		<-pool.waiting
		wait.Go(func() {
			if _, err := pool.Call(t.Context(), quick, nil); err != nil {
				t.Error(err)
			}
		})
	}
	close(leave)
	wait.Wait()
}

// A caller that goes away takes its call with it.
func TestACallEndsWithItsContext(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	ctx, cancel := context.WithCancel(t.Context())
	leave := func(context.Context, string, json.RawMessage) (json.RawMessage, error) {
		cancel()
		return json.RawMessage("1"), nil
	}
	loop := function("loop", `exports.main = async () => { await require('wx-server-sdk').plaza.call('leave'); for (;;) {} }`)
	if _, err := pool.Call(ctx, loop, leave); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	pool.Close()
	if _, err := pool.Call(t.Context(), loop, nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// One app's worker never serves another, and a worker ends after its life's calls.
func TestWorkersAreNotShared(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	source := "exports.main = () => 1"
	pids := map[string]int{}
	for _, app := range []string{"a", "a", "b", "a"} {
		call := function(app, source)
		if _, err := pool.Call(t.Context(), call, nil); err != nil {
			t.Fatal(err)
		}
		pid := pool.idle[len(pool.idle)-1].cmd.Process.Pid
		for other, seen := range pids {
			if other != app && seen == pid {
				t.Errorf("%s was served by the worker of %s", app, other)
			}
		}
		pids[app] = pid
	}
	last := pool.idle[len(pool.idle)-1]
	last.calls = maxCalls - 1
	before := last.cmd.Process.Pid
	for range 2 {
		if _, err := pool.Call(t.Context(), function("a", source), nil); err != nil {
			t.Fatal(err)
		}
	}
	if pool.idle[len(pool.idle)-1].cmd.Process.Pid == before {
		t.Error("the worker outlived its calls")
	}
}

// Nothing of this process's environment reaches a worker.
func TestAWorkerHasNothing(t *testing.T) {
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		return // only Linux lets one look
	}
	t.Setenv("PLAZA_SECRET", "hunter2")
	pool := newPool(t, Options{Workers: 1})
	if _, err := pool.Call(t.Context(), function("a", "exports.main = () => 1"), nil); err != nil {
		t.Fatal(err)
	}
	pid := pool.idle[0].cmd.Process.Pid
	if confined.RaceDetector {
		return
	}
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil || !strings.Contains(strings.Join(strings.Fields(string(limits)), " "), "Max data size 268435456 268435456") {
		t.Errorf("limits: %s %v", limits, err)
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if !strings.Contains(string(status), "NoNewPrivs:\t1") {
		t.Errorf("status: %s", status)
	}
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err == nil && strings.Contains(string(environ), "hunter2") {
		t.Error("the worker has our environment")
	}
}

// A frame cannot make its reader allocate what it claims.
func TestBadFrames(t *testing.T) {
	for name, bytes := range map[string]string{
		"huge":          "\xff\xff\xff\xffD\x00\x00\x00\x00",
		"short":         "\x00\x00\x00\x01D\x00\x00\x00\x00",
		"header beyond": "\x00\x00\x00\x06D\x00\x00\x00\x09x",
		"cut":           "\x00\x00",
	} {
		if _, err := read(strings.NewReader(bytes)); err == nil {
			t.Error(name)
		}
	}
}

func TestWhatACallMayBe(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	if _, err := pool.Call(t.Context(), Call{App: "a"}, nil); !errors.Is(err, ErrNoFunction) {
		t.Error(err)
	}
	large := function("large", "exports.main = e => e.length")
	large.Event = json.RawMessage(`"` + strings.Repeat("x", maxEvent) + `"`)
	if _, err := pool.Call(t.Context(), large, nil); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	code := function("code", "exports.main = () => 1 //"+strings.Repeat("x", maxFrame))
	if _, err := pool.Call(t.Context(), code, nil); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	broken := function("broken", "exports.main = e => e")
	broken.Event = json.RawMessage("{broken")
	if _, err := pool.Call(t.Context(), broken, nil); !errors.Is(err, ErrFunction) {
		t.Error(err)
	}
}

// A house whose clock was moved, as a demonstration's may be, has functions that go by its clock.
func TestDateIsTheHouses(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	call := function("date", `exports.main = () => [Date.now(), +new Date()]`)
	for _, ahead := range []time.Duration{0, 31 * 24 * time.Hour, -48 * time.Hour, 0} {
		call.Ahead = ahead
		result, err := pool.Call(t.Context(), call, echo)
		var told []int64
		if err != nil || json.Unmarshal(result.Value, &told) != nil {
			t.Fatal(err, string(result.Value))
		}
		for _, ms := range told {
			if off := time.Since(time.UnixMilli(ms).Add(-ahead)); off < -time.Second || off > time.Minute {
				t.Errorf("%s ahead, Date is off by %s", ahead, off)
			}
		}
	}
}
