package payments

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// activityPage is how many movements one answer holds at most.
const activityPage = 50

// Balance is what a wallet holds in one currency.
type Balance struct {
	Currency string        `json:"currency"`
	Balance  ledger.Amount `json:"balance"`
	Held     ledger.Amount `json:"held"`
}

// Movement is one line of a wallet's history. Amount is below zero for what was paid.
type Movement struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind"` // purchase, topup, bill, bill_refund: what a face translates
	Amount   ledger.Amount `json:"amount"`
	Currency string        `json:"currency"`
	Ref      string        `json:"ref"`
	Title    string        `json:"title"`
	Purpose  string        `json:"purpose,omitempty"` // what a bill is for, in its maker's words
	Program  string        `json:"program,omitempty"` // the mini program that made the bill
	Org      string        `json:"org"`
	OrgName  string        `json:"org_name"` // who was paid, or pays back; a single person too
	At       time.Time     `json:"at"`
	Points   int64         `json:"points"` // earned by the purchase
	seq      int64
}

// Statement is a wallet with its history, newest first. Next is the cursor of the following page, 0 at the end.
type Statement struct {
	Accounts []Balance  `json:"accounts"`
	Activity []Movement `json:"activity"`
	Next     int64      `json:"next,omitempty"`
}

type walletRow struct {
	ID       string        `db:"id"`
	Currency string        `db:"currency"`
	Balance  ledger.Amount `db:"balance"`
	Held     ledger.Amount `db:"held"`
}

type movementRow struct {
	Seq      int64         `db:"seq"`
	ID       string        `db:"id"`
	Kind     string        `db:"kind"`
	Amount   ledger.Amount `db:"amount"`
	Currency string        `db:"currency"`
	Ref      string        `db:"ref"`
	Created  string        `db:"created"`
	Org      string        `db:"org"`
	OrgName  string        `db:"org_name"`
	Purpose  string        `db:"purpose"`
	Program  string        `db:"program"`
	Points   int64         `db:"points"`
}

// Wallet is the user's balances and, from the cursor before on (0 is the newest), one page of what moved them.
func Wallet(app core.App, user string, before int64) (Statement, error) {
	out := Statement{Accounts: []Balance{}, Activity: []Movement{}}
	wallets, err := walletsOf(app, user)
	if err != nil {
		return out, err
	}
	for _, wallet := range wallets {
		out.Accounts = append(out.Accounts, Balance{Currency: wallet.Currency, Balance: wallet.Balance, Held: wallet.Held})
		moved, err := movements(app, wallet.ID, before)
		if err != nil {
			return out, err
		}
		out.Activity = append(out.Activity, moved...)
	}
	slices.SortFunc(out.Activity, func(a, b Movement) int { return cmp.Compare(b.seq, a.seq) })
	if len(out.Activity) > activityPage {
		out.Activity = out.Activity[:activityPage]
		out.Next = out.Activity[activityPage-1].seq
	}
	return out, nil
}

func walletsOf(app core.App, user string) ([]walletRow, error) {
	var rows []walletRow
	err := app.DB().NewQuery(`SELECT id, currency, balance, held FROM ledger_account_rows
		WHERE owner = {:owner} AND kind = 'wallet' ORDER BY currency`).
		Bind(dbx.Params{"owner": "user:" + user}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("wallets of %s: %w", user, err)
	}
	return rows, nil
}

// movements reads one more than a page, so that the caller knows whether there is another. Each half follows
// one index downwards and stops.
func movements(app core.App, wallet string, before int64) ([]Movement, error) {
	const half = `SELECT * FROM (SELECT seq, id, kind, %s amount AS amount, currency, ref, created FROM ledger_transfer_rows
		WHERE %s = {:wallet} AND ({:before} = 0 OR seq < {:before}) ORDER BY seq DESC LIMIT {:limit})`
	query := `SELECT t.*, COALESCE(o.org, b.org, '') AS org, COALESCE(g.name, b.payee, '') AS org_name, COALESCE(o.points_earned, 0) AS points,
		COALESCE(b.title, '') AS purpose, COALESCE(b.program_name, '') AS program FROM (` +
		fmt.Sprintf(half, "-", "debit") + " UNION ALL " + fmt.Sprintf(half, "", "credit") + `) t
		LEFT JOIN orders o ON o.id = t.ref LEFT JOIN orgs g ON g.id = o.org
		LEFT JOIN bills b ON b.id = t.ref AND t.kind IN ('bill', 'bill_refund') ORDER BY t.seq DESC LIMIT {:limit}`
	var rows []movementRow
	err := app.DB().NewQuery(query).
		Bind(dbx.Params{"wallet": wallet, "before": before, "limit": activityPage + 1}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("movements of wallet %s: %w", wallet, err)
	}
	out := make([]Movement, len(rows))
	for i, row := range rows {
		at, err := parseStamp(row.Created)
		if err != nil {
			return nil, fmt.Errorf("movement %s: %w", row.ID, err)
		}
		out[i] = Movement{
			ID: row.ID, Kind: row.Kind, Amount: row.Amount, Currency: row.Currency, Ref: row.Ref,
			Title: title(row), Purpose: row.Purpose, Program: row.Program, Org: row.Org, OrgName: row.OrgName, At: at, Points: row.Points, seq: row.Seq,
		}
	}
	return out, nil
}

// title is the English heading of a movement; a face with catalogues goes by kind and org_name.
func title(row movementRow) string {
	switch {
	case row.Program != "" && (row.Kind == "bill") == (row.Amount > 0): // the payee's own side of a bill
		return row.Program
	case row.OrgName != "":
		return row.OrgName
	case row.Kind == "topup":
		return "Top-up"
	}
	return row.Kind
}
