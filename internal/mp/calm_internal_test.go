package mp

import (
	"strings"
	"testing"
)

// What others wrote does not steer the terminal of whoever reads it; the palette's own colours stay.
func TestOthersDoNotSteerTheTerminal(t *testing.T) {
	var out, errs strings.Builder
	run := tool{Streams: Streams{Out: &out, Err: &errs}}
	run.print("Signed in as %s.", "Mina\x1b]0;pwned\x07\x1b[2J\u009b31m\u202e\r国 é")
	run.end(&failure{message: "no\x1b[2K", next: "\x1b[1A"})
	run.say("%s", palette(true).red("red")+palette(true).dim("dim"))
	if got, want := out.String(), "Signed in as Mina\ufffd]0;pwned\ufffd\ufffd[2J\ufffd31m\ufffd\ufffd国 é.\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	if got, want := errs.String(), "plaza mp: no\ufffd[2K\n  \ufffd[1A\n\x1b[31;1mred\x1b[0m\x1b[2mdim\x1b[0m\n"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
