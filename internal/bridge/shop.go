package bridge

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/orders"
)

const (
	placesShown   = 200
	productsShown = 40 // on one page
	pagesShown    = 250
)

// place is a shop as programs see it: with the organisation that runs it.
type place struct {
	ID       string  `db:"id" json:"id"`
	Name     string  `db:"name" json:"name"`
	Address  string  `db:"address" json:"address"`
	Lat      float64 `db:"lat" json:"lat"`
	Lon      float64 `db:"lon" json:"lon"`
	Timezone string  `db:"timezone" json:"timezone"`
	Closed   bool    `db:"closed" json:"closed"`
	Org      string  `db:"org" json:"org"`
	OrgName  string  `db:"org_name" json:"org_name"`
	Color    string  `db:"color" json:"color"`
	Icon     string  `db:"icon" json:"icon"`
	Currency string  `db:"currency" json:"currency"`
}

const selectPlaces = `SELECT p.id, p.name, p.address, p.lat, p.lon, p.timezone, p.closed, p.org,
	o.name AS org_name, o.color, o.icon, o.currency FROM places p JOIN orgs o ON o.id = p.org `

type catalogPlacesArgs struct {
	Org string `json:"org"`
}

func catalogPlaces(c call, args catalogPlacesArgs) (any, error) {
	places := []place{}
	err := c.app.DB().NewQuery(selectPlaces + "WHERE {:org} = '' OR p.org = {:org} ORDER BY p.name, p.id LIMIT {:limit}").
		Bind(dbx.Params{"org": args.Org, "limit": placesShown}).All(&places)
	if err != nil {
		return nil, fmt.Errorf("list places: %w", err)
	}
	return map[string]any{"places": places}, nil
}

func placeOf(c call, id string) (place, error) {
	var found place
	err := c.app.DB().NewQuery(selectPlaces + "WHERE p.id = {:id}").Bind(dbx.Params{"id": id}).One(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return found, orders.ErrPlaceNotFound
	}
	return found, err
}

// offered is a product with what one of it costs at this moment.
type offered struct {
	catalog.Product
	SalePrice ledger.Amount      `json:"sale_price"`        // the price of one now; below price during a campaign
	Reasons   []campaigns.Reason `json:"reasons,omitempty"` // why it is lower
}

type catalogProductsArgs struct {
	Place    string `json:"place"`
	Query    string `json:"q"`
	Category string `json:"category"`
	Page     int    `json:"page"`
}

func catalogProducts(c call, args catalogProductsArgs) (any, error) {
	if args.Page < 0 || args.Page > pagesShown || len(args.Query) > 100 {
		return nil, ErrBadArgs.With("detail", "page is from 1 to 250, q has at most 100 bytes")
	}
	at, err := placeOf(c, args.Place)
	if err != nil {
		return nil, err
	}
	page := max(args.Page, 1)
	var found []catalog.Product
	// One more than is shown tells whether there is another page.
	err = c.app.DB().NewQuery(`SELECT id, org, gtin, name, brand, quantity, category, currency, price, vat_bp, min_age
		FROM products WHERE org = {:org} AND archived = 0 AND ({:category} = '' OR category = {:category})
		AND ({:q} = '' OR name LIKE {:like} ESCAPE '\' OR brand LIKE {:like} ESCAPE '\' OR gtin = {:code})
		ORDER BY name, id LIMIT {:limit} OFFSET {:offset}`).Bind(dbx.Params{
		"org": at.Org, "category": args.Category, "q": args.Query, "like": "%" + literal.Replace(args.Query) + "%",
		"code": gtinOf(args.Query), "limit": productsShown + 1, "offset": (page - 1) * productsShown,
	}).All(&found)
	if err != nil {
		return nil, fmt.Errorf("list products: %w", err)
	}
	more := len(found) > productsShown
	products, err := priced(c, at.Org, found[:min(len(found), productsShown)])
	if err != nil {
		return nil, err
	}
	return map[string]any{"products": products, "page": page, "more": more}, nil
}

// literal makes a search word stand for itself in LIKE.
var literal = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// gtinOf is the code that the search word is, if it is one.
func gtinOf(word string) string {
	gtin, err := catalog.ParseGTIN(word)
	if err != nil {
		return "none"
	}
	return gtin
}

type catalogProductArgs struct {
	Place string `json:"place"`
	Code  string `json:"code"`
}

func catalogProduct(c call, args catalogProductArgs) (any, error) {
	at, err := placeOf(c, args.Place)
	if err != nil {
		return nil, err
	}
	product, err := catalog.ByBarcode(c.app, at.Org, args.Code)
	if err != nil {
		return nil, err
	}
	products, err := priced(c, at.Org, []catalog.Product{product})
	if err != nil {
		return nil, err
	}
	return products[0], nil
}

// priced asks Price, the one function that knows what things cost, for each product by itself. What depends on
// the whole basket is left out: it would promise a price that one product alone does not have.
func priced(c call, org string, products []catalog.Product) ([]offered, error) {
	live, err := campaigns.Live(c.app, org)
	if err != nil {
		return nil, err
	}
	single := slices.DeleteFunc(slices.Clone(live), func(campaign campaigns.Campaign) bool {
		return campaign.Kind == campaigns.OrderPercent || campaign.Kind == campaigns.OrderFixed
	})
	list := make([]offered, 0, len(products))
	for _, product := range products {
		quote, err := campaigns.Price([]campaigns.Line{{
			ID: product.ID, Product: product.ID, Category: product.Category, Quantity: 1, Unit: product.Price,
			VATBasisPoints: product.VATBasisPoints,
		}}, single, c.now)
		if err != nil {
			return nil, fmt.Errorf("price %s: %w", product.ID, err)
		}
		offer := offered{Product: product, SalePrice: quote.Total}
		for _, discount := range quote.Discounts {
			offer.Reasons = append(offer.Reasons, discount.Reason)
		}
		list = append(list, offer)
	}
	return list, nil
}

type campaignsOffersArgs struct {
	Place string `json:"place"`
}

func campaignsOffers(c call, args campaignsOffersArgs) (any, error) {
	if _, err := placeOf(c, args.Place); err != nil {
		return nil, err
	}
	return campaigns.OffersAt(c.app, args.Place, c.now)
}
