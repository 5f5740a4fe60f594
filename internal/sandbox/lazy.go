package sandbox

import (
	"github.com/dop251/goja"
)

// lazy stands behind the global object and makes what is not in the language when a function first uses it: most
// use two or three of these names, and a fresh runtime for each call must cost next to nothing.
type lazy struct{ run *run }

// made is the value of a global name; nil when there is none.
func (r *run) made(name string) goja.Value {
	switch name {
	case "console":
		return r.newConsole()
	case "setTimeout":
		return r.vm.ToValue(r.setTimeout)
	case "setInterval":
		return r.vm.ToValue(r.setInterval)
	case "setImmediate":
		return r.vm.ToValue(r.setImmediate)
	case "clearTimeout", "clearInterval", "clearImmediate":
		return r.vm.ToValue(r.clearTimeout)
	case "queueMicrotask":
		return r.vm.ToValue(r.queueMicrotask)
	case "global":
		return r.vm.GlobalObject()
	case "fetch", "Response", "Headers", "AbortController", "AbortSignal":
		return r.part(partNetwork).Get(name)
	case "URL", "URLSearchParams":
		return r.urls().Get(name)
	case "Buffer", "TextEncoder", "TextDecoder":
		return r.part(partBytes).Get(name)
	case "atob":
		return r.vm.ToValue(r.atob)
	case "btoa":
		return r.vm.ToValue(r.btoa)
	case "crypto":
		return r.part(partCrypto)
	case "process":
		value, _ := r.builtin("process")
		return value
	}
	return nil
}

// lazyNames are the names that made knows, for whoever asks whether they are there without using them.
var lazyNames = map[string]bool{
	"console": true, "setTimeout": true, "setInterval": true, "setImmediate": true, "clearTimeout": true, "clearInterval": true,
	"clearImmediate": true, "queueMicrotask": true, "global": true, "fetch": true, "Response": true, "Headers": true,
	"AbortController": true, "AbortSignal": true, "URL": true, "URLSearchParams": true, "Buffer": true, "TextEncoder": true,
	"TextDecoder": true, "atob": true, "btoa": true, "crypto": true, "process": true,
}

// Get makes the value and leaves it on the global object, which is asked first from then on.
func (l lazy) Get(name string) goja.Value {
	if !lazyNames[name] {
		return nil
	}
	value := l.run.made(name)
	_ = l.run.vm.GlobalObject().DefineDataProperty(name, value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) // frozen by the function itself: then it is made again
	return value
}

// Set is never reached by an assignment to a global name, which makes a property of the global object.
func (lazy) Set(string, goja.Value) bool { return false }

// Has is asked by the operator in.
func (lazy) Has(name string) bool { return lazyNames[name] }

// Delete of what stands behind the global object does nothing.
func (lazy) Delete(string) bool { return true }

// Keys names nothing: these properties are not enumerable.
func (lazy) Keys() []string { return nil }
