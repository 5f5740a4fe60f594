package sandbox

import (
	"embed"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// Modules of the SDK, each an ECMAScript module. Pages import database.js as it is.
//
//go:embed sdk/*.js
var sdkFiles embed.FS

// sdkProgram gives a compiled module.
type sdkProgram func() (*goja.Program, error)

// Each module is compiled once in a worker's life, as an expression that gives what it exports.
var (
	serverProgram   = exported("server.js", "createCloud")
	databaseProgram = exported("database.js", "createDatabase")
	bytesProgram    = exported("bytes.js", "createBytes")
	networkProgram  = exported("network.js", "createNetwork")
	cryptoProgram   = exported("crypto.js", "createCrypto")
	utilProgram     = exported("formatting.js", "createUtil")
	nodeProgram     = exported("node.js", "createNode")
)

func exported(file, name string) sdkProgram {
	return sync.OnceValues(func() (*goja.Program, error) {
		module, err := sdkFiles.ReadFile("sdk/" + file)
		if err != nil {
			return nil, err
		}
		source, _, _ := strings.Cut(string(module), "\nexport {")
		return goja.Compile(sdk+"/"+file, "(()=>{"+source+"\nreturn "+name+"})()", true)
	})
}

// make runs what a module of the SDK exports, with what this run puts around it.
func (r *run) make(program sdkProgram, around map[string]any) (goja.Value, error) {
	compiled, err := program()
	if err != nil {
		return nil, err
	}
	export, err := r.vm.RunProgram(compiled)
	if err != nil {
		return nil, err
	}
	create, ok := goja.AssertFunction(export)
	if !ok {
		return nil, errNoMain
	}
	object := r.vm.NewObject()
	for name, value := range around {
		_ = object.Set(name, value) // a new object takes every property
	}
	return create(goja.Undefined(), object)
}

// serverSDK is what require('wx-server-sdk') gives.
func (r *run) serverSDK() goja.Value {
	if r.cloud != nil {
		return r.cloud
	}
	made, err := r.make(serverProgram, map[string]any{
		"call": r.hostCall, "run": r.callFunction, "database": r.database,
		"context":  func(goja.FunctionCall) goja.Value { return r.context },
		"toBase64": r.toBase64, "fromBase64": r.asBuffer,
	})
	if err != nil {
		panic(r.rethrow(err))
	}
	r.cloud = made
	return made
}

// database is cloud.database, made when a function first asks for it.
func (r *run) database(call goja.FunctionCall) goja.Value {
	if r.makeDatabase == nil {
		made, err := r.make(databaseProgram, map[string]any{"call": r.hostCall, "server": true})
		if err != nil {
			panic(r.rethrow(err))
		}
		r.makeDatabase, _ = goja.AssertFunction(made)
	}
	value, err := r.makeDatabase(goja.Undefined(), call.Arguments...)
	if err != nil {
		panic(r.rethrow(err))
	}
	return value
}
