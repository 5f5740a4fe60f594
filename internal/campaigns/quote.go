package campaigns

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"plaza.internal/plaza/internal/ledger"
)

// quote writes out what the steps did.
func (p *pricing) quote() Quote {
	reasons := make([]Reason, len(p.active))
	q := Quote{Lines: make([]PricedLine, len(p.lines)), Discounts: []Discount{}, Tax: []Tax{}}
	for i, sum := range p.sums {
		if sum.amount > 0 {
			reasons[i] = p.active[i].reason(sum.free)
			q.Discounts = append(q.Discounts, p.active[i].discount(sum.amount, reasons[i]))
		}
	}
	for i, line := range p.lines {
		subtotal := line.Unit * ledger.Amount(line.Quantity)
		priced := PricedLine{
			Line: line, Subtotal: subtotal, Discount: subtotal - p.left[i], Total: p.left[i],
			Discounts: make([]Discount, 0, len(p.shares[i])),
		}
		for _, s := range p.merged(i) {
			reason := reasons[s.campaign]
			if s.free > 0 {
				reason = p.active[s.campaign].reason(s.free)
			}
			priced.Discounts = append(priced.Discounts, p.active[s.campaign].discount(s.amount, reason))
		}
		q.Lines[i] = priced
		q.Subtotal += subtotal
		q.Total += p.left[i]
	}
	q.Discount = q.Subtotal - q.Total
	q.Tax = taxes(q.Lines)
	return q
}

// merged joins the two shares that a line gets when a campaign gives away units of both its unit prices.
func (p *pricing) merged(line int) []share {
	out := make([]share, 0, len(p.shares[line]))
	for _, s := range p.shares[line] {
		if last := len(out) - 1; last >= 0 && out[last].campaign == s.campaign {
			out[last].amount += s.amount
			out[last].free += s.free
			continue
		}
		out = append(out, s)
	}
	return out
}

// taxes is the tax in the lines by rate, ascending, each rate rounded once.
func taxes(lines []PricedLine) []Tax {
	gross := map[int64]ledger.Amount{}
	for _, line := range lines {
		gross[line.VATBasisPoints] += line.Total
	}
	out := make([]Tax, 0, len(gross))
	for _, rate := range slices.SortedFunc(maps.Keys(gross), cmp.Compare) {
		tax := TaxIn(gross[rate], rate)
		out = append(out, Tax{RateBasisPoints: rate, Gross: gross[rate], Net: gross[rate] - tax, Tax: tax})
	}
	return out
}

func (c *Campaign) discount(amount ledger.Amount, reason Reason) Discount {
	return Discount{Campaign: c.ID, Name: c.Name, Kind: string(c.Kind), Amount: amount, Reason: reason}
}

// reason says why the campaign lowered a price; free is how many units it gave away.
func (c *Campaign) reason(free int64) Reason {
	code, text := "", ""
	params := map[string]any{"name": c.Name}
	switch {
	case c.Kind == Sale && c.Amount > 0:
		code, text = "sale_price", "special price"
		params["price"] = c.Amount
	case c.Kind == Sale:
		code, text = "sale_percent", percentText(c.PercentBasisPoints)+" off the price"
		params["percent_bp"] = c.PercentBasisPoints
	case c.Kind == Percent:
		code, text = "percent_off", percentText(c.PercentBasisPoints)+" off"
		params["percent_bp"] = c.PercentBasisPoints
	case c.Kind == Fixed:
		code, text = "amount_off_each", "a fixed amount off each"
		params["amount"] = c.Amount
	case c.Kind == BuyXGetY:
		code, text = "units_free", fmt.Sprintf("buy %d, get %d free", c.Buy, c.Get)
		params["buy"], params["get"], params["free"] = c.Buy, c.Get, free
	case c.Kind == OrderPercent:
		code, text = "order_percent_off", percentText(c.PercentBasisPoints)+" off the purchase"
		params["percent_bp"] = c.PercentBasisPoints
	default:
		code, text = "order_amount_off", "a fixed amount off the purchase"
		params["amount"] = c.Amount
	}
	if c.Name != "" {
		text = c.Name + ": " + text
	}
	return Reason{Code: code, Params: params, Text: text}
}

// percentText writes basis points as people do: 1050 is 10.5%.
func percentText(basisPoints int64) string {
	text := strconv.FormatInt(basisPoints/100, 10)
	if rest := basisPoints % 100; rest != 0 {
		text += strings.TrimRight(fmt.Sprintf(".%02d", rest), "0")
	}
	return text + "%"
}
