package loyalty

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// VoucherDays is how long a voucher is held. After that it lapses and its points go back.
	VoucherDays = 30
	// maxVoucherKey is how long the key of a request may be.
	maxVoucherKey  = 255
	voucherLetters = 10
	voucherShown   = 200 // vouchers in one answer
	lapseBatch     = 100 // vouchers that lapse in one transaction
)

// How a voucher stands.
const (
	Held     = "held"
	Redeemed = "redeemed"
	Released = "released" // the member gave it back
	Lapsed   = "lapsed"   // nobody redeemed it in time
)

var (
	// ErrRewardGone refuses a reward of which none is left.
	ErrRewardGone = refusal.New(http.StatusConflict, "reward_gone", "There is none left of this reward.")
	// ErrRewardYours refuses a reward that the member has taken as often as one may.
	ErrRewardYours = refusal.New(http.StatusConflict, "reward_yours", "You have taken this reward as often as one may.")
	// ErrNoVoucher refuses a voucher that there is not, or that is another's.
	ErrNoVoucher = refusal.New(http.StatusNotFound, "no_voucher", "There is no such voucher.")
	// ErrVoucherClosed refuses a voucher that is no longer held; data.state and data.at say since when and why.
	ErrVoucherClosed = refusal.New(http.StatusConflict, "voucher_closed", "This voucher cannot be used any more.")
	// ErrRewardCost refuses to take a reward for other points than the member has seen; data.cost is what it costs now.
	ErrRewardCost = refusal.New(http.StatusConflict, "reward_cost_changed", "This reward costs other points now.")
	// ErrVoucherKey refuses a request to take a reward without a key, or with one that took another reward.
	ErrVoucherKey = refusal.New(http.StatusBadRequest, "bad_voucher_key", "A reward is taken under a key of its own.")
)

// Voucher is a reward that a member has taken: points are paid for it, and the code fetches it.
type Voucher struct {
	ID      string `json:"id" db:"id"`
	Reward  string `json:"reward" db:"reward"`
	Name    string `json:"name" db:"name"`
	Code    string `json:"code" db:"code"`
	State   string `json:"state" db:"state"`
	Points  int64  `json:"points" db:"points"`
	Created string `json:"created" db:"created"`
	Expires string `json:"expires" db:"expires"`
	Closed  string `json:"closed" db:"closed"` // when it was redeemed, released or lapsed

	user, org string
}

const voucherColumns = "id, reward, name, code, state, points, created, expires, closed"

// Wish is what a member asks for: a reward, for the points that they have seen it costs. The key is of this wish alone.
type Wish struct {
	Reward string
	Cost   int64
	Key    string
}

// Take pays for a reward with a member's points and gives a voucher for it. The same key again answers the same voucher.
func Take(tx core.App, user, org string, w Wish, now time.Time) (Voucher, error) {
	if w.Key == "" || len(w.Key) > maxVoucherKey {
		return Voucher{}, ErrVoucherKey
	}
	before, err := voucherWhere(tx, "user = {:user} AND key = {:key}", dbx.Params{"user": user, "key": w.Key})
	if !errors.Is(err, ErrNoVoucher) {
		if err == nil && (before.Reward != w.Reward || before.org != org) {
			return Voucher{}, ErrVoucherKey
		}
		return before, err
	}
	r, err := rewardOf(tx, org, w.Reward)
	if err != nil {
		return Voucher{}, err
	}
	if !r.open(now) {
		return Voucher{}, ErrNoReward.With("reward", w.Reward)
	}
	if w.Cost != r.Cost {
		return Voucher{}, ErrRewardCost.With("cost", r.Cost)
	}
	if err := r.count(tx, user); err != nil {
		return Voucher{}, err
	}
	id := core.GenerateDefaultRandomId()
	if err := Spend(tx, user, org, voucherSpend(id), r.Cost, now); err != nil {
		return Voucher{}, err
	}
	_, err = tx.DB().NewQuery(`INSERT INTO loyalty_vouchers (id, reward, user, org, name, key, code, points, created, expires)
		VALUES ({:id}, {:reward}, {:user}, {:org}, {:name}, {:key}, {:code}, {:points}, {:now}, {:expires})`).Bind(dbx.Params{
		"id": id, "reward": r.ID, "user": user, "org": org, "name": r.Name, "key": w.Key, "code": voucherCode(), "points": r.Cost,
		"now": stamp(now), "expires": stamp(now.AddDate(0, 0, VoucherDays)),
	}).Execute()
	if err != nil {
		return Voucher{}, fmt.Errorf("voucher for %s: %w", r.ID, err)
	}
	return voucherWhere(tx, "id = {:id}", dbx.Params{"id": id})
}

// count takes one of the reward for a member, if the limits leave one.
func (r Reward) count(tx core.App, user string) error {
	if r.Each != nil {
		mine, err := takenBy(tx, user, r.Org)
		if err != nil {
			return err
		}
		if mine[r.ID] >= *r.Each {
			return ErrRewardYours.With("limit", *r.Each)
		}
	}
	rows, err := affected(tx, `UPDATE loyalty_rewards SET taken = taken + 1
		WHERE id = {:id} AND archived = 0 AND (stock IS NULL OR taken < stock)`, dbx.Params{"id": r.ID})
	if err != nil {
		return err
	}
	if rows != 1 {
		return ErrRewardGone.With("reward", r.ID)
	}
	return nil
}

func voucherSpend(id string) string { return "voucher:" + id }

// voucherCode is what a member shows at the counter: 50 random bits, in letters and digits that people do not confuse.
func voucherCode() string {
	return security.RandomStringWithAlphabet(voucherLetters, "23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
}

// Release gives a held voucher back: its points return to the lots that paid for it. Done before, it changes nothing.
func Release(tx core.App, user, id string, now time.Time) (Voucher, error) {
	v, err := voucherWhere(tx, "id = {:id} AND user = {:user}", dbx.Params{"id": id, "user": user})
	if err != nil || v.State == Released {
		return v, err
	}
	return v.giveBack(tx, Released, user, now)
}

// giveBack closes a held voucher without its reward having been fetched.
func (v Voucher) giveBack(tx core.App, state, actor string, now time.Time) (Voucher, error) {
	if err := v.close(tx, state, actor, now); err != nil {
		return v, err
	}
	if err := RefundSpend(tx, v.user, v.org, voucherSpend(v.ID)+":back", voucherSpend(v.ID), v.Points, now); err != nil {
		return v, err
	}
	rows, err := affected(tx, "UPDATE loyalty_rewards SET taken = taken - 1 WHERE id = {:id} AND taken > 0", dbx.Params{"id": v.Reward})
	if err != nil {
		return v, err
	}
	if rows != 1 {
		return v, fmt.Errorf("voucher %s: its reward %s was never counted", v.ID, v.Reward)
	}
	return voucherWhere(tx, "id = {:id}", dbx.Params{"id": v.ID})
}

// close ends a held voucher, once.
func (v Voucher) close(tx core.App, state, actor string, now time.Time) error {
	rows, err := affected(tx, `UPDATE loyalty_vouchers SET state = {:state}, closed = {:now}, closed_by = {:actor}
		WHERE id = {:id} AND state = 'held'`, dbx.Params{"state": state, "now": stamp(now), "actor": actor, "id": v.ID})
	if err != nil {
		return err
	}
	if rows != 1 {
		return ErrVoucherClosed.With("state", v.State).With("at", v.Closed)
	}
	return nil
}

// Redeem hands the reward of a held voucher of the organisation over, once. A voucher whose time is over has lapsed, also
// when that has not been written down yet.
func Redeem(tx core.App, org, code, actor string, now time.Time) (Voucher, error) {
	code = strings.ToUpper(strings.Join(strings.FieldsFunc(code, func(c rune) bool { return c == ' ' || c == '-' }), ""))
	v, err := voucherWhere(tx, "org = {:org} AND code = {:code}", dbx.Params{"org": org, "code": code})
	if err != nil {
		return v, err
	}
	if v.State == Held && v.Expires <= stamp(now) {
		return v, ErrVoucherClosed.With("state", Lapsed).With("at", v.Expires)
	}
	if err := v.close(tx, Redeemed, actor, now); err != nil {
		return v, err
	}
	if err := ledger.Audit(tx, actor, "loyalty.voucher.redeem", "voucher:"+v.ID, map[string]any{"org": org, "reward": v.Reward, "points": v.Points}, now); err != nil {
		return v, err
	}
	return voucherWhere(tx, "id = {:id}", dbx.Params{"id": v.ID})
}

// Lapse gives the points of vouchers back whose time is over, and says how many there were.
func Lapse(app core.App, now time.Time) (lapsed int, err error) {
	for batch := lapseBatch; batch == lapseBatch; {
		err := ledger.Write(app, func(tx core.App) error {
			batch = 0
			due, err := vouchersWhere(tx, "state = 'held' AND expires <= {:now} ORDER BY expires", dbx.Params{"now": stamp(now)}, lapseBatch)
			if err != nil {
				return err
			}
			for _, v := range due {
				if _, err := v.giveBack(tx, Lapsed, "", now); err != nil {
					return err
				}
			}
			batch = len(due)
			return nil
		})
		if err != nil {
			return lapsed, err
		}
		lapsed += batch
	}
	return lapsed, nil
}

// Vouchers is a member's vouchers at an organisation, the newest first.
func Vouchers(app core.App, user, org string) ([]Voucher, error) {
	return vouchersWhere(app, "user = {:user} AND org = {:org} ORDER BY created DESC, id", dbx.Params{"user": user, "org": org}, voucherShown)
}

// Given is the newest vouchers of an organisation as its staff see them: without the codes of those that are held, which
// only their members show.
func Given(app core.App, org string) ([]Voucher, error) {
	vouchers, err := vouchersWhere(app, "org = {:org} ORDER BY created DESC, id", dbx.Params{"org": org}, voucherShown)
	for i := range vouchers {
		if vouchers[i].State == Held {
			vouchers[i].Code = ""
		}
	}
	return vouchers, err
}

func voucherWhere(app core.App, where string, params dbx.Params) (Voucher, error) {
	found, err := vouchersWhere(app, where, params, 1)
	if err == nil && len(found) == 0 {
		return Voucher{}, ErrNoVoucher
	}
	if err != nil {
		return Voucher{}, err
	}
	return found[0], nil
}

func vouchersWhere(app core.App, where string, params dbx.Params, most int) ([]Voucher, error) {
	var rows []struct {
		Voucher
		User string `db:"user"`
		Org  string `db:"org"`
	}
	err := app.DB().NewQuery(fmt.Sprintf("SELECT user, org, %s FROM loyalty_vouchers WHERE %s LIMIT %d", voucherColumns, where, most)).
		Bind(params).All(&rows)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("vouchers: %w", err)
	}
	out := make([]Voucher, len(rows))
	for i, row := range rows {
		out[i] = row.Voucher
		out[i].user, out[i].org = row.User, row.Org
	}
	return out, nil
}
