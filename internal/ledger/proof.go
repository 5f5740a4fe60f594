package ledger

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// findingsCap is how many findings a proof lists: past it the books need a person, not a longer list.
const findingsCap = 100

// Proof is what Verify found. The books are Sound when there are no findings.
type Proof struct {
	Sound     bool      `json:"sound"`
	Accounts  int64     `json:"accounts"`
	Transfers int64     `json:"transfers"`
	Audits    int64     `json:"audits"`
	Findings  []Finding `json:"findings"`
}

// Finding is one row that is not as it must be.
type Finding struct {
	Table   string `json:"table"`
	Row     string `json:"row"`
	Problem string `json:"problem"`
}

// Verify reads the whole ledger: every currency sums to zero, every balance is the sum of its transfers, what
// is held is the sum of the open holds, and no row of either chain was changed, added in between or taken out.
func Verify(app core.App) (Proof, error) {
	proof := Proof{Findings: []Finding{}}
	for _, check := range []func(core.App, *Proof) error{checkSums, checkBalances, checkTransfers, checkAudit} {
		if err := check(app, &proof); err != nil {
			return proof, fmt.Errorf("verify the ledger: %w", err)
		}
	}
	proof.Sound = len(proof.Findings) == 0
	return proof, nil
}

func (p *Proof) find(table, row, problem string, args ...any) {
	if len(p.Findings) < findingsCap {
		p.Findings = append(p.Findings, Finding{Table: table, Row: row, Problem: fmt.Sprintf(problem, args...)})
	}
}

func checkSums(app core.App, proof *Proof) error {
	var sums []struct {
		Currency string `db:"currency"`
		Total    Amount `db:"total"`
	}
	err := app.DB().NewQuery(`SELECT currency, SUM(balance) AS total FROM ledger_account_rows
		GROUP BY currency HAVING total <> 0`).All(&sums)
	for _, sum := range sums {
		proof.find("ledger_account_rows", sum.Currency, "all balances sum to %d, not 0", sum.Total)
	}
	return err
}

// checkBalances is one statement, so that it sees one state of the books however many payments go on.
func checkBalances(app core.App, proof *Proof) error {
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM ledger_account_rows").Row(&proof.Accounts); err != nil {
		return err
	}
	var wrong []struct {
		ID       string `db:"id"`
		Balance  Amount `db:"balance"`
		Replayed Amount `db:"replayed"`
		Held     Amount `db:"held"`
		Reserved Amount `db:"reserved"`
	}
	err := app.DB().NewQuery(`
		SELECT a.id, a.balance, COALESCE(r.total, 0) AS replayed, a.held, COALESCE(h.total, 0) AS reserved
		FROM ledger_account_rows a
		LEFT JOIN (SELECT account, SUM(amount) AS total FROM (
			SELECT credit AS account, amount FROM ledger_transfer_rows
			UNION ALL SELECT debit, -amount FROM ledger_transfer_rows) GROUP BY account) r ON r.account = a.id
		LEFT JOIN (SELECT account, SUM(amount) AS total FROM ledger_holds WHERE state = 'held' GROUP BY account) h
			ON h.account = a.id
		WHERE a.balance <> COALESCE(r.total, 0) OR a.held <> COALESCE(h.total, 0)`).All(&wrong)
	for _, row := range wrong {
		if row.Balance != row.Replayed {
			proof.find("ledger_account_rows", row.ID, "the balance is %d, its transfers sum to %d", row.Balance, row.Replayed)
		}
		if row.Held != row.Reserved {
			proof.find("ledger_account_rows", row.ID, "%d is held, its open holds sum to %d", row.Held, row.Reserved)
		}
	}
	return err
}

func checkTransfers(app core.App, proof *Proof) error {
	links := follower{chain: transferChain, proof: proof}
	rows, err := app.DB().NewQuery(`SELECT seq, id, hash, key, debit, credit, amount, currency, kind, ref, created
		FROM ledger_transfer_rows ORDER BY seq`).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells what matters
	for rows.Next() {
		var seq int64
		var id, hash, at string
		var t Transfer
		if err := rows.Scan(&seq, &id, &hash, &t.Key, &t.Debit, &t.Credit, &t.Amount, &t.Currency, &t.Kind, &t.Ref, &at); err != nil {
			return err
		}
		links.follow(seq, hash, t.fields(at)...)
		proof.Transfers++
	}
	return rows.Err()
}

func checkAudit(app core.App, proof *Proof) error {
	links := follower{chain: auditChain, proof: proof}
	rows, err := app.DB().NewQuery("SELECT seq, hash, at, actor, act, subject, detail FROM ledger_audit ORDER BY seq").Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells what matters
	for rows.Next() {
		var seq int64
		var hash, at, actor, act, subject, detail string
		if err := rows.Scan(&seq, &hash, &at, &actor, &act, &subject, &detail); err != nil {
			return err
		}
		links.follow(seq, hash, at, actor, act, subject, detail)
		proof.Audits++
	}
	return rows.Err()
}

// follower walks a chain. After a bad row it goes on from that row's own hash, so that one altered row is one
// finding and not everything behind it.
type follower struct {
	chain chain
	proof *Proof
	last  head
}

func (f *follower) follow(seq int64, hash string, fields ...string) {
	want := f.last.next(fields...)
	row := fmt.Sprint(seq)
	switch {
	case seq != want.seq:
		f.proof.find(string(f.chain), row, "%d rows before it are missing", seq-want.seq)
	case hash != want.hash:
		f.proof.find(string(f.chain), row, "its contents or the hash of the row before were changed")
	}
	f.last = head{seq: seq, hash: hash}
}
