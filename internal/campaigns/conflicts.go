package campaigns

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// conflicts are the other campaigns that concern some of the draft's goods at some moment of [from, to).
func conflicts(app core.App, draft Campaign, others []Campaign, from, to time.Time) ([]Conflict, error) {
	categories, err := categoriesOf(app, append(slices.Clone(others), draft))
	if err != nil {
		return nil, err
	}
	windows := draft.Schedule.Windows(from, to)
	out := []Conflict{}
	for _, other := range others {
		if !meet(draft, other, categories) {
			continue
		}
		if at, ok := firstOverlap(windows, other.Schedule.Windows(from, to)); ok {
			code, text := together(draft, other)
			out = append(out, Conflict{Campaign: other.ID, Name: other.Name, Code: code, Text: text, From: at})
		}
	}
	slices.SortFunc(out, func(x, y Conflict) int { return cmp.Or(x.From.Compare(y.From), cmp.Compare(x.Campaign, y.Campaign)) })
	return out, nil
}

// categoriesOf is the category of each product that a campaign names.
func categoriesOf(app core.App, campaigns []Campaign) (map[string]string, error) {
	named := map[string]bool{}
	for _, c := range campaigns {
		for _, id := range c.Products {
			named[id] = true
		}
	}
	out := make(map[string]string, len(named))
	for ids := range slices.Chunk(slices.Collect(maps.Keys(named)), 500) {
		values := make([]any, len(ids))
		for i, id := range ids {
			values[i] = id
		}
		rows := []struct {
			ID       string `db:"id"`
			Category string `db:"category"`
		}{}
		if err := app.DB().Select("id", "category").From("products").Where(dbx.In("id", values...)).All(&rows); err != nil {
			return nil, fmt.Errorf("categories of products: %w", err)
		}
		for _, row := range rows {
			out[row.ID] = row.Category
		}
	}
	return out, nil
}

// meet tells whether some product may be concerned by both.
func meet(x, y Campaign, categories map[string]string) bool {
	if len(x.Products)+len(x.Categories) == 0 || len(y.Products)+len(y.Categories) == 0 {
		return true
	}
	names := func(c Campaign, product string) bool {
		return slices.Contains(c.Products, product) || slices.Contains(c.Categories, categories[product])
	}
	return slices.ContainsFunc(x.Products, func(id string) bool { return names(y, id) }) ||
		slices.ContainsFunc(y.Products, func(id string) bool { return names(x, id) }) ||
		slices.ContainsFunc(x.Categories, func(category string) bool { return slices.Contains(y.Categories, category) })
}

// firstOverlap is the first instant that lies in a window of both lists, which are in order.
func firstOverlap(xs, ys []Window) (time.Time, bool) {
	for len(xs) > 0 && len(ys) > 0 {
		start, end := later(xs[0].Start, ys[0].Start), earlier(xs[0].End, ys[0].End)
		if start.Before(end) {
			return start, true
		}
		if xs[0].End.Before(ys[0].End) {
			xs = xs[1:]
		} else {
			ys = ys[1:]
		}
	}
	return time.Time{}, false
}

// together says what happens to goods that both concern.
func together(draft, other Campaign) (code, text string) {
	switch {
	case draft.Group != "" && draft.Group == other.Group:
		return "exclusive", fmt.Sprintf("%q is in the same group: the better of the two for the customer applies.", other.Name)
	case draft.Kind == Sale && other.Kind == Sale:
		return "best_sale", fmt.Sprintf("%q is a sale too: each product gets the better of the two prices, not both.", other.Name)
	case draft.Kind == BuyXGetY && other.Kind == BuyXGetY:
		return "units_once", fmt.Sprintf("%q gives units away too: a unit counts for one of the two only.", other.Name)
	}
	if order(&draft, &other) < 0 {
		return "adds_up", fmt.Sprintf("%q applies as well, on the price that this campaign leaves.", other.Name)
	}
	return "adds_up", fmt.Sprintf("%q applies first; this campaign works on the price that it leaves.", other.Name)
}

// paidLines reads the lines of an order's record: those members that a price depends on.
func paidLines(raw []byte) ([]Line, error) {
	lines := []Line{}
	if err := json.Unmarshal(raw, &lines); err != nil {
		return nil, fmt.Errorf("read lines of an order: %w", err)
	}
	return lines, nil
}
