package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plaza.internal/plaza/internal/confined"
	"plaza.internal/plaza/internal/refusal"
)

// family is a program whose functions call each other.
type family struct {
	sources map[string]string
	mu      sync.Mutex
	ended   []string // in the order in which they did, with their codes
}

func (f *family) call(name string, event string) Call {
	return Call{
		App: "family", Version: "1", Function: name, Modules: map[string]string{"index.js": "const cloud = require('wx-server-sdk');" + f.sources[name]},
		Event: json.RawMessage(event), Context: map[string]any{"OPENID": "o-" + name}, Nest: f.nest,
	}
}

func (f *family) nest(_ context.Context, name string, event json.RawMessage) (Inner, error) {
	if f.sources[name] == "" {
		return Inner{}, refusal.New(404, "function_unknown", "There is no such function.")
	}
	return Inner{Call: f.call(name, string(event)), Host: echo, Done: func(_ Result, err error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.ended = append(f.ended, name+" "+code(err))
	}}, nil
}

func TestAFunctionCallsAnother(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	f := &family{sources: map[string]string{
		"outer": `exports.main = async e => {
			global.left = 'outer'
			const first = await cloud.callFunction({ name: 'inner', data: { n: e.n } })
			const again = await cloud.callFunction({ name: 'inner', data: { n: 2 } })
			const seen = []
			for (const name of ['thrower', 'nobody', 'refused', 'silent'])
				try { seen.push((await cloud.callFunction({ name })).result) } catch (e) { seen.push([e.code, e.message, e.errMsg]) }
			return { first, again: again.result, me: cloud.getWXContext().OPENID, seen }
		}`,
		"inner":   `exports.main = async e => { const echoed = await cloud.plaza.call('echo', e.n); return { n: 2 * echoed, clean: typeof left, me: cloud.getWXContext().OPENID } }`,
		"thrower": `exports.main = () => { throw new TypeError('bad') }`,
		"refused": `exports.main = () => cloud.plaza.call('refuse')`,
		"silent":  `exports.main = () => {}`,
	}}
	result, err := pool.Call(t.Context(), f.call("outer", `{"n":21}`), echo)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"first":{"result":{"n":42,"clean":"undefined","me":"o-inner"},"errMsg":"cloud.callFunction:ok"},` +
		`"again":{"n":4,"clean":"undefined","me":"o-inner"},"me":"o-outer","seen":[` +
		`["function_error","The function thrower failed: TypeError: bad","cloud.callFunction:fail The function thrower failed: TypeError: bad"],` +
		`["function_unknown","There is no such function.","cloud.callFunction:fail There is no such function."],` +
		`["consent_required","Ask first.","cloud.callFunction:fail Ask first."],null]}`
	if string(result.Value) != want {
		t.Errorf("got  %s\nwant %s", result.Value, want)
	}
	if !slices.Equal(f.ended, []string{"inner ok", "inner ok", "thrower function_error", "refused consent_required", "silent ok"}) {
		t.Errorf("ended %v", f.ended)
	}
	if _, err := pool.Call(t.Context(), function("alone", `exports.main = () => require('wx-server-sdk').callFunction({ name: 'x' })`), echo); code(err) != "no_such_method" {
		t.Errorf("without others: %v", err)
	}
}

// A refusal deep inside reaches the first caller as it was, if nobody catches it.
func TestARefusalComesThroughAChain(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	f := &family{sources: map[string]string{
		"a": `exports.main = () => cloud.callFunction({ name: 'b' })`,
		"b": `exports.main = () => cloud.callFunction({ name: 'c' })`,
		"c": `exports.main = () => cloud.plaza.call('refuse')`,
	}}
	_, err := pool.Call(t.Context(), f.call("a", ""), echo)
	var no *refusal.Refusal
	if !errors.As(err, &no) || no.Code != "consent_required" || no.Details["scope"] != "orders" {
		t.Error(err)
	}
}

func TestChainsEnd(t *testing.T) {
	pool := newPool(t, Options{Workers: 1, HostCalls: 20, Timeout: time.Second})
	f := &family{sources: map[string]string{
		"self":  `exports.main = () => cloud.callFunction({ name: 'self' })`,
		"ping":  `exports.main = () => cloud.callFunction({ name: 'pong' })`,
		"pong":  `exports.main = () => cloud.callFunction({ name: 'ping' })`,
		"f1":    `exports.main = () => cloud.callFunction({ name: 'f2' })`,
		"f2":    `exports.main = () => cloud.callFunction({ name: 'f3' })`,
		"f3":    `exports.main = () => cloud.callFunction({ name: 'f4' })`,
		"f4":    `exports.main = () => cloud.callFunction({ name: 'f5' })`,
		"f5":    `exports.main = () => 5`,
		"loops": `exports.main = async () => { try { await cloud.callFunction({ name: 'loop' }) } catch {} return 'went on' }`,
		"loop":  `exports.main = () => { for (;;) {} }`,
		"eats":  `exports.main = () => cloud.callFunction({ name: 'eater' })`,
		"eater": `exports.main = () => { const a = []; for (;;) a.push(new ArrayBuffer(1 << 26)) }`,
		"many":  `exports.main = async () => { for (;;) await cloud.callFunction({ name: 'few' }) }`,
		"few":   `exports.main = async () => { for (let i = 0; i < 5; i++) await cloud.plaza.call('echo') }`,
	}}
	for name, want := range map[string]string{
		"self": "function_calls_itself", "ping": "function_calls_itself", "f1": "function_too_deep", "f2": "ok",
		"loops": "function_timeout", "eats": "function_memory", "many": "too_many_host_calls",
	} {
		if confined.RaceDetector && want == ErrMemory.Code {
			continue // see confined.RaceDetector
		}
		began := time.Now()
		_, err := pool.Call(t.Context(), f.call(name, ""), echo)
		if code(err) != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		var no *refusal.Refusal
		if chain := map[string][]string{"self": {"self", "self"}, "ping": {"ping", "pong", "ping"}, "f1": {"f1", "f2", "f3", "f4", "f5"}}[name]; chain != nil {
			if got := errors.As(err, &no) && slices.Equal(no.Details["chain"].([]string), chain); !got {
				t.Errorf("%s: chain %v", name, no.Details["chain"])
			}
		}
	}
}

// A chain never waits for a worker that another chain holds.
func TestManyChainsOnFewWorkers(t *testing.T) {
	pool := newPool(t, Options{Workers: 2, Timeout: 20 * time.Second})
	f := &family{sources: map[string]string{
		"a": `exports.main = async e => (await cloud.callFunction({ name: 'b', data: e })).result + 1`,
		"b": `exports.main = async e => (await cloud.callFunction({ name: 'c', data: e })).result + 1`,
		"c": `exports.main = async e => (await cloud.callFunction({ name: 'd', data: e })).result + 1`,
		"d": `exports.main = async e => (await cloud.plaza.call('echo', e)).n`,
	}}
	var all sync.WaitGroup
	for n := range 60 {
		all.Go(func() {
			call := f.call("a", fmt.Sprintf(`{"n":%d}`, n))
			result, err := pool.Call(t.Context(), call, echo)
			if err != nil || string(result.Value) != fmt.Sprint(n+3) {
				t.Errorf("%d: %s %v", n, result.Value, err)
			}
		})
	}
	all.Wait()
}

// Functions inside share what the first may log.
func TestAChainSharesItsLog(t *testing.T) {
	pool := newPool(t, Options{Workers: 1})
	f := &family{sources: map[string]string{
		"outer":  `exports.main = async () => { for (let i = 0; i < 50; i++) await cloud.callFunction({ name: 'chatty' }); console.log('end') }`,
		"chatty": `exports.main = () => { for (let i = 0; i < 150; i++) console.log('x'.repeat(1000)) }`,
	}}
	lines, bytes := 0, 0
	count := f.nest
	call := f.call("outer", "")
	call.Nest = func(ctx context.Context, name string, event json.RawMessage) (Inner, error) {
		inner, err := count(ctx, name, event)
		inner.Done = func(r Result, _ error) {
			for _, line := range r.Logs {
				lines, bytes = lines+1, bytes+len(line.Text)
			}
		}
		return inner, err
	}
	if _, err := pool.Call(t.Context(), call, echo); err != nil {
		t.Fatal(err)
	}
	if lines > maxLogLines+50 || bytes > maxLogBytes+50*100 {
		t.Errorf("%d lines, %d bytes", lines, bytes)
	}
}
