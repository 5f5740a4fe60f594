package orders

import (
	"fmt"
	"strings"
	"testing"
)

// The draw follows from its seed, so it can be proved; over many seeds it comes as often as it should; and
// nobody is above being looked at, nor sure of it.
func TestTheDrawIsFairAndRepeatable(t *testing.T) {
	drawn := 0
	for i := range 10_000 {
		seed := fmt.Sprint("seed-", i)
		draw := drawAudit(seed, 1000, nil)
		if draw.Drawn != drawAudit(seed, 1000, nil).Drawn {
			t.Fatalf("%s was drawn differently twice", seed)
		}
		if draw.Drawn {
			drawn++
		}
		if drawAudit(seed, 0, nil).Drawn || !drawAudit(seed, 10_000, nil).Drawn {
			t.Fatalf("%s ignores never or always", seed)
		}
	}
	if drawn < 900 || drawn > 1100 {
		t.Errorf("%d of 10000 at 10 %%", drawn)
	}
	for _, first := range []bool{true, false} {
		for _, total := range []int64{0, 100, highValue - 1, highValue, 1 << 50} {
			chance, reasons := auditChance(first, total)
			if chance < auditFloor || chance > auditCeiling || len(reasons) == 0 {
				t.Errorf("first visit %v, total %d: %d %v", first, total, chance, reasons)
			}
		}
	}
	if chance, reasons := auditChance(true, highValue); chance != 1500 || strings.Join(reasons, " ") != "random first_visit high_value" {
		t.Errorf("%d %v", chance, reasons)
	}
}

// Codes hold no sign that can be taken for another, and do not repeat.
func TestExitCodes(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		code := newExitCode()
		if len(code) != exitCodeLength || strings.Trim(code, exitAlphabet) != "" || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
	}
	if len(exitAlphabet) != 32 || strings.ContainsAny(exitAlphabet, "IO01") {
		t.Errorf("the alphabet: %s", exitAlphabet)
	}
}
