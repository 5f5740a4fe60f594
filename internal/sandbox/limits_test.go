package sandbox

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// What makers read of limits is what holds.
func TestTheDocumentedLimits(t *testing.T) {
	document, err := os.ReadFile("../../docs/creators/functions.md")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Workers: 2}.withDefaults()
	for _, line := range []string{
		fmt.Sprintf("| time of a call, with all that it asks for | %d s |", o.Timeout/time.Second),
		fmt.Sprintf("| memory | %d MiB |", o.MemoryBytes>>20),
		fmt.Sprintf("| what it returns; what a host call answers | %d MiB |", maxValue>>20),
		fmt.Sprintf("`callFunction` …) | %d |", o.HostCalls),
		fmt.Sprintf("| bytes of all host calls, both ways | %d MiB |", o.HostBytes>>20),
		fmt.Sprintf("| functions in one chain of calls | %d |", MaxDepth),
		fmt.Sprintf("| timers that wait | %d,000 |", maxTimers/1000),
		fmt.Sprintf("| log of one call | %d lines, %d KiB, %d KiB a line |", maxLogLines, maxLogBytes>>10, maxLogLine>>10),
		fmt.Sprintf("for longer than %d milliseconds", slice/time.Millisecond),
		fmt.Sprintf("need more than %d milliseconds of a processor", slowCPU/time.Millisecond),
	} {
		if !strings.Contains(string(document), line) {
			t.Errorf("the document lacks %q", line)
		}
	}
}
