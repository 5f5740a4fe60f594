package loyalty_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/loyalty"
)

// BenchmarkEarn is purchases of faithful members, who have a year of lots already.
func BenchmarkEarn(b *testing.B) {
	w := newTown(b, map[string]any{"expiry_kind": "end_of_month", "expiry_months": 12})
	member := func(n int64) string { return fmt.Sprint("member", n%20) }
	w.ok(w.do(func(tx core.App) error {
		for i := range int64(20 * 150) {
			if _, err := loyalty.Earn(tx, member(i), w.org, fmt.Sprint("before", i), 1000, noon); err != nil {
				return err
			}
		}
		return nil
	}))
	var count atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := count.Add(1)
			err := w.do(func(tx core.App) error {
				_, err := loyalty.Earn(tx, member(n), w.org, fmt.Sprint("order", n), 1000, noon)
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}
