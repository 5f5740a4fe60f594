package campaigns

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"plaza.internal/plaza/internal/ledger"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func line(product, category string, quantity int64, unit ledger.Amount) Line {
	return Line{ID: product, Product: product, Category: category, Quantity: quantity, Unit: unit, VATBasisPoints: 2000}
}

func mustPrice(t *testing.T, lines []Line, campaigns ...Campaign) Quote {
	t.Helper()
	q, err := Price(lines, campaigns, noon)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func totals(q Quote) []ledger.Amount {
	out := []ledger.Amount{}
	for _, l := range q.Lines {
		out = append(out, l.Total)
	}
	return out
}

// The reference cases of the commerce rules that this step of the product covers.
func TestGoldenCases(t *testing.T) {
	raw, err := os.ReadFile("testdata/promo_cases_golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			ID    string
			Input struct {
				LineTotals []ledger.Amount `json:"line_totals"`
				Discount   ledger.Amount
				Value      ledger.Amount
				Type       string
				Subtotal   ledger.Amount
				Shipping   ledger.Amount
				Percent    json.Number
			}
			Expected struct {
				PerLine  []ledger.Amount `json:"per_line"`
				Goods    ledger.Amount
				Shipping ledger.Amount
			}
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, c := range file.Cases {
		var got, want []ledger.Amount
		switch c.ID[:5] {
		case "alloc":
			got, want = Allocate(c.Input.Discount, c.Input.LineTotals), c.Expected.PerLine
		case "saleo":
			if c.Input.Type == "" { // a percentage on each line
				percent, _ := c.Input.Percent.Int64()
				for _, total := range c.Input.LineTotals {
					q := mustPrice(t, []Line{line("p", "", 1, total)}, Campaign{ID: "c", Kind: Percent, PercentBasisPoints: percent * 100})
					got = append(got, q.Discount)
				}
				want = c.Expected.PerLine
				break
			}
			parts := []ledger.Amount{c.Input.Subtotal, c.Input.Shipping}
			off := min(c.Input.Value, parts[0]+parts[1])
			if c.Input.Type == "percent_bp" {
				off = percentOf(parts[0]+parts[1], int64(c.Input.Value))
			}
			got, want = Allocate(off, parts), []ledger.Amount{c.Expected.Goods, c.Expected.Shipping}
		default:
			continue
		}
		ran++
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", c.ID, got, want)
		}
	}
	if ran != 12 {
		t.Errorf("ran %d cases, want 12", ran)
	}
}

// One campaign at a time, with the figure that a customer would work out on paper.
func TestOneCampaign(t *testing.T) {
	drinks := []string{"drinks"}
	for _, c := range []struct {
		name     string
		lines    []Line
		campaign Campaign
		want     []ledger.Amount
	}{
		{"10.5% off an order of 60.00", []Line{line("a", "", 1, 6000)}, Campaign{Kind: OrderPercent, PercentBasisPoints: 1050}, []ledger.Amount{5370}},
		{"10.00 off an order of 60.00", []Line{line("a", "", 1, 6000)}, Campaign{Kind: OrderFixed, Amount: 1000}, []ledger.Amount{5000}},
		{"40% off 51.86 rounds the discount", []Line{line("a", "", 1, 5186)}, Campaign{Kind: Percent, PercentBasisPoints: 4000}, []ledger.Amount{3112}},
		{"half a cent goes to the customer", []Line{line("a", "", 1, 5)}, Campaign{Kind: Percent, PercentBasisPoints: 1000}, []ledger.Amount{4}},
		{"a sale rounds per unit", []Line{line("a", "", 3, 333)}, Campaign{Kind: Sale, PercentBasisPoints: 1000}, []ledger.Amount{900}},
		{"a line percentage rounds per line", []Line{line("a", "", 3, 333)}, Campaign{Kind: Percent, PercentBasisPoints: 1000}, []ledger.Amount{899}},
		{"a new price", []Line{line("a", "", 2, 500)}, Campaign{Kind: Sale, Amount: 399}, []ledger.Amount{798}},
		{"a new price above the old one changes nothing", []Line{line("a", "", 2, 500)}, Campaign{Kind: Sale, Amount: 501}, []ledger.Amount{1000}},
		{"an amount off each unit", []Line{line("a", "", 3, 500)}, Campaign{Kind: Fixed, Amount: 50}, []ledger.Amount{1350}},
		{"an amount above the price stops at zero", []Line{line("a", "", 3, 500)}, Campaign{Kind: Fixed, Amount: 600}, []ledger.Amount{0}},
		{"only its products", []Line{line("a", "", 1, 100), line("b", "", 1, 100)}, Campaign{Kind: Percent, PercentBasisPoints: 5000, Products: []string{"b"}}, []ledger.Amount{100, 50}},
		{"only its categories", []Line{line("a", "drinks", 1, 100), line("b", "food", 1, 100)}, Campaign{Kind: Percent, PercentBasisPoints: 5000, Categories: drinks}, []ledger.Amount{50, 100}},
		{"products or categories, a line named by both counts once", []Line{line("a", "drinks", 1, 100), line("b", "food", 1, 100), line("c", "food", 1, 100)}, Campaign{Kind: Fixed, Amount: 10, Categories: drinks, Products: []string{"a", "b", "b"}}, []ledger.Amount{90, 90, 100}},
		{"3 for 2", []Line{line("a", "", 3, 250)}, Campaign{Kind: BuyXGetY, Buy: 2, Get: 1}, []ledger.Amount{500}},
		{"3 for 2 twice in seven", []Line{line("a", "", 7, 250)}, Campaign{Kind: BuyXGetY, Buy: 2, Get: 1}, []ledger.Amount{1250}},
		{"two are not three", []Line{line("a", "", 2, 250)}, Campaign{Kind: BuyXGetY, Buy: 2, Get: 1}, []ledger.Amount{500}},
		{"units of several lines, the cheapest free", []Line{line("a", "", 1, 500), line("b", "", 1, 100), line("c", "", 1, 300)}, Campaign{Kind: BuyXGetY, Buy: 2, Get: 1}, []ledger.Amount{500, 0, 300}},
		{"the two cheapest of six", []Line{line("a", "", 4, 500), line("b", "", 2, 100)}, Campaign{Kind: BuyXGetY, Buy: 2, Get: 1}, []ledger.Amount{2000, 0}},
		{"the minimum spend is reached", []Line{line("a", "", 1, 5000)}, Campaign{Kind: OrderFixed, Amount: 500, MinSpend: 5000}, []ledger.Amount{4500}},
		{"the minimum spend is missed by a cent", []Line{line("a", "", 1, 4999)}, Campaign{Kind: OrderFixed, Amount: 500, MinSpend: 5000}, []ledger.Amount{4999}},
		{"the minimum spend looks at the goods concerned", []Line{line("a", "drinks", 1, 4999), line("b", "food", 1, 9999)}, Campaign{Kind: OrderFixed, Amount: 500, MinSpend: 5000, Categories: drinks}, []ledger.Amount{4999, 9999}},
		{"an order discount is shared out", []Line{line("a", "", 1, 3000), line("b", "", 1, 1000)}, Campaign{Kind: OrderFixed, Amount: 1000}, []ledger.Amount{2250, 750}},
		{"an order discount above the order stops at zero", []Line{line("a", "", 1, 30), line("b", "", 1, 10)}, Campaign{Kind: OrderFixed, Amount: 1000}, []ledger.Amount{0, 0}},
		{"all of it off is zero, never a cent", []Line{line("a", "", 10, 3995), line("b", "", 3, 333)}, Campaign{Kind: OrderPercent, PercentBasisPoints: 10000}, []ledger.Amount{0, 0}},
		{"no goods of its own", []Line{line("a", "", 1, 100)}, Campaign{Kind: Percent, PercentBasisPoints: 5000, Products: []string{"z"}}, []ledger.Amount{100}},
		{"an unknown kind does nothing", []Line{line("a", "", 1, 100)}, Campaign{Kind: "magic", Amount: 50}, []ledger.Amount{100}},
		{"more than everything does nothing", []Line{line("a", "", 1, 100)}, Campaign{Kind: Percent, PercentBasisPoints: 10001}, []ledger.Amount{100}},
		{"a negative amount does nothing", []Line{line("a", "", 1, 100)}, Campaign{Kind: Fixed, Amount: -5}, []ledger.Amount{100}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.campaign.ID = "c"
			if got := totals(mustPrice(t, c.lines, c.campaign)); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Each step works on what the one before left, so two reductions never count the same money twice.
func TestStepsWorkOnWhatIsLeft(t *testing.T) {
	lines := []Line{line("a", "", 4, 1000)}
	campaigns := []Campaign{
		{ID: "o", Name: "Ten off", Kind: OrderFixed, Amount: 100},
		{ID: "b", Name: "Four for three", Kind: BuyXGetY, Buy: 3, Get: 1},
		{ID: "l", Name: "Loyal", Kind: Percent, PercentBasisPoints: 1000},
		{ID: "s1", Name: "Small sale", Kind: Sale, PercentBasisPoints: 500},
		{ID: "s2", Name: "Big sale", Kind: Sale, Amount: 800},
	}
	q := mustPrice(t, lines, campaigns...)
	// 4 × 8.00 = 32.00, less 10% = 28.80, one of four units at 7.20 free = 21.60, less 1.00.
	if q.Total != 2060 || q.Subtotal != 4000 || q.Discount != 1940 {
		t.Fatalf("total %d, subtotal %d, discount %d", q.Total, q.Subtotal, q.Discount)
	}
	var ids []string
	var amounts []ledger.Amount
	for _, d := range q.Discounts {
		ids, amounts = append(ids, d.Campaign), append(amounts, d.Amount)
	}
	if !slices.Equal(ids, []string{"s2", "l", "b", "o"}) || !slices.Equal(amounts, []ledger.Amount{800, 320, 720, 100}) {
		t.Errorf("discounts %v %v", ids, amounts)
	}
	if got := q.Discounts[2].Reason; got.Code != "units_free" || got.Params["free"] != int64(1) || got.Text != "Four for three: buy 3, get 1 free" {
		t.Errorf("reason %+v", got)
	}
	if tax := q.Tax[0]; len(q.Tax) != 1 || tax.Tax != 343 || tax.Net+tax.Tax != 2060 {
		t.Errorf("tax %+v", q.Tax)
	}
}

// Lower priority numbers work first; equal ones by id. It matters, because a percentage of less is less.
func TestPriorityOrdersLinePromotions(t *testing.T) {
	lines := []Line{line("a", "", 1, 1000)}
	fixed := Campaign{ID: "f", Kind: Fixed, Amount: 100}
	percent := Campaign{ID: "p", Kind: Percent, PercentBasisPoints: 1000}
	if got := mustPrice(t, lines, percent, fixed).Total; got != 810 {
		t.Errorf("by id: %d, want 810", got)
	}
	percent.Priority = -1
	if got := mustPrice(t, lines, percent, fixed).Total; got != 800 {
		t.Errorf("by priority: %d, want 800", got)
	}
}

// A unit that made one campaign's set is not in another's.
func TestAUnitIsUsedOnce(t *testing.T) {
	lines := []Line{line("a", "", 3, 300), line("b", "", 1, 500)}
	first := Campaign{ID: "1", Kind: BuyXGetY, Buy: 1, Get: 1}
	second := Campaign{ID: "2", Kind: BuyXGetY, Buy: 1, Get: 1}
	// Four units make two sets for the first: two of the 3.00 ones are free. Nothing is left for the second.
	if got := mustPrice(t, lines, first, second).Total; got != 800 {
		t.Errorf("got %d, want 800", got)
	}
	// With only the 3.00 units concerned, one set; the units left over still serve the second campaign.
	first.Products = []string{"a"}
	if got := mustPrice(t, lines, first, second).Total; got != 800 {
		t.Errorf("got %d, want 800", got)
	}
}

// Units of a line whose price does not divide add up to the line, free ones included.
func TestFreeUnitsOfAnUnevenLine(t *testing.T) {
	lines := []Line{line("a", "", 3, 100)}
	off := Campaign{ID: "1", Kind: OrderFixed, Amount: 0}
	percent := Campaign{ID: "2", Kind: Percent, PercentBasisPoints: 3333} // 300 - 100 = 200: units of 66, 67, 67
	free := Campaign{ID: "3", Kind: BuyXGetY, Buy: 1, Get: 2}
	q := mustPrice(t, lines, off, percent, free)
	if q.Total != 67 {
		t.Errorf("got %d, want 67", q.Total)
	}
	if d := q.Lines[0].Discounts; len(d) != 2 || d[1].Amount != 133 || d[1].Reason.Params["free"] != int64(2) {
		t.Errorf("discounts %+v", d)
	}
}

// In an exclusive group only the best for the customer applies.
func TestExclusiveGroups(t *testing.T) {
	ten := Campaign{ID: "ten", Kind: Percent, PercentBasisPoints: 1000, Group: "g"}
	drinks := Campaign{ID: "drinks", Kind: Percent, PercentBasisPoints: 2000, Categories: []string{"drinks"}, Group: "g"}
	lines := []Line{line("a", "drinks", 1, 1000), line("b", "food", 1, 1000)}
	if got := totals(mustPrice(t, lines, ten, drinks)); !slices.Equal(got, []ledger.Amount{800, 900}) {
		t.Errorf("per line: %v", got)
	}
	threeForTwo := Campaign{ID: "32", Kind: BuyXGetY, Buy: 2, Get: 1, Group: "u"}
	half := Campaign{ID: "21", Kind: BuyXGetY, Buy: 1, Get: 1, Group: "u"}
	if got := mustPrice(t, []Line{line("a", "", 6, 100)}, threeForTwo, half).Total; got != 300 {
		t.Errorf("units: %d, want 300", got)
	}
	orderTen := Campaign{ID: "o10", Kind: OrderPercent, PercentBasisPoints: 1000, Group: "o"}
	orderFixed := Campaign{ID: "of", Kind: OrderFixed, Amount: 150, Group: "o"}
	if got := mustPrice(t, []Line{line("a", "", 1, 1000)}, orderTen, orderFixed).Total; got != 850 {
		t.Errorf("order: %d, want 850", got)
	}
	// A merchant who puts everything into one group means that nothing combines, whatever the kinds.
	sale := Campaign{ID: "s", Kind: Sale, PercentBasisPoints: 500, Group: "all"}
	linePercent := Campaign{ID: "l", Kind: Percent, PercentBasisPoints: 2000, Group: "all"}
	order := Campaign{ID: "o", Kind: OrderPercent, PercentBasisPoints: 1500, Group: "all"}
	free := Campaign{ID: "f", Kind: BuyXGetY, Buy: 1, Get: 1, Group: "all"}
	if got := mustPrice(t, []Line{line("a", "", 1, 1000)}, sale, linePercent, order, free).Total; got != 800 {
		t.Errorf("between steps: %d, want 800", got)
	}
	if got := mustPrice(t, []Line{line("a", "", 2, 1000)}, sale, linePercent, order, free).Total; got != 1000 {
		t.Errorf("between steps, two units: %d, want 1000", got)
	}
}

// Taking a campaign away gives back exactly the earlier total: nothing is derived from discounted prices.
func TestRemovingACampaignRestoresTheTotal(t *testing.T) {
	lines := []Line{line("a", "", 3, 333), line("b", "", 1, 1)}
	keep := Campaign{ID: "k", Kind: Percent, PercentBasisPoints: 777}
	before := mustPrice(t, lines, keep)
	mustPrice(t, lines, keep, Campaign{ID: "x", Kind: OrderFixed, Amount: 123})
	if after := mustPrice(t, lines, keep); !reflect.DeepEqual(before, after) {
		t.Error("the price of the same basket differs")
	}
}

// The quote tells when it next changes, by the campaigns that concern it.
func TestChangesAt(t *testing.T) {
	hour := Schedule{Zone: "Europe/Paris", Start: "17:00", End: "19:00"}
	lines := []Line{line("a", "drinks", 1, 1000)}
	happy := Campaign{ID: "h", Kind: Percent, PercentBasisPoints: 5000, Schedule: hour}
	other := Campaign{ID: "o", Kind: Percent, PercentBasisPoints: 5000, Products: []string{"z"}, Schedule: Schedule{Until: noon.Add(time.Minute)}}
	start := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		at, changes time.Time
		total       ledger.Amount
	}{
		{noon, start, 1000},
		{start.Add(-time.Nanosecond), start, 1000},
		{start, start.Add(2 * time.Hour), 500},
		{start.Add(2*time.Hour - 1), start.Add(2 * time.Hour), 500},
		{start.Add(2 * time.Hour), start.Add(24 * time.Hour), 1000},
	} {
		q, err := Price(lines, []Campaign{happy, other}, step.at)
		if err != nil || q.Total != step.total || !q.ChangesAt.Equal(step.changes) {
			t.Errorf("%s: total %d, changes %s (%v)", step.at, q.Total, q.ChangesAt, err)
		}
	}
	if q := mustPrice(t, lines, Campaign{ID: "c", Kind: Percent, PercentBasisPoints: 1}); !q.ChangesAt.IsZero() {
		t.Errorf("a campaign without an end changes at %s", q.ChangesAt)
	}
}

// Tax is per rate, from the final amounts, and contained in them.
func TestTaxByRate(t *testing.T) {
	food := line("a", "", 10, 39950)
	food.VATBasisPoints = 550
	free := line("z", "", 1, 100)
	free.VATBasisPoints = 0
	q := mustPrice(t, []Line{line("b", "", 1, 5000), food, free, line("c", "", 1, 1000)})
	want := []Tax{{0, 100, 100, 0}, {550, 399500, 378673, 20827}, {2000, 6000, 5000, 1000}}
	if !slices.Equal(q.Tax, want) {
		t.Errorf("got %+v", q.Tax)
	}
	q = mustPrice(t, []Line{food}, Campaign{ID: "c", Kind: Percent, PercentBasisPoints: 10000})
	if q.Total != 0 || q.Tax[0].Tax != 0 {
		t.Errorf("a gift is taxed: %+v", q.Tax)
	}
}

// What cannot be a basket is refused, and the largest one that can is priced without overflow.
func TestBounds(t *testing.T) {
	huge := []Line{line("a", "", 1, ledger.MaxAmount)}
	q := mustPrice(t, huge,
		Campaign{ID: "s", Kind: Sale, PercentBasisPoints: 1}, Campaign{ID: "p", Kind: Percent, PercentBasisPoints: 3333},
		Campaign{ID: "f", Kind: Fixed, Amount: 1}, Campaign{ID: "o", Kind: OrderPercent, PercentBasisPoints: 9999})
	if q.Total < 0 || q.Total+q.Discount != ledger.MaxAmount {
		t.Errorf("total %d, discount %d", q.Total, q.Discount)
	}
	many := make([]Line, MaxLines)
	for i := range many {
		many[i] = line(fmt.Sprint(i), "", MaxQuantity, ledger.MaxAmount/(MaxLines*MaxQuantity))
	}
	if q = mustPrice(t, many, Campaign{ID: "f", Kind: Fixed, Amount: ledger.MaxAmount}); q.Total != 0 {
		t.Errorf("total %d", q.Total)
	}
	for problem, lines := range map[string][]Line{
		"too_many_lines": append(slices.Clone(many), line("z", "", 1, 1)),
		"bad_quantity":   {line("a", "", 0, 1)},
		"bad_unit_price": {line("a", "", 1, -1)},
		"too_large":      {line("a", "", 1, ledger.MaxAmount), line("b", "", 1, 1)},
		"bad_tax_rate":   {{Quantity: 1, VATBasisPoints: -1}},
	} {
		_, err := Price(lines, nil, noon)
		if !errors.Is(err, ErrBasket) {
			t.Fatalf("%s: %v", problem, err)
		}
		if got := problemOf(err); got != problem {
			t.Errorf("got %s, want %s", got, problem)
		}
	}
	if _, err := Price([]Line{line("a", "", 1000, 1)}, nil, noon); problemOf(err) != "bad_quantity" {
		t.Errorf("1000 units: %v", err)
	}
	if q := mustPrice(t, nil); q.Total != 0 || q.Lines == nil || q.Discounts == nil || q.Tax == nil {
		t.Errorf("an empty basket: %+v", q)
	}
}

// Whatever the basket and the campaigns: nothing is negative, everything adds up, and the order in which the
// campaigns are given does not matter.
func FuzzPrice(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		lines, campaigns := randomBasket(r, 1+r.IntN(12)), randomCampaigns(r, r.IntN(14))
		q, err := Price(lines, campaigns, noon)
		if err != nil {
			t.Fatal(err)
		}
		checkSums(t, q)
		r.Shuffle(len(campaigns), func(i, j int) { campaigns[i], campaigns[j] = campaigns[j], campaigns[i] })
		again, err := Price(lines, campaigns, noon)
		if err != nil || !reflect.DeepEqual(q, again) {
			t.Fatalf("the order of campaigns matters: %+v\n%+v", q, again)
		}
	})
}

func checkSums(t *testing.T, q Quote) {
	t.Helper()
	var total, gross ledger.Amount
	byCampaign := map[string]ledger.Amount{}
	for _, l := range q.Lines {
		off := ledger.Amount(0)
		for _, d := range l.Discounts {
			if d.Amount <= 0 {
				t.Fatalf("an empty or negative discount: %+v", d)
			}
			off += d.Amount
			byCampaign[d.Campaign] += d.Amount
		}
		if l.Total < 0 || l.Discount != off || l.Subtotal-l.Discount != l.Total || l.Subtotal != l.Unit*ledger.Amount(l.Quantity) {
			t.Fatalf("a line does not add up: %+v", l)
		}
		total += l.Total
	}
	for _, d := range q.Discounts {
		if byCampaign[d.Campaign] != d.Amount {
			t.Fatalf("campaign %s: lines say %d, quote says %d", d.Campaign, byCampaign[d.Campaign], d.Amount)
		}
		delete(byCampaign, d.Campaign)
	}
	for _, tax := range q.Tax {
		if tax.Net+tax.Tax != tax.Gross || tax.Tax < 0 {
			t.Fatalf("tax %+v", tax)
		}
		gross += tax.Gross
	}
	if len(byCampaign) > 0 || total != q.Total || total < 0 || q.Subtotal-q.Discount != q.Total || gross != q.Total {
		t.Fatalf("the quote does not add up: %+v", q)
	}
}

func randomBasket(r *rand.Rand, n int) []Line {
	lines := make([]Line, n)
	for i := range lines {
		lines[i] = Line{
			ID: fmt.Sprint(i), Product: fmt.Sprintf("p%d", r.IntN(n+1)), Category: fmt.Sprintf("c%d", r.IntN(4)),
			Quantity: 1 + r.Int64N(9), Unit: ledger.Amount(r.Int64N(2000)), VATBasisPoints: []int64{0, 550, 2000}[r.IntN(3)],
		}
		if r.IntN(20) == 0 {
			lines[i].Unit, lines[i].Quantity = ledger.MaxAmount/1000, MaxQuantity/20
		}
	}
	return lines
}

func randomCampaigns(r *rand.Rand, n int) []Campaign {
	kinds := []Kind{Sale, Percent, Fixed, BuyXGetY, OrderPercent, OrderFixed}
	out := make([]Campaign, n)
	for i := range out {
		c := Campaign{ID: fmt.Sprintf("c%03d", i), Kind: kinds[r.IntN(len(kinds))], Priority: r.IntN(3)}
		c.PercentBasisPoints = 1 + r.Int64N(whole)
		if c.Kind == Fixed || c.Kind == OrderFixed || (c.Kind == Sale && r.IntN(2) == 0) {
			c.PercentBasisPoints, c.Amount = 0, ledger.Amount(1+r.Int64N(1500))
		}
		c.Buy, c.Get = 1+r.Int64N(3), 1+r.Int64N(2)
		if r.IntN(2) == 0 {
			c.Group = string(rune('a' + r.IntN(3)))
		}
		if r.IntN(3) == 0 {
			c.MinSpend = ledger.Amount(r.Int64N(4000))
		}
		for range r.IntN(3) {
			c.Products = append(c.Products, fmt.Sprintf("p%d", r.IntN(8)))
		}
		for range r.IntN(2) {
			c.Categories = append(c.Categories, fmt.Sprintf("c%d", r.IntN(4)))
		}
		if r.IntN(4) == 0 {
			c.Schedule = Schedule{Zone: "Europe/Paris", Start: "11:00", End: fmt.Sprintf("%d:00", 12+r.IntN(9))}
		}
		out[i] = c
	}
	return out
}
