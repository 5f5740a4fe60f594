package proof

func loyaltyWalks() []walk {
	return []walk{
		{
			name: "lots", tables: []string{"loyalty_lots", "loyalty_movements"}, rules: []string{"loyalty.lot", "loyalty.range", "loyalty.issued"},
			next: keys("id", "loyalty_lots"), find: lotsSQL,
		},
		{
			name: "members", tables: []string{"loyalty_movements", "loyalty_lots", "loyalty_debts"}, rules: []string{"loyalty.member"},
			next: leaps("user", "loyalty_movements"), find: membersSQL,
		},
		{
			name: "debts", tables: []string{"loyalty_movements", "loyalty_debts"}, rules: []string{"loyalty.debt"},
			next: leaps("user", "loyalty_debts"), find: debtsSQL,
		},
		{
			name: "points operations", tables: []string{"loyalty_ops", "loyalty_movements"}, rules: []string{"loyalty.spend", "loyalty.returned"},
			next: keys("id", "loyalty_ops"), find: operationsSQL,
		},
		{
			name: "rewards", tables: []string{"loyalty_rewards", "loyalty_vouchers"}, rules: []string{"loyalty.reward"},
			next: keys("id", "loyalty_rewards"), find: rewardsSQL,
		},
		{
			name: "vouchers", tables: []string{"loyalty_vouchers", "loyalty_ops"}, rules: []string{"loyalty.voucher"},
			next: keys("id", "loyalty_vouchers"), find: vouchersSQL,
		},
	}
}

// lotsSQL takes the points of a lot's first movement as what it was given. MIN makes SQLite read the other columns of
// that same row.
const lotsSQL = `WITH lots AS MATERIALIZED (
		SELECT id, points, remaining FROM loyalty_lots WHERE id > {:after} AND id <= {:until}),
	moved AS MATERIALIZED (
		SELECT lot, SUM(points) AS total, MIN(seq) AS first, points AS given FROM loyalty_movements
		WHERE lot <> '' AND lot > {:after} AND lot <= {:until} GROUP BY lot)
	SELECT 'loyalty.lot' AS rule, l.id AS subject, CAST(COALESCE(m.total, 0) AS TEXT) AS expected, CAST(l.remaining AS TEXT) AS actual
		FROM lots l LEFT JOIN moved m ON m.lot = l.id WHERE l.remaining <> COALESCE(m.total, 0)
	UNION ALL SELECT 'loyalty.lot', m.lot, CAST(m.total AS TEXT), '–' FROM moved m LEFT JOIN lots l ON l.id = m.lot WHERE l.id IS NULL
	UNION ALL SELECT 'loyalty.range', id, '0 … ' || points, CAST(remaining AS TEXT) FROM lots WHERE remaining NOT BETWEEN 0 AND points
	UNION ALL SELECT 'loyalty.issued', l.id, CAST(l.remaining + m.given - m.total AS TEXT), CAST(l.points AS TEXT)
		FROM lots l JOIN moved m ON m.lot = l.id WHERE l.points <> l.remaining + m.given - m.total`

const membersSQL = `WITH moved AS MATERIALIZED (
		SELECT user, org, SUM(points) AS total FROM loyalty_movements WHERE user > {:after} AND user <= {:until} GROUP BY user, org),
	owned AS MATERIALIZED (
		SELECT user, org, total,
			COALESCE((SELECT SUM(l.remaining) FROM loyalty_lots l WHERE l.user = m.user AND l.org = m.org AND l.remaining > 0), 0)
			- COALESCE((SELECT d.points FROM loyalty_debts d WHERE d.user = m.user AND d.org = m.org), 0) AS has
		FROM moved m)
	SELECT 'loyalty.member' AS rule, user || ' @ ' || org AS subject, CAST(total AS TEXT) AS expected, CAST(has AS TEXT) AS actual
		FROM owned WHERE has <> total`

const debtsSQL = `WITH owed AS MATERIALIZED (
		SELECT user, org, points,
			-COALESCE((SELECT SUM(m.points) FROM loyalty_movements m WHERE m.user = d.user AND m.org = d.org AND m.lot = ''), 0) AS moved
		FROM loyalty_debts d WHERE user > {:after} AND user <= {:until})
	SELECT 'loyalty.debt' AS rule, user || ' @ ' || org AS subject, CAST(moved AS TEXT) AS expected, CAST(points AS TEXT) AS actual
		FROM owed WHERE points <> moved`

const operationsSQL = `WITH spends AS MATERIALIZED (
		SELECT id, points,
			-COALESCE((SELECT SUM(m.points) FROM loyalty_movements m WHERE m.op = o.id AND m.kind = 'spend'), 0) AS taken,
			COALESCE((SELECT SUM(m.points) FROM loyalty_movements m WHERE m.of <> '' AND m.of = o.id AND m.kind = 'return'), 0) AS returned
		FROM loyalty_ops o WHERE id > {:after} AND id <= {:until} AND kind = 'spend')
	SELECT 'loyalty.spend' AS rule, id AS subject, CAST(taken AS TEXT) AS expected, CAST(points AS TEXT) AS actual FROM spends WHERE points <> taken
	UNION ALL SELECT 'loyalty.returned', id, '≤ ' || taken, CAST(returned AS TEXT) FROM spends WHERE returned > taken`

// rewardsSQL counts the vouchers by the index that leads from a reward to them.
const rewardsSQL = `WITH rewards AS MATERIALIZED (
		SELECT id, stock, taken, (SELECT COUNT(*) FROM loyalty_vouchers v WHERE v.reward = r.id AND v.state IN ('held', 'redeemed')) AS given
		FROM loyalty_rewards r WHERE id > {:after} AND id <= {:until})
	SELECT 'loyalty.reward' AS rule, id AS subject, CAST(given AS TEXT) AS expected, CAST(taken AS TEXT) AS actual FROM rewards WHERE taken <> given
	UNION ALL SELECT 'loyalty.reward', id, '≤ ' || stock, CAST(taken AS TEXT) FROM rewards WHERE taken > stock`

const vouchersSQL = `WITH vouchers AS MATERIALIZED (
		SELECT id, CASE WHEN state IN ('held', 'redeemed') THEN points ELSE 0 END AS owed,
			COALESCE((SELECT o.points FROM loyalty_ops o WHERE o.id = 'voucher:' || v.id AND o.kind = 'spend'), 0)
			- COALESCE((SELECT SUM(o.points) FROM loyalty_ops o WHERE o.of <> '' AND o.of = 'voucher:' || v.id AND o.kind = 'return'), 0) AS paid
		FROM loyalty_vouchers v WHERE id > {:after} AND id <= {:until})
	SELECT 'loyalty.voucher' AS rule, id AS subject, CAST(owed AS TEXT) AS expected, CAST(paid AS TEXT) AS actual FROM vouchers WHERE owed <> paid`
