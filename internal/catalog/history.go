package catalog

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
)

// priorDays is how long a time before a reduction the prior price is looked for in.
const priorDays = 30

// PricePoint is a price that held from an instant until the next point.
type PricePoint struct {
	At       time.Time     `json:"at"`
	Price    ledger.Amount `json:"price"`
	Currency string        `json:"currency"`
}

// PriceAt is what the product was listed at then.
func PriceAt(app core.App, product string, at time.Time) (PricePoint, error) {
	points, err := points(app, dbx.And(dbx.HashExp{"product": product}, dbx.NewExp("at <= {:at}", dbx.Params{"at": stamp(at)})), 1)
	if err != nil {
		return PricePoint{}, err
	}
	if len(points) == 0 {
		return PricePoint{}, ErrUnknownProduct.With("product", product)
	}
	return points[0], nil
}

// PriceHistory is every price that the product ever had, the oldest first.
func PriceHistory(app core.App, product string) ([]PricePoint, error) {
	return points(app, dbx.HashExp{"product": product}, -1)
}

// points reads the newest points, as many as asked for, the oldest of them first.
func points(app core.App, where dbx.Expression, limit int64) ([]PricePoint, error) {
	rows := []struct {
		At       types.DateTime `db:"at"`
		Price    ledger.Amount  `db:"price"`
		Currency string         `db:"currency"`
	}{}
	err := app.DB().Select("at", "price", "currency").From("catalog_prices").Where(where).
		OrderBy("at DESC", "seq DESC").Limit(limit).All(&rows)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read price history: %w", err)
	}
	out := make([]PricePoint, len(rows))
	for i, row := range rows {
		out[len(rows)-1-i] = PricePoint{At: row.At.Time().UTC(), Price: row.Price, Currency: row.Currency}
	}
	return out, nil
}

// PriorPrice is the price that an announced reduction must be compared with: the lowest of the 30 local days before
// the reduction starts, every price counting that was in force at some moment of them. In a series of reductions
// it is the prior price of the first one, whose start is series; zero if this is the first. A product sold for
// less than 30 days counts from its first sale. It is false when the product was not on sale before, and does not
// apply to goods that spoil fast.
//
// The history is in order of time. Start and series are the instants at which the reductions begin; loc is where
// the shop is.
func PriorPrice(history []PricePoint, start, series time.Time, loc *time.Location) (ledger.Amount, bool) {
	if !series.IsZero() && series.Before(start) {
		start = series
	}
	local := start.In(loc)
	opens := clock.DayBegins(local.Year(), local.Month(), local.Day()-priorDays, loc)
	var lowest ledger.Amount
	found := false
	for i, point := range history {
		if !point.At.Before(start) {
			break
		}
		// A price that ended at the first instant of the window was never in force in it.
		if i+1 < len(history) && !history[i+1].At.After(opens) {
			continue
		}
		if !found || point.Price < lowest {
			lowest, found = point.Price, true
		}
	}
	return lowest, found
}
