package orders

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
)

// reprice puts lines into the order at the price of now. It is the only place where an order gets a price:
// what is shown after a scan and what is taken at the till come from here.
func reprice(app core.App, order *core.Record, lines []Line, now time.Time) error {
	org := order.GetString("org")
	if err := relist(app, lines); err != nil {
		return fmt.Errorf("price order %s: %w", order.Id, err)
	}
	live, err := campaigns.Live(app, org)
	if err != nil {
		return fmt.Errorf("price order %s: %w", order.Id, err)
	}
	entered, err := enter(app, order, now)
	if err != nil {
		return err
	}
	quote, err := campaigns.PriceWith(basket(lines), live, now, entered)
	if err != nil {
		return fmt.Errorf("price order %s: %w", order.Id, err)
	}
	if err := explain(lines, quote); err != nil {
		return fmt.Errorf("price order %s: %w", order.Id, err)
	}
	points, err := loyalty.PointsFor(app, org, quote.Total)
	if err != nil {
		return fmt.Errorf("points of order %s: %w", order.Id, err)
	}
	order.Set("lines", lines)
	order.Set("discounts", orEmpty(quote.Discounts))
	order.Set("tax", orEmpty(quote.Tax))
	order.Set("subtotal", int64(quote.Subtotal))
	order.Set("discount_total", int64(quote.Discount))
	order.Set("total", int64(quote.Total))
	order.Set("points_to_earn", points)
	order.Set("coupon", quote.Code)
	order.Set("priced_at", now)
	order.Set("changes_at", quote.ChangesAt)
	order.Set("age_required", restricted(lines))
	order.Set("status", waiting(order))
	return nil
}

// relist reads today's list prices and gives every line the lower of that and the price at its scan: a
// merchant's edit never makes dearer what is in the basket already.
func relist(app core.App, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	ids := make([]any, len(lines))
	for i, line := range lines {
		ids[i] = line.Product
	}
	var rows []struct {
		ID    string        `db:"id"`
		Price ledger.Amount `db:"price"`
	}
	if err := app.DB().Select("id", "price").From("products").Where(dbx.In("id", ids...)).All(&rows); err != nil {
		return fmt.Errorf("list prices: %w", err)
	}
	prices := make(map[string]ledger.Amount, len(rows))
	for _, row := range rows {
		prices[row.ID] = row.Price
	}
	for i := range lines {
		line := &lines[i]
		if price, listed := prices[line.Product]; listed { // one that was deleted meanwhile keeps its price
			line.Listed = price
		}
		line.Unit = min(line.Scanned, line.Listed)
	}
	return nil
}

func basket(lines []Line) []campaigns.Line {
	out := make([]campaigns.Line, len(lines))
	for i, line := range lines {
		out[i] = campaigns.Line{
			ID: line.ID, Product: line.Product, Category: line.Category,
			Quantity: line.Quantity, Unit: line.Unit, VATBasisPoints: line.VATBasisPoints,
		}
	}
	return out
}

// explain copies the quote back onto the lines.
func explain(lines []Line, quote campaigns.Quote) error {
	if len(quote.Lines) != len(lines) {
		return fmt.Errorf("%d lines came back priced, %d were sent", len(quote.Lines), len(lines))
	}
	for i := range lines {
		priced := quote.Lines[i]
		if priced.ID != lines[i].ID {
			return fmt.Errorf("line %s came back as %s", lines[i].ID, priced.ID)
		}
		lines[i].Subtotal, lines[i].Discount, lines[i].Total = priced.Subtotal, priced.Discount, priced.Total
		lines[i].Discounts = orEmpty(priced.Discounts)
	}
	return nil
}

func restricted(lines []Line) bool {
	for _, line := range lines {
		if line.MinAge > 0 {
			return true
		}
	}
	return false
}

// waiting is the state of an open order: staff see who waits for them without asking.
func waiting(order *core.Record) string {
	if !order.GetBool("age_required") {
		order.Set("age_approved_by", "") // nothing is left of what was approved
		return Open
	}
	if order.GetString("age_approved_by") == "" {
		return AwaitingApproval
	}
	return Open
}

// orEmpty keeps null out of JSON that clients loop over.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
