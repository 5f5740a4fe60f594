package bills

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// Given is a refund that was made.
type Given struct {
	Key     string        `db:"key" json:"key"`
	Amount  ledger.Amount `db:"amount" json:"amount"`
	Reason  string        `db:"reason" json:"reason"`
	Source  string        `db:"source" json:"source"` // program, backend, payee or operator
	Created string        `db:"created" json:"created"`
}

// Refund gives the bill back, or a part of it, from the payee's account to where the payment came from. The same key
// with the same amount is the same refund. Who may do so for a bill of that program is the caller's question.
func Refund(app core.App, actor, programID, billID string, r Return, now time.Time) (*core.Record, error) {
	if err := r.judge(); err != nil {
		return nil, err
	}
	return write(app, func(tx core.App) (*core.Record, error) {
		bill, err := ofProgram(tx, programID, billID)
		if err != nil {
			return nil, err
		}
		if !isPaid(bill) {
			return nil, ErrNotPaid.With("status", bill.GetString("status"))
		}
		known, err := given(tx, bill.Id, r.Key)
		if err != nil || known != nil {
			if err == nil && r.Amount != 0 && r.Amount != known.Amount {
				err = ErrRefundMismatch.With("key", r.Key)
			}
			return bill, err
		}
		if r.Amount == 0 {
			r.Amount = leftOf(bill)
		}
		if err := moveBack(tx, bill, r, now); err != nil {
			return nil, err
		}
		if err := writeDown(tx, actor, bill, r, now); err != nil {
			return nil, err
		}
		return told(tx, bill, events.Event{ID: "payment.refunded/" + bill.Id + "/" + r.Key, Kind: "payment.refunded"},
			&Given{Key: r.Key, Amount: r.Amount, Reason: r.Reason, Source: r.Source, Created: stamp(now)}, now)
	})
}

func (r Return) judge() error {
	switch {
	case !referencePattern.MatchString(r.Key):
		return ErrBadRefund.With("field", "key").With("max", ReferenceLimit)
	case r.Amount < 0 || r.Amount > MaxAmount:
		return ErrBadRefund.With("field", "amount")
	case strings.TrimSpace(r.Reason) == "" && (r.Source == ByPayee || r.Source == ByOperator),
		!plain(breaks.Replace(r.Reason), ReasonLimit):
		return ErrBadRefund.With("field", "reason").With("max", ReasonLimit)
	}
	return nil
}

// moveBack moves the money and counts it on the bill. Whatever refuses does so before anything is written, so that a
// hopeless refund costs nobody else's commit.
func moveBack(tx core.App, bill *core.Record, r Return, now time.Time) error {
	left := leftOf(bill)
	if r.Amount > left || left == 0 {
		return ErrRefundTooMuch.With("left", left)
	}
	var made struct {
		Count int    `db:"count"`
		From  string `db:"debit"`
		To    string `db:"credit"`
	}
	// Money goes back the way it came, also when who paid has gone.
	err := ledger.Statement(tx, `SELECT debit, credit, (SELECT count(*) FROM bills_refunds WHERE bill = {:bill}) AS count
		FROM ledger_transfer_rows WHERE key = {:key}`).
		Bind(dbx.Params{"bill": bill.Id, "key": transferKey(bill.Id)}).One(&made)
	if err != nil {
		return fmt.Errorf("payment of bill %s: %w", bill.Id, err)
	}
	if made.Count >= MaxRefunds {
		return ErrTooManyRefunds
	}
	err = ledger.Post(tx, ledger.Transfer{
		Key: "refund:" + bill.Id + ":" + r.Key, Debit: made.To, Credit: made.From, Amount: r.Amount,
		Currency: bill.GetString("currency"), Kind: KindRefund, Ref: bill.Id,
	}, now)
	var short *refusal.Refusal
	if errors.Is(err, ledger.ErrInsufficientFunds) && errors.As(err, &short) {
		return short.Saying("The payee's account does not hold enough for this refund.").With("account", "payee")
	}
	if err != nil {
		return err
	}
	claimed, err := change(tx, `UPDATE bills SET refunded = refunded + {:amount},
		status = CASE WHEN refunded + {:amount} = amount THEN 'refunded' ELSE 'partly_refunded' END
		WHERE id = {:id} AND paid_at != '' AND refunded + {:amount} <= amount`,
		dbx.Params{"id": bill.Id, "amount": int64(r.Amount)})
	if err == nil && !claimed {
		err = fmt.Errorf("bill %s had %d left and has not", bill.Id, r.Amount)
	}
	return err
}

// writeDown keeps the refund with its reason and who made it.
func writeDown(tx core.App, actor string, bill *core.Record, r Return, now time.Time) error {
	_, err := ledger.Statement(tx, `INSERT INTO bills_refunds (bill, key, amount, reason, source, actor, created)
		VALUES ({:bill}, {:key}, {:amount}, {:reason}, {:source}, {:actor}, {:now})`).Bind(dbx.Params{
		"bill": bill.Id, "key": r.Key, "amount": int64(r.Amount), "reason": r.Reason, "source": r.Source, "actor": actor, "now": stamp(now),
	}).Execute()
	if err != nil {
		return fmt.Errorf("refund %s of bill %s: %w", r.Key, bill.Id, err)
	}
	return ledger.Audit(tx, actor, "bills.refund", bill.Id, map[string]any{
		"key": r.Key, "amount": r.Amount, "reason": r.Reason, "source": r.Source,
	}, now)
}

// given is the refund of that key, nil when there is none.
func given(tx core.App, bill, key string) (*Given, error) {
	var made Given
	err := tx.DB().NewQuery("SELECT key, amount, reason, source, created FROM bills_refunds WHERE bill = {:bill} AND key = {:key}").
		Bind(dbx.Params{"bill": bill, "key": key}).One(&made)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "none yet" is an answer here
	}
	if err != nil {
		return nil, fmt.Errorf("refund %s of bill %s: %w", key, bill, err)
	}
	return &made, nil
}

// Refunds is what was given back of the bill, oldest first.
func Refunds(app core.App, bill string) ([]Given, error) {
	made := []Given{}
	err := app.DB().NewQuery("SELECT key, amount, reason, source, created FROM bills_refunds WHERE bill = {:bill} ORDER BY created, key").
		Bind(dbx.Params{"bill": bill}).All(&made)
	if err != nil {
		return nil, fmt.Errorf("refunds of bill %s: %w", bill, err)
	}
	return made, nil
}
