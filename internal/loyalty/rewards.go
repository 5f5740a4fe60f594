package loyalty

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// MaxRewards is how many rewards an organisation may offer at a time; archived ones do not count.
	MaxRewards = 100
	// MaxRewardName is how many letters the name of a reward has at most.
	MaxRewardName = 80
	// maxRewardLimit is the largest stock and limit of each person.
	maxRewardLimit = 1_000_000
)

var (
	// ErrBadReward refuses a reward that cannot work; data.field says why.
	ErrBadReward = refusal.New(http.StatusBadRequest, "bad_reward", "The reward cannot work like this.")
	// ErrNoReward refuses a reward that there is not, or not any more.
	ErrNoReward = refusal.New(http.StatusNotFound, "no_reward", "There is no such reward.")
	// ErrTooManyRewards refuses one reward more than MaxRewards.
	ErrTooManyRewards = refusal.New(http.StatusConflict, "too_many_rewards", "There are too many rewards. Archive one first.")
	// ErrBelowTaken refuses a stock that is less than what members hold already; data.taken says how many.
	ErrBelowTaken = refusal.New(http.StatusConflict, "below_taken", "Members have taken more than that already.")
)

// Reward is what a member takes for points. A nil limit is none; a limit of zero is zero.
type Reward struct {
	ID       string        `json:"id" db:"id"`
	Org      string        `json:"org" db:"org"`
	Name     string        `json:"name" db:"name"`
	Cost     int64         `json:"cost" db:"cost"`   // points
	Value    ledger.Amount `json:"value" db:"value"` // what it would cost in money; 0 is not said
	Stock    *int64        `json:"stock" db:"stock"`
	Each     *int64        `json:"each_person" db:"each_person"`
	Taken    int64         `json:"taken" db:"taken"` // held and redeemed
	Opens    string        `json:"opens" db:"opens"` // the first instant, empty for none, and
	Ends     string        `json:"ends" db:"ends"`   // the first instant at which it is over
	Archived bool          `json:"archived" db:"archived"`
}

const rewardColumns = "id, org, name, cost, value, stock, each_person, taken, opens, ends, archived"

// Offered is a reward as a member sees it.
type Offered struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Cost     int64         `json:"cost"`
	Value    ledger.Amount `json:"value"`
	Currency string        `json:"currency"`
	Left     *int64        `json:"left"` // null when there is no end of it
	Mine     int64         `json:"mine"` // how many the member has taken
	Until    time.Time     `json:"until,omitzero"`
	Takeable bool          `json:"takeable"`
	Why      string        `json:"why"` // when it cannot be taken: gone, yours (as many as one may) or points
}

// SaveReward makes the reward, or changes it when it has an id. What was taken stays as it was.
func SaveReward(tx core.App, r Reward, actor string, now time.Time) (Reward, error) {
	if err := r.check(); err != nil {
		return r, err
	}
	act := "loyalty.reward.change"
	before := Reward{Archived: true} // a new one was not offered before
	if r.ID == "" {
		act = "loyalty.reward.make"
		r.ID = core.GenerateDefaultRandomId()
	} else {
		var err error
		if before, err = rewardOf(tx, r.Org, r.ID); err != nil {
			return r, err
		}
	}
	if r.Stock != nil && *r.Stock < before.Taken {
		return r, ErrBelowTaken.With("taken", before.Taken)
	}
	if before.Archived && !r.Archived {
		if err := roomForReward(tx, r.Org); err != nil {
			return r, err
		}
	}
	_, err := tx.DB().NewQuery(`INSERT INTO loyalty_rewards (id, org, name, cost, value, stock, each_person, opens, ends, archived, created)
		VALUES ({:id}, {:org}, {:name}, {:cost}, {:value}, {:stock}, {:each}, {:opens}, {:ends}, {:archived}, {:now})
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, cost = excluded.cost, value = excluded.value, stock = excluded.stock,
			each_person = excluded.each_person, opens = excluded.opens, ends = excluded.ends, archived = excluded.archived`).
		Bind(dbx.Params{
			"id": r.ID, "org": r.Org, "name": r.Name, "cost": r.Cost, "value": int64(r.Value), "stock": r.Stock, "each": r.Each,
			"opens": r.Opens, "ends": r.Ends, "archived": r.Archived, "now": stamp(now),
		}).Execute()
	if err != nil {
		return r, fmt.Errorf("save reward %s: %w", r.ID, err)
	}
	if err := ledger.Audit(tx, actor, act, "reward:"+r.ID, r, now); err != nil {
		return r, err
	}
	return rewardOf(tx, r.Org, r.ID)
}

// roomForReward refuses to offer one reward more than MaxRewards.
func roomForReward(tx core.App, org string) error {
	var offered int64
	if err := tx.DB().NewQuery("SELECT COUNT(*) FROM loyalty_rewards WHERE org = {:org} AND archived = 0").
		Bind(dbx.Params{"org": org}).Row(&offered); err != nil {
		return fmt.Errorf("count rewards of %s: %w", org, err)
	}
	if offered >= MaxRewards {
		return ErrTooManyRewards.With("most", MaxRewards)
	}
	return nil
}

// check refuses what makes no sense, and writes the instants as the tables do.
func (r *Reward) check() error {
	bad := func(field, format string, args ...any) error {
		return ErrBadReward.With("field", field).Saying(format, args...)
	}
	r.Name = strings.TrimSpace(r.Name)
	switch n := utf8.RuneCountInString(r.Name); {
	case n == 0 || n > MaxRewardName || strings.ContainsFunc(r.Name, func(c rune) bool { return c < ' ' }):
		return bad("name", "The name of a reward has 1 to %d letters.", MaxRewardName)
	case r.Cost < 1 || r.Cost > maxPoints:
		return bad("cost", "A reward costs at least one point.")
	case r.Value < 0 || r.Value > ledger.MaxAmount:
		return bad("value", "The value of a reward is an amount of money.")
	}
	for field, limit := range map[string]*int64{"stock": r.Stock, "each_person": r.Each} {
		if limit != nil && (*limit < 0 || *limit > maxRewardLimit) {
			return bad(field, "A limit is between 0 and %d, or left empty for none.", maxRewardLimit)
		}
	}
	for field, at := range map[string]*string{"opens": &r.Opens, "ends": &r.Ends} {
		if *at == "" {
			continue
		}
		parsed, err := time.Parse(time.RFC3339, *at)
		if err != nil {
			if parsed, err = instant(*at); err != nil {
				return bad(field, "%q is not an instant such as 2026-11-24T12:00:00Z.", *at)
			}
		}
		*at = stamp(parsed)
	}
	if r.Ends != "" && r.Ends <= r.Opens {
		return bad("ends", "A reward ends after it begins.")
	}
	return nil
}

func rewardOf(app core.App, org, id string) (Reward, error) {
	var r Reward
	err := app.DB().NewQuery("SELECT " + rewardColumns + " FROM loyalty_rewards WHERE id = {:id} AND org = {:org}").
		Bind(dbx.Params{"id": id, "org": org}).One(&r)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNoReward.With("reward", id)
	}
	if err != nil {
		return r, fmt.Errorf("reward %s: %w", id, err)
	}
	return r, nil
}

// Rewards is all rewards of the organisation, the archived ones last.
func Rewards(app core.App, org string) ([]Reward, error) {
	rewards := []Reward{}
	err := app.DB().NewQuery("SELECT " + rewardColumns + " FROM loyalty_rewards WHERE org = {:org} ORDER BY archived, cost, name, id").
		Bind(dbx.Params{"org": org}).All(&rewards)
	if err != nil {
		return nil, fmt.Errorf("rewards of %s: %w", org, err)
	}
	return rewards, nil
}

// open says whether the reward can be taken at an instant.
func (r Reward) open(now time.Time) bool {
	at := stamp(now)
	return !r.Archived && r.Opens <= at && (r.Ends == "" || at < r.Ends)
}

// Offers is the rewards that the organisation offers a member now, the cheapest first.
func Offers(app core.App, user, org string, now time.Time) ([]Offered, error) {
	rewards, err := Rewards(app, org)
	if err != nil {
		return nil, err
	}
	has, err := Balance(app, user, org, now)
	if err != nil {
		return nil, err
	}
	mine, err := takenBy(app, user, org)
	if err != nil {
		return nil, err
	}
	out := []Offered{}
	for _, r := range rewards {
		if r.open(now) {
			out = append(out, r.offered(has, mine[r.ID]))
		}
	}
	return out, nil
}

func (r Reward) offered(has Statement, mine int64) Offered {
	out := Offered{ID: r.ID, Name: r.Name, Cost: r.Cost, Value: r.Value, Currency: has.Currency, Mine: mine}
	if r.Stock != nil {
		left := *r.Stock - r.Taken
		out.Left = &left
	}
	if r.Ends != "" {
		out.Until, _ = instant(r.Ends) //nolint:errcheck // it was checked when it was saved
	}
	switch {
	case out.Left != nil && *out.Left < 1:
		out.Why = "gone"
	case r.Each != nil && mine >= *r.Each:
		out.Why = "yours"
	case has.Spendable < r.Cost:
		out.Why = "points"
	default:
		out.Takeable = true
	}
	return out
}

// takenBy counts the vouchers that a member holds or has redeemed, by reward.
func takenBy(app core.App, user, org string) (map[string]int64, error) {
	var rows []struct {
		Reward string `db:"reward"`
		Count  int64  `db:"count"`
	}
	err := app.DB().NewQuery(`SELECT reward, COUNT(*) AS count FROM loyalty_vouchers
		WHERE user = {:user} AND org = {:org} AND state IN ('held', 'redeemed') GROUP BY reward`).
		Bind(dbx.Params{"user": user, "org": org}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("vouchers of %s: %w", user, err)
	}
	out := map[string]int64{}
	for _, row := range rows {
		out[row.Reward] = row.Count
	}
	return out, nil
}
