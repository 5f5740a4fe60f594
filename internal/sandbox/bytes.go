package sandbox

import (
	"encoding/base64"

	"github.com/dop251/goja"
)

// toBase64 is for bytes that go over the bridge: a string's are its UTF-8.
func (r *run) toBase64(call goja.FunctionCall) goja.Value {
	return r.vm.ToValue(base64.StdEncoding.EncodeToString(r.bytes(call.Argument(0))))
}

// bytes reads a string, an ArrayBuffer, or what views one. What reads them must not keep them.
func (r *run) bytes(value goja.Value) []byte {
	object, ok := value.(*goja.Object)
	if !ok {
		if _, text := value.Export().(string); !text {
			panic(r.vm.NewTypeError("neither bytes nor a string"))
		}
		return []byte(value.String())
	}
	var out []byte
	switch object.ClassName() {
	case "String":
		return []byte(object.String())
	case "Array": // numbers, one by one
		panic(r.vm.NewTypeError("neither bytes nor a string"))
	}
	if err := r.vm.ExportTo(object, &out); err != nil {
		panic(r.vm.NewTypeError("neither bytes nor a string"))
	}
	return out
}

// fromBase64 gives a Buffer.
func (r *run) fromBase64(call goja.FunctionCall) goja.Value {
	decoded, err := base64.StdEncoding.DecodeString(call.Argument(0).String())
	if err != nil {
		panic(r.vm.NewTypeError("not base64"))
	}
	return r.vm.ToValue(r.vm.NewArrayBuffer(decoded))
}
