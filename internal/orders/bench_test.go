package orders_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/orders"
)

// BenchmarkPay pays baskets of three lines over HTTP from 64 clients, durably. `make bench` compares it with a
// peer; this one is for looking into it with -cpuprofile.
func BenchmarkPay(b *testing.B) {
	const clients = 64
	s := newStreet(b)
	s.app.Settings().RateLimits.Enabled = false // all of them come from one address
	s.shop.Stock(s.milk, 1<<29)
	s.shop.Stock(s.bread, 1<<29)
	egg := s.shop.Sell(4, "Egg", 30, nil)
	s.shop.Stock(egg, 1<<29)
	users, tokens := make([]*core.Record, clients), make([]string, clients)
	for i := range users {
		users[i], tokens[i] = s.customer(fmt.Sprint("Client ", i), 1<<40)
	}
	products := []*core.Record{s.bread, s.milk, egg}
	paths := make(chan [2]string, b.N)
	for n := 0; n < b.N; {
		place := apptest.Place(b, s.app, s.shop.Org, fmt.Sprint("Place ", n))
		err := ledger.Write(s.app, func(tx core.App) error {
			for i, user := range users {
				order, err := orders.Start(tx, user, place.Id, "scan", clock.Now(tx))
				if err != nil {
					return err
				}
				for _, product := range products {
					if _, err = orders.Scan(tx, user, order.Id, product.GetString("gtin"), 1, clock.Now(tx)); err != nil {
						return err
					}
				}
				if n < b.N {
					paths <- [2]string{"/api/orders/" + order.Id + "/pay", tokens[i]}
				}
				n++
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	close(paths)
	b.ResetTimer()
	var together sync.WaitGroup
	for range clients {
		together.Go(func() {
			for work := range paths {
				if answer := s.client.Do("POST", work[0], work[1], `{"method":"wallet"}`); answer.Status != 200 {
					b.Errorf("%d %s", answer.Status, answer.Body)
					return
				}
			}
		})
	}
	together.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "purchases/s")
}
