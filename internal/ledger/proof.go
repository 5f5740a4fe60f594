package ledger

import (
	"fmt"

	"github.com/pocketbase/dbx"
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
	whole := func(check func(core.App, *follower, int) (int64, error), of chain) func(core.App, *Proof) error {
		return func(app core.App, proof *Proof) error {
			read, err := check(app, &follower{chain: of, proof: proof}, everyRow)
			if of == auditChain {
				proof.Audits = read
			} else {
				proof.Transfers = read
			}
			return err
		}
	}
	for _, check := range []func(core.App, *Proof) error{
		checkSums, checkBalances, whole(checkTransfers, transferChain), whole(checkAudit, auditChain),
	} {
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

// everyRow is no limit, as SQLite has it.
const everyRow = -1

func checkTransfers(app core.App, links *follower, limit int) (read int64, err error) {
	rows, err := app.DB().NewQuery(`SELECT seq, id, hash, key, debit, credit, amount, currency, kind, ref, created
		FROM ledger_transfer_rows WHERE seq > {:after} ORDER BY seq LIMIT {:limit}`).
		Bind(dbx.Params{"after": links.last.seq, "limit": limit}).Rows()
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells what matters
	for rows.Next() {
		var seq int64
		var id, hash, at string
		var t Transfer
		if err := rows.Scan(&seq, &id, &hash, &t.Key, &t.Debit, &t.Credit, &t.Amount, &t.Currency, &t.Kind, &t.Ref, &at); err != nil {
			return read, err
		}
		links.follow(seq, hash, t.fields(at)...)
		read++
	}
	return read, rows.Err()
}

func checkAudit(app core.App, links *follower, limit int) (read int64, err error) {
	rows, err := app.DB().NewQuery(`SELECT seq, hash, at, actor, act, subject, detail FROM ledger_audit
		WHERE seq > {:after} ORDER BY seq LIMIT {:limit}`).
		Bind(dbx.Params{"after": links.last.seq, "limit": limit}).Rows()
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells what matters
	for rows.Next() {
		var seq int64
		var hash, at, actor, act, subject, detail string
		if err := rows.Scan(&seq, &hash, &at, &actor, &act, &subject, &detail); err != nil {
			return read, err
		}
		links.follow(seq, hash, at, actor, act, subject, detail)
		read++
	}
	return read, rows.Err()
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

// Link is a row of a chain: where Follow goes on.
type Link struct {
	Seq  int64
	Hash string
}

// FollowTransfers checks up to limit transfers after the link and answers the last one that it read. Neither chain is ever
// altered, so what it says of these rows stays true whatever is written meanwhile.
func FollowTransfers(app core.App, after Link, limit int) (last Link, read int64, findings []Finding, err error) {
	return follow(app, transferChain, checkTransfers, after, limit)
}

// FollowAudit is FollowTransfers for the trail of who did what.
func FollowAudit(app core.App, after Link, limit int) (last Link, read int64, findings []Finding, err error) {
	return follow(app, auditChain, checkAudit, after, limit)
}

func follow(app core.App, of chain, check func(core.App, *follower, int) (int64, error), after Link, limit int) (Link, int64, []Finding, error) {
	var proof Proof
	links := follower{chain: of, proof: &proof, last: head{seq: after.Seq, hash: after.Hash}}
	read, err := check(app, &links, limit)
	if err != nil {
		err = fmt.Errorf("follow %s after %d: %w", of, after.Seq, err)
	}
	return Link{Seq: links.last.seq, Hash: links.last.hash}, read, proof.Findings, err
}
