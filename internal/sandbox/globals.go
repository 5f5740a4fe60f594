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

// globals gives the runtime what is not in the language: console, timers, and nothing else.
func (r *run) globals() {
	object := r.vm.Get("JSON").(*goja.Object)
	r.parse, _ = goja.AssertFunction(object.Get("parse"))
	r.encode, _ = goja.AssertFunction(object.Get("stringify"))
	log := r.vm.NewObject()
	for method, level := range map[string]string{"log": "log", "info": "info", "warn": "warn", "error": "error", "debug": "debug", "trace": "debug"} {
		_ = log.Set(method, func(call goja.FunctionCall) goja.Value { // a new object takes every property
			if !r.console.full {
				r.console.add(level, r.show(call.Arguments))
			}
			return goja.Undefined()
		})
	}
	for name, value := range map[string]any{
		"console": log, "setTimeout": r.setTimeout, "clearTimeout": r.clearTimeout, "setImmediate": r.setImmediate,
		"clearImmediate": r.clearTimeout, "global": r.vm.GlobalObject(),
	} {
		_ = r.vm.Set(name, value)
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
	return r.later(call, call.Argument(1).ToFloat(), 2)
}

func (r *run) setImmediate(call goja.FunctionCall) goja.Value { return r.later(call, 0, 1) }

func (r *run) later(call goja.FunctionCall, delay float64, arguments int) goja.Value {
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
	r.timers = append(r.timers, timer{id: r.nextID, due: r.elapsed + delay, call: callback, args: call.Arguments[min(arguments, len(call.Arguments)):]})
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
