package bench

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/clock"
)

const codesWanted = 1_000 // uses a second

// codes measures payments over HTTP that redeem one code with an exact limit: each holds a use, is priced with it, paid and
// counted in one durable commit. The limit is the number of orders, and every one of them must be counted.
func codes(register Register) ([]Row, error) {
	rate, err := onServer(plazaStore, register, nil, func(s *server) (float64, error) {
		t, err := settle(s)
		if err != nil {
			return 0, err
		}
		limit := int64(clients * ordersPerClient)
		if err := t.withCode(limit); err != nil {
			return 0, err
		}
		work, err := t.fillBaskets(func(tx core.App, order *core.Record) (string, error) {
			return "/api/orders/" + order.Id + "/coupon", nil
		})
		if err != nil {
			return 0, err
		}
		for _, own := range work {
			for i := range own {
				own[i].body = `{"code":"BENCH"}`
			}
		}
		rate, err := s.rush(work)
		if err != nil {
			return 0, err
		}
		var held int64
		if err := s.app.DB().NewQuery("SELECT held FROM campaigns_codes").Row(&held); err != nil || held != limit {
			return 0, fmt.Errorf("%d uses of %d are counted (%w)", held, limit, err)
		}
		for _, own := range work {
			for i := range own {
				own[i].path = own[i].path[:len(own[i].path)-len("coupon")] + "pay"
				own[i].body = `{"method":"wallet"}`
			}
		}
		paid, err := s.rush(work)
		if err != nil {
			return 0, err
		}
		var used int64
		if err := s.app.DB().NewQuery("SELECT used FROM campaigns_codes").Row(&used); err != nil || used != limit {
			return 0, fmt.Errorf("%d uses of %d are counted (%w)", used, limit, err)
		}
		return min(rate, paid), nil
	})
	if err != nil {
		return nil, err
	}
	return []Row{atLeast("codes held, and codes redeemed by paying, with an exact limit over HTTP: the slower", rate, "/s",
		fmt.Sprintf("limit of %d", codesWanted), rate/codesWanted, 1)}, nil
}

// withCode gives the town a campaign whose code may be used that often.
func (t *town) withCode(uses int64) error {
	org, err := t.s.app.FindFirstRecordByData("orgs", "slug", "bench")
	if err != nil {
		return err
	}
	campaign, err := create(t.s.app, "campaigns", map[string]any{
		"org": org.Id, "name": "Code", "kind": "order_percent", "percent_bp": 500, "status": "active", "timezone": "Europe/Paris",
	})
	if err != nil {
		return err
	}
	_, err = campaigns.MakeCodes(t.s.app, campaign, campaigns.Making{Code: "BENCH", Uses: &uses}, "bench", clock.Now(t.s.app))
	return err
}
