package logs_test

import (
	"fmt"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/logs"
)

// What a call that says one thing pays for it.
func BenchmarkWrite(b *testing.B) {
	app := apptest.New(b, logs.Register)
	line := logs.Line{Version: 1, Request: "0123456789abcdef", Source: "echo", Level: logs.Info, Text: "hello from a function"}
	for n := range b.N {
		line.Program = fmt.Sprint("p", n%200)
		logs.Write(app, line)
	}
}
