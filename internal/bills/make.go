package bills

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

const collection = "bills"

var referencePattern = regexp.MustCompile(`^[A-Za-z0-9_\-.:*|]{1,64}$`)

// Make asks payer to pay what the draft says, for the program. The same reference with the same contents is the same
// bill, whatever has become of it; with other contents it is ErrReferenceUsed.
func Make(app core.App, program programs.Program, payer *core.Record, b Draft, now time.Time) (*core.Record, error) {
	if err := program.Allowed(app, programs.RightMoney); err != nil {
		return nil, err
	}
	if err := b.judge(now); err != nil {
		return nil, err
	}
	if program.Org == "" && program.Owner == payer.Id {
		return nil, ErrOwnBill
	}
	openID, err := identity.OpenID(app, payer.Id, program.AppID)
	if err != nil {
		return nil, err
	}
	if b.Reference == "" {
		b.Reference = "plaza-" + strings.ToLower(rand.Text())
	}
	return write(app, func(tx core.App) (*core.Record, error) {
		currency, err := currencyOf(tx, program)
		if err != nil {
			return nil, err
		}
		if b.Currency != "" && b.Currency != currency {
			return nil, ErrCurrency.With("currency", currency)
		}
		known, err := byReference(tx, program.ID, b.Reference)
		if err == nil {
			return known, b.sameAs(known, payer)
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		if err := mayAsk(tx, program, payer, b.Amount, now); err != nil {
			return nil, err
		}
		bill, err := b.record(tx, program, payer, now)
		if err != nil {
			return nil, err
		}
		bill.Set("openid", openID)
		bill.Set("currency", currency)
		return bill, save(tx, bill)
	})
}

// judge refuses what no program could ask of anybody.
func (b Draft) judge(now time.Time) error {
	switch {
	case b.Amount < 1 || b.Amount > MaxAmount:
		return ErrBadBill.With("field", "amount").With("max", MaxAmount)
	case strings.TrimSpace(b.Title) == "" || !plain(b.Title, TitleLimit):
		return ErrBadBill.With("field", "title").With("max", TitleLimit)
	case !plain(breaks.Replace(b.Detail), DetailLimit): // on the receipt it may have several lines
		return ErrBadBill.With("field", "detail").With("max", DetailLimit)
	case utf8.RuneCountInString(b.Attach) > AttachLimit:
		return ErrBadBill.With("field", "attach").With("max", AttachLimit)
	case b.Reference != "" && !referencePattern.MatchString(b.Reference):
		return ErrBadBill.With("field", "reference").With("max", ReferenceLimit)
	case !b.Expires.IsZero() && (b.Expires.Before(now.Add(OpenMin)) || b.Expires.After(now.Add(OpenMax))):
		return ErrBadBill.With("field", "expires")
	}
	return nil
}

// plain keeps out of the sheet's first line what could make it read as something else: breaks, and signs that hide
// or turn the text round.
func plain(text string, limit int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= limit && !hidden.MatchString(text)
}

var breaks = strings.NewReplacer("\r", " ", "\n", " ", "\t", " ")

var hidden = regexp.MustCompile(`[\p{Cc}\x{061C}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}\x{200B}\x{2060}\x{FEFF}\x{00AD}\x{180E}\x{2028}\x{2029}\x{2800}\x{3164}]`)

// sameAs is nil when the bill is what the draft asks for.
func (b Draft) sameAs(bill, payer *core.Record) error {
	if bill.GetString("payer") == payer.Id && ledger.Amount(bill.GetInt64("amount")) == b.Amount &&
		bill.GetString("title") == b.Title && bill.GetString("detail") == b.Detail && bill.GetString("attach") == b.Attach {
		return nil
	}
	return ErrReferenceUsed.With("reference", b.Reference)
}

// mayAsk refuses one more bill to a program that has littered the person with them, and to an individual what they
// could not take anyway.
func mayAsk(tx core.App, program programs.Program, payer *core.Record, amount ledger.Amount, now time.Time) error {
	var open int
	err := tx.DB().NewQuery(`SELECT count(*) FROM bills WHERE payer = {:payer} AND program = {:program} AND status = 'open' AND expires_at > {:now}`).
		Bind(dbx.Params{"payer": payer.Id, "program": program.ID, "now": stamp(now)}).Row(&open)
	if err != nil {
		return fmt.Errorf("open bills of %s: %w", program.AppID, err)
	}
	if open >= MaxOpen {
		return ErrTooManyOpen
	}
	if program.Org != "" {
		return nil
	}
	return withinCaps(tx, program.Owner, amount, now)
}

func (b Draft) record(tx core.App, program programs.Program, payer *core.Record, now time.Time) (*core.Record, error) {
	found, err := tx.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	expires := b.Expires
	if expires.IsZero() {
		expires = now.Add(OpenFor)
	}
	owner := ""
	if program.Org == "" {
		owner = program.Owner
	}
	bill := core.NewRecord(found)
	bill.Load(map[string]any{
		"program": program.ID, "appid": program.AppID, "program_name": program.Name, "org": program.Org, "owner": owner,
		"payee": program.OrgName, "payer": payer.Id, "status": Open, "amount": int64(b.Amount), "refunded": 0,
		"title": b.Title, "detail": b.Detail, "reference": b.Reference, "attach": b.Attach, "trial": program.Trial,
		"expires_at": expires,
	})
	return bill, nil
}

// currencyOf is what the payee takes: the organisation's currency, or Plaza's first one, which is that of the
// organisation that was founded first.
func currencyOf(tx core.App, program programs.Program) (string, error) {
	var currency string
	err := tx.DB().NewQuery(`SELECT currency FROM orgs WHERE {:org} = '' OR id = {:org} ORDER BY created, rowid LIMIT 1`).
		Bind(dbx.Params{"org": program.Org}).Row(&currency)
	if err != nil {
		return "", fmt.Errorf("currency of %s: %w", program.AppID, err)
	}
	return currency, nil
}

// withinCaps refuses an individual more than the operator lets a single person take. What they have taken counts with
// what they gave back: a refund does not make room for another payment.
func withinCaps(tx core.App, owner string, amount ledger.Amount, now time.Time) error {
	policy, err := programs.CurrentPolicy(tx)
	if err != nil {
		return err
	}
	caps := policy.Individuals
	var day, month ledger.Amount
	err = tx.DB().NewQuery(`SELECT coalesce(sum(CASE WHEN paid_at > {:day} THEN amount END), 0), coalesce(sum(amount), 0)
		FROM bills WHERE owner = {:owner} AND owner != '' AND paid_at > {:month}`).
		Bind(dbx.Params{"owner": owner, "day": stamp(now.Add(-individualDay)), "month": stamp(now.Add(-individualMonth))}).
		Row(&day, &month)
	if err != nil {
		return fmt.Errorf("what %s has taken: %w", owner, err)
	}
	for _, one := range []struct {
		cap     string
		sum     ledger.Amount
		allowed int64
	}{{"bill", amount, caps.BillMax}, {"day", day + amount, caps.DayMax}, {"month", month + amount, caps.MonthMax}} {
		if one.sum > ledger.Amount(one.allowed) {
			return ErrIndividualCap.With("cap", one.cap).With("max", one.allowed)
		}
	}
	return nil
}

func byReference(app core.App, program, reference string) (*core.Record, error) {
	bill, err := app.FindFirstRecordByFilter(collection, "program = {:program} && reference = {:reference}",
		dbx.Params{"program": program, "reference": reference})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("bill %s: %w", reference, err)
	}
	return bill, nil
}

// write runs the verb in a shared commit and answers the record that it saved.
func write(app core.App, verb func(tx core.App) (*core.Record, error)) (*core.Record, error) {
	var bill *core.Record
	err := ledger.Write(app, func(tx core.App) (err error) {
		bill, err = verb(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return bill, nil
}

// save skips PocketBase's validators, as orders does: only verbs write bills, and the triggers judge them. The saved
// record is the event that open pages hear.
func save(tx core.App, bill *core.Record) error {
	if err := tx.SaveNoValidate(bill); err != nil {
		return fmt.Errorf("save bill %s: %w", bill.Id, err)
	}
	return nil
}

// stamp is how PocketBase writes an instant: the order of such texts is the order of time.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000Z") }
