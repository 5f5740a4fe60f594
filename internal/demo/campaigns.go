package demo

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/catalog"
)

// promote gives each shop something to tell; Halle Market has one campaign of every kind and state.
func promote(tx core.App, s shop, shop *opened, now time.Time) error {
	day := 24 * time.Hour
	plans := []map[string]any{
		{"name": "Happy hour", "kind": "percent", "percent_bp": 2000, "categories": []string{"en:sweetened-beverages", "en:beverages"}, "start_time": "17:00", "end_time": "19:00", "status": "active"},
	}
	if s.slug == "halle-market" {
		sale, err := productIDs(tx, shop.org, "9556121020072", "6921168500956", "0000101209159", "0009542031695")
		if err != nil {
			return err
		}
		plans = append(plans,
			map[string]any{"name": "Autumn sale", "kind": "sale", "percent_bp": 3000, "products": sale, "status": "active", "starts_at": now.Add(-10 * day), "ends_at": now.Add(20 * day)},
			map[string]any{"name": "3 for 2 on chocolate", "kind": "bxgy", "buy": 2, "get": 1, "categories": []string{"en:dark-chocolates", "en:milk-chocolate-bar"}, "status": "active"},
			map[string]any{"name": "€5 off from €40", "kind": "order_fixed", "amount": 500, "min_spend": 4000, "status": "active"},
			map[string]any{"name": "Weekend brunch", "kind": "percent", "percent_bp": 1500, "weekdays": []int{0, 6}, "categories": []string{"en:butter-croissants", "en:cakes"}, "start_time": "09:00", "end_time": "13:00", "status": "active"},
			map[string]any{"name": "Crunch week", "kind": "percent", "percent_bp": 1000, "categories": []string{"en:snacks", "en:biscuits-and-cakes"}, "status": "active", "starts_at": now.Add(-4 * day), "ends_at": now.Add(3 * day)},
			map[string]any{"name": "Winter market", "kind": "order_percent", "percent_bp": 1000, "status": "active", "starts_at": now.Add(9 * day), "ends_at": now.Add(16 * day)},
			map[string]any{"name": "Back to school", "kind": "sale", "percent_bp": 2500, "status": "ended", "starts_at": now.Add(-60 * day), "ends_at": now.Add(-40 * day)},
			map[string]any{"name": "Tea tasting", "kind": "fixed", "amount": 100, "status": "draft"},
		)
	}
	for _, plan := range plans {
		plan["org"] = shop.org
		plan["timezone"] = zone
		if _, err := create(tx, "campaigns", plan); err != nil {
			return err
		}
	}
	return nil
}

func productIDs(tx core.App, org string, codes ...string) ([]string, error) {
	ids := make([]string, 0, len(codes))
	for _, code := range codes {
		product, err := catalog.ByBarcode(tx, org, code)
		if err != nil {
			return nil, fmt.Errorf("campaign for %s: %w", code, err)
		}
		ids = append(ids, product.ID)
	}
	return ids, nil
}
