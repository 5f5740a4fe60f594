package programs

import "testing"

// A frame inside a web program would have a realm that nobody has sealed. The scripts that could run in it begin
// with the guardian, whatever they would rather begin with.
func TestTheGuardianIsTheFirstStatement(t *testing.T) {
	for _, script := range []struct{ before, after string }{
		{"", ""},
		{"", "const a = 1"},
		{"// words\n/* more\n */ \n", "run()"},
		{"\ufeff'use strict';\n", "run()"},
		{"\"use strict\"\n", "const a = 1"},
		{"// a\r\n\"use strict\" ;\n// b\n", "import './b.js'"},
		// A line ends where JavaScript ends it; another string, a comment that never ends, another encoding or a
		// shell's line is no place to hide behind.
		{"// words\r", "run()"},
		{"// words\u2028", "run()"},
		{"", "'use strict' + run()\n"},
		{"", "/* words"},
		{"", "\xff\xfer\x00"},
		{"", "#!node\rrun()"},
	} {
		whole := script.before + script.after
		if got, want := string(confined([]byte(whole))), script.before+guardian+script.after; got != want {
			t.Errorf("%q becomes %q, want %q", whole, got, want)
		}
	}
}
