package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// basket is the event of the price handler: fifty lines, about 3 KB.
func basket() json.RawMessage {
	var lines []string
	for i := range 50 {
		lines = append(lines, fmt.Sprintf(`{"id":"l%d","name":"Product %d","price":%d,"quantity":%d,"tags":["sale"]}`, i, i, 100+i, 1+i%4))
	}
	return json.RawMessage(`{"lines":[` + strings.Join(lines, ",") + `]}`)
}

func priceSource(b *testing.B) string {
	source, err := os.ReadFile("testdata/functions/price.js")
	if err != nil {
		b.Fatal(err)
	}
	return string(source)
}

func benchmark(b *testing.B, call Call) {
	pool := newPool(b, Options{Workers: 1})
	if _, err := pool.Call(b.Context(), call, echo); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pool.Call(b.Context(), call, echo); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNop(b *testing.B) { benchmark(b, function("nop", "exports.main = () => 1")) }

func BenchmarkPrice(b *testing.B) {
	call := function("price", priceSource(b))
	call.Event = basket()
	benchmark(b, call)
}

func BenchmarkTenHostCalls(b *testing.B) {
	benchmark(b, function("ten", `exports.main = async () => { for (let i = 0; i < 10; i++) await require('wx-server-sdk').plaza.call('echo', {i}) }`))
}

// BenchmarkNewApp is what a call costs when the worker must start.
func BenchmarkNewApp(b *testing.B) {
	pool := newPool(b, Options{Workers: 1})
	call := function("nop", "exports.main = () => 1")
	for i := 0; b.Loop(); i++ {
		call.App = fmt.Sprint(i)
		if _, err := pool.Call(b.Context(), call, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPriceInProcess is the same handler in a warm runtime of this process: what the walls cost is the
// difference.
func BenchmarkPriceInProcess(b *testing.B) {
	vm := goja.New()
	if _, err := vm.RunString("var exports = {};" + priceSource(b)); err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(vm.Get("exports").(*goja.Object).Get("main"))
	event := basket()
	b.ReportAllocs()
	for b.Loop() {
		var parsed any
		if err := json.Unmarshal(event, &parsed); err != nil {
			b.Fatal(err)
		}
		value, err := run(goja.Undefined(), vm.ToValue(parsed))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(value.Export()); err != nil {
			b.Fatal(err)
		}
	}
}
