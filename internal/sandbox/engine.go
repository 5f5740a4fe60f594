package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

const (
	entry         = "index.js"
	sdk           = "wx-server-sdk"
	maxCallStack  = 2_000
	maxErrorBytes = 4 << 10
)

// program is the code of one function. Modules are compiled when they are first required.
type program struct {
	modules  map[string]string
	compiled map[string]*goja.Program
}

func newProgram(modules map[string]string) *program {
	return &program{modules: modules, compiled: map[string]*goja.Program{}}
}

// compile gives a module as a function expression. A source map in the module makes errors name the
// author's lines; one that is elsewhere is not read, for a path in it would be a path of this machine.
func (p *program) compile(name string) (*goja.Program, error) {
	if done, ok := p.compiled[name]; ok {
		return done, nil
	}
	tree, err := parser.ParseFile(nil, name, wrap(p.modules[name]), 0, parser.WithSourceMapLoader(noMap))
	if err != nil {
		return nil, err
	}
	compiled, err := goja.CompileAST(tree, false)
	if err == nil {
		p.compiled[name] = compiled
	}
	return compiled, err
}

func noMap(string) ([]byte, error) { return nil, nil }

const (
	wrapper   = "(function(exports,require,module,__filename,__dirname){"
	inlineMap = "\n//# sourceMappingURL=data:application/json;base64,"
)

// wrap makes a module a function expression, with every place in it where it was. A map speaks of columns,
// which text before the first line would shift; so that text gets its own line, and the map an empty one.
func wrap(source string) string {
	code, encoded, mapped := strings.Cut(source, inlineMap)
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if !mapped || err != nil {
		return wrapper + source + "\n})"
	}
	shifted := mappings.ReplaceAll(decoded, []byte(`"mappings":";`))
	return wrapper + "\n" + code + inlineMap + base64.StdEncoding.EncodeToString(shifted) + "\n})"
}

var mappings = regexp.MustCompile(`"mappings"\s*:\s*"`)

// ask is how a run reaches the host: kind says whether for a method or for another function.
type ask func(kind byte, name string, args []byte) (answerHeader, []byte, error)

// run is one call in one fresh runtime.
type run struct {
	vm           *goja.Runtime
	program      *program
	header       callHeader
	ask          ask
	console      console
	loaded       map[string]*goja.Object // modules by path
	timers       []timer
	nextID       int64
	elapsed      float64    // what the timers that ran had waited for
	cloud        goja.Value // nil until a function requires the SDK
	parts        map[part]*goja.Object
	url          *goja.Object
	node         goja.Callable // makes a module of Node by its name
	builtins     map[string]goja.Value
	makeDatabase goja.Callable // nil until a function asks for it
	asked        int
	refused      map[*goja.Object]int // errors that came from the host, with the number of the call
	context      goja.Value
	parse        goja.Callable
	encode       goja.Callable
}

// timer is a callback that waits for everything before it. Time does not pass between timers: a function
// that sleeps would only hold a worker, so what it waits for comes at once, in the order of its time.
type timer struct {
	id    int64
	due   float64
	every float64 // 0 for one that comes once
	call  goja.Callable
	args  []goja.Value
}

func newRun(p *program, header callHeader, ask ask) *run {
	r := &run{vm: goja.New(), program: p, header: header, ask: ask, console: console{maxLines: header.Lines, maxBytes: header.LogBytes}}
	r.vm.SetMaxCallStackSize(maxCallStack)
	if header.Ahead != 0 {
		r.vm.SetTimeSource(func() time.Time { return time.Now().Add(time.Duration(header.Ahead)) })
	}
	r.globals()
	return r
}

// main loads the entry, calls its main with the event and waits for the value.
func (r *run) main(event []byte) (value []byte, done doneHeader) {
	defer func() {
		if cause := recover(); cause != nil {
			value, done = nil, r.panicked(cause)
		}
	}()
	// The parent has the last word with SIGKILL. Ending a plain loop here first keeps what it logged.
	deadline := time.AfterFunc(time.Duration(r.header.Millis)*time.Millisecond, func() { r.vm.Interrupt(errDeadline) })
	defer deadline.Stop()
	result, err := r.call(event)
	if err != nil {
		return nil, r.failed(err)
	}
	if promise, ok := asPromise(result); ok {
		if result, err = r.settle(promise); err != nil {
			return nil, r.failed(err)
		}
	}
	if goja.IsUndefined(result) {
		return []byte("null"), done
	}
	encoded, err := r.encode(goja.Undefined(), result)
	if err != nil {
		return nil, r.failed(err)
	}
	if goja.IsUndefined(encoded) { // a function or a symbol
		return []byte("null"), done
	}
	text := encoded.String()
	if len(text) > maxValue {
		return nil, doneHeader{Code: ErrTooLarge.Code}
	}
	return []byte(text), done
}

var (
	errDeadline  = errors.New("deadline")
	errUnsettled = errors.New("promise never settles")
	errNoMain    = errors.New("no main")
)

func (r *run) call(event []byte) (goja.Value, error) {
	argument, err := r.value(event)
	if err != nil {
		return nil, err
	}
	if r.context, err = r.value(r.header.Context); err != nil {
		return nil, err
	}
	module, err := r.load(entry)
	if err != nil {
		return nil, err
	}
	exports, ok := module.Get("exports").(*goja.Object)
	if !ok {
		return nil, errNoMain
	}
	handler, ok := goja.AssertFunction(exports.Get("main"))
	if !ok {
		return nil, errNoMain
	}
	return handler(exports, argument, r.context)
}

// settle runs timers until the promise has its value. Promise jobs have run whenever a call from Go returns.
func (r *run) settle(promise *goja.Promise) (goja.Value, error) {
	for promise.State() == goja.PromiseStatePending {
		next := -1
		for i := range r.timers {
			if next < 0 || r.timers[i].due < r.timers[next].due {
				next = i
			}
		}
		if next < 0 {
			return nil, errUnsettled
		}
		due := r.timers[next]
		r.timers = append(r.timers[:next], r.timers[next+1:]...)
		r.elapsed = due.due
		if due.every > 0 {
			due.due += due.every
			r.timers = append(r.timers, due)
		}
		if _, err := due.call(goja.Undefined(), due.args...); err != nil {
			return nil, err
		}
	}
	if promise.State() == goja.PromiseStateRejected {
		return nil, &rejection{promise.Result()}
	}
	return promise.Result(), nil
}

// asPromise looks at the type first: exporting another object would run its getters.
func asPromise(value goja.Value) (*goja.Promise, bool) {
	object, ok := value.(*goja.Object)
	if !ok || object.ExportType() != reflect.TypeFor[*goja.Promise]() {
		return nil, false
	}
	promise, ok := object.Export().(*goja.Promise)
	return promise, ok
}

// rejection is the value that a promise was rejected with.
type rejection struct{ value goja.Value }

func (r *rejection) Error() string { return "rejected" }

// value parses JSON into a plain value of the runtime.
func (r *run) value(text []byte) (goja.Value, error) {
	if string(text) == "{}" {
		return r.vm.NewObject(), nil
	}
	return r.parse(goja.Undefined(), r.vm.ToValue(string(text)))
}

// load runs a module of the package once and gives its module object.
func (r *run) load(name string) (*goja.Object, error) {
	if module, ok := r.loaded[name]; ok {
		return module, nil
	}
	module, exports := r.vm.NewObject(), r.vm.NewObject()
	if r.loaded == nil {
		r.loaded = map[string]*goja.Object{}
	}
	r.loaded[name] = module
	if err := module.Set("exports", exports); err != nil {
		return nil, err
	}
	if path.Ext(name) == ".json" {
		value, err := r.value([]byte(r.program.modules[name]))
		if err != nil {
			return nil, err
		}
		return module, module.Set("exports", value)
	}
	compiled, err := r.program.compile(name)
	if err != nil {
		return nil, err
	}
	function, err := r.vm.RunProgram(compiled)
	if err != nil {
		return nil, err
	}
	body, ok := goja.AssertFunction(function)
	if !ok {
		return nil, errNoMain // the source closed the function that it stands in
	}
	require := r.vm.ToValue(func(call goja.FunctionCall) goja.Value { return r.require(path.Dir(name), call.Argument(0).String()) })
	_, err = body(exports, exports, require, module, r.vm.ToValue(name), r.vm.ToValue(path.Dir(name)))
	return module, err
}

// failure is a new Error.
func (r *run) failure(message string) *goja.Object {
	made, err := r.vm.New(r.vm.Get("Error"), r.vm.ToValue(message))
	if err != nil { // the function replaced Error by something that throws
		made = r.vm.NewObject()
		_ = made.Set("message", message)
	}
	return made
}

// rethrow turns an error of a nested run into what is thrown to the code that caused it.
func (r *run) rethrow(err error) any {
	var exception *goja.Exception
	if errors.As(err, &exception) {
		return exception.Value()
	}
	var interrupted *goja.InterruptedError
	var deep *goja.StackOverflowError
	if errors.As(err, &interrupted) || errors.As(err, &deep) {
		return err
	}
	return r.vm.ToValue(r.failure(err.Error()))
}

// panicked says what a panic of the engine means.
func (r *run) panicked(cause any) doneHeader {
	if err, ok := cause.(error); ok {
		var exception *goja.Exception
		var interrupted *goja.InterruptedError
		var deep *goja.StackOverflowError
		if errors.As(err, &exception) || errors.As(err, &interrupted) || errors.As(err, &deep) {
			return r.failed(err)
		}
	}
	text := fmt.Sprint(cause)
	fmt.Fprintln(os.Stderr, "sandbox worker: engine:", text)
	done := doneHeader{Code: ErrFunction.Code, Message: "The engine failed: " + clip(text, maxErrorBytes), Retire: true}
	if strings.Contains(text, "makeslice") || strings.Contains(text, "out of range") && strings.Contains(text, "len") {
		done.Code = ErrMemory.Code
	}
	return done
}

// failed says what an error of the engine means.
func (r *run) failed(err error) doneHeader {
	var interrupted *goja.InterruptedError
	var deep *goja.StackOverflowError
	var exception *goja.Exception
	var rejected *rejection
	switch {
	case errors.As(err, &interrupted):
		return doneHeader{Code: ErrTimeout.Code, Retire: true}
	case errors.As(err, &deep):
		return doneHeader{Code: ErrRecursion.Code, Retire: true}
	case errors.Is(err, errUnsettled):
		return doneHeader{Code: ErrUnsettled.Code}
	case errors.Is(err, errNoMain):
		return doneHeader{Code: ErrNoFunction.Code}
	case errors.As(err, &exception):
		return r.thrown(exception.Value(), exception.String())
	case errors.As(err, &rejected):
		return r.thrown(rejected.value, "")
	}
	return r.position(doneHeader{Code: ErrFunction.Code, Message: clip(err.Error(), maxErrorBytes)}, err.Error())
}

// thrown describes a value that a function threw.
func (r *run) thrown(value goja.Value, stack string) doneHeader {
	done := doneHeader{Code: ErrFunction.Code, Message: "undefined"}
	if value == nil {
		return done
	}
	object, ok := value.(*goja.Object)
	if !ok {
		done.Message = clip(value.String(), maxErrorBytes)
		return r.position(done, stack)
	}
	done.Asked = r.refused[object]
	// Reading a property may run a getter, and that may throw: the run is over, so it is only asked politely.
	if caught := r.vm.Try(func() {
		done.Message = clip(object.String(), maxErrorBytes)
		if text := object.Get("stack"); text != nil && !goja.IsUndefined(text) {
			stack = text.String()
		}
	}); caught != nil && done.Message == "undefined" {
		done.Message = "a value that cannot be shown"
	}
	return r.position(done, stack)
}

// stackPosition is a place in a stack trace of the engine: file:line:column, and in parentheses its program counter.
var stackPosition = regexp.MustCompile(`([^\s():]+\.(?:js|ts|mjs|cjs|json)):? ?(?:Line )?(\d+):(\d+)`)

// nativeFrame is a line of a stack trace that names a Go function.
var nativeFrame = regexp.MustCompile(`(?m)^\s*at .*\(native\)\n?`)

// position fills in where the error comes from.
func (r *run) position(done doneHeader, stack string) doneHeader {
	done.Stack = clip(nativeFrame.ReplaceAllString(stack, ""), maxErrorBytes)
	if match := stackPosition.FindStringSubmatch(done.Stack); match != nil {
		done.File = match[1]
		done.Line, _ = strconv.Atoi(match[2])   // digits
		done.Column, _ = strconv.Atoi(match[3]) // digits
	}
	return done
}

func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

// hostCall asks the host for a method and gives a promise that has its answer already.
func (r *run) hostCall(call goja.FunctionCall) goja.Value { return r.askHost(kindAsk, call) }

// callFunction asks for another function of the program, which runs in this process before the answer comes.
func (r *run) callFunction(call goja.FunctionCall) goja.Value { return r.askHost(kindNest, call) }

func (r *run) askHost(kind byte, call goja.FunctionCall) goja.Value {
	promise, resolve, reject := r.vm.NewPromise()
	args := json.RawMessage("{}")
	if argument := call.Argument(1); !goja.IsUndefined(argument) {
		encoded, err := r.encode(goja.Undefined(), argument)
		if err != nil {
			panic(r.rethrow(err))
		}
		if !goja.IsUndefined(encoded) {
			args = json.RawMessage(encoded.String())
		}
	}
	if len(args) > maxValue {
		panic(r.vm.NewTypeError("the arguments are too large"))
	}
	answer, body, err := r.ask(kind, call.Argument(0).String(), args)
	if err != nil {
		// The parent is gone or does not understand: there is nobody to tell.
		os.Exit(1)
	}
	r.asked++
	if kind == kindNest && answer.Code == ErrTimeout.Code {
		r.vm.Interrupt(errDeadline) // it was this one's time that the other used up
	}
	if answer.Code == "" {
		value, err := r.value(body)
		if err != nil {
			panic(r.rethrow(err))
		}
		_ = resolve(value) // it fails only when the run was interrupted, and then the run tells
		return r.vm.ToValue(promise)
	}
	_ = reject(r.refusal(answer))
	return r.vm.ToValue(promise)
}

// refusal is what the host said no with, as an error.
func (r *run) refusal(answer answerHeader) *goja.Object {
	failure := r.failure(answer.Message)
	_ = failure.Set("code", answer.Code)
	if details, err := r.value(answer.Details); err == nil && len(answer.Details) > 0 {
		_ = failure.Set("data", details)
	}
	if r.refused == nil {
		r.refused = map[*goja.Object]int{}
	}
	r.refused[failure] = r.asked
	return failure
}
