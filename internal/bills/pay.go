package bills

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
)

// The kinds of a bill's transfers, as wallets show them.
const (
	KindBill   = "bill"
	KindRefund = "bill_refund"
)

// Pay takes what the bill asks for from the person whom it asks, once; paying again answers the paid bill. No points
// are spent or earned on bills.
func Pay(app core.App, user *core.Record, billID, method string, now time.Time) (*core.Record, error) {
	return write(app, func(tx core.App) (*core.Record, error) {
		bill, err := ofPayer(tx, user, billID)
		if err != nil || isPaid(bill) {
			return bill, err
		}
		if err := payable(tx, user, bill, method, now); err != nil {
			return nil, err
		}
		if err := collect(tx, bill, method, now); err != nil {
			return nil, err
		}
		claimed, err := change(tx, `UPDATE bills SET status = 'paid', paid_at = {:now}, method = {:method}
			WHERE id = {:id} AND status = 'open' AND expires_at > {:now}`,
			dbx.Params{"id": bill.Id, "now": stamp(now), "method": method})
		if err != nil {
			return nil, err
		}
		if !claimed {
			return nil, fmt.Errorf("bill %s was open and is not", bill.Id)
		}
		return told(tx, bill, events.Event{ID: "payment.paid/" + bill.Id, Kind: "payment.paid"}, nil, now)
	})
}

// payable is every refusal that needs no writing.
func payable(app core.App, user, bill *core.Record, method string, now time.Time) error {
	if err := stillOpen(bill, now); err != nil {
		return err
	}
	if err := programRuns(app, user, bill); err != nil {
		return err
	}
	if method == payments.InCash { // there is no till
		return payments.ErrMethod.With("method", method)
	}
	if err := payments.Offered(app, method); err != nil {
		return err
	}
	if owner := bill.GetString("owner"); owner != "" {
		return withinCaps(app, owner, amountOf(bill), now)
	}
	return nil
}

// stillOpen goes by the date, so that a late sweep does not keep a bill payable.
func stillOpen(bill *core.Record, now time.Time) error {
	switch {
	case bill.GetString("status") == Expired || bill.GetString("status") == Open && !now.Before(bill.GetDateTime("expires_at").Time()):
		return ErrExpired
	case bill.GetString("status") != Open:
		return ErrNotOpen.With("status", bill.GetString("status"))
	}
	return nil
}

// programRuns refuses to pay a program that was stopped since it made the bill, or that may take no money any more. A
// trial's bill is for the few who try it, whatever others get.
func programRuns(app core.App, user, bill *core.Record) error {
	appid := bill.GetString("appid")
	if !bill.GetBool("trial") {
		program, err := programs.For(app, user.Id, appid)
		if err != nil {
			return err
		}
		return program.Allowed(app, programs.RightMoney)
	}
	program, err := app.FindRecordById("programs", bill.GetString("program"))
	if err != nil {
		return fmt.Errorf("program of bill %s: %w", bill.Id, err)
	}
	switch program.GetString("status") {
	case "taken_down":
		return programs.ErrTakenDown.With("appid", appid)
	case "deleted":
		return programs.ErrDeleted.With("appid", appid)
	}
	return nil
}

// collect moves the money: from the payer's wallet, or from the world outside by card, to the payee.
func collect(tx core.App, bill *core.Record, method string, now time.Time) error {
	currency := bill.GetString("currency")
	from, err := payments.Source(tx, bill.GetString("payer"), method, currency, now)
	if err != nil {
		return err
	}
	owner, kind := "org:"+bill.GetString("org"), ledger.KindSales
	if person := bill.GetString("owner"); person != "" {
		owner, kind = "user:"+person, ledger.KindWallet
	}
	to, err := ledger.Open(tx, owner, kind, currency, now)
	if err != nil {
		return err
	}
	return ledger.Post(tx, ledger.Transfer{
		Key: transferKey(bill.Id), Debit: from, Credit: to, Amount: amountOf(bill), Currency: currency, Kind: KindBill, Ref: bill.Id,
	}, now)
}

func transferKey(bill string) string { return "bill:" + bill }

// lookBeforePaying turns away the commonest payments that cannot succeed without troubling the writer, where one that
// is refused costs everybody who shares its commit.
func lookBeforePaying(app core.App, user *core.Record, billID, method string, now time.Time) error {
	bill, err := ofPayer(app, user, billID)
	if err != nil || isPaid(bill) {
		return err
	}
	if err := payable(app, user, bill, method, now); err != nil || method != payments.FromWallet {
		return err
	}
	purse, err := ledger.Find(app, "user:"+user.Id, ledger.KindWallet, bill.GetString("currency"))
	if err != nil || purse.Balance-purse.Held >= amountOf(bill) {
		return err
	}
	return ledger.ErrInsufficientFunds.With("available", purse.Balance-purse.Held).With("currency", purse.Currency)
}

// Close ends a bill of the program that nobody has paid. Closing it again is no error.
func Close(app core.App, actor, programID, billID string, now time.Time) (*core.Record, error) {
	return write(app, func(tx core.App) (*core.Record, error) {
		bill, err := ofProgram(tx, programID, billID)
		if err != nil || bill.GetString("status") == Closed {
			return bill, err
		}
		closed, err := change(tx, `UPDATE bills SET status = 'closed', closed_at = {:now} WHERE id = {:id} AND status = 'open'`,
			dbx.Params{"id": bill.Id, "now": stamp(now)})
		if err != nil {
			return nil, err
		}
		if !closed {
			return nil, ErrNotOpen.With("status", bill.GetString("status"))
		}
		if err := ledger.Audit(tx, actor, "bills.close", bill.Id, nil, now); err != nil {
			return nil, err
		}
		return published(tx, bill)
	})
}

// told is the bill as it now stands, saved so that open pages hear of it, and the event told to the program.
func told(tx core.App, bill *core.Record, event events.Event, refund *Given, now time.Time) (*core.Record, error) {
	payer := bill.GetString("payer")
	bill, err := published(tx, bill)
	if err != nil {
		return nil, err
	}
	event.Org, event.AppID, event.User = bill.GetString("org"), bill.GetString("appid"), payer
	event.Data = ForProgram(bill, refund)
	return bill, events.Emit(tx, event, now)
}

// published reads the bill again and saves it as it is: a change by SQL alone would tell nobody.
func published(tx core.App, bill *core.Record) (*core.Record, error) {
	fresh, err := find(tx, bill.Id)
	if err != nil {
		return nil, err
	}
	return fresh, save(tx, fresh)
}

// change runs a conditional update of one bill and tells whether its condition held.
func change(tx core.App, statement string, params dbx.Params) (bool, error) {
	result, err := ledger.Statement(tx, statement).Bind(params).Execute()
	if err != nil {
		return false, fmt.Errorf("bill %v: %w", params["id"], err)
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}

func find(app core.App, billID string) (*core.Record, error) {
	bill, err := app.FindRecordById(collection, billID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("bill %s: %w", billID, err)
	}
	return bill, nil
}

// ofPayer is the bill that asks this person; anybody else's is not there.
func ofPayer(app core.App, user *core.Record, billID string) (*core.Record, error) {
	bill, err := find(app, billID)
	if err == nil && bill.GetString("payer") != user.Id {
		return nil, ErrNotFound
	}
	return bill, err
}

// ofProgram is the bill that this program made; another's is not there.
func ofProgram(app core.App, programID, billID string) (*core.Record, error) {
	bill, err := find(app, billID)
	if err == nil && bill.GetString("program") != programID {
		return nil, ErrNotFound
	}
	return bill, err
}

func isPaid(bill *core.Record) bool { return !bill.GetDateTime("paid_at").IsZero() }

func amountOf(bill *core.Record) ledger.Amount { return ledger.Amount(bill.GetInt64("amount")) }

func leftOf(bill *core.Record) ledger.Amount {
	return amountOf(bill) - ledger.Amount(bill.GetInt64("refunded"))
}
