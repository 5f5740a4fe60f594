package campaigns

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"plaza.internal/plaza/internal/ledger"
)

// largeCase is 50 lines against 200 campaigns of every kind, each with products, categories and a weekly window.
func largeCase() ([]Line, []Campaign) {
	lines := make([]Line, 50)
	for i := range lines {
		lines[i] = line(fmt.Sprintf("product%08d", i*7), fmt.Sprintf("category%d", i%9), int64(1+i%4), ledger.Amount(99+37*i))
	}
	kinds := []Kind{Sale, Percent, Fixed, BuyXGetY, OrderPercent, OrderFixed}
	campaigns := make([]Campaign, 200)
	for i := range campaigns {
		c := Campaign{
			ID: fmt.Sprintf("campaign%07d", i), Name: fmt.Sprintf("Campaign %d", i), Kind: kinds[i%len(kinds)], Priority: i % 5, Buy: 2, Get: 1,
			Schedule: Schedule{Zone: "Europe/Paris", Start: "08:00", End: "20:00", Days: []time.Weekday{1, 2, 3, 4, 5}},
		}
		switch c.Kind {
		case Fixed, OrderFixed:
			c.Amount = 10
		default:
			c.PercentBasisPoints = 100
		}
		for k := range 10 {
			c.Products = append(c.Products, fmt.Sprintf("product%08d", (i*13+k*29)%400))
		}
		if i%4 == 0 {
			c.Categories = []string{fmt.Sprintf("category%d", i%9)}
		}
		if i%3 == 0 {
			c.Group = fmt.Sprintf("group%d", (i/3)%10)
		}
		campaigns[i] = c
	}
	return lines, campaigns
}

// BenchmarkPrice reports the 99th percentile beside the mean: 50 lines, 200 campaigns, all of them in their hours.
func BenchmarkPrice(b *testing.B) {
	lines, campaigns := largeCase()
	took := make([]time.Duration, 0, 1<<16)
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if _, err := Price(lines, campaigns, noon); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
