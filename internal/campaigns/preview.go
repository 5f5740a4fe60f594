package campaigns

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// maxReplayed is how many paid orders a preview looks back at.
	maxReplayed = 200
	// previewDays is how far a preview looks ahead for windows and clashes.
	previewDays = 28
	// windowsShown is how many of the windows a preview answers.
	windowsShown = 20
	sampleSize   = 3
	draftID      = "draft"
)

// ErrPreview refuses a preview of more orders than it looks back at.
var ErrPreview = refusal.New(http.StatusBadRequest, "bad_preview", "A preview looks back at 1 to 200 orders.")

// Draft is a campaign as the form holds it, with the fields of the collection campaigns, and what to try it on: a
// basket, or the last paid orders, or nothing for a sample of the goods that it concerns. With the id of an existing
// campaign it stands in for that one.
type Draft struct {
	Org      string         `json:"org"`
	Campaign map[string]any `json:"campaign"`
	Lines    []SampleLine   `json:"lines"`
	Orders   int            `json:"orders"`
	At       time.Time      `json:"at,omitzero"` // when the basket is priced; by default the first moment that the campaign is active
}

// SampleLine is a number of units of one product.
type SampleLine struct {
	Product  string `json:"product"`
	Quantity int64  `json:"quantity"`
}

// Preview is what a draft would do.
type Preview struct {
	ActiveNow bool          `json:"active_now"`
	Windows   []Window      `json:"windows"` // the next ones, from now
	At        time.Time     `json:"at"`      // when Before and After are priced
	Before    Quote         `json:"before"`
	After     Quote         `json:"after"`
	Cost      ledger.Amount `json:"cost"` // what the draft takes off the basket
	Replay    *Replay       `json:"replay,omitempty"`
	Conflicts []Conflict    `json:"conflicts"`
}

// Replay is the last paid orders priced without and with the draft, at the time of day when they were paid. Cost is
// the difference, Hit the number of orders that it would have made cheaper.
type Replay struct {
	Orders int           `json:"orders"`
	Hit    int           `json:"hit"`
	Before ledger.Amount `json:"before"`
	After  ledger.Amount `json:"after"`
	Cost   ledger.Amount `json:"cost"`
}

// Conflict is another active campaign that concerns some of the same goods at the same time, and what happens then.
type Conflict struct {
	Campaign string    `json:"campaign"`
	Name     string    `json:"name"`
	Code     string    `json:"code"` // exclusive, best_sale, units_once or adds_up
	Text     string    `json:"text"`
	From     time.Time `json:"from"` // the first moment at which both are active
}

// PreviewOf tries a draft. It writes nothing.
func PreviewOf(app core.App, draft Draft, now time.Time) (Preview, error) {
	if draft.Orders < 0 || draft.Orders > maxReplayed {
		return Preview{}, ErrPreview
	}
	campaign, err := draft.campaign(app)
	if err != nil {
		return Preview{}, err
	}
	live, err := Live(app, draft.Org)
	if err != nil {
		return Preview{}, err
	}
	others := slices.DeleteFunc(slices.Clone(live), func(c Campaign) bool { return c.ID == campaign.ID })
	horizon := now.AddDate(0, 0, previewDays)
	windows := campaign.Schedule.Windows(now, horizon)
	out := Preview{ActiveNow: campaign.Schedule.Active(now), Windows: windows[:min(len(windows), windowsShown)], At: draft.At}
	if out.At.IsZero() {
		out.At = firstActive(campaign.Schedule, now)
	}
	lines, err := draft.lines(app, campaign)
	if err != nil {
		return out, err
	}
	if out.Before, out.After, err = compare(lines, others, campaign, out.At); err != nil {
		return out, err
	}
	out.Cost = out.Before.Total - out.After.Total
	if draft.Orders > 0 {
		if out.Replay, err = replay(app, draft, others, campaign); err != nil {
			return out, err
		}
	}
	out.Conflicts, err = conflicts(app, campaign, others, now, horizon)
	return out, err
}

func (d Draft) campaign(app core.App) (Campaign, error) {
	collection, err := app.FindCachedCollectionByNameOrId("campaigns")
	if err != nil {
		return Campaign{}, fmt.Errorf("collection campaigns: %w", err)
	}
	record := core.NewRecord(collection)
	record.Load(d.Campaign)
	record.Set("org", d.Org)
	if err := fillZone(app, record); err != nil {
		return Campaign{}, err
	}
	if err := fillDates(app, record, d.Campaign); err != nil {
		return Campaign{}, err
	}
	campaign, err := FromRecord(record)
	if err != nil {
		return campaign, err
	}
	if campaign.ID == "" {
		campaign.ID = draftID
	}
	return campaign, campaign.Validate()
}

// lines are the basket of the request, or a sample of what the campaign concerns.
func (d Draft) lines(app core.App, campaign Campaign) ([]Line, error) {
	if len(d.Lines) == 0 {
		return sample(app, d.Org, campaign)
	}
	if len(d.Lines) > MaxLines {
		return nil, ErrBasket.With("problem", "too_many_lines").Saying("A basket has at most %d lines.", MaxLines)
	}
	lines := make([]Line, 0, len(d.Lines))
	for _, wanted := range d.Lines {
		product, err := catalog.ByID(app, wanted.Product)
		if err == nil && product.Org != d.Org {
			err = catalog.ErrUnknownProduct
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, lineOf(product, wanted.Quantity))
	}
	return lines, nil
}

// sample is a basket in which the campaign shows what it does: enough units for a set, enough for the minimum.
func sample(app core.App, org string, campaign Campaign) ([]Line, error) {
	products, err := concerned(app, org, []Campaign{campaign})
	if err != nil {
		return nil, err
	}
	lines := []Line{}
	var sum ledger.Amount
	for _, product := range products[:min(len(products), sampleSize)] {
		line := lineOf(product, 1)
		if campaign.Kind == BuyXGetY {
			line.Quantity = min(campaign.Buy+campaign.Get, MaxQuantity)
		}
		sum += line.Unit * ledger.Amount(line.Quantity)
		lines = append(lines, line)
	}
	if sum > 0 && sum < campaign.MinSpend {
		times := int64((campaign.MinSpend-1)/sum + 1)
		for i := range lines {
			lines[i].Quantity = min(lines[i].Quantity*min(times, MaxQuantity), MaxQuantity)
		}
	}
	return lines, nil
}

func lineOf(product catalog.Product, quantity int64) Line {
	return Line{
		ID: product.ID, Product: product.ID, Category: product.Category, Quantity: quantity, Unit: product.Price,
		VATBasisPoints: product.VATBasisPoints,
	}
}

func firstActive(s Schedule, now time.Time) time.Time {
	if !s.Active(now) {
		if change, ok := s.NextChange(now); ok {
			return change
		}
	}
	return now
}

func compare(lines []Line, others []Campaign, campaign Campaign, at time.Time) (before, after Quote, err error) {
	if before, err = Price(lines, others, at); err != nil {
		return before, after, err
	}
	var entered *Entered // a draft with codes is tried as somebody sees it who has one
	if campaign.Coded {
		entered = &Entered{Campaign: campaign.ID}
	}
	after, err = PriceWith(lines, append(slices.Clone(others), campaign), at, entered)
	return before, after, err
}

// replay prices paid orders again. The draft's dates are left away, for they lie ahead; its days and hours are not.
func replay(app core.App, draft Draft, others []Campaign, campaign Campaign) (*Replay, error) {
	rows := []struct {
		Lines  types.JSONRaw  `db:"lines"`
		PaidAt types.DateTime `db:"paid_at"`
	}{}
	err := app.DB().Select("lines", "paid_at").From("orders").
		Where(dbx.And(dbx.HashExp{"org": draft.Org}, dbx.In("status", "paid", "checked"), dbx.NewExp("paid_at <> ''"))).
		OrderBy("paid_at DESC").Limit(int64(draft.Orders)).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read paid orders of %s: %w", draft.Org, err)
	}
	campaign.Schedule.From, campaign.Schedule.Until = time.Time{}, time.Time{}
	out := &Replay{Orders: len(rows)}
	for _, row := range rows {
		lines, err := paidLines(row.Lines)
		if err != nil {
			return nil, err
		}
		before, after, err := compare(lines, others, campaign, row.PaidAt.Time())
		if err != nil {
			return nil, err
		}
		out.Before += before.Total
		out.After += after.Total
		if after.Total < before.Total {
			out.Hit++
		}
	}
	out.Cost = out.Before - out.After
	return out, nil
}
