package bridge

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/confined"
)

// What programs try, from the inside of a function: each ends with a named refusal, and an honest function of the same
// program is answered right after it.
func TestHostileFunctions(t *testing.T) {
	town := newTown(t)
	hostile := map[string]string{ // with the refusals that may end it
		"itself|function_calls_itself":                                  `exports.main = () => cloud.callFunction({ name: 'itself' })`,
		"sleeps|function_timeout":                                       `exports.main = () => new Promise(() => { setInterval(() => {}, 1000) })`,
		"never|function_timeout":                                        `exports.main = () => { for (;;) {} }`,
		"unsettled|function_unsettled":                                  `exports.main = () => new Promise(() => {})`,
		"writes|too_many_host_calls,quota_exceeded":                     `exports.main = async () => { for (;;) await db.collection('notes').add({ data: { text: 'x'.repeat(60000) } }) }`,
		"writesLarge|function_error":                                    `exports.main = () => db.collection('notes').add({ data: { text: 'x'.repeat(900000) } })`,
		"logs|ok":                                                       `exports.main = () => { for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000)) }`,
		"opens|too_many_host_calls,quota_exceeded,cloud_too_many":       `exports.main = async () => { for (let i = 0; i < 10000; i++) await db.collection('notes').where({ _id: 'd' + i }).get() }`,
		"opensAtOnce|too_many_host_calls,quota_exceeded,cloud_too_many": `exports.main = () => Promise.all(Array.from({ length: 10000 }, (_, i) => db.collection('notes').where({ _id: 'd' + i }).get()))`,
		"hundred|function_too_large,function_memory":                    `exports.main = () => Array.from({ length: 100 }, () => 'x'.repeat(1e6))`,
		"words|function_error":                                          `exports.main = () => { throw 'words' }`,
		"nothing|function_error":                                        `exports.main = () => Promise.reject(null)`,
		"trap|function_error":                                           `exports.main = () => { throw new Proxy({}, { get() { throw new Proxy({}, {}) } }) }`,
		"timers|function_error":                                         `exports.main = () => { for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 1) }`,
		"memory|function_memory,function_timeout":                       `exports.main = () => { const held = []; for (;;) held.push(new ArrayBuffer(1 << 26)) }`,
		"unknown|method_unknown":                                        `exports.main = () => cloud.plaza.call('__proto__', {})`,
		"constructor|method_unknown":                                    `exports.main = () => cloud.plaza.call('constructor', {})`,
		"pollutes|ok":                                                   `cloud.plaza.call = cloud.database = () => 'mine'; Object.prototype.polluted = 1; exports.main = () => 1`,
	}
	sources := map[string]string{"honest": `exports.main = async () => [(await db.collection('notes').where({ _id: 'absent' }).count()).total, typeof polluted, ({}).polluted ?? 0]`}
	for name, source := range hostile {
		short, _, _ := strings.Cut(name, "|")
		sources[short] = source
	}
	town.withFunctions(t, sources)
	rounds := 0
	for name := range hostile {
		short, wanted, _ := strings.Cut(name, "|")
		if confined.RaceDetector && strings.Contains(wanted, "function_memory") {
			continue // see confined.RaceDetector
		}
		rounds++
		clock.Set(town.App, now.AddDate(0, 0, rounds)) // so that the quota is a fresh one
		town.open(t)
		answer := town.invoke(t, short, nil)
		got := answer.Code()
		if answer.Status == 200 {
			got = "ok"
		}
		if !strings.Contains(","+wanted+",", ","+got+",") {
			t.Errorf("%s: %d %.300s", name, answer.Status, answer.Body)
		}
		clock.Set(town.App, now.AddDate(0, 0, rounds).Add(2*60e9))
		town.open(t)
		if after := town.invoke(t, "honest", nil); result(after) != `[0,"undefined",0]` {
			t.Errorf("after %s: %d %.300s", short, after.Status, after.Body)
		}
	}
}

// The connection says whose program asks. Whatever a call says of programs and people is not read.
func TestACallCannotNameAnotherProgram(t *testing.T) {
	town := newTown(t)
	town.withFunctions(t, map[string]string{
		"other": `exports.main = async () => {
			await db.collection('notes').add({ data: { mine: true } })
			const claims = { appid: 'market', app: 'market', APPID: 'market', program: 'market', user: 'somebody', openid: 'o-else', OPENID: 'o-else' }
			const context = cloud.getWXContext()
			Object.assign(context, claims)
			const all = await cloud.plaza.call('clouddb.get', { ...claims, collection: 'notes' })
			const who = (await cloud.callFunction({ name: 'who', data: claims, ...claims })).result
			return [all.docs ? all.docs.length : all.length ?? all, who]
		}`,
		"who": `exports.main = () => [cloud.getWXContext().APPID, cloud.getWXContext().OPENID]`,
	})
	honest := result(town.invoke(t, "who", nil))
	answer := town.invoke(t, "other", nil)
	if got := result(answer); !strings.HasSuffix(got, ","+honest+"]") || !strings.HasPrefix(honest, `["hello",`) {
		t.Errorf("got %s, honest %s: %s", got, honest, answer.Body)
	}
}

// A worker that is killed in the middle of a transaction leaves nothing of it, and the next call works.
func TestAWorkerKilledInATransaction(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return // only Linux lets one find the worker
	}
	town := newTown(t)
	town.withFunctions(t, map[string]string{
		"begins": `exports.main = async () => {
			const t = await db.startTransaction()
			await t.collection('notes').add({ data: { half: true } })
			await cloud.plaza.call('badge.set', { count: 7 })
			for (;;) {}
		}`,
		"adds": `exports.main = async () => { await db.collection('notes').add({ data: {} }); return (await db.collection('notes').count()).total }`,
	})
	inside := make(chan struct{})
	town.OnRecordAfterUpdateSuccess().BindFunc(func(e *core.RecordEvent) error {
		if e.Record.GetInt("badge") == 7 {
			close(inside)
		}
		return e.Next()
	})
	ended := make(chan string)
	go func() { ended <- town.invoke(t, "begins", nil).Code() }()
	<-inside
	for _, worker := range workers(t) {
		if err := syscall.Kill(worker, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	if code := <-ended; code != "function_memory" && code != "function_error" {
		t.Errorf("the killed call was told %s", code)
	}
	if answer := town.invoke(t, "adds", nil); result(answer) != "1" {
		t.Errorf("afterwards: %d %s", answer.Status, answer.Body)
	}
}

// workers are the processes that this one has started to run functions.
func workers(t *testing.T) (found []int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == fmt.Sprint(os.Getpid()) && bytes.Contains(command, []byte("sandbox-worker")) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			if err == nil {
				found = append(found, pid)
			}
		}
	}
	if len(found) == 0 {
		t.Fatal("no worker is running")
	}
	return found
}
