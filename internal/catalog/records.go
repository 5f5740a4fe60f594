package catalog

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// bindRecords keeps the collection products honest, however it is written: codes have one form and a right check
// digit, the currency is the organisation's, a new price carries its instant, and price changes through the API
// are written down with who made them.
func bindRecords(app core.App) {
	app.OnRecordValidate("products").BindFunc(func(e *core.RecordEvent) error {
		if err := settle(e.App, e.Record, clock.Now(e.App)); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnRecordCreateRequest("products").BindFunc(saveRequest)
	app.OnRecordUpdateRequest("products").BindFunc(saveRequest)
}

// settle brings a product into its stored form or refuses it.
func settle(app core.App, product *core.Record, now time.Time) error {
	gtin, err := ParseGTIN(product.GetString("gtin"))
	if err != nil {
		return withField(err, "gtin")
	}
	product.Set("gtin", gtin)
	before := product.Original()
	if product.IsNew() || product.GetString("currency") != before.GetString("currency") {
		var currency string
		err := app.DB().Select("currency").From("orgs").Where(dbx.HashExp{"id": product.GetString("org")}).Row(&currency)
		if err != nil {
			return fmt.Errorf("currency of organisation %q: %w", product.GetString("org"), err)
		}
		if product.GetString("currency") == "" {
			product.Set("currency", currency)
		}
		if product.GetString("currency") != currency {
			return withField(ErrCurrency.With("expected", currency), "currency")
		}
	}
	priced := product.GetDateTime("priced_at")
	changed := product.GetInt64("price") != before.GetInt64("price")
	if priced.IsZero() || (changed && !product.IsNew() && priced.Equal(before.GetDateTime("priced_at"))) {
		product.Set("priced_at", now)
	}
	return nil
}

// saveRequest checks a write through the API before PocketBase does, so that its refusal has our code, and puts it
// into one transaction with the note of who changed the price. When a price was set is not for the caller to say.
func saveRequest(e *core.RecordRequestEvent) error {
	now := clock.Now(e.App)
	before := e.Record.Original().GetInt64("price")
	e.Record.Set("priced_at", e.Record.Original().GetDateTime("priced_at"))
	if price := e.Record.GetFloat("price"); price < 1 || price > float64(ledger.MaxAmount) || price != math.Trunc(price) {
		return refuse(withField(ErrBadPrice, "price"))
	}
	if err := settle(e.App, e.Record, now); err != nil {
		return refuse(err)
	}
	app := e.App
	defer func() { e.App = app }()
	return app.RunInTransaction(func(tx core.App) error {
		e.App = tx
		if err := e.Next(); err != nil {
			return err
		}
		if before == e.Record.GetInt64("price") {
			return nil
		}
		return auditPrice(tx, e.Record, before, e.Auth.Id, now)
	})
}

func withField(err error, field string) error {
	var r *refusal.Refusal
	if errors.As(err, &r) {
		return r.With("field", field)
	}
	return err
}

// refuse answers a refusal also in the place where PocketBase's own clients look for the error of a field.
func refuse(err error) error {
	var r *refusal.Refusal
	if errors.As(err, &r) {
		if field, ok := r.Details["field"].(string); ok {
			return refusal.API(r.With(field, map[string]any{"code": r.Code, "message": r.Message}))
		}
	}
	return refusal.API(err)
}
