package catalog

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

const (
	// MaxStock is the most units of one product that a place may count.
	MaxStock  = 1_000_000_000
	maxReason = 200
)

var (
	// ErrOutOfStock refuses to sell more units than the place has; data.available is how many there are.
	ErrOutOfStock = refusal.New(http.StatusConflict, "out_of_stock", "There is not enough of this product here.")
	// ErrBadQuantity refuses a number of units that cannot be meant.
	ErrBadQuantity = refusal.New(http.StatusBadRequest, "bad_quantity", "This quantity is not possible.")
)

// Take sells units from a place's stock. Where a place has no stock row the product is not counted there and sells
// freely. ref names what they were sold for.
func Take(tx core.App, place, product string, quantity int64, ref string, now time.Time) error {
	if quantity < 1 || quantity > MaxStock {
		return ErrBadQuantity.With("product", product)
	}
	left, counted, err := change(tx, place, product, -quantity)
	if err != nil {
		return err
	}
	if !counted {
		available, exists, err := Available(tx, place, product)
		if err != nil || !exists {
			return err
		}
		return ErrOutOfStock.With("product", product).With("available", available)
	}
	return move(tx, place, product, -quantity, left, "sale", ref, "", now)
}

// Receive adds units to a place's stock and begins to count the product there. A negative quantity takes goods
// that were lost or counted wrongly off the stock, but not below zero.
func Receive(tx core.App, place, product string, quantity int64, reason, actor string, now time.Time) error {
	if quantity == 0 || quantity < -MaxStock || quantity > MaxStock {
		return ErrBadQuantity.With("product", product)
	}
	_, err := tx.DB().NewQuery("INSERT INTO catalog_stock (product, place, quantity) VALUES ({:product}, {:place}, 0) ON CONFLICT DO NOTHING").
		Bind(dbx.Params{"product": product, "place": place}).Execute()
	if err != nil {
		return fmt.Errorf("begin stock: %w", err)
	}
	left, done, err := change(tx, place, product, quantity)
	if err != nil {
		return err
	}
	if !done {
		available, _, err := Available(tx, place, product)
		if err != nil {
			return err
		}
		if quantity > 0 {
			return ErrBadQuantity.With("product", product).With("available", available)
		}
		return ErrOutOfStock.With("product", product).With("available", available)
	}
	return move(tx, place, product, quantity, left, reason, "", actor, now)
}

// Available is how many units the place has; counted is false where the product is not counted.
func Available(app core.App, place, product string) (quantity int64, counted bool, err error) {
	err = app.DB().Select("quantity").From("catalog_stock").
		Where(dbx.HashExp{"product": product, "place": place}).Row(&quantity)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read stock: %w", err)
	}
	return quantity, true, nil
}

// change adds delta in one conditional statement: it either happens whole or, when the result would leave
// 0..MaxStock or there is no row, not at all.
func change(tx core.App, place, product string, delta int64) (left int64, done bool, err error) {
	err = tx.DB().NewQuery("UPDATE catalog_stock SET quantity = quantity + {:delta} WHERE product = {:product} AND place = {:place}" +
		" AND quantity + {:delta} BETWEEN 0 AND {:max} RETURNING quantity").
		Bind(dbx.Params{"product": product, "place": place, "delta": delta, "max": MaxStock}).Row(&left)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("change stock: %w", err)
	}
	return left, true, nil
}

func move(tx core.App, place, product string, delta, left int64, reason, ref, actor string, now time.Time) error {
	_, err := tx.DB().Insert("catalog_stock_moves", dbx.Params{
		"product": product, "place": place, "change": delta, "quantity": left,
		"reason": reason, "ref": ref, "actor": actor, "at": stamp(now),
	}).Execute()
	if err != nil {
		return fmt.Errorf("note stock move: %w", err)
	}
	return nil
}
