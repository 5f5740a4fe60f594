package weapp

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	_ "embed" // the template compiler
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The template compiler is glass-easel-template-compiler 1.1.0 from npm, under the licence beside it. Its
// imports carry hashes and two that differ only by hash mean different things, so the glue in heap.go is
// right for exactly these bytes: after an upgrade read the package's JavaScript glue again.
const wasmSHA256 = "9fac78f6722fd8dcb31a64114b6989049f3d3b3d294382c2af36b19aae16d15c"

//go:embed glasseasel/compiler.wasm.gz
var wasmArchive []byte

// engine is the template compiler's machine code, from which every compilation takes a fresh instance.
type engine struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
	cache   wazero.CompilationCache
}

// newEngine translates the template compiler to machine code, or reads that from cacheDir.
func newEngine(ctx context.Context, cacheDir string) (*engine, error) {
	wasm, err := unpackWasm()
	if err != nil {
		return nil, err
	}
	cache := wazero.NewCompilationCache()
	if cacheDir != "" {
		if cache, err = wazero.NewCompilationCacheWithDir(cacheDir); err != nil {
			return nil, fmt.Errorf("template compiler cache: %w", err)
		}
	}
	e := &engine{cache: cache, runtime: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCompilationCache(cache).WithCloseOnContextDone(true).WithMemoryLimitPages(wasmMemoryPages))}
	if err := hostFunctions(ctx, e.runtime); err != nil {
		return nil, errors.Join(fmt.Errorf("template compiler imports: %w", err), e.close(ctx))
	}
	if e.module, err = e.runtime.CompileModule(ctx, wasm); err != nil {
		return nil, errors.Join(fmt.Errorf("template compiler: %w", err), e.close(ctx))
	}
	return e, nil
}

func (e *engine) close(ctx context.Context) error {
	return errors.Join(e.runtime.Close(ctx), e.cache.Close(ctx))
}

func unpackWasm() ([]byte, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(wasmArchive))
	if err != nil {
		return nil, fmt.Errorf("template compiler: %w", err)
	}
	wasm, err := io.ReadAll(unzip)
	if err != nil {
		return nil, fmt.Errorf("template compiler: %w", err)
	}
	if sum := sha256.Sum256(wasm); hex.EncodeToString(sum[:]) != wasmSHA256 {
		return nil, fmt.Errorf("template compiler: checksum %x is not the pinned one", sum)
	}
	return wasm, nil
}

// group is one template group in its own instance. After an error of any method it is dead.
type group struct {
	ctx  context.Context // carries the heap to the host functions
	mod  api.Module
	heap *heap
	self uint64
	seen map[string]bool // scripts that the group has
}

// once says whether a script is new to the group, and remembers it.
func (g *group) once(script string) bool {
	known := g.seen[script]
	g.seen[script] = true
	return !known
}

func (e *engine) newGroup(ctx context.Context) (*group, error) {
	h := newHeap()
	ctx = context.WithValue(ctx, heapKey{}, h)
	mod, err := e.runtime.InstantiateModule(ctx, e.module, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("template compiler instance: %w", err)
	}
	g := &group{ctx: ctx, mod: mod, heap: h, seen: map[string]bool{}}
	if g.self, err = g.call("tmplgroup_new"); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

// close throws the instance away, also when the context has ended.
func (g *group) close() { _ = g.mod.Close(context.WithoutCancel(g.ctx)) }

// call runs an exported function that gives at most one number.
func (g *group) call(name string, args ...uint64) (uint64, error) {
	results, err := g.mod.ExportedFunction(name).Call(g.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("template compiler %s: %w", name, err)
	}
	if len(results) == 0 {
		return 0, nil
	}
	return results[0], nil
}

// text copies s into the instance and gives its place and length, the form in which functions take strings.
func (g *group) text(s string) ([]uint64, error) {
	ptr, err := g.call("__wbindgen_malloc", uint64(len(s)), 1)
	if err != nil {
		return nil, err
	}
	if !g.mod.Memory().WriteString(uint32(ptr), s) {
		return nil, errors.New("template compiler: no memory for a string")
	}
	return []uint64{ptr, uint64(len(s))}, nil
}

// method calls a method of the group with strings.
func (g *group) method(name string, before []uint64, args ...string) (uint64, error) {
	flat := slices.Concat(before, []uint64{g.self})
	for _, arg := range args {
		pair, err := g.text(arg)
		if err != nil {
			return 0, err
		}
		flat = append(flat, pair...)
	}
	return g.call(name, flat...)
}

// returning calls a method that leaves words numbers behind a return pointer, and reads them.
func (g *group) returning(name string, words uint32, args ...string) ([]uint32, error) {
	ret, err := g.call("__wbindgen_add_to_stack_pointer", api.EncodeI32(-16))
	if err != nil {
		return nil, err
	}
	if _, err := g.method(name, []uint64{ret}, args...); err != nil {
		return nil, err
	}
	out := make([]uint32, words)
	for i := range out {
		word, ok := g.mod.Memory().ReadUint32Le(uint32(ret) + 4*uint32(i))
		if !ok {
			return nil, fmt.Errorf("template compiler %s: bad return pointer", name)
		}
		out[i] = word
	}
	_, err = g.call("__wbindgen_add_to_stack_pointer", 16)
	return out, err
}

// addTemplate compiles one WXML file into the group and gives what the compiler says of it.
func (g *group) addTemplate(path, source string) ([]any, error) {
	ref, err := g.method("tmplgroup_addTmpl", nil, path, source)
	if err != nil {
		return nil, err
	}
	said, _ := g.heap.take(uint32(ref)).(*array)
	if said == nil {
		return nil, nil
	}
	return said.items, nil
}

// addScript adds one WXS file to the group.
func (g *group) addScript(path, source string) error {
	_, err := g.method("tmplgroup_addScript", nil, path, source)
	return err
}

// list calls a method that gives an array of strings.
func (g *group) list(name, path string) ([]string, error) {
	words, err := g.returning(name, 3, path)
	if err != nil {
		return nil, err
	}
	if err := g.thrown(words[2] != 0, words[1]); err != nil {
		return nil, err
	}
	got, _ := g.heap.take(words[0]).(*array)
	if got == nil {
		return nil, fmt.Errorf("template compiler %s: no array", name)
	}
	var out []string
	for _, item := range got.items {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out, nil
}

// output calls a method that gives a string.
func (g *group) output(name string, args ...string) (string, error) {
	words, err := g.returning(name, 4, args...)
	if err != nil {
		return "", err
	}
	if err := g.thrown(words[3] != 0, words[2]); err != nil {
		return "", err
	}
	raw, ok := g.mod.Memory().Read(words[0], words[1])
	if !ok {
		return "", fmt.Errorf("template compiler %s: bad string", name)
	}
	out := string(raw)
	_, err = g.call("__wbindgen_free", uint64(words[0]), uint64(words[1]), 1)
	return out, err
}

// setInlineScript replaces the text of a <wxs module="…"> element.
func (g *group) setInlineScript(path, module, source string) error {
	words, err := g.returning("tmplgroup_setInlineScript", 2, path, module, source)
	if err != nil {
		return err
	}
	return g.thrown(words[1] != 0, words[0])
}

// inlineScriptLine is the line, from 0, where the text of a <wxs module="…"> element begins.
func (g *group) inlineScriptLine(path, module string) (int, error) {
	words, err := g.returning("tmplgroup_getInlineScriptStartLine", 3, path, module)
	if err != nil {
		return 0, err
	}
	return int(words[0]), g.thrown(words[2] != 0, words[1])
}

// setExtraRuntime puts a script before the group's templates.
func (g *group) setExtraRuntime(source string) error {
	_, err := g.method("tmplgroup_setExtraRuntimeScript", nil, source)
	return err
}

// thrown turns an exception that a method gave back into an error.
func (g *group) thrown(threw bool, ref uint32) error {
	if !threw {
		return nil
	}
	return fmt.Errorf("template compiler: %v", g.heap.take(ref))
}
