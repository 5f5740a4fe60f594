package bridge

import (
	"errors"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/orders"
)

type ordersCouponArgs struct {
	Order string  `json:"order"`
	Code  *string `json:"code"`
}

// ordersCoupon puts a code into the person's basket, or takes it out. A program guesses on behalf of its person, so
// what it may try is theirs.
func ordersCoupon(c call, args ordersCouponArgs) (any, error) {
	if args.Code == nil { // a forgotten member must not take a code out
		return nil, ErrBadArgs.With("detail", "code is missing")
	}
	if err := campaigns.MayGuess(c.app, c.user.Id, "", c.now); err != nil {
		return nil, err
	}
	order, err := orders.SetCoupon(c.app, c.user, args.Order, *args.Code, c.now)
	if errors.Is(err, campaigns.ErrCodeNotUsable) {
		campaigns.Guessed(c.app, c.user.Id, "", c.now)
	}
	return shown(order, err)
}
