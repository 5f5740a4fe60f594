package sandbox

import (
	_ "embed" // the sources below
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// databaseModule is an ECMAScript module that pages import as it is.
//
//go:embed sdk/database.js
var databaseModule string

// serverModule makes the object of require('wx-server-sdk').
//
//go:embed sdk/server.js
var serverModule string

// Each module of the SDK is compiled once in a worker's life, as an expression that gives what it exports.
var (
	databaseProgram = sync.OnceValues(func() (*goja.Program, error) {
		return exported("database.js", databaseModule, "createDatabase")
	})
	serverProgram = sync.OnceValues(func() (*goja.Program, error) {
		return exported("server.js", serverModule, "createCloud")
	})
)

func exported(file, module, name string) (*goja.Program, error) {
	source, _, _ := strings.Cut(module, "\nexport {")
	return goja.Compile(sdk+"/"+file, "(()=>{"+source+"\nreturn "+name+"})()", true)
}

// make runs what a module of the SDK exports, with what this run puts around it.
func (r *run) make(program func() (*goja.Program, error), around map[string]any) (goja.Value, error) {
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
		"toBase64": r.toBase64, "fromBase64": r.fromBase64,
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
