package bridge

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/refusal"
)

// ErrForeignPoints refuses to spend a person's points of one shop from another's program. Consent is to see points and to
// use them where they came from; only the organisation itself and the house that hosts all of them may.
var ErrForeignPoints = refusal.New(http.StatusForbidden, "foreign_points", "Only the organisation's own programs and the host's may use its points.")

func loyaltyRewards(c call, args loyaltyStatementArgs) (any, error) {
	offers, err := loyalty.Offers(c.app, c.user.Id, args.Org, c.now)
	return map[string]any{"items": offers}, err
}

type loyaltyTakeArgs struct {
	Org    string `json:"org"`
	Reward string `json:"reward"`
	Cost   int64  `json:"cost"`
	Key    string `json:"key"`
}

func loyaltyTake(c call, args loyaltyTakeArgs) (any, error) {
	if err := mayUsePoints(c, args.Org); err != nil {
		return nil, err
	}
	return writing(c, func(tx core.App) (loyalty.Voucher, error) {
		return loyalty.Take(tx, c.user.Id, args.Org, loyalty.Wish{Reward: args.Reward, Cost: args.Cost, Key: args.Key}, c.now)
	})
}

// mayUsePoints says whether the program is of the organisation or of the host.
func mayUsePoints(c call, org string) error {
	if c.program.Org == org && org != "" {
		return nil
	}
	var host int
	err := c.app.DB().Select("COUNT(*)").From("orgs").Where(dbx.HashExp{"id": c.program.Org, "kind": "host"}).Row(&host)
	if err == nil && host == 0 {
		err = ErrForeignPoints
	}
	return err
}

func writing(c call, verb func(tx core.App) (loyalty.Voucher, error)) (any, error) {
	var v loyalty.Voucher
	err := ledger.Write(c.app, func(tx core.App) (err error) {
		v, err = verb(tx)
		return err
	})
	return v, err
}

func loyaltyVouchers(c call, args loyaltyStatementArgs) (any, error) {
	vouchers, err := loyalty.Vouchers(c.app, c.user.Id, args.Org)
	return map[string]any{"items": vouchers}, err
}

type loyaltyReleaseArgs struct {
	Voucher string `json:"voucher"`
}

// loyaltyRelease gives points back, so any program that may see them may do it.
func loyaltyRelease(c call, args loyaltyReleaseArgs) (any, error) {
	return writing(c, func(tx core.App) (loyalty.Voucher, error) {
		return loyalty.Release(tx, c.user.Id, args.Voucher, c.now)
	})
}
