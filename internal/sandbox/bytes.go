package sandbox

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// bytes reads a string as UTF-8, an ArrayBuffer, or what views one. Who gets them must not keep them.
func (r *run) bytes(value goja.Value) []byte {
	if text, ok := value.(goja.String); ok {
		return []byte(text.String())
	}
	object, ok := value.(*goja.Object)
	if ok {
		switch exported := object.Export().(type) {
		case goja.ArrayBuffer:
			return exported.Bytes()
		case []byte:
			return exported
		}
	}
	panic(r.vm.NewTypeError("neither a string nor bytes"))
}

// encodeText gives the bytes of a string in one of Node's encodings, as an ArrayBuffer.
func (r *run) encodeText(call goja.FunctionCall) goja.Value {
	text, ok := call.Argument(0).(goja.String)
	if !ok {
		panic(r.vm.NewTypeError("not a string"))
	}
	var out []byte
	switch call.Argument(1).String() {
	case "hex":
		out = fromHex(text.String())
	case "base64", "base64url":
		out = fromBase64(text.String())
	case "latin1", "ascii":
		out = make([]byte, text.Length())
		for i := range out {
			out[i] = byte(text.CharAt(i))
		}
	case "utf16le":
		out = make([]byte, 0, 2*text.Length())
		for i := range text.Length() {
			unit := text.CharAt(i)
			out = append(out, byte(unit), byte(unit>>8))
		}
	default:
		out = []byte(text.String())
	}
	return r.vm.ToValue(r.vm.NewArrayBuffer(out))
}

// decodeText gives the string of bytes; with a third argument that holds, bytes that are no UTF-8 are refused.
func (r *run) decodeText(call goja.FunctionCall) goja.Value {
	data := r.bytes(call.Argument(0))
	switch call.Argument(1).String() {
	case "hex":
		return r.vm.ToValue(hex.EncodeToString(data))
	case "base64":
		return r.vm.ToValue(base64.StdEncoding.EncodeToString(data))
	case "base64url":
		return r.vm.ToValue(base64.RawURLEncoding.EncodeToString(data))
	case "latin1", "ascii":
		return goja.StringFromUTF16(latin1(data, call.Argument(1).String() == "ascii"))
	case "utf16le":
		units := make([]uint16, len(data)/2)
		for i := range units {
			units[i] = uint16(data[2*i]) | uint16(data[2*i+1])<<8
		}
		return goja.StringFromUTF16(units)
	}
	if call.Argument(2).ToBoolean() && !utf8.Valid(data) {
		panic(r.vm.NewTypeError("The encoded data was not valid for encoding utf-8"))
	}
	return r.vm.ToValue(string(data))
}

func latin1(data []byte, seven bool) []uint16 {
	units := make([]uint16, len(data))
	for i, b := range data {
		if seven {
			b &= 0x7f
		}
		units[i] = uint16(b)
	}
	return units
}

// fromHex reads pairs of digits up to the first that is none, as Node does.
func fromHex(text string) []byte {
	out := make([]byte, hex.DecodedLen(len(text)))
	n, _ := hex.Decode(out, []byte(text[:len(text)&^1])) // it stops where there is no digit
	return out[:n]
}

// fromBase64 reads either alphabet, skips what is in none, and ends at the padding, as Node does.
func fromBase64(text string) []byte {
	text, _, _ = strings.Cut(text, "=")
	clean := strings.Map(func(letter rune) rune {
		switch {
		case letter == '-':
			return '+'
		case letter == '_':
			return '/'
		case letter >= 'A' && letter <= 'Z', letter >= 'a' && letter <= 'z', letter >= '0' && letter <= '9', letter == '+', letter == '/':
			return letter
		}
		return -1
	}, text)
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(clean) // what was not base64 is gone
	return out
}

// toBase64 is for bytes that go over the bridge: a string's are its UTF-8.
func (r *run) toBase64(call goja.FunctionCall) goja.Value {
	return r.vm.ToValue(base64.StdEncoding.EncodeToString(r.bytes(call.Argument(0))))
}

// asBuffer gives a Buffer of bytes that came over the bridge.
func (r *run) asBuffer(call goja.FunctionCall) goja.Value {
	from, ok := goja.AssertFunction(r.part(partBytes).Get("Buffer").ToObject(r.vm).Get("from"))
	if !ok {
		panic(r.vm.NewTypeError("Buffer.from was replaced"))
	}
	value, err := from(goja.Undefined(), r.vm.ToValue(r.vm.NewArrayBuffer(fromBase64(call.Argument(0).String()))))
	if err != nil {
		panic(r.rethrow(err))
	}
	return value
}

// btoa is base64 of a string whose letters are bytes.
func (r *run) btoa(call goja.FunctionCall) goja.Value {
	text, ok := call.Argument(0).ToString().(goja.String)
	if !ok {
		panic(r.invalidCharacter())
	}
	data := make([]byte, text.Length())
	for i := range data {
		unit := text.CharAt(i)
		if unit > 0xff {
			panic(r.invalidCharacter())
		}
		data[i] = byte(unit)
	}
	return r.vm.ToValue(base64.StdEncoding.EncodeToString(data))
}

func (r *run) atob(call goja.FunctionCall) goja.Value {
	text := strings.Map(func(letter rune) rune {
		if strings.ContainsRune(" \t\n\f\r", letter) {
			return -1
		}
		return letter
	}, call.Argument(0).String())
	if len(text)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	}
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		panic(r.invalidCharacter())
	}
	return goja.StringFromUTF16(latin1(data, false))
}

func (r *run) invalidCharacter() goja.Value {
	failure := r.failure("The string contains an invalid character")
	_ = failure.Set("name", "InvalidCharacterError")
	return failure
}
