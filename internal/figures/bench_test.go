package figures

import (
	"fmt"
	"sync/atomic"
	"testing"

	"plaza.internal/plaza/internal/apptest"
)

// A launch of twenty events, from many phones at once: what one batch costs the house.
func BenchmarkTake(b *testing.B) {
	app := apptest.New(b)
	org := apptest.Org(b, app, "shop")
	program := apptest.Record(b, app, "programs", map[string]any{"appid": "hello", "org": org.Id, "name": "Hello", "kind": "app", "status": "live"})
	var launches atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := launches.Add(1)
			events := []Event{open(1), load(2, 300)}
			for seq := 3; seq <= 20; seq++ {
				events = append(events, page(seq, fmt.Sprint("pages/", seq%5)))
			}
			batch := Batch{Program: program.Id, Org: org.Id, Person: fmt.Sprint(n % 1_000), Session: fmt.Sprint(n), Events: events}
			if _, err := Take(app, batch, noon); err != nil {
				b.Error(err)
			}
		}
	})
}
