package orders

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/triggers/when"
)

// toldLine is a line as programs of the organisation hear of it.
type toldLine struct {
	Product  string `json:"product"`
	GTIN     string `json:"gtin"`
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Total    int64  `json:"total"`
}

// tellPaid tells the organisation's programs that the order is paid. While none listens it costs one look at an index.
func tellPaid(tx core.App, order *core.Record, lines []Line, now time.Time) error {
	heard, err := events.Heard(tx, when.OrderPaid, order.GetString("org"), "")
	if err != nil || !heard {
		return err
	}
	told := make([]toldLine, 0, len(lines))
	for _, line := range lines {
		told = append(told, toldLine{Product: line.Product, GTIN: line.GTIN, Name: line.Name, Quantity: line.Quantity, Total: int64(line.Total)})
	}
	return events.Emit(tx, events.Event{
		ID: when.OrderPaid + "/" + order.Id, Kind: when.OrderPaid, Org: order.GetString("org"), User: order.GetString("customer"),
		Data: map[string]any{
			"order": order.Id, "number": order.GetString("number"), "place": order.GetString("place"), "channel": order.GetString("channel"),
			"method": order.GetString("method"), "currency": order.GetString("currency"), "total": order.GetInt64("total"),
			"points_used": order.GetInt64("points_used"), "points_earned": order.GetInt64("points_earned"), "lines": told,
		},
	}, now)
}

// tellScan tells them what was put into a basket.
func tellScan(tx core.App, order *core.Record, product catalog.Product, quantity int64, now time.Time) error {
	return events.Emit(tx, events.Event{
		ID:   when.Scan + "/" + order.Id + "/" + security.RandomString(15), // one may scan the same thing twice
		Kind: when.Scan, Org: order.GetString("org"), User: order.GetString("customer"),
		Data: map[string]any{
			"order": order.Id, "place": order.GetString("place"), "product": product.ID, "gtin": product.GTIN, "name": product.Name, "quantity": quantity,
		},
	}, now)
}
