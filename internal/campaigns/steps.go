package campaigns

import (
	"cmp"
	"slices"

	"plaza.internal/plaza/internal/ledger"
)

// The steps of Price.
const (
	saleStep = iota
	lineStep
	unitStep
	orderStep
	codeStep
	stepCount
)

func stepOf(c *Campaign) int {
	switch {
	case c.Coded:
		return codeStep
	case c.Kind == Sale:
		return saleStep
	case c.Kind == Percent, c.Kind == Fixed:
		return lineStep
	case c.Kind == BuyXGetY:
		return unitStep
	default:
		return orderStep
	}
}

// pricing is a basket on its way through the steps.
type pricing struct {
	*basket
	active []candidate
	left   []ledger.Amount // per line, what the steps so far left
	shares [][]share       // per line, what was taken off
	sums   []share         // per active campaign, what it took off
	units  []bucket        // units that no buy-X-get-Y has used, cheapest first; made by that step
}

// share is what one campaign (an index into active) took off; free counts the units it gave away.
type share struct {
	campaign int
	amount   ledger.Amount
	free     int64
}

// bucket is units of one line that cost the same.
type bucket struct {
	line  int
	price ledger.Amount
	count int64
}

func newPricing(b *basket, active []candidate) *pricing {
	p := &pricing{
		basket: b, active: active,
		left:   make([]ledger.Amount, len(b.lines)),
		shares: make([][]share, len(b.lines)),
		sums:   make([]share, len(active)),
	}
	for i, line := range b.lines {
		p.left[i] = line.Unit * ledger.Amount(line.Quantity)
	}
	return p
}

// afforded is which of the active campaigns in [first, end) see their minimum spend reached, before their step.
func (p *pricing) afforded(first, end int) []int {
	out := make([]int, 0, end-first)
	for i := first; i < end; i++ {
		if minimum := p.active[i].MinSpend; minimum == 0 || p.sum(p.active[i].lines) >= minimum {
			out = append(out, i)
		}
	}
	return out
}

func (p *pricing) sum(lines []int) ledger.Amount {
	var sum ledger.Amount
	for _, line := range lines {
		sum += p.left[line]
	}
	return sum
}

func (p *pricing) total() ledger.Amount { return p.sum(p.all) }

func (p *pricing) take(line int, s share) {
	if s.amount == 0 {
		return
	}
	p.left[line] -= s.amount
	p.shares[line] = append(p.shares[line], s)
	p.sums[s.campaign].amount += s.amount
	p.sums[s.campaign].free += s.free
}

func (p *pricing) apply(step int, campaigns []int) {
	if step == saleStep { // the sales are one group by nature
		p.takeBestPerLine(campaigns, p.saleOff)
		return
	}
	for _, rivals := range p.groups(campaigns) {
		switch kind := p.active[rivals[0]].Kind; {
		case step == lineStep, step == codeStep && (kind == Percent || kind == Fixed): // one code, so no rivals
			p.takeBestPerLine(rivals, p.lineOff)
		case step == unitStep:
			p.takeFreeUnits(rivals)
		default:
			p.takeOffOrder(rivals)
		}
	}
}

// groups splits the campaigns of a step into rivals of which one may win. A group stands where its first member does.
func (p *pricing) groups(campaigns []int) [][]int {
	out := make([][]int, 0, len(campaigns))
	place := map[string]int{}
	for _, i := range campaigns {
		group := p.active[i].Group
		if at, ok := place[group]; ok && group != "" {
			out[at] = append(out[at], i)
			continue
		}
		place[group] = len(out)
		out = append(out, []int{i})
	}
	return out
}

// takeBestPerLine gives each line the rival that takes most off it, the earlier one if they are equal.
func (p *pricing) takeBestPerLine(rivals []int, off func(c *Campaign, line int) ledger.Amount) {
	if len(rivals) == 1 {
		c := p.active[rivals[0]]
		for _, line := range c.lines {
			p.take(line, share{campaign: rivals[0], amount: off(c.Campaign, line)})
		}
		return
	}
	best := make([]share, len(p.lines))
	for _, i := range rivals {
		c := p.active[i]
		for _, line := range c.lines {
			if amount := off(c.Campaign, line); amount > best[line].amount {
				best[line] = share{campaign: i, amount: amount}
			}
		}
	}
	for line, s := range best {
		p.take(line, s)
	}
}

// saleOff rounds per unit, not per line, because the listing price is what the shelf shows for one.
func (p *pricing) saleOff(c *Campaign, line int) ledger.Amount {
	unit, quantity := p.lines[line].Unit, ledger.Amount(p.lines[line].Quantity)
	if c.Amount > 0 {
		return max(0, unit-c.Amount) * quantity
	}
	return percentOf(unit, c.PercentBasisPoints) * quantity
}

func (p *pricing) lineOff(c *Campaign, line int) ledger.Amount {
	if c.Kind == Percent {
		return percentOf(p.left[line], c.PercentBasisPoints)
	}
	return min(p.left[line], c.Amount*ledger.Amount(p.lines[line].Quantity))
}

// takeFreeUnits lets the rival that gives most away have its sets of units.
func (p *pricing) takeFreeUnits(rivals []int) {
	if p.units == nil {
		p.units = p.buckets()
	}
	winner, most := rivals[0], ledger.Amount(0)
	if len(rivals) > 1 {
		for _, i := range rivals {
			var saved ledger.Amount
			p.eachSetUnit(p.active[i], func(b *bucket, free, _ int64) {
				saved += b.price * ledger.Amount(free)
			})
			if saved > most {
				winner, most = i, saved
			}
		}
	}
	p.eachSetUnit(p.active[winner], func(b *bucket, free, paid int64) {
		b.count -= free + paid
		p.take(b.line, share{campaign: winner, amount: b.price * ledger.Amount(free), free: free})
	})
}

// eachSetUnit walks the unused units that make up the campaign's sets: floor(n / (buy + get)) sets, the cheapest
// units free, the next cheapest the paid ones of the sets, so that dearer units stay for the campaigns to come.
func (p *pricing) eachSetUnit(c candidate, visit func(b *bucket, free, paid int64)) {
	concerned := make([]bool, len(p.lines))
	for _, line := range c.lines {
		concerned[line] = true
	}
	var n int64
	for _, b := range p.units {
		if concerned[b.line] {
			n += b.count
		}
	}
	sets := n / (c.Buy + c.Get)
	free, paid := sets*c.Get, sets*c.Buy
	for i := range p.units {
		b := &p.units[i]
		if !concerned[b.line] || b.count == 0 {
			continue
		}
		gift := min(free, b.count)
		bought := min(paid, b.count-gift)
		if gift+bought == 0 {
			return
		}
		free, paid = free-gift, paid-bought
		visit(b, gift, bought)
	}
}

// buckets are the units of every line at what the steps so far left of them, cheapest first. What does not divide
// makes some units of a line a minor unit dearer, so that they add up to the line.
func (p *pricing) buckets() []bucket {
	out := make([]bucket, 0, 2*len(p.lines))
	for i, line := range p.lines {
		quantity := ledger.Amount(line.Quantity)
		price, dearer := p.left[i]/quantity, int64(p.left[i]%quantity)
		out = append(out, bucket{i, price, line.Quantity - dearer})
		if dearer > 0 {
			out = append(out, bucket{i, price + 1, dearer})
		}
	}
	slices.SortStableFunc(out, func(x, y bucket) int { return cmp.Compare(x.price, y.price) })
	return out
}

// takeOffOrder lets the rival that takes most off share it out over its lines.
func (p *pricing) takeOffOrder(rivals []int) {
	winner, most := rivals[0], ledger.Amount(0)
	for _, i := range rivals {
		c := p.active[i]
		sum := p.sum(c.lines)
		off := min(sum, c.Amount)
		if c.Kind == OrderPercent {
			off = percentOf(sum, c.PercentBasisPoints)
		}
		if off > most {
			winner, most = i, off
		}
	}
	lines := p.active[winner].lines
	weights := make([]ledger.Amount, len(lines))
	for i, line := range lines {
		weights[i] = p.left[line]
	}
	for i, amount := range Allocate(most, weights) {
		p.take(lines[i], share{campaign: winner, amount: amount})
	}
}
