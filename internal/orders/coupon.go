package orders

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/clock"
)

// SetCoupon puts a code into the basket in place of any other, or takes it out when code is empty. A code that is
// there, and this person's to use now, stays in also while it gives nothing: the order says why.
func SetCoupon(app core.App, user *core.Record, orderID, code string, now time.Time) (*core.Record, error) {
	return write(app, func(tx core.App) (*core.Record, error) {
		order, err := ownOpen(tx, user, orderID, now)
		if err != nil {
			return nil, err
		}
		lines, err := linesOf(order)
		if err != nil {
			return nil, err
		}
		order.Set("coupon", nil)
		if code != "" {
			order.Set("coupon", campaigns.CodeOutcome{Code: code})
		}
		if err := reprice(tx, order, lines, now); err != nil {
			return nil, err
		}
		coupon, err := couponOf(order)
		if err != nil {
			return nil, err
		}
		if coupon != nil && !coupon.Applied && !slices.Contains(mayStay(), coupon.Reason.Code) {
			return nil, campaigns.ErrCodeNotUsable // one answer, so that nobody learns by guessing which codes there are
		}
		return order, save(tx, order)
	})
}

// mayStay is why a code may give nothing and be accepted all the same: a fuller basket would change it.
func mayStay() []string {
	return []string{campaigns.CodeMinimum, campaigns.CodeNoGoods, campaigns.CodeExcluded, campaigns.CodeNothing}
}

// couponOf is the code in the basket with what it did when the order was last priced; nil without one.
func couponOf(order *core.Record) (*campaigns.CodeOutcome, error) {
	var coupon *campaigns.CodeOutcome
	if err := order.UnmarshalJSONField("coupon", &coupon); err != nil {
		return nil, fmt.Errorf("code of order %s: %w", order.Id, err)
	}
	return coupon, nil
}

func couponBasket(order *core.Record) campaigns.Basket {
	return campaigns.Basket{Org: order.GetString("org"), Order: order.Id, Person: order.GetString("customer")}
}

// enter is the basket's code as Price wants it.
func enter(app core.App, order *core.Record, now time.Time) (*campaigns.Entered, error) {
	coupon, err := couponOf(order)
	if err != nil || coupon == nil {
		return nil, err
	}
	return campaigns.Enter(app, couponBasket(order), coupon.Code, now)
}

// ranOut tells whether the code gave something when the price was last shown and now cannot be had any more.
func ranOut(before *campaigns.CodeOutcome, order *core.Record) bool {
	after, err := couponOf(order)
	return err == nil && before != nil && before.Applied && after != nil &&
		slices.Contains([]string{campaigns.CodeUsedUp, campaigns.CodeBudget, campaigns.CodeNotYours}, after.Reason.Code)
}

// holdCoupon lets what the basket holds of its code follow what is saved of the order: a use while it is open and may
// have it, nothing once it is given up. What was paid with stays.
func holdCoupon(tx core.App, order *core.Record) error {
	status := order.GetString("status")
	if status == Paid || status == Checked {
		return nil
	}
	coupon, err := couponOf(order)
	if err != nil {
		return err
	}
	if before, err := couponOf(order.Original()); err != nil || (coupon == nil && before == nil) {
		return err // most baskets know of no code, and pay nothing for it
	}
	stays := coupon != nil && (coupon.Applied || slices.Contains(mayStay(), coupon.Reason.Code))
	if status == Abandoned || !stays {
		return campaigns.Release(tx, order.Id)
	}
	return campaigns.Hold(tx, couponBasket(order), coupon.Code, coupon.Amount, clock.Now(tx))
}

// redeemCoupon counts the use in the payment's own transaction. A code that gave nothing was not used.
func redeemCoupon(tx core.App, order *core.Record, now time.Time) error {
	coupon, err := couponOf(order)
	if err != nil || coupon == nil {
		return err
	}
	if !coupon.Applied {
		return campaigns.Release(tx, order.Id)
	}
	if err := campaigns.Hold(tx, couponBasket(order), coupon.Code, coupon.Amount, now); err != nil {
		return err
	}
	return campaigns.Redeem(tx, order.Id, now)
}
