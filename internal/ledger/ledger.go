// Package ledger is the money: accounts, transfers between two of them, holds, and the trail of who did what.
//
// It is double entry in plain SQL. A transfer takes from one account exactly what it gives to another, is
// written once under a unique key and never changes; a balance is the sum of its transfers, kept beside them
// for speed and proved by Verify. The invariants, which the schema's CHECKs and triggers hold even against a
// mistake in this package: the balances of one currency sum to zero, nobody but the world spends what it does
// not have, and no row of history is ever altered.
//
// Everything that moves money is written inside Write, which lets concurrent verbs share one durable commit.
package ledger

import (
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

// Amount is money in the minor units of the currency it travels with.
type Amount int64

// MaxAmount is the largest amount and the largest balance: the largest integer that a JSON number holds exactly.
const MaxAmount Amount = 1<<53 - 1

// The kinds of account.
const (
	KindWallet = "wallet" // what a person or an organisation may spend
	KindSales  = "sales"  // what a merchant has taken
	KindWorld  = "world"  // the other side of money that enters or leaves; the only kind that may be below zero
)

// Transfer is one movement of money. Debit pays and Credit receives; both are account ids.
type Transfer struct {
	Key, Debit, Credit  string
	Amount              Amount
	Currency, Kind, Ref string
}

// Account is a balance in one currency. Held is the part of it that is reserved and cannot be spent.
type Account struct {
	ID, Owner, Kind, Currency string
	Balance, Held             Amount
}

var (
	// ErrBadAmount refuses an amount that is not between 1 and MaxAmount.
	ErrBadAmount = refusal.New(http.StatusBadRequest, "bad_amount", "The amount must be a positive number of minor units.")
	// ErrInsufficientFunds refuses a transfer or hold that its account does not cover.
	ErrInsufficientFunds = refusal.New(http.StatusPaymentRequired, "insufficient_funds", "There is not enough money in the account.")
	// ErrAccountFull refuses a transfer that would take a balance past MaxAmount.
	ErrAccountFull = refusal.New(http.StatusConflict, "account_full", "The account cannot hold that much.")
	// ErrTransferMismatch refuses a transfer whose key another transfer has already used.
	ErrTransferMismatch = refusal.New(http.StatusConflict, "transfer_mismatch", "This transfer was already made with other contents.")
)

// errUnknownAccount is a caller's mistake, not a refusal: ids come from Open.
var errUnknownAccount = errors.New("no such account in that currency")

// Open returns the id of the account of that owner, kind and currency, and creates it when there is none.
// An owner is "user:ID", "org:ID" or "plaza".
func Open(tx core.App, owner, kind, currency string, now time.Time) (string, error) {
	if err := checkAccount(owner, kind, currency); err != nil {
		return "", err
	}
	id := accountID(owner, kind, currency)
	_, err := execute(tx, openSQL, dbx.Params{
		"id": id, "owner": owner, "kind": kind, "currency": currency, "overdraft": kind == KindWorld, "now": stamp(now),
	})
	if err != nil {
		return "", fmt.Errorf("open account %s %s %s: %w", owner, kind, currency, err)
	}
	return id, nil
}

// Find is the account of that owner, kind and currency; without one, an account with no ID and no money.
func Find(app core.App, owner, kind, currency string) (Account, error) {
	account := Account{Owner: owner, Kind: kind, Currency: currency}
	err := app.DB().NewQuery("SELECT id, balance, held FROM ledger_account_rows WHERE id = {:id}").
		Bind(dbx.Params{"id": accountID(owner, kind, currency)}).Row(&account.ID, &account.Balance, &account.Held)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return account, fmt.Errorf("find account %s %s %s: %w", owner, kind, currency, err)
	}
	return account, nil
}

// Post moves the money of t. The same transfer again is no error and moves nothing; its key with other
// contents is ErrTransferMismatch. A refused Post has changed nothing, so the caller may go on without it.
func Post(tx core.App, t Transfer, now time.Time) error {
	return post(tx, t, 0, now)
}

// post is Post that also sets free the part of the debit account that a hold had reserved.
func post(tx core.App, t Transfer, released Amount, now time.Time) error {
	if t.Amount <= 0 || t.Amount > MaxAmount {
		return ErrBadAmount
	}
	if t.Key == "" || t.Debit == t.Credit {
		return fmt.Errorf("transfer %q from %s to %s: it needs a key and two accounts", t.Key, t.Debit, t.Credit)
	}
	// The first statement carries every condition, so that a refusal happens before anything is written.
	paid, err := execute(tx, paySQL, dbx.Params{
		"key": t.Key, "debit": t.Debit, "credit": t.Credit, "amount": t.Amount, "currency": t.Currency, "released": released,
	})
	if err != nil {
		return fmt.Errorf("transfer %s: pay: %w", t.Key, err)
	}
	if paid == 0 {
		return whyNotPaid(tx, t, released)
	}
	received, err := execute(tx, receiveSQL, dbx.Params{"credit": t.Credit, "amount": t.Amount})
	if err == nil && received != 1 {
		err = errUnknownAccount
	}
	if err != nil {
		return fmt.Errorf("transfer %s: receive: %w", t.Key, err)
	}
	return appendTransfer(tx, t, now)
}

// whyNotPaid finds which condition of paySQL did not hold.
func whyNotPaid(tx core.App, t Transfer, released Amount) error {
	var made Transfer
	err := tx.DB().NewQuery(`SELECT debit, credit, amount, currency, kind, ref FROM ledger_transfer_rows WHERE key = {:key}`).
		Bind(dbx.Params{"key": t.Key}).Row(&made.Debit, &made.Credit, &made.Amount, &made.Currency, &made.Kind, &made.Ref)
	if err == nil {
		made.Key = t.Key
		if made != t {
			return ErrTransferMismatch.With("key", t.Key)
		}
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("transfer %s: %w", t.Key, err)
	}
	from, err := account(tx, t.Debit, t.Currency)
	if err != nil {
		return fmt.Errorf("transfer %s: debit %s: %w", t.Key, t.Debit, err)
	}
	if from.Kind != KindWorld && from.Balance-from.Held+released < t.Amount {
		return ErrInsufficientFunds.With("available", from.Balance-from.Held+released).With("currency", t.Currency)
	}
	if _, err := account(tx, t.Credit, t.Currency); err != nil {
		return fmt.Errorf("transfer %s: credit %s: %w", t.Key, t.Credit, err)
	}
	return ErrAccountFull
}

func account(tx core.App, id, currency string) (Account, error) {
	out := Account{ID: id, Currency: currency}
	err := tx.DB().NewQuery(`SELECT owner, kind, balance, held FROM ledger_account_rows WHERE id = {:id} AND currency = {:currency}`).
		Bind(dbx.Params{"id": id, "currency": currency}).Row(&out.Owner, &out.Kind, &out.Balance, &out.Held)
	if errors.Is(err, sql.ErrNoRows) {
		return out, errUnknownAccount
	}
	return out, err
}

// accountID is made from what the account is, so that opening one needs no reading.
func accountID(owner, kind, currency string) string {
	sum := sha256.Sum256([]byte(owner + "\x00" + kind + "\x00" + currency))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:15]
}

func checkAccount(owner, kind, currency string) error {
	known := owner == "plaza" || strings.HasPrefix(owner, "user:") || strings.HasPrefix(owner, "org:")
	switch {
	case !known || strings.HasSuffix(owner, ":"):
		return fmt.Errorf("account owner %q is neither user:ID, org:ID nor plaza", owner)
	case kind != KindWallet && kind != KindSales && kind != KindWorld:
		return fmt.Errorf("account kind %q is unknown", kind)
	case kind == KindWorld && owner != "plaza":
		return fmt.Errorf("account owner %q may not go below zero", owner)
	case len(currency) != 3:
		return fmt.Errorf("currency %q is not an ISO 4217 code", currency)
	}
	return nil
}

const openSQL = `INSERT INTO ledger_account_rows (id, owner, kind, currency, overdraft, created)
	VALUES ({:id}, {:owner}, {:kind}, {:currency}, {:overdraft}, {:now}) ON CONFLICT (id) DO NOTHING`

const paySQL = `UPDATE ledger_account_rows SET balance = balance - {:amount}, held = held - {:released}
	WHERE id = {:debit} AND currency = {:currency} AND held >= {:released}
	AND (overdraft OR balance - held + {:released} >= {:amount}) AND balance - {:amount} >= -9007199254740991
	AND NOT EXISTS (SELECT 1 FROM ledger_transfer_rows WHERE key = {:key})
	AND EXISTS (SELECT 1 FROM ledger_account_rows WHERE id = {:credit} AND currency = {:currency}
		AND balance <= 9007199254740991 - {:amount})`

const receiveSQL = `UPDATE ledger_account_rows SET balance = balance + {:amount} WHERE id = {:credit}`
