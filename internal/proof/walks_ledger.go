package proof

import "plaza.internal/plaza/internal/ledger"

func ledgerWalks() []walk {
	return []walk{
		{
			name: "currencies", tables: []string{"ledger_account_rows"}, rules: []string{"ledger.zero"},
			find: `SELECT 'ledger.zero' AS rule, currency AS subject, '0' AS expected, CAST(SUM(balance) AS TEXT) AS actual
				FROM ledger_account_rows GROUP BY currency HAVING SUM(balance) <> 0`,
		},
		{
			name: "transfers", tables: []string{"ledger_transfer_rows"}, rules: []string{"ledger.sides"}, numbers: true,
			next: keys("seq", "ledger_transfer_rows"), find: sidesSQL,
		},
		{
			name: "accounts", tables: []string{"ledger_account_rows", "ledger_holds"}, rules: []string{"ledger.balance", "ledger.floor", "ledger.held"},
			next: keys("id", "ledger_account_rows"), find: accountsSQL,
		},
		{
			name: "holds", tables: []string{"ledger_holds"}, rules: []string{"ledger.capture"},
			next: keys("key", "ledger_holds"), find: holdsSQL,
		},
		{name: "transfer chain", tables: []string{"ledger_transfer_rows"}, rules: []string{"ledger.chain"}, chain: ledger.FollowTransfers},
		{name: "audit chain", tables: []string{"ledger_audit"}, rules: []string{"audit.chain"}, chain: ledger.FollowAudit},
	}
}

const sidesSQL = `SELECT 'ledger.sides' AS rule, CAST(t.seq AS TEXT) AS subject,
		t.currency || ' / ' || t.currency AS expected,
		COALESCE(d.currency, '–') || ' / ' || COALESCE(c.currency, '–') || CASE WHEN t.debit = t.credit THEN ' (one account)' ELSE '' END AS actual
	FROM ledger_transfer_rows t LEFT JOIN ledger_account_rows d ON d.id = t.debit LEFT JOIN ledger_account_rows c ON c.id = t.credit
	WHERE t.seq > {:after} AND t.seq <= {:until}
		AND (d.currency IS NOT t.currency OR c.currency IS NOT t.currency OR t.debit = t.credit OR t.amount <= 0)`

const accountsSQL = `WITH reserved AS MATERIALIZED (
		SELECT account, SUM(amount) AS total FROM ledger_holds WHERE state = 'held' GROUP BY account),
	seen AS MATERIALIZED (
		SELECT a.id, a.kind, a.balance, a.held, a.overdraft,
			COALESCE((SELECT SUM(amount) FROM ledger_transfer_rows WHERE credit = a.id), 0)
			- COALESCE((SELECT SUM(amount) FROM ledger_transfer_rows WHERE debit = a.id), 0) AS moved,
			COALESCE((SELECT total FROM reserved WHERE account = a.id), 0) AS reserved
		FROM ledger_account_rows a WHERE a.id > {:after} AND a.id <= {:until})
	SELECT 'ledger.balance' AS rule, id AS subject, CAST(moved AS TEXT) AS expected, CAST(balance AS TEXT) AS actual
		FROM seen WHERE balance <> moved
	UNION ALL SELECT 'ledger.floor', id, '≥ ' || held, CAST(balance AS TEXT) FROM seen
		WHERE (kind <> 'world' OR NOT overdraft) AND balance < held
	UNION ALL SELECT 'ledger.held', id, CAST(reserved AS TEXT), CAST(held AS TEXT) FROM seen WHERE held <> reserved`

const holdsSQL = `SELECT 'ledger.capture' AS rule, h.key AS subject,
		CAST(COALESCE(t.amount, 0) AS TEXT) AS expected, CAST(h.captured AS TEXT) || ' ' || h.state AS actual
	FROM ledger_holds h LEFT JOIN ledger_transfer_rows t ON t.key = 'hold:' || h.key
	WHERE h.key > {:after} AND h.key <= {:until} AND (
		h.captured <> COALESCE(t.amount, 0) OR h.captured > h.amount OR (h.state = 'captured') <> (t.key IS NOT NULL)
		OR t.key IS NOT NULL AND (t.debit <> h.account OR t.credit <> h.credit))`
