package proof

func shopWalks() []walk {
	return []walk{
		{
			name: "stock", tables: []string{"catalog_stock", "catalog_stock_moves"}, rules: []string{"stock.moves"},
			next: leaps("product", "catalog_stock"), find: stockSQL,
		},
		{
			name: "orders", tables: []string{"orders"}, rules: []string{"orders.sum", "orders.ledger", "orders.points"},
			next: keys("id", "orders"), find: ordersSQL,
		},
		{
			name: "order numbers", tables: []string{"orders_numbers"}, rules: []string{"orders.numbers"},
			next: keys("org", "orders_numbers"), find: numbersSQL,
		},
		{
			// No index leads from a code to its uses, so all of them are one statement.
			name: "codes", tables: []string{"campaigns_codes", "campaigns_uses", "campaigns_terms"}, rules: []string{"codes.uses", "codes.budget"},
			find: codesSQL,
		},
	}
}

// stockSQL looks from both sides: a stock without its moves, and moves without their stock.
const stockSQL = `WITH moved AS MATERIALIZED (
		SELECT product, place, SUM(change) AS total FROM catalog_stock_moves WHERE product > {:after} AND product <= {:until} GROUP BY product, place),
	stock AS MATERIALIZED (SELECT product, place, quantity FROM catalog_stock WHERE product > {:after} AND product <= {:until})
	SELECT 'stock.moves' AS rule, s.product || ' @ ' || s.place AS subject, CAST(COALESCE(m.total, 0) AS TEXT) AS expected, CAST(s.quantity AS TEXT) AS actual
		FROM stock s LEFT JOIN moved m ON m.product = s.product AND m.place = s.place WHERE s.quantity <> COALESCE(m.total, 0)
	UNION ALL SELECT 'stock.moves', m.product || ' @ ' || m.place, CAST(m.total AS TEXT), '–'
		FROM moved m LEFT JOIN stock s ON s.product = m.product AND s.place = m.place WHERE s.product IS NULL`

const ordersSQL = `WITH seen AS MATERIALIZED (
		SELECT id, CAST(subtotal AS INT) AS subtotal, CAST(discount_total AS INT) AS discount, CAST(total AS INT) AS total,
			CAST(points_value AS INT) AS by_points, CAST(points_used AS INT) AS used, CAST(points_earned AS INT) AS earned, paid_at <> '' AS paid,
			CASE WHEN json_valid(lines) THEN lines ELSE '[]' END AS lines
		FROM orders WHERE id > {:after} AND id <= {:until}),
	lined AS MATERIALIZED (
		SELECT seen.id, SUM(line.value ->> 'subtotal') AS subtotal, SUM(line.value ->> 'discount') AS discount, SUM(line.value ->> 'total') AS total
		FROM seen, json_each(seen.lines) AS line GROUP BY seen.id),
	held AS MATERIALIZED (
		SELECT id, paid, total, by_points, used, earned,
			COALESCE((SELECT amount FROM ledger_transfer_rows WHERE key = 'order:' || seen.id), 0) AS booked,
			COALESCE((SELECT points FROM loyalty_ops WHERE id = 'order:' || seen.id || ':points'), 0) AS spent,
			COALESCE((SELECT points FROM loyalty_ops WHERE id = 'order:' || seen.id), 0) AS given
		FROM seen)
	SELECT 'orders.sum' AS rule, s.id AS subject,
		printf('%d − %d = %d', COALESCE(l.subtotal, 0), COALESCE(l.discount, 0), COALESCE(l.total, 0)) AS expected,
		printf('%d − %d = %d', s.subtotal, s.discount, s.total) AS actual
		FROM seen s LEFT JOIN lined l ON l.id = s.id
		WHERE s.subtotal <> COALESCE(l.subtotal, 0) OR s.discount <> COALESCE(l.discount, 0) OR s.total <> COALESCE(l.total, 0)
			OR s.total <> s.subtotal - s.discount
	UNION ALL SELECT 'orders.ledger', id, CAST(booked AS TEXT), CAST(CASE WHEN paid THEN total - by_points ELSE 0 END AS TEXT)
		FROM held WHERE booked <> CASE WHEN paid THEN total - by_points ELSE 0 END
	UNION ALL SELECT 'orders.points', id, printf('−%d +%d', spent, given), printf('−%d +%d', used, earned)
		FROM held WHERE spent <> used OR given <> earned`

// numbersSQL names the first number that is missing.
const numbersSQL = `WITH counted AS MATERIALIZED (
		SELECT n.org, n.last, COUNT(o.id) AS given, COALESCE(MAX(CAST(o.number AS INT)), 0) AS highest
		FROM orders_numbers n LEFT JOIN orders o ON o.org = n.org AND o.number <> ''
		WHERE n.org > {:after} AND n.org <= {:until} GROUP BY n.org)
	SELECT 'orders.numbers' AS rule, c.org || ' ' || printf('%06d', COALESCE((
			SELECT MIN(g.missing) FROM (
				SELECT 1 AS missing UNION ALL
				SELECT CAST(o.number AS INT) + 1 FROM orders o WHERE o.org = c.org AND o.number <> '') g
			WHERE NOT EXISTS (SELECT 1 FROM orders p WHERE p.org = c.org AND p.number <> '' AND p.number = printf('%06d', g.missing))), c.last)) AS subject,
		CAST(c.last AS TEXT) AS expected, printf('%d … %d', c.given, c.highest) AS actual
	FROM counted c WHERE c.given <> c.last OR c.highest <> c.last`

// codesSQL counts the orders that hold or have used each code, and what they were given of a campaign's budget.
const codesSQL = `WITH counted AS MATERIALIZED (
		SELECT code, SUM(used > 0) AS used, SUM(used = 0) AS held FROM campaigns_uses GROUP BY code),
	given AS MATERIALIZED (
		SELECT campaign, SUM(CASE WHEN used > 0 THEN amount ELSE 0 END) AS spent, SUM(CASE WHEN used = 0 THEN amount ELSE 0 END) AS held
		FROM campaigns_uses GROUP BY campaign)
	SELECT 'codes.uses' AS rule, c.id || ' ' || c.word AS subject,
		printf('%d + %d', COALESCE(u.used, 0), COALESCE(u.held, 0)) AS expected, printf('%d + %d', c.used, c.held) AS actual
		FROM campaigns_codes c LEFT JOIN counted u ON u.code = c.id WHERE c.used <> COALESCE(u.used, 0) OR c.held <> COALESCE(u.held, 0)
	UNION ALL SELECT 'codes.budget', t.campaign, printf('%d + %d', COALESCE(g.spent, 0), COALESCE(g.held, 0)), printf('%d + %d', t.spent, t.held)
		FROM campaigns_terms t LEFT JOIN given g ON g.campaign = t.campaign WHERE t.spent <> COALESCE(g.spent, 0) OR t.held <> COALESCE(g.held, 0)`
