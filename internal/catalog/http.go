package catalog

import (
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// maxPriceItems is how many prices one request may change.
const maxPriceItems = 1000

var (
	// ErrTooManyPrices refuses a request that changes more prices than one transaction should hold.
	ErrTooManyPrices = refusal.New(http.StatusBadRequest, "too_many_items", "One request changes at most 1000 prices.")
	// ErrUnknownPlace refuses a place that is not the organisation's.
	ErrUnknownPlace = refusal.New(http.StatusNotFound, "unknown_place", "This is not a place of the organisation.")
)

// PriceChange is one product's new price in minor units.
type PriceChange struct {
	Product string        `json:"product"`
	Price   ledger.Amount `json:"price"`
}

// PriceChanges is the body of the bulk price route.
type PriceChanges struct {
	Items []PriceChange `json:"items"`
}

// PricesChanged says how many of the prices were new.
type PricesChanged struct {
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// Delivery is the body of the stock route: units to add, or with a minus to take off, and why.
type Delivery struct {
	Place    string `json:"place"`
	Product  string `json:"product"`
	Quantity int64  `json:"quantity"`
	Reason   string `json:"reason"`
}

// StockLevel is how many units a place has.
type StockLevel struct {
	Place    string `json:"place"`
	Product  string `json:"product"`
	Quantity int64  `json:"quantity"`
}

// Register binds the records' hooks and the routes.
func Register(app core.App) {
	bindRecords(app)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		staff := []*refusal.Refusal{identity.ErrNotStaff, identity.ErrRoleRequired}
		route.Handle(e, route.Operation{
			Method: http.MethodPost, Path: "/api/catalog/{org}/prices", Tag: "catalog",
			Summary:    "Change the prices of up to 1000 products, all or none. Owners and managers only.",
			Idempotent: true, Body: PriceChanges{}, Answer: PricesChanged{},
			Refusals: append(staff, ErrBadPrice, ErrUnknownProduct, ErrTooManyPrices),
		}, handlePrices)
		route.Handle(e, route.Operation{
			Method: http.MethodPost, Path: "/api/catalog/{org}/stock", Tag: "catalog",
			Summary:    "Add units to a place's stock, or take lost ones off. From then on the product is counted there. Owners and managers only.",
			Idempotent: true, Body: Delivery{}, Answer: StockLevel{},
			Refusals: append(staff, ErrBadQuantity, ErrOutOfStock, ErrUnknownProduct, ErrUnknownPlace),
		}, handleStock)
		route.Handle(e, route.Operation{
			Method: http.MethodPost, Path: "/api/catalog/{org}/import", Tag: "catalog",
			Summary: "Create and update products from CSV (text/csv). With ?dry_run=1 only the report is made. Owners and managers only.",
			Answer:  Report{}, Refusals: append(staff, ErrBadCSV, route.ErrBodyTooLarge),
		}, handleImport)
		route.Handle(e, route.Operation{
			Method: http.MethodGet, Path: "/api/catalog/{org}/export.csv", Tag: "catalog",
			Summary: "All products of the organisation as CSV that the import takes back. Staff only.", Refusals: staff,
		}, handleExport)
		return e.Next()
	})
}

func requireManager(e *core.RequestEvent) (org string, err error) {
	org = e.Request.PathValue("org")
	_, err = identity.Require(e.App, e.Auth, org, identity.Owner, identity.Manager)
	return org, err
}

func handlePrices(e *core.RequestEvent) error {
	org, err := requireManager(e)
	if err != nil {
		return err
	}
	var body PriceChanges
	now := clock.Now(e.App)
	return ledger.Answer(e, &body, func(tx core.App) (any, error) { return setPrices(tx, org, body.Items, e.Auth.Id, now) })
}

func setPrices(tx core.App, org string, items []PriceChange, actor string, now time.Time) (PricesChanged, error) {
	done := PricesChanged{}
	if len(items) > maxPriceItems {
		return done, ErrTooManyPrices
	}
	for _, item := range items {
		product, err := ofOrg(tx, org, item.Product)
		if err != nil {
			return done, err
		}
		if err := SetPrice(tx, product.ID, item.Price, actor, now); err != nil {
			return done, err
		}
		if product.Price == item.Price {
			done.Unchanged++
		} else {
			done.Changed++
		}
	}
	return done, nil
}

// ofOrg is a product of the organisation; another organisation's is as unknown as none.
func ofOrg(app core.App, org, id string) (Product, error) {
	product, err := one(app, dbx.HashExp{"id": id, "org": org})
	if err != nil {
		return product, withProduct(err, id)
	}
	return product, nil
}

func handleStock(e *core.RequestEvent) error {
	org, err := requireManager(e)
	if err != nil {
		return err
	}
	var body Delivery
	now := clock.Now(e.App)
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		if _, err := ofOrg(tx, org, body.Product); err != nil {
			return nil, err
		}
		var known int
		err := tx.DB().Select("COUNT(*)").From("places").Where(dbx.HashExp{"id": body.Place, "org": org}).Row(&known)
		if err != nil {
			return nil, err
		}
		if known == 0 {
			return nil, ErrUnknownPlace.With("place", body.Place)
		}
		if len(body.Reason) > maxReason {
			return nil, ErrBadQuantity.Saying("The reason has at most %d characters.", maxReason)
		}
		if err := Receive(tx, body.Place, body.Product, body.Quantity, body.Reason, e.Auth.Id, now); err != nil {
			return nil, err
		}
		quantity, _, err := Available(tx, body.Place, body.Product)
		return StockLevel{Place: body.Place, Product: body.Product, Quantity: quantity}, err
	})
}
