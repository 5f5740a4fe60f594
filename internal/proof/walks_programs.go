package proof

func programWalks() []walk {
	return []walk{
		{
			name: "bills", tables: []string{"bills", "bills_refunds"}, rules: []string{"bills.paid", "bills.refunded", "bills.cover"},
			next: keys("id", "bills"), find: billsSQL,
		},
		{
			name: "receipts", tables: []string{"receipts", "bills"}, rules: []string{"receipts.paid"},
			next: keys("number", "receipts"), find: receiptsSQL,
		},
		{
			name: "prizes", tables: []string{"leaderboards_prizes", "loyalty_ops"}, rules: []string{"prizes.once"}, numbers: true,
			next: leaps("season", "leaderboards_prizes"), find: prizesSQL,
		},
		{
			name: "points of prizes", tables: []string{"leaderboards_prizes", "loyalty_ops"}, rules: []string{"prizes.granted"},
			next: `SELECT MAX(k), COUNT(*) FROM (SELECT id AS k FROM loyalty_ops
				WHERE id > {:after} AND id > 'leaderboards/' AND id < 'leaderboards0' ORDER BY id LIMIT {:limit})`,
			find: grantedSQL,
		},
	}
}

const billsSQL = `WITH seen AS MATERIALIZED (
		SELECT id, amount, refunded, paid_at <> '' AS paid,
			COALESCE((SELECT t.amount FROM ledger_transfer_rows t WHERE t.key = 'bill:' || b.id), 0) AS booked,
			COALESCE((SELECT SUM(r.amount) FROM bills_refunds r WHERE r.bill = b.id), 0) AS given,
			COALESCE((SELECT SUM(t.amount) FROM bills_refunds r JOIN ledger_transfer_rows t ON t.key = 'refund:' || r.bill || ':' || r.key
				WHERE r.bill = b.id), 0) AS back
		FROM bills b WHERE id > {:after} AND id <= {:until})
	SELECT 'bills.paid' AS rule, id AS subject, CAST(booked AS TEXT) AS expected, CAST(CASE WHEN paid THEN amount ELSE 0 END AS TEXT) AS actual
		FROM seen WHERE booked <> CASE WHEN paid THEN amount ELSE 0 END
	UNION ALL SELECT 'bills.refunded', id, CAST(back AS TEXT), CASE WHEN given = refunded THEN refunded ELSE refunded || ' / ' || given END
		FROM seen WHERE refunded <> back OR given <> back
	UNION ALL SELECT 'bills.cover', id, '≤ ' || CASE WHEN paid THEN amount ELSE 0 END, CAST(refunded AS TEXT)
		FROM seen WHERE refunded > CASE WHEN paid THEN amount ELSE 0 END`

const receiptsSQL = `SELECT 'receipts.paid' AS rule, r.number AS subject, r.bill AS expected, COALESCE(b.status, '–') AS actual
	FROM receipts r LEFT JOIN bills b ON b.id = r.bill
	WHERE r.number > {:after} AND r.number <= {:until} AND r.bill <> '' AND COALESCE(b.paid_at, '') = ''`

// prizesSQL: the operation's id is made of the board, the period and the rank, and is unique in both tables; so one
// prize with its one operation is one prize paid once.
const prizesSQL = `SELECT 'prizes.once' AS rule, p.season || ' #' || p.rank AS subject,
		CAST(CASE WHEN p.state = 'paid' THEN p.points ELSE 0 END AS TEXT) AS expected, CAST(COALESCE(o.points, 0) AS TEXT) AS actual
	FROM leaderboards_prizes p LEFT JOIN loyalty_ops o ON o.id = p.op
	WHERE p.season > {:after} AND p.season <= {:until} AND (
		COALESCE(o.points, 0) <> CASE WHEN p.state = 'paid' THEN p.points ELSE 0 END
		OR o.id IS NOT NULL AND (o.kind <> 'grant' OR p.person <> '' AND o.user <> p.person))`

const grantedSQL = `SELECT 'prizes.granted' AS rule, o.id AS subject, '–' AS expected, CAST(o.points AS TEXT) AS actual
	FROM loyalty_ops o LEFT JOIN leaderboards_prizes p ON p.op = o.id
	WHERE o.id > {:after} AND o.id <= {:until} AND o.id > 'leaderboards/' AND o.id < 'leaderboards0' AND p.op IS NULL`
