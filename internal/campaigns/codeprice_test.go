package campaigns

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"plaza.internal/plaza/internal/ledger"
)

func coded(id string, kind Kind, change func(*Campaign)) Campaign {
	c := Campaign{ID: id, Name: id, Kind: kind, Coded: true, Schedule: Schedule{Zone: "UTC"}}
	change(&c)
	return c
}

func with(t *testing.T, lines []Line, campaigns []Campaign, entered *Entered) Quote {
	t.Helper()
	q, err := PriceWith(lines, campaigns, noon, entered)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Every way in which a code gives nothing has a reason of its own.
func TestWhyACodeGaveNothing(t *testing.T) {
	lines := []Line{line("bread", "bakery", 2, 250)}
	tenth := func(c *Campaign) { c.PercentBasisPoints = 1000 }
	no := ledger.Amount(49)
	for _, c := range []struct {
		want    string
		entered Entered
		change  func(*Campaign)
	}{
		{CodeNotStarted, Entered{}, func(c *Campaign) { c.Schedule.From = noon.Add(time.Hour) }},
		{CodeEnded, Entered{}, func(c *Campaign) { c.Schedule.Until = noon }},
		{CodeEnded, Entered{Campaign: "deleted"}, func(*Campaign) {}},
		{CodeNotNow, Entered{}, func(c *Campaign) { c.Schedule.Start, c.Schedule.End = "17:00", "19:00" }},
		{CodeMinimum, Entered{}, func(c *Campaign) { c.MinSpend = 501 }},
		{CodeNoGoods, Entered{}, func(c *Campaign) { c.Categories = []string{"drinks"} }},
		{CodeExcluded, Entered{}, func(c *Campaign) { c.Group = "one" }},
		{CodeUsedUp, Entered{Problem: CodeUsedUp}, func(*Campaign) {}},
		{CodeNotYours, Entered{Problem: CodeNotYours}, func(*Campaign) {}},
		{CodeOtherShop, Entered{Campaign: "none", Problem: CodeOtherShop}, func(*Campaign) {}},
		{CodeBudget, Entered{Room: &no}, func(*Campaign) {}},
	} {
		campaign := coded("code", OrderPercent, tenth)
		c.change(&campaign)
		if c.entered.Campaign == "" {
			c.entered.Campaign = "code"
		}
		all := []Campaign{campaign}
		want := ledger.Amount(500)
		if c.want == CodeExcluded {
			all = append(all, Campaign{ID: "better", Name: "better", Kind: OrderPercent, PercentBasisPoints: 2000, Group: "one", Schedule: Schedule{Zone: "UTC"}})
			want = 400
		}
		q := with(t, lines, all, &c.entered)
		if q.Code == nil || q.Code.Applied || q.Code.Reason.Code != c.want || q.Code.Reason.Text == "" || q.Total != want {
			t.Errorf("%s: %+v, total %d", c.want, q.Code, q.Total)
		}
	}
}

// The code works on what all other steps left, and a hundred percent leaves nothing at all.
func TestACodeComesLast(t *testing.T) {
	lines := []Line{line("bread", "bakery", 3, 333), line("milk", "dairy", 1, 1)}
	all := []Campaign{
		{ID: "order", Name: "order", Kind: OrderFixed, Amount: 100, Schedule: Schedule{Zone: "UTC"}},
		coded("half", Percent, func(c *Campaign) { c.PercentBasisPoints = 5000; c.Products = []string{"bread"} }),
		coded("all", OrderPercent, func(c *Campaign) { c.PercentBasisPoints = whole }),
	}
	if q := with(t, lines, all, &Entered{Campaign: "half"}); q.Total != 450 && q.Total != 451 {
		t.Errorf("half of what is left: %d", q.Total)
	}
	if q := with(t, lines, all, &Entered{Campaign: "all"}); q.Total != 0 || !q.Code.Applied {
		t.Errorf("all of it: %d, %+v", q.Total, q.Code)
	}
	if with(t, lines, all, nil).Total != mustPrice(t, lines, all[0]).Total {
		t.Error("campaigns with codes gave something without one")
	}
}

// Whatever is in the basket: lines add up to the total, the order of lines and campaigns does not matter, a code never
// makes dearer what it does not exclude, and taking it away gives exactly what was there before.
func TestCodesKeepThePromises(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	for range 3000 {
		lines := []Line{}
		for i := range 1 + random.IntN(8) {
			lines = append(lines, line(fmt.Sprint("p", i), fmt.Sprint("c", i%3), 1+random.Int64N(4), ledger.Amount(random.Int64N(2000))))
		}
		all := []Campaign{}
		for i := range random.IntN(5) {
			kind := []Kind{Sale, Percent, Fixed, OrderPercent, OrderFixed}[random.IntN(5)]
			c := Campaign{ID: fmt.Sprint("k", i), Name: "n", Kind: kind, Schedule: Schedule{Zone: "UTC"}, MinSpend: ledger.Amount(random.Int64N(2000))}
			if kind == Fixed || kind == OrderFixed {
				c.Amount = ledger.Amount(1 + random.Int64N(900))
			} else {
				c.PercentBasisPoints = 1 + random.Int64N(whole)
			}
			c.Coded = kind != Sale && random.IntN(2) == 0
			c.Group = []string{"", "g"}[random.IntN(2)]
			all = append(all, c)
		}
		before := with(t, lines, all, nil)
		entered := &Entered{Campaign: fmt.Sprint("k", random.IntN(5))}
		q := with(t, lines, all, entered)
		if after := with(t, lines, all, nil); !reflect.DeepEqual(before, after) {
			t.Fatal("taking the code out did not give the earlier price")
		}
		var sum ledger.Amount
		for _, l := range q.Lines {
			if l.Total < 0 {
				t.Fatalf("a line below zero: %+v", l)
			}
			sum += l.Total
		}
		if sum != q.Total || q.Total > before.Total {
			t.Fatalf("lines add up to %d, total %d, before %d", sum, q.Total, before.Total)
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if again := with(t, lines, all, entered); !reflect.DeepEqual(again, q) {
			t.Fatal("the order of campaigns changed the price")
		}
		// A cent that does not divide goes to the earlier line, so with several campaigns only the lines' own sums are compared.
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		if again := with(t, lines, all, entered); len(all) < 2 && again.Total != q.Total {
			t.Fatalf("in another order it costs %d, not %d", again.Total, q.Total)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range [][2]string{
		{" welcome-10 ", "WE1C0ME10"}, {"WELC0ME1O", "WE1C0ME10"}, {"ＡＢＣＤ", "ABCD"}, {"abc", ""}, {"été2026", ""}, {"", ""},
	} {
		if got := Fold(c[0]); got != c[1] {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
}
