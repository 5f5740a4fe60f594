package orders

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/refusal"
)

// Pay takes what the order costs and gives the receipt: stock falls, points are spent, money moves, points
// are earned and the order is paid, all or nothing. The customer pays by wallet or card; staff take cash.
//
// When the price is not the one last shown it refuses with ErrPriceChanged and writes nothing; ShowPrice
// then saves the new one.
func Pay(app core.App, user *core.Record, orderID string, p Payment, now time.Time) (*core.Record, error) {
	return write(app, func(tx core.App) (*core.Record, error) {
		order, err := Find(tx, user, orderID)
		if err != nil {
			return nil, err
		}
		lines, err := payable(tx, user, order, p, now)
		if err != nil {
			return nil, err
		}
		if err := agreed(tx, order, lines, p, now); err != nil {
			return nil, err
		}
		if err := takeStock(tx, order, lines, now); err != nil {
			return nil, err
		}
		if err := settle(tx, order, p, now); err != nil {
			return nil, err
		}
		if err := receipt(tx, order, p, now); err != nil {
			return nil, err
		}
		if err := save(tx, order); err != nil {
			return nil, err
		}
		return order, tellPaid(tx, order, lines, now)
	})
}

// payable is the lines of an order that may be paid so: every refusal that needs no writing and no pricing.
func payable(app core.App, user, order *core.Record, p Payment, now time.Time) ([]Line, error) {
	if err := mayPay(app, user, order, p); err != nil {
		return nil, err
	}
	if !isOpen(order, now) {
		return nil, notOpen(order)
	}
	lines, err := linesOf(order)
	switch {
	case err != nil:
		return nil, err
	case len(lines) == 0:
		return nil, ErrEmptyOrder
	case order.GetBool("age_required") && order.GetString("age_approved_by") == "":
		return nil, ErrAgeCheck
	}
	return lines, nil
}

// lookBeforePaying turns away the commonest payments that cannot succeed without troubling the writer, where
// one that is refused after it has written costs everybody who shares its commit. A closed order that comes
// with a key may have its answer already; an open one cannot.
func lookBeforePaying(app core.App, user *core.Record, orderID string, p Payment, keyed bool, now time.Time) error {
	var row struct {
		Customer string        `db:"customer"`
		Status   string        `db:"status"`
		Currency string        `db:"currency"`
		Total    ledger.Amount `db:"total"`
	}
	err := app.ConcurrentDB().NewQuery("SELECT customer, status, currency, total FROM orders WHERE id = {:id}").
		Bind(dbx.Params{"id": orderID}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrOrderNotFound
	}
	open := row.Status == Open || row.Status == AwaitingApproval
	if err != nil || (!open && keyed) {
		return err
	}
	if own := row.Customer == user.Id; open && own && p.Method == payments.FromWallet && p.Points == 0 {
		purse, err := ledger.Find(app, "user:"+user.Id, ledger.KindWallet, row.Currency)
		if err != nil || purse.Balance-purse.Held >= row.Total {
			return err
		}
	} else if open && own {
		return nil
	}
	return lookClosely(app, user, orderID, p, now)
}

// lookClosely finds the refusal of a payment that looked hopeless; nil when the writer should see it after all.
func lookClosely(app core.App, user *core.Record, orderID string, p Payment, now time.Time) error {
	order, err := Find(app, user, orderID)
	if err != nil {
		return err
	}
	lines, err := payable(app, user, order, p, now)
	if err != nil || p.Method != payments.FromWallet || p.Points > 0 {
		return err
	}
	if agreed(app, order, lines, p, now) != nil {
		return nil // the price has moved: that is what the customer must hear first
	}
	purse, err := ledger.Find(app, "user:"+user.Id, ledger.KindWallet, order.GetString("currency"))
	if err != nil || purse.Balance-purse.Held >= ledger.Amount(order.GetInt64("total")) {
		return err
	}
	return ledger.ErrInsufficientFunds.With("available", purse.Balance-purse.Held).With("currency", purse.Currency)
}

// mayPay keeps customers from marking their own order as paid in cash, and staff from spending a customer's
// wallet or points.
func mayPay(app core.App, user, order *core.Record, p Payment) error {
	if p.Points < 0 {
		return loyalty.ErrBadPoints
	}
	own := order.GetString("customer") == user.Id
	if own == (p.Method == payments.InCash) || (!own && p.Points > 0) {
		return payments.ErrMethod
	}
	return payments.Offered(app, p.Method)
}

// agreed reprices the order and refuses a sum that the customer has not seen.
func agreed(app core.App, order *core.Record, lines []Line, p Payment, now time.Time) error {
	seen := ledger.Amount(order.GetInt64("total"))
	if p.Total != nil {
		seen = *p.Total
	}
	before, err := couponOf(order)
	if err != nil {
		return err
	}
	if err := reprice(app, order, lines, now); err != nil {
		return err
	}
	if ranOut(before, order) {
		return campaigns.ErrCodeExhausted.With("previous_total", seen).With("total", order.GetInt64("total"))
	}
	if total := ledger.Amount(order.GetInt64("total")); total != seen {
		return ErrPriceChanged.With("previous_total", seen).With("total", total)
	}
	return nil
}

// ShowPrice saves an open order at the price of now, which is then the one last shown.
func ShowPrice(app core.App, user *core.Record, orderID string, now time.Time) (*core.Record, error) {
	return write(app, func(tx core.App) (*core.Record, error) {
		order, err := Find(tx, user, orderID)
		if err != nil {
			return nil, err
		}
		if !isOpen(order, now) {
			return nil, notOpen(order)
		}
		lines, err := linesOf(order)
		if err != nil {
			return nil, err
		}
		if err := reprice(tx, order, lines, now); err != nil {
			return nil, err
		}
		return order, save(tx, order)
	})
}

func takeStock(tx core.App, order *core.Record, lines []Line, now time.Time) error {
	for _, line := range lines {
		err := catalog.Take(tx, order.GetString("place"), line.Product, line.Quantity, "order:"+order.Id, now)
		var short *refusal.Refusal
		if errors.As(err, &short) {
			return short.With("line", line.ID).With("name", line.Name)
		}
		if err != nil {
			return fmt.Errorf("stock of order %s: %w", order.Id, err)
		}
	}
	return nil
}

// settle spends points, collects the rest in money, and earns points on the money alone.
func settle(tx core.App, order *core.Record, p Payment, now time.Time) error {
	customer, org := order.GetString("customer"), order.GetString("org")
	total := ledger.Amount(order.GetInt64("total"))
	points, value, err := worth(tx, org, p.Points, total)
	if err != nil {
		return err
	}
	if points > 0 {
		if err := loyalty.Spend(tx, customer, org, "order:"+order.Id+":points", points, now); err != nil {
			return err
		}
	}
	due := total - value
	err = payments.Collect(tx, payments.Charge{
		User: customer, Org: org, Order: order.Id, Method: p.Method, Amount: due, Currency: order.GetString("currency"),
	}, now)
	if err != nil {
		return err
	}
	var earned int64
	if customer != "" && due > 0 {
		if earned, err = loyalty.Earn(tx, customer, org, "order:"+order.Id, due, now); err != nil {
			return err
		}
	}
	order.Set("points_used", points)
	order.Set("points_value", int64(value))
	order.Set("points_earned", earned)
	return nil
}

// worth is how many of the offered points pay for at most total, and what they pay. A customer who offers
// all they have keeps what would be too much.
func worth(app core.App, org string, offered int64, total ledger.Amount) (int64, ledger.Amount, error) {
	if offered == 0 {
		return 0, 0, nil
	}
	one, err := loyalty.ValueOf(app, org, 1)
	if err != nil {
		return 0, 0, err
	}
	if one <= 0 {
		return 0, 0, loyalty.ErrBadPoints.Saying("Points cannot pay here.")
	}
	points := min(offered, int64(total/one))
	value, err := loyalty.ValueOf(app, org, points)
	return points, value, err
}

// receipt marks the order as paid and gives it its number and its way out.
func receipt(tx core.App, order *core.Record, p Payment, now time.Time) error {
	number, err := nextNumber(tx, order.GetString("org"))
	if err != nil {
		return fmt.Errorf("receipt number of order %s: %w", order.Id, err)
	}
	if err := redeemCoupon(tx, order, now); err != nil {
		return err
	}
	order.Set("number", fmt.Sprintf("%06d", number))
	order.Set("status", Paid)
	order.Set("paid_at", now)
	order.Set("method", p.Method)
	order.Set("changes_at", "")
	if order.GetString("channel") == "scan" {
		order.Set("exit_code", newExitCode())
		order.Set("exit_expires_at", now.Add(ExitFor))
	}
	return nil
}

// nextNumber counts in the payment's own transaction: a payment that fails leaves no gap.
func nextNumber(tx core.App, org string) (int64, error) {
	var number int64
	err := tx.DB().NewQuery(`INSERT INTO orders_numbers (org, last) VALUES ({:org}, 1)
		ON CONFLICT (org) DO UPDATE SET last = last + 1 RETURNING last`).
		Bind(dbx.Params{"org": org}).Row(&number)
	return number, err
}

// exitAlphabet has 32 signs that no two people read differently: no I, O, 0 or 1.
const exitAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// exitCodeLength gives 60 random bits.
const exitCodeLength = 12

func newExitCode() string {
	code := make([]byte, exitCodeLength)
	rand.Read(code) //nolint:errcheck // crypto/rand.Read never returns an error
	for i, b := range code {
		code[i] = exitAlphabet[int(b)%len(exitAlphabet)]
	}
	return string(code)
}
