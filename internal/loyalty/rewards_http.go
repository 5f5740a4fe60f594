package loyalty

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

type (
	takeBody struct {
		Cost int64  `json:"cost"` // the points that the member has seen
		Key  string `json:"key"`  // of this wish: the same again is the same voucher
	}
	redeemBody struct {
		Code string `json:"code"`
	}
	rewardBody struct {
		Name     string        `json:"name"`
		Cost     int64         `json:"cost"`
		Value    ledger.Amount `json:"value"`
		Stock    *int64        `json:"stock"`
		Each     *int64        `json:"each_person"`
		Opens    string        `json:"opens"`
		Ends     string        `json:"ends"`
		Archived bool          `json:"archived"`
	}
)

func registerRewards(app core.App) {
	jobs.Every(app, "loyalty.lapse", expirySpec, "UTC", func(app core.App, _ time.Time) error {
		_, err := Lapse(app, clock.Now(app))
		return err
	})
}

func bindRewards(e *core.ServeEvent) {
	handle := func(method, path, summary string, body, answer any, run func(*core.RequestEvent) error, refusals ...*refusal.Refusal) {
		route.Handle(e, route.Operation{
			Method: method, Path: "/api/loyalty/{org}/" + path, Tag: "loyalty", Summary: summary, Body: body, Answer: answer, Refusals: refusals,
		}, run)
	}
	handle(http.MethodGet, "offers", "The rewards that the caller may take for points.", nil, []Offered{}, handleOffers)
	handle(http.MethodPost, "rewards/{reward}/take", "Take a reward: its points are paid, and the answer is a voucher. The same key again is the same voucher.",
		takeBody{}, Voucher{}, handleTake, ErrVoucherKey, ErrNoReward, ErrRewardCost, ErrRewardGone, ErrRewardYours, ErrInsufficientPoints)
	handle(http.MethodGet, "vouchers", "The caller's vouchers, the newest first.", nil, []Voucher{}, handleVouchers)
	handle(http.MethodPost, "vouchers/{voucher}/release", "Give a held voucher back; its points return.", nil, Voucher{}, handleRelease,
		ErrNoVoucher, ErrVoucherClosed)

	staff := []*refusal.Refusal{identity.ErrNotStaff}
	managers := []*refusal.Refusal{identity.ErrNotStaff, identity.ErrRoleRequired, ErrBadReward}
	handle(http.MethodGet, "rewards", "Staff: all rewards, the archived ones last.", nil, []Reward{}, handleRewards, staff...)
	handle(http.MethodPost, "rewards", "Owners and managers: offer a reward. Null limits are none.", rewardBody{}, Reward{}, handleSaveReward,
		append(managers, ErrTooManyRewards)...)
	handle(http.MethodPut, "rewards/{reward}", "Owners and managers: change or archive a reward.", rewardBody{}, Reward{}, handleSaveReward,
		append(managers, ErrNoReward, ErrBelowTaken, ErrTooManyRewards)...)
	handle(http.MethodGet, "given", "Staff: the newest vouchers of all members, those that are held without their codes.", nil, []Voucher{}, handleGiven, staff...)
	handle(http.MethodPost, "redeem", "Staff: hand over the reward of a voucher by its code, once.", redeemBody{}, Voucher{}, handleRedeem,
		append(staff, ErrNoVoucher, ErrVoucherClosed)...)
}

func handleOffers(e *core.RequestEvent) error {
	offers, err := Offers(e.App, e.Auth.Id, e.Request.PathValue("org"), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, offers)
}

func handleVouchers(e *core.RequestEvent) error {
	vouchers, err := Vouchers(e.App, e.Auth.Id, e.Request.PathValue("org"))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, vouchers)
}

func handleTake(e *core.RequestEvent) error {
	var body takeBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		wish := Wish{Reward: e.Request.PathValue("reward"), Cost: body.Cost, Key: body.Key}
		return Take(tx, e.Auth.Id, e.Request.PathValue("org"), wish, clock.Now(e.App))
	})
}

func handleRelease(e *core.RequestEvent) error {
	return ledger.Answer(e, nil, func(tx core.App) (any, error) {
		return Release(tx, e.Auth.Id, e.Request.PathValue("voucher"), clock.Now(e.App))
	})
}

func handleRewards(e *core.RequestEvent) error {
	org := e.Request.PathValue("org")
	if _, err := identity.Require(e.App, e.Auth, org); err != nil {
		return err
	}
	rewards, err := Rewards(e.App, org)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, rewards)
}

func handleGiven(e *core.RequestEvent) error {
	org := e.Request.PathValue("org")
	if _, err := identity.Require(e.App, e.Auth, org); err != nil {
		return err
	}
	vouchers, err := Given(e.App, org)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, vouchers)
}

func handleSaveReward(e *core.RequestEvent) error {
	org := e.Request.PathValue("org")
	if _, err := identity.Require(e.App, e.Auth, org, identity.Owner, identity.Manager); err != nil {
		return err
	}
	var body rewardBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		return SaveReward(tx, Reward{
			ID: e.Request.PathValue("reward"), Org: org, Name: body.Name, Cost: body.Cost, Value: body.Value, Stock: body.Stock,
			Each: body.Each, Opens: body.Opens, Ends: body.Ends, Archived: body.Archived,
		}, e.Auth.Id, clock.Now(e.App))
	})
}

func handleRedeem(e *core.RequestEvent) error {
	org := e.Request.PathValue("org")
	if _, err := identity.Require(e.App, e.Auth, org); err != nil {
		return err
	}
	var body redeemBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		return Redeem(tx, org, body.Code, e.Auth.Id, clock.Now(e.App))
	})
}
