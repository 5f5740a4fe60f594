package bench

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/ledger"
)

const (
	pricedLines     = 50
	pricedCampaigns = 200
	priceRuns       = 5000
	priceLimit      = time.Millisecond
)

// prices measures Price on a large basket against its limit.
func prices(Register) ([]Row, error) {
	lines, rules := basket(pricedLines), rulebook(pricedCampaigns)
	runtime.LockOSThread() // so that its processor time is ours alone: a neighbour's work is not the price's
	defer runtime.UnlockOSThread()
	at := time.Date(2026, 11, 24, 17, 30, 0, 0, time.UTC)
	took := make([]time.Duration, 0, priceRuns)
	for range priceRuns {
		began, err := threadTime()
		if err != nil {
			return nil, err
		}
		if _, err := campaigns.Price(lines, rules, at); err != nil {
			return nil, err
		}
		ended, err := threadTime()
		if err != nil {
			return nil, err
		}
		took = append(took, ended-began)
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	return []Row{atMost("price of 50 lines against 200 campaigns, p99 of processor time", float64(p99.Microseconds()), "µs",
		"limit of 1 ms", float64(p99)/float64(priceLimit), 1)}, nil
}

func basket(n int) []campaigns.Line {
	lines := make([]campaigns.Line, n)
	for i := range lines {
		lines[i] = campaigns.Line{
			ID: fmt.Sprintf("line%d", i), Product: fmt.Sprintf("product%d", i), Category: fmt.Sprintf("category%d", i%12),
			Quantity: int64(1 + i%5), Unit: ledger.Amount(100 + i*37), VATBasisPoints: 2000,
		}
	}
	return lines
}

func rulebook(n int) []campaigns.Campaign {
	kinds := []campaigns.Kind{campaigns.Sale, campaigns.Percent, campaigns.Fixed, campaigns.BuyXGetY, campaigns.OrderPercent}
	rules := make([]campaigns.Campaign, n)
	for i := range rules {
		rules[i] = campaigns.Campaign{
			ID: fmt.Sprintf("campaign%d", i), Name: fmt.Sprintf("Offer %d", i), Kind: kinds[i%len(kinds)],
			PercentBasisPoints: int64(500 + i%2000), Amount: ledger.Amount(10 + i), Buy: 2, Get: 1, Priority: i % 7,
			Products: []string{fmt.Sprintf("product%d", i%70)}, Categories: []string{fmt.Sprintf("category%d", i%15)},
			MinSpend: ledger.Amount(i * 10),
			Schedule: campaigns.Schedule{Zone: "Europe/Paris", Start: "17:00", End: "19:00"},
		}
	}
	return rules
}
