package bridge

import (
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/programs"
)

// rewards gives the customer points, a reward to take and a voucher that is held.
func (town *town) rewards(t *testing.T) {
	t.Helper()
	_, err := town.DB().NewQuery(`INSERT INTO loyalty_rewards (id, org, name, cost, created)
		VALUES ('acoffeereward00', {:org}, 'A coffee', 5, '2026-01-01 00:00:00.000Z')`).Bind(dbx.Params{"org": town.shop.Id}).Execute()
	if err == nil {
		err = ledger.Write(town.App, func(tx core.App) error {
			gift := loyalty.Gift{User: town.customer.Id, Org: town.shop.Id, OpID: "gift", Points: 100, Reason: "a test", Actor: "test"}
			if err := loyalty.Grant(tx, gift, now); err != nil {
				return err
			}
			voucher, err := loyalty.Take(tx, town.customer.Id, town.shop.Id, loyalty.Wish{Reward: "acoffeereward00", Cost: 5, Key: "held"}, now)
			town.voucher = voucher.ID
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A program of one shop sees a person's points of another, and cannot use them; the host's own programs can.
func TestPointsAreUsedWhereTheyCameFrom(t *testing.T) {
	town := newTown(t)
	town.decide(t, programs.Granted, declared...)
	town.rewards(t)
	args := map[string]any{"org": town.shop.Id, "reward": "acoffeereward00", "cost": 5, "key": "mine"}
	move := func(org *core.Record) {
		t.Helper()
		program, err := town.FindFirstRecordByData("programs", "appid", "hello")
		if err == nil {
			program.Set("org", org.Id)
			err = town.Save(program)
		}
		if err != nil {
			t.Fatal(err)
		}
		clock.Set(town.App, clock.Now(town.App).Add(time.Minute)) // so that nothing of the launch is remembered
	}
	other, host := apptest.Org(t, town.App, "other"), apptest.Org(t, town.App, "house")
	host.Set("kind", "host")
	if err := town.Save(host); err != nil {
		t.Fatal(err)
	}
	move(other)
	for _, got := range []apptest.Answer{town.page(t, "loyalty.take", args), town.function(t, "loyalty.take", args)} {
		if got.Code() != "foreign_points" {
			t.Errorf("another shop's program: %d %s", got.Status, got.Body)
		}
	}
	if got := town.page(t, "loyalty.statement", map[string]any{"org": town.shop.Id}); got.Number("spendable") != 95 {
		t.Errorf("another shop's program sees %s", got.Body)
	}
	move(host)
	if got := town.page(t, "loyalty.take", args); got.Status != 200 || got.Text("state") != loyalty.Held {
		t.Errorf("the host's program: %d %s", got.Status, got.Body)
	}
}
