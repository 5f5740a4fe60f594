package loyalty_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/refusal"
)

func (w town) reward(cost int64, stock, each *int64) loyalty.Reward {
	w.Helper()
	var made loyalty.Reward
	w.ok(w.do(func(tx core.App) (err error) {
		made, err = loyalty.SaveReward(tx, loyalty.Reward{Org: w.org, Name: "A coffee", Cost: cost, Stock: stock, Each: each}, "user:owner", noon)
		return err
	}))
	return made
}

func (w town) takeReward(user string, reward loyalty.Reward, key string, at time.Time) (v loyalty.Voucher, err error) {
	return v, w.do(func(tx core.App) (err error) {
		v, err = loyalty.Take(tx, user, w.org, loyalty.Wish{Reward: reward.ID, Cost: reward.Cost, Key: key}, at)
		return err
	})
}

func (w town) release(user, id string, at time.Time) error {
	return w.do(func(tx core.App) error {
		_, err := loyalty.Release(tx, user, id, at)
		return err
	})
}

func (w town) redeem(code string, at time.Time) error {
	return w.do(func(tx core.App) error {
		_, err := loyalty.Redeem(tx, w.org, code, "user:clerk", at)
		return err
	})
}

// taken is how many of the reward are held or redeemed, as its counter and its vouchers say.
func (w town) taken(reward string) (counted, vouchers int) {
	w.Helper()
	w.ok(w.app.DB().NewQuery(`SELECT taken, (SELECT COUNT(*) FROM loyalty_vouchers WHERE reward = r.id AND state IN ('held', 'redeemed'))
		FROM loyalty_rewards r WHERE id = {:id}`).Bind(dbx.Params{"id": reward}).Row(&counted, &vouchers))
	return counted, vouchers
}

func number(n int64) *int64 { return &n }

// Forty people want one of ten: ten get it, and the points of the others are where they were.
func TestNoMoreOfARewardIsGivenThanThereIs(t *testing.T) {
	w := newTown(t, nil)
	reward := w.reward(30, number(10), nil)
	people := make([]string, 40)
	for i := range people {
		people[i] = fmt.Sprintf("person%09d", i)
		own := w
		own.user = people[i]
		own.earn(fmt.Sprint("earn", i), 5_000, noon)
	}
	var wait sync.WaitGroup
	errs := make([]error, len(people))
	for i, user := range people {
		wait.Go(func() { _, errs[i] = w.takeReward(user, reward, "one", noon) })
	}
	wait.Wait()
	got := 0
	for i, err := range errs {
		has, _ := loyalty.Balance(w.app, people[i], w.org, noon)
		switch {
		case err == nil && has.Spendable == 20:
			got++
		case errors.Is(err, loyalty.ErrRewardGone) && has.Spendable == 50:
		default:
			t.Errorf("%s: %v with %d points", people[i], err, has.Spendable)
		}
	}
	if counted, vouchers := w.taken(reward.ID); got != 10 || counted != 10 || vouchers != 10 {
		t.Errorf("%d got it, the counter says %d, there are %d vouchers", got, counted, vouchers)
	}
}

// A double tap is one voucher; another wish under the same key is refused.
func TestAWishIsGrantedOnce(t *testing.T) {
	w := newTown(t, nil)
	w.earn("a", 10_000, noon)
	coffee, cake := w.reward(30, nil, nil), w.reward(10, nil, nil)
	var wait sync.WaitGroup
	ids := make([]string, 12)
	for i := range ids {
		wait.Go(func() {
			v, err := w.takeReward(w.user, coffee, "tap", noon)
			if ids[i] = v.ID; err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("vouchers %v", ids)
		}
	}
	w.want(noon, 70, 0, 0)
	_, err := w.takeReward(w.user, cake, "tap", noon)
	w.refused(err, loyalty.ErrVoucherKey)
	_, err = w.takeReward(w.user, cake, "", noon)
	w.refused(err, loyalty.ErrVoucherKey)
	w.sound()
}

func TestARewardIsRefused(t *testing.T) {
	w := newTown(t, nil)
	w.earn("a", 10_000, noon)
	dear, none, once := w.reward(101, nil, nil), w.reward(1, number(0), nil), w.reward(1, nil, number(1))
	never, cheap := w.reward(1, nil, number(0)), w.reward(2, nil, nil)
	if _, err := w.takeReward(w.user, once, "first", noon); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		reward loyalty.Reward
		want   error
	}{
		"too dear": {dear, loyalty.ErrInsufficientPoints}, "a stock of zero": {none, loyalty.ErrRewardGone},
		"a second one": {once, loyalty.ErrRewardYours}, "a limit of zero": {never, loyalty.ErrRewardYours},
		"unknown":              {loyalty.Reward{ID: "nothing", Cost: 1}, loyalty.ErrNoReward},
		"seen at another cost": {loyalty.Reward{ID: cheap.ID, Cost: 1}, loyalty.ErrRewardCost},
		"seen at no cost":      {loyalty.Reward{ID: cheap.ID}, loyalty.ErrRewardCost},
	} {
		if _, err := w.takeReward(w.user, c.reward, name, noon); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if counted, vouchers := w.taken(dear.ID); counted != 0 || vouchers != 0 {
		t.Errorf("a refused reward counts %d, %d", counted, vouchers)
	}
	w.want(noon, 99, 0, 0)
	w.sound()
}

// A voucher ends in one way, however many try another at the same time.
func TestAVoucherEndsOnce(t *testing.T) {
	for round := range 8 {
		w := newTown(t, nil)
		w.earn("a", 10_000, noon)
		reward := w.reward(30, number(1), nil)
		v, err := w.takeReward(w.user, reward, "one", noon)
		w.ok(err)
		errs := make([]error, 6)
		var wait sync.WaitGroup
		for i := range errs {
			wait.Go(func() {
				if (i+round)%2 == 0 {
					errs[i] = w.redeem(strings.ToLower(v.Code[:5])+" "+v.Code[5:], noon)
				} else {
					errs[i] = w.release(w.user, v.ID, noon)
				}
			})
		}
		wait.Wait()
		for _, err := range errs {
			if err != nil && !errors.Is(err, loyalty.ErrVoucherClosed) {
				t.Error(err)
			}
		}
		vouchers, err := loyalty.Vouchers(w.app, w.user, w.org)
		w.ok(err)
		counted, held := w.taken(reward.ID)
		switch vouchers[0].State {
		case loyalty.Redeemed:
			w.want(noon, 70, 0, 0)
			if counted != 1 || held != 1 {
				t.Errorf("redeemed, and %d, %d are taken", counted, held)
			}
		case loyalty.Released:
			w.want(noon, 100, 0, 0)
			if counted != 0 || held != 0 {
				t.Errorf("released, and %d, %d are taken", counted, held)
			}
		default:
			t.Errorf("the voucher is %+v", vouchers[0])
		}
		w.sound()
	}
}

// A voucher that nobody fetched lapses at its instant, whether the job has come or not, and its points go back to their lots.
func TestAVoucherLapses(t *testing.T) {
	w := newTown(t, nil)
	w.earn("a", 10_000, noon)
	reward := w.reward(30, number(1), nil)
	v, err := w.takeReward(w.user, reward, "one", noon)
	w.ok(err)
	over := noon.AddDate(0, 0, loyalty.VoucherDays)
	w.refused(w.redeem(v.Code, over), loyalty.ErrVoucherClosed)
	for _, want := range []struct {
		at     time.Time
		lapsed int
	}{{over.Add(-time.Millisecond), 0}, {over, 1}, {over, 0}} {
		if got, err := loyalty.Lapse(w.app, want.at); err != nil || got != want.lapsed {
			t.Errorf("at %s %d lapsed (%v)", want.at, got, err)
		}
	}
	w.want(over, 100, 0, 0)
	w.refused(w.release(w.user, v.ID, over), loyalty.ErrVoucherClosed)
	if counted, held := w.taken(reward.ID); counted != 0 || held != 0 {
		t.Errorf("%d, %d are taken", counted, held)
	}
	w.sound()
}

func TestRewardsThatMakeNoSense(t *testing.T) {
	w := newTown(t, nil)
	for field, r := range map[string]loyalty.Reward{
		"name": {Name: "  ", Cost: 1}, "cost": {Name: "A", Cost: 0}, "value": {Name: "A", Cost: 1, Value: -1},
		"stock": {Name: "A", Cost: 1, Stock: number(-1)}, "each_person": {Name: "A", Cost: 1, Each: number(-1)},
		"opens": {Name: "A", Cost: 1, Opens: "soon"},
		"ends":  {Name: "A", Cost: 1, Opens: "2026-12-02T00:00:00Z", Ends: "2026-12-01T00:00:00Z"},
	} {
		r.Org = w.org
		err := w.do(func(tx core.App) error {
			_, err := loyalty.SaveReward(tx, r, "user:owner", noon)
			return err
		})
		var no *refusal.Refusal
		if w.refused(err, loyalty.ErrBadReward); errors.As(err, &no) && no.Details["field"] != field {
			t.Errorf("%s is refused for %v", field, no.Details["field"])
		}
	}
	reward := w.reward(1, number(2), nil)
	w.earn("a", 10_000, noon)
	for _, key := range []string{"one", "two"} {
		_, err := w.takeReward(w.user, reward, key, noon)
		w.ok(err)
	}
	reward.Stock = number(1)
	w.refused(w.do(func(tx core.App) error {
		_, err := loyalty.SaveReward(tx, reward, "user:owner", noon)
		return err
	}), loyalty.ErrBelowTaken)
}

// An archived reward leaves room for another; offered again it needs that room.
func TestArchivedRewardsDoNotGetAroundTheLimit(t *testing.T) {
	w := newTown(t, nil)
	save := func(r loyalty.Reward) (out loyalty.Reward, err error) {
		r.Org, r.Name, r.Cost = w.org, "A coffee", 1
		return out, w.do(func(tx core.App) (err error) {
			out, err = loyalty.SaveReward(tx, r, "user:owner", noon)
			return err
		})
	}
	old, err := save(loyalty.Reward{})
	w.ok(err)
	old.Archived = true
	_, err = save(old)
	w.ok(err)
	for range loyalty.MaxRewards {
		_, err := save(loyalty.Reward{})
		w.ok(err)
	}
	old.Archived = false
	_, err = save(old)
	w.refused(err, loyalty.ErrTooManyRewards)
}

// Over HTTP: managers offer, members take, any of the staff hands over; nobody does another's part.
func TestRewardsOverHTTP(t *testing.T) {
	w := newTown(t, nil)
	shop, err := w.app.FindRecordById("orgs", w.org)
	w.ok(err)
	member, clerk, owner := apptest.Person(t, w.app, "Ann"), apptest.Person(t, w.app, "Carl"), apptest.Person(t, w.app, "Olive")
	rival, other := apptest.Person(t, w.app, "Rita"), apptest.Org(t, w.app, "other")
	apptest.Staff(t, w.app, shop, clerk, "cashier")
	apptest.Staff(t, w.app, shop, owner, "owner")
	apptest.Staff(t, w.app, other, rival, "owner")
	w.ok(ledger.Write(w.app, func(tx core.App) error {
		return loyalty.Grant(tx, loyalty.Gift{User: member.Id, Org: w.org, OpID: "gift", Points: 100, Reason: "test", Actor: "test"}, noon)
	}))
	client := apptest.NewClient(t, w.app)
	path := "/api/loyalty/" + w.org + "/"
	draft := map[string]any{"name": "A coffee", "cost": 40, "stock": 5}
	for who, want := range map[*core.Record]string{member: "not_staff", clerk: "role_required", rival: "not_staff"} {
		if got := client.Do("POST", path+"rewards", apptest.Token(t, who), draft); got.Code() != want {
			t.Errorf("%s: %s", who.GetString("name"), got.Body)
		}
	}
	made := client.Must(http.StatusOK, "POST", path+"rewards", apptest.Token(t, owner), draft)
	reward := made.Text("id")
	if offers := client.Must(http.StatusOK, "GET", path+"offers", apptest.Token(t, member), nil); !strings.Contains(string(offers.Body), `"takeable":true`) {
		t.Errorf("the offers are %s", offers.Body)
	}
	voucher := client.Must(http.StatusOK, "POST", path+"rewards/"+reward+"/take", apptest.Token(t, member), map[string]any{"key": "k", "cost": 40})
	if given := client.Must(http.StatusOK, "GET", path+"given", apptest.Token(t, clerk), nil); strings.Contains(string(given.Body), voucher.Text("code")) {
		t.Errorf("staff read the code of a held voucher: %s", given.Body)
	}
	code := map[string]any{"code": voucher.Text("code")}
	if got := client.Do("POST", "/api/loyalty/"+other.Id+"/redeem", apptest.Token(t, rival), code); got.Code() != "no_voucher" {
		t.Errorf("another shop: %s", got.Body)
	}
	if got := client.Do("POST", path+"vouchers/"+voucher.Text("id")+"/release", apptest.Token(t, clerk), nil); got.Code() != "no_voucher" {
		t.Errorf("another person: %s", got.Body)
	}
	if got := client.Must(http.StatusOK, "POST", path+"redeem", apptest.Token(t, clerk), code); got.Text("state") != loyalty.Redeemed {
		t.Errorf("redeemed: %s", got.Body)
	}
	if got := client.Do("POST", path+"redeem", apptest.Token(t, clerk), code); got.Code() != "voucher_closed" || got.Data()["state"] != loyalty.Redeemed {
		t.Errorf("redeemed again: %s", got.Body)
	}
}
