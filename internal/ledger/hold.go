package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

// Hold reserves part of an account for a payment whose amount is not final yet.
type Hold struct {
	Key, Account string
	Amount       Amount
	ExpiresAt    time.Time
}

var (
	// ErrUnknownHold refuses to capture or release a hold that was never made.
	ErrUnknownHold = refusal.New(http.StatusNotFound, "unknown_hold", "There is no such reservation.")
	// ErrHoldClosed refuses a hold that was captured, released or expired before.
	ErrHoldClosed = refusal.New(http.StatusConflict, "hold_closed", "The reservation is no longer open.")
	// ErrHoldMismatch refuses a key that another hold has already used.
	ErrHoldMismatch = refusal.New(http.StatusConflict, "hold_mismatch", "This reservation was already made with other contents.")
	// ErrExceedsHold refuses to capture more than was reserved.
	ErrExceedsHold = refusal.New(http.StatusConflict, "exceeds_hold", "That is more than was reserved.")
)

// expireBatch is how many holds ExpireHolds closes in one transaction, so that payments get their turn between.
const expireBatch = 200

type holdRow struct {
	Key      string `db:"key"`
	Account  string `db:"account"`
	Amount   Amount `db:"amount"`
	Captured Amount `db:"captured"`
	Credit   string `db:"credit"`
	State    string `db:"state"`
	Expires  string `db:"expires"`
}

// Reserve keeps h.Amount of the account for h until it is captured or released, or its time is over.
// The same hold again is no error; its key with other contents is ErrHoldMismatch.
func Reserve(tx core.App, h Hold, now time.Time) error {
	if h.Amount <= 0 || h.Amount > MaxAmount {
		return ErrBadAmount
	}
	if h.Key == "" || !h.ExpiresAt.After(now) {
		return fmt.Errorf("hold %q until %s: it needs a key and a later end", h.Key, h.ExpiresAt)
	}
	before, err := findHold(tx, h.Key)
	if err == nil {
		if before.Account != h.Account || before.Amount != h.Amount || before.Expires != stamp(h.ExpiresAt) {
			return ErrHoldMismatch.With("key", h.Key)
		}
		return nil
	}
	if !errors.Is(err, ErrUnknownHold) {
		return err
	}
	reserved, err := execute(tx, reserveSQL, dbx.Params{"account": h.Account, "amount": h.Amount})
	if err != nil {
		return fmt.Errorf("hold %s: %w", h.Key, err)
	}
	if reserved == 0 {
		return whyNotReserved(tx, h)
	}
	_, err = execute(tx, insertHoldSQL, dbx.Params{
		"key": h.Key, "account": h.Account, "amount": h.Amount, "expires": stamp(h.ExpiresAt), "now": stamp(now),
	})
	if err != nil {
		return fmt.Errorf("hold %s: %w", h.Key, err)
	}
	return nil
}

func whyNotReserved(tx core.App, h Hold) error {
	var available Amount
	err := tx.DB().NewQuery("SELECT balance - held FROM ledger_account_rows WHERE id = {:id}").
		Bind(dbx.Params{"id": h.Account}).Row(&available)
	if errors.Is(err, sql.ErrNoRows) {
		err = errUnknownAccount
	}
	if err != nil {
		return fmt.Errorf("hold %s on %s: %w", h.Key, h.Account, err)
	}
	return ErrInsufficientFunds.With("available", available)
}

// Capture pays amount of the hold to the credit account and sets the rest free. It happens once: the same
// capture again is no error, another one is ErrHoldClosed.
func Capture(tx core.App, key, credit string, amount Amount, now time.Time) error {
	hold, err := findHold(tx, key)
	if err != nil {
		return err
	}
	if hold.State == "captured" && hold.Credit == credit && hold.Captured == amount {
		return nil
	}
	if err := hold.stillOpen(now); err != nil {
		return err
	}
	if amount > hold.Amount {
		return ErrExceedsHold.With("reserved", hold.Amount)
	}
	var currency string
	if err := tx.DB().NewQuery("SELECT currency FROM ledger_account_rows WHERE id = {:id}").
		Bind(dbx.Params{"id": hold.Account}).Row(&currency); err != nil {
		return fmt.Errorf("capture %s: %w", key, err)
	}
	paid := Transfer{
		Key: "hold:" + key, Debit: hold.Account, Credit: credit, Amount: amount, Currency: currency, Kind: "capture", Ref: key,
	}
	if err := post(tx, paid, hold.Amount, now); err != nil {
		return err
	}
	return closeHold(tx, key, "captured", credit, amount, now)
}

// Release sets the whole hold free. A hold that is already free stays so; a captured one is ErrHoldClosed.
func Release(tx core.App, key string, now time.Time) error {
	hold, err := findHold(tx, key)
	if err != nil {
		return err
	}
	switch hold.State {
	case "held":
		return hold.free(tx, "released", now)
	case "captured":
		return ErrHoldClosed.With("state", hold.State)
	}
	return nil
}

// ExpireHolds sets free every hold whose time is over, and says how many there were.
func ExpireHolds(app core.App, now time.Time) (int, error) {
	total := 0
	for {
		closed := 0
		err := Write(app, func(tx core.App) error {
			var due []holdRow
			err := tx.DB().NewQuery(`SELECT key, account, amount, captured, credit, state, expires FROM ledger_holds
				WHERE state = 'held' AND expires <= {:now} ORDER BY expires LIMIT {:batch}`).
				Bind(dbx.Params{"now": stamp(now), "batch": expireBatch}).All(&due)
			if err != nil {
				return fmt.Errorf("find expired holds: %w", err)
			}
			for _, hold := range due {
				if err := hold.free(tx, "expired", now); err != nil {
					return err
				}
			}
			closed = len(due)
			return nil
		})
		total += closed
		if err != nil || closed < expireBatch {
			return total, err
		}
	}
}

// stillOpen judges by the date, so that a late sweep never lets an expired hold be captured.
func (h holdRow) stillOpen(now time.Time) error {
	if h.State != "held" {
		return ErrHoldClosed.With("state", h.State)
	}
	if h.Expires <= stamp(now) {
		return ErrHoldClosed.With("state", "expired")
	}
	return nil
}

func (h holdRow) free(tx core.App, state string, now time.Time) error {
	freed, err := execute(tx, freeSQL, dbx.Params{"account": h.Account, "amount": h.Amount})
	if err == nil && freed != 1 {
		err = errUnknownAccount
	}
	if err != nil {
		return fmt.Errorf("free hold %s: %w", h.Key, err)
	}
	return closeHold(tx, h.Key, state, "", 0, now)
}

func closeHold(tx core.App, key, state, credit string, captured Amount, now time.Time) error {
	closed, err := execute(tx, closeHoldSQL, dbx.Params{
		"key": key, "state": state, "credit": credit, "captured": captured, "now": stamp(now),
	})
	if err == nil && closed != 1 {
		err = errors.New("the hold is not open")
	}
	if err != nil {
		return fmt.Errorf("close hold %s: %w", key, err)
	}
	return nil
}

func findHold(tx core.App, key string) (holdRow, error) {
	var hold holdRow
	err := tx.DB().NewQuery(`SELECT key, account, amount, captured, credit, state, expires FROM ledger_holds WHERE key = {:key}`).
		Bind(dbx.Params{"key": key}).One(&hold)
	if errors.Is(err, sql.ErrNoRows) {
		return hold, ErrUnknownHold.With("key", key)
	}
	if err != nil {
		return hold, fmt.Errorf("find hold %s: %w", key, err)
	}
	return hold, nil
}

const reserveSQL = `UPDATE ledger_account_rows SET held = held + {:amount}
	WHERE id = {:account} AND (overdraft OR balance - held >= {:amount})`

const insertHoldSQL = `INSERT INTO ledger_holds (key, account, amount, expires, created)
	VALUES ({:key}, {:account}, {:amount}, {:expires}, {:now})`

const freeSQL = `UPDATE ledger_account_rows SET held = held - {:amount} WHERE id = {:account}`

const closeHoldSQL = `UPDATE ledger_holds SET state = {:state}, credit = {:credit}, captured = {:captured}, closed = {:now}
	WHERE key = {:key} AND state = 'held'`
