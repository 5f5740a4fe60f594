package weapp

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// heap holds the JavaScript values that an instance of the template compiler has made through its imports:
// strings (string), numbers (float64), booleans, arrays, objects and errors.
type heap struct {
	slots []any
	free  []uint32
}

type (
	array     struct{ items []any }
	object    map[string]any
	exception string
	heapKey   struct{}
)

// firstOwn is the first slot for values of the instance; the glue of wasm-bindgen keeps those below for the
// borrow stack and for undefined, null, true and false.
const firstOwn = 132

func newHeap() *heap {
	h := &heap{slots: make([]any, firstOwn)}
	h.slots[130], h.slots[131] = true, false
	return h
}

func (h *heap) add(v any) uint32 {
	if n := len(h.free); n > 0 {
		slot := h.free[n-1]
		h.free = h.free[:n-1]
		h.slots[slot] = v
		return slot
	}
	h.slots = append(h.slots, v)
	return uint32(len(h.slots) - 1)
}

func (h *heap) get(slot uint32) any {
	if int(slot) >= len(h.slots) {
		return nil
	}
	return h.slots[slot]
}

func (h *heap) take(slot uint32) any {
	v := h.get(slot)
	if slot >= firstOwn && int(slot) < len(h.slots) {
		h.slots[slot] = nil
		h.free = append(h.free, slot)
	}
	return v
}

// set puts a value into an array or an object, as target[key] = value does.
func (h *heap) set(target, key, value any) {
	switch t := target.(type) {
	case object:
		if name, ok := key.(string); ok {
			t[name] = value
		}
	case *array:
		index, ok := key.(uint32)
		for ok && len(t.items) <= int(index) && len(t.items) < MaxFindings {
			t.items = append(t.items, nil)
		}
		if ok && int(index) < len(t.items) {
			t.items[index] = value
		}
	}
}

// hostFunctions gives the runtime the 19 imports of the template compiler. A panic inside one of them is
// wasm-bindgen's throw: wazero gives it back as the error of the call.
func hostFunctions(ctx context.Context, runtime wazero.Runtime) error {
	builder := runtime.NewHostModuleBuilder("./glass_easel_template_compiler_bg.js")
	const i32, f64 = api.ValueTypeI32, api.ValueTypeF64
	define := func(name string, params, results []api.ValueType, body func(h *heap, mem api.Memory, stack []uint64)) {
		builder.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(
			func(ctx context.Context, mod api.Module, stack []uint64) {
				body(ctx.Value(heapKey{}).(*heap), mod.Memory(), stack)
			}), params, results).Export(name)
	}
	one, two, three := []api.ValueType{i32}, []api.ValueType{i32, i32}, []api.ValueType{i32, i32, i32}
	quiet := func(*heap, api.Memory, []uint64) {}

	define("__wbindgen_error_new", two, one, func(h *heap, mem api.Memory, s []uint64) {
		s[0] = uint64(h.add(exception(readText(mem, s[0], s[1]))))
	})
	define("__wbindgen_object_drop_ref", one, nil, func(h *heap, _ api.Memory, s []uint64) { h.take(uint32(s[0])) })
	define("__wbindgen_object_clone_ref", one, one, func(h *heap, _ api.Memory, s []uint64) {
		s[0] = uint64(h.add(h.get(uint32(s[0]))))
	})
	define("__wbindgen_string_new", two, one, func(h *heap, mem api.Memory, s []uint64) {
		s[0] = uint64(h.add(readText(mem, s[0], s[1])))
	})
	define("__wbindgen_number_new", []api.ValueType{f64}, one, func(h *heap, _ api.Memory, s []uint64) {
		s[0] = uint64(h.add(api.DecodeF64(s[0])))
	})
	define("__wbg_new_16b304a2cfa7ff4a", nil, one, func(h *heap, _ api.Memory, s []uint64) { s[0] = uint64(h.add(&array{})) })
	define("__wbg_new_72fb9a18b5ae2624", nil, one, func(h *heap, _ api.Memory, s []uint64) { s[0] = uint64(h.add(object{})) })
	define("__wbg_set_f975102236d3c502", three, nil, func(h *heap, _ api.Memory, s []uint64) {
		h.set(h.get(uint32(s[0])), h.take(uint32(s[1])), h.take(uint32(s[2])))
	})
	define("__wbg_set_d4638f722068f043", three, nil, func(h *heap, _ api.Memory, s []uint64) {
		h.set(h.get(uint32(s[0])), uint32(s[1]), h.take(uint32(s[2])))
	})
	define("__wbg_set_1f9b04f170055d33", three, one, func(h *heap, _ api.Memory, s []uint64) {
		h.set(h.get(uint32(s[0])), h.get(uint32(s[1])), h.get(uint32(s[2])))
		s[0] = 1
	})
	// Only the compiler's development mode asks for functions of the surrounding JavaScript; there is none.
	define("__wbg_newnoargs_e258087cd0daa0ea", two, one, func(h *heap, _ api.Memory, s []uint64) { s[0] = uint64(h.add(nil)) })
	define("__wbg_call_27c0f87801dedf93", two, one, func(h *heap, _ api.Memory, s []uint64) { s[0] = uint64(h.add(nil)) })
	for _, level := range []string{"log_5bb5f88f245d7762", "info_530a29cb2e4e3304", "warn_63bbae1730aead09", "debug_5fb96680aecf5dc8", "error_8e3928cfb8a43e2b"} {
		define("__wbg_"+level, one, nil, quiet)
	}
	define("__wbindgen_throw", two, nil, func(_ *heap, mem api.Memory, s []uint64) {
		panic(fmt.Errorf("%s", readText(mem, s[0], s[1])))
	})
	define("__wbindgen_debug_string", two, nil, func(*heap, api.Memory, []uint64) {
		panic(fmt.Errorf("the template compiler asked for a debug string"))
	})
	_, err := builder.Instantiate(ctx)
	return err
}

func readText(mem api.Memory, ptr, length uint64) string {
	raw, ok := mem.Read(uint32(ptr), uint32(length))
	if !ok {
		panic(fmt.Errorf("string outside of the memory"))
	}
	return string(raw)
}
