package programs

import (
	"fmt"
	gc "runtime"
	"strings"
	"testing"
	"time"
)

// What strangers send in place of an appid is not kept, however long it is.
func TestGuessesTakeLittleRoom(t *testing.T) {
	heap := func() uint64 {
		var stats gc.MemStats
		gc.GC()
		gc.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	var made guesses
	before := heap()
	for i := range 100 {
		made.wrong(fmt.Sprint(i, strings.Repeat("x", 1<<20)), "192.0.2.1", time.Now())
	}
	if after := heap(); after > before+10<<20 {
		t.Errorf("100 guesses take %d MB", (after-before)>>20)
	}
	gc.KeepAlive(&made)
}
