package sandbox

import (
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// console collects what a function logs, up to the caps.
type console struct {
	lines    []LogLine
	maxLines int
	maxBytes int
	bytes    int
	full     bool
}

func (c *console) add(level, text string) {
	if c.full {
		return
	}
	text = clip(text, maxLogLine)
	if len(c.lines) >= c.maxLines-1 || c.bytes+len(text) > c.maxBytes {
		c.full = true
		level, text = "warn", "The function logged too much: the rest is not kept."
	}
	c.bytes += len(text)
	c.lines = append(c.lines, LogLine{Level: level, Text: text})
}

// globals gives the runtime what is not in the language. JSON is remembered as it is now: a function may replace it.
func (r *run) globals() {
	object := r.vm.Get("JSON").(*goja.Object)
	r.parse, _ = goja.AssertFunction(object.Get("parse"))
	r.encode, _ = goja.AssertFunction(object.Get("stringify"))
	_ = r.vm.GlobalObject().SetPrototype(r.vm.NewDynamicObject(lazy{r})) // a new one takes every prototype
}

func (r *run) newConsole() goja.Value {
	console := r.vm.NewObject()
	for method, level := range map[string]string{
		"log": "log", "info": "info", "warn": "warn", "error": "error", "debug": "debug", "trace": "debug", "dir": "log", "table": "log",
	} {
		_ = console.Set(method, r.log(level)) // a new object takes every property
	}
	for _, method := range []string{"time", "timeEnd", "timeLog", "group", "groupEnd", "assert", "count"} {
		_ = console.Set(method, func(goja.FunctionCall) goja.Value { return goja.Undefined() })
	}
	return console
}

// log writes its arguments as one line of the level.
func (r *run) log(level string) func(goja.FunctionCall) goja.Value {
	return func(call goja.FunctionCall) goja.Value {
		if !r.console.full {
			r.console.add(level, r.show(call.Arguments))
		}
		return goja.Undefined()
	}
}

// show is the text of a log line.
func (r *run) show(values []goja.Value) string {
	var out strings.Builder
	for i, value := range values {
		if i > 0 {
			out.WriteByte(' ')
		}
		if out.Len() > maxLogLine {
			break
		}
		out.WriteString(r.showOne(value))
	}
	return out.String()
}

func (r *run) showOne(value goja.Value) string {
	object, ok := value.(*goja.Object)
	if !ok {
		return value.String()
	}
	if kind := object.ClassName(); kind != "Error" && kind != "Function" {
		if encoded, err := r.encode(goja.Undefined(), object); err == nil && !goja.IsUndefined(encoded) {
			return encoded.String()
		}
	}
	text := "[object]"
	if caught := r.vm.Try(func() { text = object.String() }); caught != nil {
		return "[object]"
	}
	if !utf8.ValidString(text) {
		return strings.ToValidUTF8(text, "?")
	}
	return text
}

// maxTimers bounds the queue; its deadline bounds the function anyway.
const maxTimers = 10_000

func (r *run) setTimeout(call goja.FunctionCall) goja.Value {
	return r.later(call, call.Argument(1).ToFloat(), 2, false)
}

// setInterval comes again until it is cleared or the function is done.
func (r *run) setInterval(call goja.FunctionCall) goja.Value {
	return r.later(call, max(call.Argument(1).ToFloat(), 1), 2, true)
}

func (r *run) setImmediate(call goja.FunctionCall) goja.Value { return r.later(call, 0, 1, false) }

func (r *run) later(call goja.FunctionCall, delay float64, arguments int, again bool) goja.Value {
	callback, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(r.vm.NewTypeError("the first argument is not a function"))
	}
	if len(r.timers) >= maxTimers {
		panic(r.vm.NewTypeError("too many timers"))
	}
	if !(delay > 0) { // not a number, too
		delay = 0
	}
	r.nextID++
	next := timer{id: r.nextID, due: r.elapsed + delay, call: callback, args: call.Arguments[min(arguments, len(call.Arguments)):]}
	if again {
		next.every = delay
	}
	r.timers = append(r.timers, next)
	return r.vm.ToValue(r.nextID)
}

func (r *run) clearTimeout(call goja.FunctionCall) goja.Value {
	id := call.Argument(0).ToInteger()
	for i := range r.timers {
		if r.timers[i].id == id {
			r.timers = append(r.timers[:i], r.timers[i+1:]...)
			break
		}
	}
	return goja.Undefined()
}

// queueMicrotask runs a callback when everything that is running now is done.
func (r *run) queueMicrotask(call goja.FunctionCall) goja.Value {
	callback, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		panic(r.vm.NewTypeError("the first argument is not a function"))
	}
	promise, resolve, _ := r.vm.NewPromise()
	then, ok := goja.AssertFunction(r.vm.ToValue(promise).ToObject(r.vm).Get("then"))
	if !ok {
		panic(r.vm.NewTypeError("Promise was replaced"))
	}
	done := func(goja.FunctionCall) goja.Value {
		if _, err := callback(goja.Undefined()); err != nil {
			panic(r.rethrow(err))
		}
		return goja.Undefined()
	}
	if _, err := then(r.vm.ToValue(promise), r.vm.ToValue(done)); err != nil {
		panic(r.rethrow(err))
	}
	_ = resolve(goja.Undefined()) // it fails only when the run was interrupted, and then the run tells
	return goja.Undefined()
}
