package mp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/mp"
)

// The log of a program on a terminal: what was said, filtered, and what is being said now.
func TestLogsAreShownAndFollowed(t *testing.T) {
	app := apptest.New(t, register)
	client := apptest.NewClient(t, app)
	apptest.Person(t, app, "Mina")
	d := newDesk(t)
	d.must(0, "login", "--server", client.Server.URL, "--email", "mina@plaza.test")
	d.must(0, "init", "hello")
	d.must(0, "upload", "hello")
	t.Chdir("hello")
	logs.Write(app,
		logs.Line{Program: "hello", Version: 1, Source: "week", Level: logs.Info, Text: "a quiet line"},
		logs.Line{Program: "hello", Version: 1, Source: logs.SourcePage, Level: logs.Error, Text: "it fell\x1b[2J", Stack: "at sky.js:3"},
	)

	// Following ends with what the person interrupts, after the first line that comes is on the screen.
	follow := func(args ...string) (string, *io.PipeReader) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		reader, writer := io.Pipe()
		ended := make(chan int)
		go func() {
			code := mp.Run(ctx, register, mp.Streams{In: strings.NewReader(""), Out: writer, Err: io.Discard}, args)
			_ = writer.Close() // a pipe's end has no failure
			ended <- code
		}()
		var seen bytes.Buffer
		chunk := make([]byte, 4096)
		for !strings.Contains(seen.String(), "it fell") {
			n, err := reader.Read(chunk)
			if err != nil {
				t.Fatalf("it ended early: %v\n%s", err, seen.String())
			}
			seen.Write(chunk[:n])
		}
		interrupt()
		go func() { _, _ = io.Copy(io.Discard, reader) }() // what is still on its way
		if code := <-ended; code != mp.ExitOK {
			t.Errorf("following ended with %d", code)
		}
		return seen.String(), reader
	}
	lines, _ := follow("logs", "-f", "--json", "--level", "error")
	var one logs.Line
	if err := json.Unmarshal([]byte(lines), &one); err != nil || one.Level != logs.Error || one.Version != 1 {
		t.Errorf("the line is %q: %v", lines, err)
	}

	all := d.must(0, "logs")
	all.has(t, "a quiet line", "week v1", "it fell", "at sky.js:3")
	if strings.Contains(all.out, "\x1b") {
		t.Error("a program's words steer the terminal")
	}
	if only := d.must(0, "logs", "--level", "warn", "--version", "latest").out; strings.Contains(only, "quiet") {
		t.Errorf("warnings and above are\n%s", only)
	}
	d.must(0, "logs", "--source", "week", "-q", "quiet").has(t, "a quiet line")
	var list []logs.Line
	if err := json.Unmarshal([]byte(d.must(0, "logs", "--json", "--version", "7").out), &list); err == nil && len(list) > 0 {
		t.Errorf("a version that is not there said %v", list)
	}
}
