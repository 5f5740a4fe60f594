package campaigns

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// offersShown is how many products the answer of offers names at most.
const offersShown = 200

// ErrUnknownPlace refuses a place that there is not.
var ErrUnknownPlace = refusal.New(http.StatusNotFound, "unknown_place", "There is no such place.")

// Offer is a product that a campaign concerns now. Price is what one unit costs; it equals Listed where more than
// one unit is needed, as in 3 for 2.
type Offer struct {
	Product      string        `json:"product"`
	GTIN         string        `json:"gtin"`
	Name         string        `json:"name"`
	Brand        string        `json:"brand"`
	Category     string        `json:"category"`
	Currency     string        `json:"currency"`
	Listed       ledger.Amount `json:"listed"`
	Price        ledger.Amount `json:"price"`
	Until        time.Time     `json:"until,omitzero"`
	Campaign     string        `json:"campaign"`
	CampaignName string        `json:"campaign_name"`
	Kind         Kind          `json:"kind"`
	Reason       Reason        `json:"reason"`
}

// LiveCampaign is a campaign that is in its hours now, with when it stops.
type LiveCampaign struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Kind   Kind      `json:"kind"`
	Until  time.Time `json:"until,omitzero"`
	Reason Reason    `json:"reason"`
	Hourly bool      `json:"hourly"` // it works in hours of the day: a happy hour
}

// Offers is what costs less at a place. It is complete for products up to a limit; More says that there are others.
type Offers struct {
	Place     string         `json:"place"`
	Org       string         `json:"org"`
	At        time.Time      `json:"at"`
	ChangesAt time.Time      `json:"changes_at,omitzero"` // when a campaign of the organisation next starts or stops
	Campaigns []LiveCampaign `json:"campaigns"`
	Offers    []Offer        `json:"offers"`
	More      bool           `json:"more"`
}

// Running is the campaigns of an organisation that are in their hours at an instant, by name.
func Running(app core.App, org string, at time.Time) ([]LiveCampaign, error) {
	live, err := Live(app, org)
	if err != nil {
		return nil, err
	}
	running := []LiveCampaign{}
	for _, c := range live {
		if c.Coded || !c.Schedule.Active(at) || c.checkRule() != nil { // who has a code knows
			continue
		}
		until, _ := c.Schedule.NextChange(at)
		running = append(running, LiveCampaign{
			ID: c.ID, Name: c.Name, Kind: c.Kind, Until: until, Reason: c.reason(0), Hourly: c.Schedule.Start != "" || c.Schedule.End != "",
		})
	}
	slices.SortFunc(running, func(x, y LiveCampaign) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return running, nil
}

// OffersAt is the offers of a place at an instant, the largest saving on one unit first.
func OffersAt(app core.App, place string, at time.Time) (Offers, error) {
	var org string
	err := app.DB().Select("org").From("places").Where(dbx.HashExp{"id": place}).Row(&org)
	if errors.Is(err, sql.ErrNoRows) {
		return Offers{}, ErrUnknownPlace.With("place", place)
	}
	if err != nil {
		return Offers{}, fmt.Errorf("organisation of place %s: %w", place, err)
	}
	live, err := Live(app, org)
	if err != nil {
		return Offers{}, err
	}
	out := Offers{Place: place, Org: org, At: at, Campaigns: []LiveCampaign{}, Offers: []Offer{}}
	now := []Campaign{}
	for _, c := range live {
		if c.Coded {
			continue
		}
		change, changes := c.Schedule.NextChange(at)
		if changes && (out.ChangesAt.IsZero() || change.Before(out.ChangesAt)) {
			out.ChangesAt = change
		}
		if c.Schedule.Active(at) && c.checkRule() == nil {
			now = append(now, c)
		}
	}
	if out.Campaigns, err = Running(app, org, at); err != nil {
		return Offers{}, err
	}
	return out, out.fill(app, now, at)
}

// fill prices one unit of each product that a campaign for single units concerns.
func (o *Offers) fill(app core.App, now []Campaign, at time.Time) error {
	now = slices.DeleteFunc(now, func(c Campaign) bool { return stepOf(&c) == orderStep })
	products, err := concerned(app, o.Org, now)
	if err != nil {
		return err
	}
	for _, product := range products {
		line := lineOf(product, 1)
		quote, err := Price([]Line{line}, now, at)
		if err != nil {
			return fmt.Errorf("price %s: %w", product.ID, err)
		}
		best, ok := leading(line, quote, now)
		if !ok {
			continue
		}
		until, _ := best.Schedule.NextChange(at)
		o.Offers = append(o.Offers, Offer{
			Product: product.ID, GTIN: product.GTIN, Name: product.Name, Brand: product.Brand, Category: product.Category,
			Currency: product.Currency, Listed: product.Price, Price: quote.Total, Until: until,
			Campaign: best.ID, CampaignName: best.Name, Kind: best.Kind, Reason: best.reason(0),
		})
	}
	slices.SortStableFunc(o.Offers, func(x, y Offer) int { return cmp.Compare(y.Listed-y.Price, x.Listed-x.Price) })
	if len(o.Offers) > offersShown {
		o.Offers, o.More = o.Offers[:offersShown], true
	}
	return nil
}

// leading is the campaign that a product's offer is named after: the one that takes most off one unit, or else one
// that gives units away.
func leading(line Line, quote Quote, now []Campaign) (*Campaign, bool) {
	var id string
	var most ledger.Amount
	for _, d := range quote.Discounts {
		if d.Amount > most {
			id, most = d.Campaign, d.Amount
		}
	}
	for _, c := range newBasket([]Line{line}).concernedBy(now) {
		if c.ID == id || (id == "" && c.Kind == BuyXGetY) {
			return c.Campaign, true
		}
	}
	return nil, false
}

// concerned is the products that any of the campaigns names, one more than are shown.
func concerned(app core.App, org string, now []Campaign) ([]catalog.Product, error) {
	var ids, categories []any
	everything := false
	for _, c := range now {
		everything = everything || len(c.Products)+len(c.Categories) == 0
		for _, id := range c.Products {
			ids = append(ids, id)
		}
		for _, category := range c.Categories {
			categories = append(categories, category)
		}
	}
	if len(now) == 0 {
		return []catalog.Product{}, nil
	}
	where := dbx.Expression(dbx.NewExp("1=1"))
	if !everything {
		where = dbx.Or(dbx.In("id", ids...), dbx.In("category", categories...))
	}
	return catalog.Where(app, org, where, offersShown+1)
}
