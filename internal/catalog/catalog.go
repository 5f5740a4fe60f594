// Package catalog is what an organisation sells: products and their codes, the history of their prices, and the
// stock of each place.
//
// A product is found by (organisation, code), for shops may use one in-store number for different goods. Every
// price a product ever had is kept with its instant, written by SQL triggers, so that no way of changing a price
// can leave it out. The invariant: stock is counted by conditional updates and never falls below zero, and
// neither the price history nor the stock moves can be rewritten.
package catalog

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrUnknownProduct refuses a code or an id that is not sold here.
	ErrUnknownProduct = refusal.New(http.StatusNotFound, "unknown_product", "This product is not sold here.")
	// ErrBadPrice refuses a price that is not a positive whole number of minor units.
	ErrBadPrice = refusal.New(http.StatusBadRequest, "bad_price", "A price is a positive whole number of minor units (cents).")
	// ErrCurrency refuses a product in another currency than its organisation's.
	ErrCurrency = refusal.New(http.StatusBadRequest, "wrong_currency", "The currency must be the organisation's own.")
)

// Product is one article of one organisation. Price is per unit, tax included; Quantity is what is printed on the
// pack ("350 g").
type Product struct {
	ID             string        `db:"id" json:"id"`
	Org            string        `db:"org" json:"org"`
	GTIN           string        `db:"gtin" json:"gtin"`
	Name           string        `db:"name" json:"name"`
	Brand          string        `db:"brand" json:"brand"`
	Quantity       string        `db:"quantity" json:"quantity"`
	Category       string        `db:"category" json:"category"`
	Currency       string        `db:"currency" json:"currency"`
	Price          ledger.Amount `db:"price" json:"price"`
	VATBasisPoints int64         `db:"vat_bp" json:"vat_bp"`
	MinAge         int64         `db:"min_age" json:"min_age"`
}

var productColumns = [...]string{"id", "org", "gtin", "name", "brand", "quantity", "category", "currency", "price", "vat_bp", "min_age"}

// ByBarcode is the product that the organisation sells under the code; an archived one is unknown.
func ByBarcode(app core.App, org, code string) (Product, error) {
	gtin, err := ParseGTIN(code)
	if err != nil {
		return Product{}, err
	}
	product, err := one(app, dbx.HashExp{"org": org, "gtin": gtin, "archived": false})
	if errors.Is(err, ErrUnknownProduct) {
		return product, ErrUnknownProduct.With("code", code)
	}
	return product, err
}

// ByID is the product with the id; an archived one is unknown.
func ByID(app core.App, id string) (Product, error) {
	return one(app, dbx.HashExp{"id": id, "archived": false})
}

// Where is the organisation's products that fit the condition, by name, archived ones left out.
func Where(app core.App, org string, condition dbx.Expression, limit int64) ([]Product, error) {
	products := []Product{}
	err := app.DB().Select(productColumns[:]...).From("products").
		Where(dbx.And(dbx.HashExp{"org": org, "archived": false}, condition)).
		OrderBy("name", "id").Limit(limit).All(&products)
	if err != nil {
		return nil, fmt.Errorf("list products of %s: %w", org, err)
	}
	return products, nil
}

func one(app core.App, where dbx.Expression) (Product, error) {
	var product Product
	err := app.DB().Select(productColumns[:]...).From("products").Where(where).Limit(1).One(&product)
	if errors.Is(err, sql.ErrNoRows) {
		return Product{}, ErrUnknownProduct
	}
	if err != nil {
		return Product{}, fmt.Errorf("read product: %w", err)
	}
	return product, nil
}

// SetPrice gives the product a new price from now on and notes who did it. The same price again changes nothing.
func SetPrice(tx core.App, product string, price ledger.Amount, actor string, now time.Time) error {
	if price < 1 || price > ledger.MaxAmount {
		return ErrBadPrice.With("product", product)
	}
	record, err := tx.FindRecordById("products", product)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknownProduct.With("product", product)
	}
	if err != nil {
		return fmt.Errorf("read product: %w", err)
	}
	before := record.GetInt64("price")
	if before == int64(price) {
		return nil
	}
	record.Set("price", int64(price))
	record.Set("priced_at", now)
	if err := tx.Save(record); err != nil {
		return fmt.Errorf("save price of %s: %w", product, err)
	}
	return auditPrice(tx, record, before, actor, now)
}

func auditPrice(tx core.App, product *core.Record, before int64, actor string, now time.Time) error {
	return ledger.Audit(tx, actor, "catalog.price", "product:"+product.Id, map[string]any{
		"org": product.GetString("org"), "from": before, "to": product.GetInt64("price"),
		"currency": product.GetString("currency"),
	}, now)
}

// stamp is an instant as PocketBase stores it: its text sorts in order of time.
func stamp(at time.Time) string {
	return at.UTC().Format(types.DefaultDateLayout)
}
