package campaigns

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// What one basket may hold at most.
const (
	MaxLines    = 500
	MaxQuantity = 999
)

// ErrBasket refuses lines that cannot be priced; data.problem is too_many_lines, bad_quantity, bad_unit_price,
// bad_tax_rate or too_large, and data.line the index of the line.
var ErrBasket = refusal.New(http.StatusBadRequest, "bad_basket", "This basket cannot be priced.")

// Price is what the lines cost at an instant. The steps are fixed and each works on what the one before left:
//
//  1. the listing price: of the sales on a product the best, one only;
//  2. line promotions, by priority, then id;
//  3. buy X get Y free, in units; a unit counts for one campaign only, and the cheapest eligible units are free;
//  4. order promotions on what is left, shared out over the lines by largest remainder;
//  5. the code in the basket, on what is left after all others.
//
// A campaign with codes gives nothing without one of them, and works in step 5 whatever its kind. Of the
// campaigns in one exclusive group only the best for the customer applies: per line within step 1 and 2, per basket
// within step 3 and 4 and between steps. Rounding is half up, once per discount and line. Tax is the
// part of the final amounts, by rate. A campaign whose figures make no sense never applies.
func Price(lines []Line, campaigns []Campaign, at time.Time) (Quote, error) {
	return PriceWith(lines, campaigns, at, nil)
}

// PriceWith is Price with a code in the basket, nil for none. Nothing is derived from an earlier price, so taking the
// code away gives exactly what the price was without it.
func PriceWith(lines []Line, campaigns []Campaign, at time.Time, entered *Entered) (Quote, error) {
	if err := checkLines(lines); err != nil {
		return Quote{}, err
	}
	b := newBasket(lines)
	var changesAt time.Time
	active := []candidate{}
	for _, c := range b.concernedBy(campaigns) {
		if c.Coded && !entered.names(c.ID) {
			continue
		}
		if change, ok := c.Schedule.NextChange(at); ok && (changesAt.IsZero() || change.Before(changesAt)) {
			changesAt = change
		}
		if c.Schedule.Active(at) && (!c.Coded || entered.Problem == "") {
			active = append(active, c)
		}
	}
	p, outcome := b.redeem(active, campaigns, at, entered)
	quote := p.quote()
	quote.ChangesAt, quote.Code = changesAt, outcome
	return quote, nil
}

func checkLines(lines []Line) error {
	if len(lines) > MaxLines {
		return ErrBasket.With("problem", "too_many_lines").Saying("A basket has at most %d lines.", MaxLines)
	}
	var sum ledger.Amount
	for i, line := range lines {
		problem := ""
		switch {
		case line.Quantity < 1 || line.Quantity > MaxQuantity:
			problem = "bad_quantity"
		case line.Unit < 0 || line.Unit > ledger.MaxAmount:
			problem = "bad_unit_price"
		case line.VATBasisPoints < 0 || line.VATBasisPoints > whole:
			problem = "bad_tax_rate"
		default:
			// 999 times the largest amount still fits 63 bits, and so does adding two sums that passed.
			subtotal := line.Unit * ledger.Amount(line.Quantity)
			if subtotal > ledger.MaxAmount || sum+subtotal > ledger.MaxAmount {
				problem = "too_large"
			}
			sum += subtotal
		}
		if problem != "" {
			return ErrBasket.With("problem", problem).With("line", i)
		}
	}
	return nil
}

// basket is the lines with an index, so that a campaign finds its lines without looking at all of them.
type basket struct {
	lines                 []Line
	all                   []int
	byProduct, byCategory map[string][]int
}

func newBasket(lines []Line) *basket {
	b := &basket{
		lines: lines, all: make([]int, len(lines)),
		byProduct: make(map[string][]int, len(lines)), byCategory: make(map[string][]int),
	}
	for i, line := range lines {
		b.all[i] = i
		b.byProduct[line.Product] = append(b.byProduct[line.Product], i)
		b.byCategory[line.Category] = append(b.byCategory[line.Category], i)
	}
	return b
}

// candidate is a campaign with the lines that it concerns, ascending.
type candidate struct {
	*Campaign
	lines []int
}

// concernedBy is the campaigns that concern any line, in the order in which they work. Sorting them here is what
// makes the price independent of the order in which they were given.
func (b *basket) concernedBy(campaigns []Campaign) []candidate {
	out := make([]candidate, 0, len(campaigns))
	for i := range campaigns {
		c := &campaigns[i]
		if lines := b.matching(c); len(lines) > 0 && c.checkRule() == nil {
			out = append(out, candidate{c, lines})
		}
	}
	slices.SortStableFunc(out, func(x, y candidate) int { return order(x.Campaign, y.Campaign) })
	return out
}

// order is negative when x works before y.
func order(x, y *Campaign) int {
	return cmp.Or(cmp.Compare(stepOf(x), stepOf(y)), cmp.Compare(x.Priority, y.Priority), cmp.Compare(x.ID, y.ID))
}

func (b *basket) matching(c *Campaign) []int {
	if len(c.Products) == 0 && len(c.Categories) == 0 {
		return b.all
	}
	var lines []int
	for _, product := range c.Products {
		lines = append(lines, b.byProduct[product]...)
	}
	for _, category := range c.Categories {
		lines = append(lines, b.byCategory[category]...)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// settle decides the exclusive groups whose members work in different steps: the step that leaves the lowest
// total keeps its members, the earlier one if they are equal. Several such groups are decided one after the other,
// in order of their names.
func (b *basket) settle(active []candidate) []candidate {
	steps := map[string]map[int]bool{}
	for _, c := range active {
		if c.Group != "" {
			if steps[c.Group] == nil {
				steps[c.Group] = map[int]bool{}
			}
			steps[c.Group][stepOf(c.Campaign)] = true
		}
	}
	groups := []string{}
	for group, in := range steps {
		if len(in) > 1 {
			groups = append(groups, group)
		}
	}
	slices.Sort(groups)
	for _, group := range groups {
		var best []candidate
		var lowest ledger.Amount
		for step := range stepCount {
			if !steps[group][step] {
				continue
			}
			some := slices.DeleteFunc(slices.Clone(active), func(c candidate) bool {
				return c.Group == group && stepOf(c.Campaign) != step
			})
			if total := b.price(some).total(); best == nil || total < lowest {
				best, lowest = some, total
			}
		}
		active = best
	}
	return active
}

// price applies the campaigns, which are sorted by step, priority and id.
func (b *basket) price(active []candidate) *pricing {
	p := newPricing(b, active)
	for first := 0; first < len(active); {
		step := stepOf(active[first].Campaign)
		end := first
		for end < len(active) && stepOf(active[end].Campaign) == step {
			end++
		}
		p.apply(step, p.afforded(first, end))
		first = end
	}
	return p
}
