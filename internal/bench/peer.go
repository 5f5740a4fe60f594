package bench

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/orders"
)

// The peer is the same purchase with records alone: an order, stock, two accounts, a transfer, a lot, a
// movement and a receipt counter, each a record, all in one PocketBase transaction with the same pragmas.

func peerSchema(app core.App) error {
	text := func(name string) core.Field { return &core.TextField{Name: name} }
	number := func(name string) core.Field { return &core.NumberField{Name: name, OnlyInt: true} }
	for _, c := range []struct {
		name   string
		fields []core.Field
		index  string
	}{
		{"bench_accounts", []core.Field{text("owner"), number("balance")}, "owner"},
		{"bench_transfers", []core.Field{text("key"), text("debit"), text("credit"), number("amount"), text("currency"), text("ref"), text("hash")}, "key"},
		{"bench_stock", []core.Field{text("product"), text("place"), number("quantity")}, "product, place"},
		{"bench_moves", []core.Field{text("product"), text("place"), number("quantity"), text("ref")}, ""},
		{"bench_lots", []core.Field{text("user"), text("org"), number("points"), number("remaining"), text("expires")}, ""},
		{"bench_movements", []core.Field{text("user"), text("org"), number("points"), text("lot"), text("op")}, ""},
		{"bench_counters", []core.Field{text("org"), number("last")}, "org"},
	} {
		collection := core.NewBaseCollection(c.name)
		collection.Fields.Add(c.fields...)
		if c.index != "" {
			collection.AddIndex("idx_"+c.name, true, c.index, "")
		}
		if err := app.Save(collection); err != nil {
			return err
		}
	}
	real, err := app.FindCollectionByNameOrId("orders")
	if err != nil {
		return err
	}
	copied := core.NewBaseCollection("bench_orders")
	for _, field := range real.Fields {
		if field.GetName() != "id" {
			copied.Fields.Add(field)
		}
	}
	return app.Save(copied)
}

// peerOrder copies an order and what its payment touches.
func peerOrder(tx core.App, order *core.Record) (string, error) {
	fields := order.FieldsData()
	delete(fields, "id")
	twin, err := create(tx, "bench_orders", fields)
	if err != nil {
		return "", err
	}
	var lines []orders.Line
	if err := order.UnmarshalJSONField("lines", &lines); err != nil {
		return "", err
	}
	for _, line := range lines {
		if err := ensure(tx, "bench_stock", map[string]any{"product": line.Product, "place": order.GetString("place")}, map[string]any{"quantity": 100_000}); err != nil {
			return "", err
		}
	}
	if err := ensure(tx, "bench_accounts", map[string]any{"owner": order.GetString("customer")}, map[string]any{"balance": 10_000_000}); err != nil {
		return "", err
	}
	if err := ensure(tx, "bench_accounts", map[string]any{"owner": order.GetString("org")}, nil); err != nil {
		return "", err
	}
	return twin.Id, ensure(tx, "bench_counters", map[string]any{"org": order.GetString("org")}, nil)
}

func ensure(tx core.App, collection string, key, rest map[string]any) error {
	if _, err := lookup(tx, collection, key); err == nil {
		return nil
	}
	fields := map[string]any{}
	for _, part := range []map[string]any{key, rest} {
		for name, value := range part {
			fields[name] = value
		}
	}
	_, err := create(tx, collection, fields)
	return err
}

func lookup(tx core.App, collection string, key map[string]any) (*core.Record, error) {
	filter := ""
	for name := range key {
		if filter != "" {
			filter += " && "
		}
		filter += name + " = {:" + name + "}"
	}
	return tx.FindFirstRecordByFilter(collection, filter, key)
}

func peerRoutes(e *core.ServeEvent) {
	e.Router.POST("/bench/orders/{id}/pay", func(e *core.RequestEvent) error {
		if e.Auth == nil {
			return e.UnauthorizedError("", nil)
		}
		var order *core.Record
		err := e.App.RunInTransaction(func(tx core.App) error {
			var err error
			order, err = peerPay(tx, e.Request.PathValue("id"), e.Auth.Id)
			return err
		})
		if err != nil {
			return e.BadRequestError(err.Error(), err)
		}
		return e.JSON(http.StatusOK, order)
	})
}

func peerPay(tx core.App, id, user string) (*core.Record, error) {
	order, err := tx.FindRecordById("bench_orders", id)
	if err != nil {
		return nil, err
	}
	if order.GetString("status") != "open" || order.GetString("customer") != user {
		return nil, fmt.Errorf("order %s cannot be paid", id)
	}
	var lines []orders.Line
	if err := order.UnmarshalJSONField("lines", &lines); err != nil {
		return nil, err
	}
	total, err := peerPrice(tx, order, lines)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		if err := peerStock(tx, order, line); err != nil {
			return nil, err
		}
	}
	if err := peerMoney(tx, order, int(total)); err != nil {
		return nil, err
	}
	if err := peerPoints(tx, order, int(total)/100); err != nil {
		return nil, err
	}
	counter, err := lookup(tx, "bench_counters", map[string]any{"org": order.GetString("org")})
	if err != nil {
		return nil, err
	}
	counter.Set("last", counter.GetInt("last")+1)
	if err := tx.Save(counter); err != nil {
		return nil, err
	}
	order.Set("number", fmt.Sprint(counter.GetInt("last")))
	order.Set("status", "paid")
	order.Set("paid_at", time.Now())
	order.Set("total", int(total))
	order.Set("exit_code", security.RandomString(10))
	return order, tx.Save(order)
}

func peerPrice(tx core.App, order *core.Record, lines []orders.Line) (ledger.Amount, error) {
	rules, err := campaigns.Live(tx, order.GetString("org"))
	if err != nil {
		return 0, err
	}
	priced := make([]campaigns.Line, len(lines))
	for i, line := range lines {
		product, err := tx.FindRecordById("products", line.Product)
		if err != nil {
			return 0, err
		}
		priced[i] = campaigns.Line{
			ID: line.ID, Product: line.Product, Category: line.Category, Quantity: line.Quantity,
			Unit: ledger.Amount(product.GetInt("price")), VATBasisPoints: line.VATBasisPoints,
		}
	}
	quote, err := campaigns.Price(priced, rules, time.Now())
	return quote.Total, err
}

func peerStock(tx core.App, order *core.Record, line orders.Line) error {
	stock, err := lookup(tx, "bench_stock", map[string]any{"product": line.Product, "place": order.GetString("place")})
	if err != nil {
		return err
	}
	left := stock.GetInt("quantity") - int(line.Quantity)
	if left < 0 {
		return fmt.Errorf("out of stock: %s", line.Product)
	}
	stock.Set("quantity", left)
	if err := tx.Save(stock); err != nil {
		return err
	}
	_, err = create(tx, "bench_moves", map[string]any{"product": line.Product, "place": order.GetString("place"), "quantity": -line.Quantity, "ref": order.Id})
	return err
}

func peerMoney(tx core.App, order *core.Record, total int) error {
	for owner, change := range map[string]int{order.GetString("customer"): -total, order.GetString("org"): total} {
		account, err := lookup(tx, "bench_accounts", map[string]any{"owner": owner})
		if err != nil {
			return err
		}
		if account.GetInt("balance")+change < 0 {
			return ledger.ErrInsufficientFunds
		}
		account.Set("balance", account.GetInt("balance")+change)
		if err := tx.Save(account); err != nil {
			return err
		}
	}
	_, err := create(tx, "bench_transfers", map[string]any{
		"key": "order:" + order.Id, "debit": order.GetString("customer"), "credit": order.GetString("org"), "amount": total,
		"currency": "EUR", "ref": order.Id, "hash": security.SHA256(order.Id),
	})
	return err
}

func peerPoints(tx core.App, order *core.Record, points int) error {
	lot, err := create(tx, "bench_lots", map[string]any{
		"user": order.GetString("customer"), "org": order.GetString("org"), "points": points, "remaining": points, "expires": "2027-12-01",
	})
	if err != nil {
		return err
	}
	_, err = create(tx, "bench_movements", map[string]any{
		"user": order.GetString("customer"), "org": order.GetString("org"), "points": points, "lot": lot.Id, "op": "order:" + order.Id,
	})
	return err
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
