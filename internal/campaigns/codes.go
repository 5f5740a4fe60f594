package campaigns

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// HeldFor is how long a basket keeps a use of its code without being touched.
	HeldFor = 15 * time.Minute
	// releaseChunk is how many lapsed holds one commit gives back.
	releaseChunk = 200
)

var (
	// ErrCodeNotUsable refuses a code, and does not tell one that there is not from one that is not for this person.
	ErrCodeNotUsable = refusal.New(http.StatusConflict, "code_not_usable", "This code cannot be used here.")
	// ErrCodeExhausted refuses a payment whose code ran out after its hold had lapsed.
	ErrCodeExhausted = refusal.New(http.StatusConflict, "code_exhausted", "This code has been used up. Look at the new total and pay again.")
)

// Basket is the order that a code is entered in.
type Basket struct {
	Org, Order, Person string
}

// Fold is a code as it is compared: upper case, without spaces and dashes, and with one letter for those that people
// confuse. It is empty for what cannot be a code.
func Fold(code string) string {
	var out strings.Builder
	for _, r := range strings.ToUpper(code) {
		if r >= 0xFF01 && r <= 0xFF5E { // full width, as Chinese keyboards write
			r -= 0xFEE0
		}
		switch {
		case r == ' ' || r == '-' || r == '\t' || r == '\u00a0':
			continue
		case r == 'O':
			r = '0'
		case r == 'I' || r == 'L':
			r = '1'
		case (r < 'A' || r > 'Z') && (r < '0' || r > '9'):
			return ""
		}
		out.WriteRune(r)
	}
	if out.Len() < minCode || out.Len() > maxCode {
		return ""
	}
	return out.String()
}

type codeRow struct {
	ID       int64          `db:"id"`
	Campaign string         `db:"campaign"`
	Word     string         `db:"word"`
	Limit    sql.NullInt64  `db:"uses"`
	Taken    int64          `db:"taken"`
	Revoked  int64          `db:"revoked"`
	Each     sql.NullInt64  `db:"each_person"`
	Budget   sql.NullInt64  `db:"budget"`
	Given    int64          `db:"given"` // of the budget, by others
	Mine     int64          `db:"mine"`  // uses of this person in other orders
	Own      sql.NullString `db:"own"`   // the order, when it holds this code already
}

// lookUp reads a code as it is for that basket; what the basket holds itself is not counted against it.
func lookUp(app core.App, b Basket, code string) (*codeRow, error) {
	folded := Fold(code)
	if folded == "" {
		return nil, nil //nolint:nilnil // what cannot be a code is no code
	}
	var row codeRow
	err := app.DB().NewQuery(`SELECT c.id, c.campaign, c.word, c.uses, c.used + c.held - (u.order_id IS NOT NULL) AS taken, c.revoked,
		t.each_person, t.budget, COALESCE(t.spent + t.held, 0) - COALESCE(u.amount, 0) AS given,
		COALESCE(p.uses, 0) - (u.order_id IS NOT NULL) AS mine, u.order_id AS own
		FROM campaigns_codes c LEFT JOIN campaigns_terms t ON t.campaign = c.campaign
		LEFT JOIN campaigns_uses u ON u.order_id = {:order} AND u.code = c.id AND u.used = 0
		LEFT JOIN campaigns_persons p ON p.campaign = c.campaign AND p.person = {:person}
		WHERE c.org = {:org} AND c.folded = {:folded}`).
		Bind(dbx.Params{"order": b.Order, "person": b.Person, "org": b.Org, "folded": folded}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // there being no such code is the answer
	}
	if err != nil {
		return nil, fmt.Errorf("look up a code for order %s: %w", b.Order, err)
	}
	return &row, nil
}

// Enter is the code as Price wants it, for that basket at that moment. It writes nothing.
func Enter(app core.App, b Basket, code string, now time.Time) (*Entered, error) {
	row, err := lookUp(app, b, code)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return &Entered{Code: code, Problem: CodeOtherShop}, nil
	}
	lapsed := int64(0)
	if row.Limit.Valid && row.Taken >= row.Limit.Int64 { // some of the holds may have lapsed and not been swept yet
		if lapsed, err = lapsedOf(app, row.ID, b.Order, now); err != nil {
			return nil, err
		}
	}
	entered := &Entered{Code: row.Word, Campaign: row.Campaign, Problem: row.problem(lapsed)}
	if row.Budget.Valid {
		room := ledger.Amount(max(0, row.Budget.Int64-row.Given))
		entered.Room = &room
	}
	return entered, nil
}

func lapsedOf(app core.App, code int64, order string, now time.Time) (n int64, err error) {
	err = app.DB().NewQuery("SELECT count(*) FROM campaigns_uses WHERE code = {:code} AND used = 0 AND expires <= {:now} AND order_id <> {:order}").
		Bind(dbx.Params{"code": code, "now": now.UnixMilli(), "order": order}).Row(&n)
	return n, err
}

func (r *codeRow) problem(lapsed int64) string {
	switch {
	case r.Revoked > 0:
		return CodeEnded
	case r.Limit.Valid && r.Taken-lapsed >= r.Limit.Int64:
		return CodeUsedUp
	case r.Each.Valid && r.Mine >= r.Each.Int64:
		return CodeNotYours
	}
	return ""
}

// Hold keeps a use of the code, and what it gives of the budget, for the basket until HeldFor after this touch.
func Hold(tx core.App, b Basket, code string, amount ledger.Amount, now time.Time) error {
	row, err := lookUp(tx, b, code)
	if err != nil {
		return err
	}
	if row == nil {
		return Release(tx, b.Order)
	}
	if row.Own.Valid {
		return row.touch(tx, b, amount, now)
	}
	if err := Release(tx, b.Order); err != nil { // another code was in this basket
		return err
	}
	if row.Limit.Valid && row.Taken >= row.Limit.Int64 {
		if _, err := releaseLapsed(tx, "code = {:code} AND ", row.ID, now); err != nil {
			return err
		}
	}
	return row.take(tx, b, amount, now)
}

func (r *codeRow) touch(tx core.App, b Basket, amount ledger.Amount, now time.Time) error {
	err := one(tx, `UPDATE campaigns_terms SET held = held + {:amount} - (SELECT amount FROM campaigns_uses WHERE order_id = {:order})
		WHERE campaign = {:campaign}`, dbx.Params{"amount": int64(amount), "order": b.Order, "campaign": r.Campaign})
	if err != nil {
		return err
	}
	return one(tx, "UPDATE campaigns_uses SET amount = {:amount}, expires = {:expires} WHERE order_id = {:order} AND used = 0",
		dbx.Params{"amount": int64(amount), "expires": now.Add(HeldFor).UnixMilli(), "order": b.Order})
}

// take is each limit as one conditional write whose row is counted.
func (r *codeRow) take(tx core.App, b Basket, amount ledger.Amount, now time.Time) error {
	var each any
	if r.Each.Valid {
		each = r.Each.Int64
	}
	p := dbx.Params{
		"code": r.ID, "campaign": r.Campaign, "person": b.Person, "order": b.Order, "amount": int64(amount), "each": each,
		"expires": now.Add(HeldFor).UnixMilli(),
	}
	for _, statement := range []string{
		"UPDATE campaigns_codes SET held = held + 1 WHERE id = {:code} AND revoked = 0 AND (uses IS NULL OR used + held < uses)",
		`UPDATE campaigns_terms SET held = held + {:amount}
			WHERE campaign = {:campaign} AND (budget IS NULL OR spent + held + {:amount} <= budget)`,
		`INSERT INTO campaigns_persons (campaign, person, uses, most) SELECT {:campaign}, {:person}, 1, {:each} WHERE {:each} IS NULL OR {:each} > 0
			ON CONFLICT (campaign, person) DO UPDATE SET uses = uses + 1, most = excluded.most
			WHERE excluded.most IS NULL OR uses < excluded.most`,
		`INSERT INTO campaigns_uses (order_id, code, campaign, person, amount, expires)
			VALUES ({:order}, {:code}, {:campaign}, {:person}, {:amount}, {:expires})`,
	} {
		if err := one(tx, statement, p); err != nil {
			return err
		}
	}
	return nil
}

// one runs a conditional write, and refuses when its condition did not hold.
func one(tx core.App, statement string, params dbx.Params) error {
	done, err := tx.DB().NewQuery(statement).Bind(params).Execute()
	if err != nil {
		return fmt.Errorf("count a code: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, ErrCodeExhausted)
	}
	return nil
}

// Redeem counts what the order holds as used, once, in the transaction of its payment.
func Redeem(tx core.App, order string, now time.Time) error {
	p := dbx.Params{"order": order, "now": now.UnixMilli()}
	for _, statement := range []string{
		"UPDATE campaigns_uses SET used = {:now} WHERE order_id = {:order} AND used = 0",
		"UPDATE campaigns_codes SET held = held - 1, used = used + 1 WHERE id = (SELECT code FROM campaigns_uses WHERE order_id = {:order})",
		`UPDATE campaigns_terms SET held = held - u.amount, spent = spent + u.amount
			FROM campaigns_uses u WHERE u.order_id = {:order} AND campaigns_terms.campaign = u.campaign`,
	} {
		if err := one(tx, statement, p); err != nil {
			return err
		}
	}
	return nil
}

// Release gives back what the order holds. What it has used stays used.
func Release(tx core.App, order string) error {
	var use struct {
		Code     int64  `db:"code"`
		Campaign string `db:"campaign"`
		Person   string `db:"person"`
		Amount   int64  `db:"amount"`
	}
	err := tx.DB().NewQuery("DELETE FROM campaigns_uses WHERE order_id = {:order} AND used = 0 RETURNING code, campaign, person, amount").
		Bind(dbx.Params{"order": order}).One(&use)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release the code of order %s: %w", order, err)
	}
	p := dbx.Params{"code": use.Code, "campaign": use.Campaign, "person": use.Person, "amount": use.Amount}
	for _, statement := range []string{
		"UPDATE campaigns_codes SET held = held - 1 WHERE id = {:code}",
		"UPDATE campaigns_terms SET held = held - {:amount} WHERE campaign = {:campaign}",
		"UPDATE campaigns_persons SET uses = uses - 1 WHERE campaign = {:campaign} AND person = {:person}",
	} {
		if _, err := tx.DB().NewQuery(statement).Bind(p).Execute(); err != nil {
			return fmt.Errorf("release the code of order %s: %w", order, err)
		}
	}
	return nil
}

func releaseLapsed(tx core.App, of string, code int64, now time.Time) (int, error) {
	var lapsed []string
	err := tx.DB().NewQuery("SELECT order_id FROM campaigns_uses WHERE " + of + "used = 0 AND expires <= {:now} LIMIT {:limit}").
		Bind(dbx.Params{"code": code, "now": now.UnixMilli(), "limit": releaseChunk}).Column(&lapsed)
	if err != nil {
		return 0, fmt.Errorf("find lapsed holds: %w", err)
	}
	for _, order := range lapsed {
		if err := Release(tx, order); err != nil {
			return 0, err
		}
	}
	return len(lapsed), nil
}

// ReleaseLapsed gives back every use that a basket has held too long. It only tidies: no limit waits for it.
func ReleaseLapsed(app core.App, now time.Time) error {
	for released := releaseChunk; released == releaseChunk; {
		err := ledger.Write(app, func(tx core.App) (err error) {
			released, err = releaseLapsed(tx, "", 0, now)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func bindCodes(app core.App) {
	app.Store().Set(guessKey, &guesses{wrong: map[string]guess{}})
	jobs.Every(app, "campaigns.codes", "* * * * *", "UTC", func(app core.App, _ time.Time) error {
		return errors.Join(ReleaseLapsed(app, clock.Now(app)), finishBatches(app))
	})
	app.OnRecordDeleteExecute("users").BindFunc(func(e *core.RecordEvent) error {
		for _, statement := range []string{
			"DELETE FROM campaigns_persons WHERE person = {:person}",
			"UPDATE campaigns_uses SET person = '' WHERE person = {:person}",
		} {
			if _, err := e.App.DB().NewQuery(statement).Bind(dbx.Params{"person": e.Record.Id}).Execute(); err != nil {
				return fmt.Errorf("forget the codes of %s: %w", e.Record.Id, err)
			}
		}
		return e.Next()
	})
}
