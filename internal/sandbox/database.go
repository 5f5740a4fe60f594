package sandbox

import (
	_ "embed" // the source below
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// databaseModule is an ECMAScript module that pages import as it is.
//
//go:embed sdk/database.js
var databaseModule string

// databaseProgram is that module as an expression that gives createDatabase, compiled once in a worker's life.
var databaseProgram = sync.OnceValues(func() (*goja.Program, error) {
	source, _, _ := strings.Cut(databaseModule, "\nexport {")
	return goja.Compile(sdk+"/database.js", "(()=>{"+source+"\nreturn createDatabase})()", true)
})

// database is cloud.database, made when a function first asks for it.
func (r *run) database(call goja.FunctionCall) goja.Value {
	if r.makeDatabase == nil {
		made, err := r.newDatabase()
		if err != nil {
			panic(r.rethrow(err))
		}
		r.makeDatabase = made
	}
	value, err := r.makeDatabase(goja.Undefined(), call.Arguments...)
	if err != nil {
		panic(r.rethrow(err))
	}
	return value
}

func (r *run) newDatabase() (goja.Callable, error) {
	compiled, err := databaseProgram()
	if err != nil {
		return nil, err
	}
	create, err := r.vm.RunProgram(compiled)
	if err != nil {
		return nil, err
	}
	run, ok := goja.AssertFunction(create)
	if !ok {
		return nil, errNoMain
	}
	around := r.vm.NewObject() // a new object takes every property
	_ = around.Set("call", r.hostCall)
	_ = around.Set("server", true)
	value, err := run(goja.Undefined(), around)
	if err != nil {
		return nil, err
	}
	made, ok := goja.AssertFunction(value)
	if !ok {
		return nil, errNoMain
	}
	return made, nil
}
