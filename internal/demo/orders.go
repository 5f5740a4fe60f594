package demo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/payments"
)

// days is how long the quarter has been trading: two weeks to look at, and two before to compare them with.
const days = 28

// lastVisit is how long before the start the last customer left.
const lastVisit = 5 * time.Minute

// trade plays one day: people come through the hours, more of them at lunch and after work.
// The same day always plays the same way, so that two demonstrations look alike.
func (q *quarter) trade(tx core.App, ago int) error {
	random := rand.New(rand.NewPCG(2026, uint64(ago)))
	visits := 30 + random.IntN(12) + (days - ago)
	for range visits {
		customer := q.customers[random.IntN(len(q.customers))]
		shop := q.shops[0]
		if random.IntN(3) > 0 { // the big shop has a third of the visits
			shop = q.shops[random.IntN(len(q.shops))]
		}
		at := q.dayAt(ago, busyHour(random), random.IntN(60))
		if at.After(q.now.Add(-lastVisit)) {
			continue // today is not over
		}
		if err := q.visit(tx, random, customer, shop, at); err != nil {
			return err
		}
	}
	return nil
}

func busyHour(random *rand.Rand) int {
	return []int{8, 9, 10, 11, 12, 12, 13, 13, 16, 17, 17, 18, 18, 19, 20}[random.IntN(15)]
}

// visit is one purchase; an empty purse or an empty shelf ends it without one, as it would.
func (q *quarter) visit(tx core.App, random *rand.Rand, customer *core.Record, shop *opened, at time.Time) error {
	if len(shop.codes) == 0 {
		return nil
	}
	order, err := orders.Start(tx, customer, shop.place, "scan", at)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	for range 1 + random.IntN(4) {
		code := shop.codes[random.IntN(len(shop.codes))]
		if order, err = orders.Scan(tx, customer, order.Id, code, int64(1+random.IntN(2)), at); err != nil {
			return fmt.Errorf("scan %s: %w", code, err)
		}
		at = at.Add(time.Minute)
	}
	paid, err := orders.Pay(tx, customer, order.Id, orders.Payment{Method: payments.FromWallet}, at)
	if errors.Is(err, orders.ErrPriceChanged) {
		if _, err = orders.ShowPrice(tx, customer, order.Id, at); err == nil {
			paid, err = orders.Pay(tx, customer, order.Id, orders.Payment{Method: payments.FromWallet}, at)
		}
	}
	if errors.Is(err, ledger.ErrInsufficientFunds) || errors.Is(err, catalog.ErrOutOfStock) {
		_, err = orders.Cancel(tx, customer, order.Id, at)
		return err
	}
	if err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	return q.leave(tx, paid, shop, at.Add(2*time.Minute))
}

// leave checks most customers of the staffed shop at the door.
func (q *quarter) leave(tx core.App, paid *core.Record, shop *opened, at time.Time) error {
	if shop != q.shops[0] {
		return nil
	}
	_, err := orders.CheckExit(tx, q.people["cashier"], paid.GetString("exit_code"), shop.place, at)
	return err
}

// backdate puts the records' own dates where the story happened: PocketBase stamps them with the real time.
// It is the last step, and says so.
func (q *quarter) backdate() error {
	return ledger.Write(q.app, func(tx core.App) error {
		_, err := tx.NonconcurrentDB().NewQuery("UPDATE orders SET created = coalesce(nullif(paid_at, ''), created), updated = coalesce(nullif(paid_at, ''), updated)").Execute()
		if err != nil {
			return fmt.Errorf("backdate orders: %w", err)
		}
		for _, each := range q.dated {
			_, err := tx.NonconcurrentDB().Update(each.collection, dbx.Params{"created": each.at, "updated": each.at}, dbx.HashExp{"id": each.id}).Execute()
			if err != nil {
				return fmt.Errorf("backdate %s: %w", each.collection, err)
			}
		}
		return ledger.Audit(tx, "plaza", filledAct, "plaza", nil, q.now)
	})
}
