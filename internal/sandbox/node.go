package sandbox

import (
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/buffer"
	"github.com/dop251/goja_nodejs/url"
)

// part is a module of the SDK as this run has it, made when it is first used.
type part string

const (
	partBytes   part = "bytes"
	partNetwork part = "network"
	partCrypto  part = "crypto"
	partUtil    part = "util"
	partNode    part = "node"
)

// part gives one; what it throws while it is made, such as a global that the function has broken, the function hears.
func (r *run) part(name part) *goja.Object {
	if made := r.parts[name]; made != nil {
		return made
	}
	program, around := r.ingredients(name)
	value, err := r.make(program, around)
	if err != nil {
		panic(r.rethrow(err))
	}
	if r.parts == nil {
		r.parts = map[part]*goja.Object{}
	}
	r.parts[name] = value.ToObject(r.vm)
	return r.parts[name]
}

func (r *run) ingredients(name part) (sdkProgram, map[string]any) {
	given := func(other part) func(goja.FunctionCall) goja.Value {
		return func(goja.FunctionCall) goja.Value { return r.part(other) }
	}
	switch name {
	case partBytes:
		return bytesProgram, map[string]any{"Buffer": r.library(buffer.Require).Get("Buffer"), "encode": r.encodeText, "decode": r.decodeText}
	case partNetwork:
		return networkProgram, map[string]any{"call": r.hostCall, "bytes": given(partBytes), "URLSearchParams": r.urls().Get("URLSearchParams")}
	case partCrypto:
		return cryptoProgram, map[string]any{"natives": r.cryptoNatives(), "bytes": given(partBytes)}
	case partUtil:
		return utilProgram, map[string]any{"bytes": given(partBytes)}
	}
	timers := r.vm.NewObject()
	for _, name := range []string{"setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "clearImmediate", "queueMicrotask"} {
		_ = timers.Set(name, r.made(name)) // a new object takes every property
	}
	return nodeProgram, map[string]any{
		"bytes": given(partBytes), "util": given(partUtil), "timers": timers, "log": r.log("log"),
		"urls": func(goja.FunctionCall) goja.Value { return r.urls() },
	}
}

// urls has URL and URLSearchParams.
func (r *run) urls() *goja.Object {
	if r.url == nil {
		r.url = r.library(url.Require)
	}
	return r.url
}

// library loads a module of goja_nodejs by itself: its registry, which reads files, is never made.
func (r *run) library(load func(*goja.Runtime, *goja.Object)) *goja.Object {
	module, exports := r.vm.NewObject(), r.vm.NewObject()
	_ = module.Set("exports", exports) // a new object takes every property
	load(r.vm, module)
	return exports
}

// builtin is a module of Node by its name; false when there is none.
func (r *run) builtin(name string) (goja.Value, bool) {
	name = strings.TrimPrefix(name, "node:")
	switch name {
	case sdk:
		return r.serverSDK(), true
	case "crypto":
		return r.part(partCrypto), true
	case "util":
		return r.part(partUtil), true
	}
	if !nodeModules[name] {
		return nil, false
	}
	if made, ok := r.builtins[name]; ok {
		return made, true
	}
	if r.node == nil {
		r.node, _ = goja.AssertFunction(r.part(partNode))
	}
	made, err := r.node(goja.Undefined(), r.vm.ToValue(name))
	if err != nil {
		panic(r.rethrow(err))
	}
	if r.builtins == nil {
		r.builtins = map[string]goja.Value{}
	}
	r.builtins[name] = made
	return made, true
}

// nodeModules are the modules in sdk/node.js.
var nodeModules = map[string]bool{
	"assert": true, "buffer": true, "events": true, "path": true, "process": true, "querystring": true, "stream": true,
	"string_decoder": true, "timers": true, "url": true,
	// These load and refuse.
	"fs": true, "http": true, "http2": true, "https": true, "net": true, "os": true, "tls": true, "tty": true, "zlib": true,
}
