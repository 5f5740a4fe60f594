// Points: one programme per organisation, and the lots, movements, operations and debts of its members.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		const manages =
			"@request.auth.id != '' && org.staff_via_org.user ?= @request.auth.id && org.staff_via_org.role ?!= 'cashier'"
		app.save(
			new Collection({
				type: "base",
				name: "loyalty_programs",
				listRule: "",
				viewRule: "",
				createRule: manages,
				updateRule: manages + " && @request.body.org:isset = false",
				fields: [
					{
						name: "org",
						type: "relation",
						collectionId: app.findCollectionByNameOrId("orgs").id,
						required: true,
						maxSelect: 1,
						cascadeDelete: true,
					},
					{ name: "name", type: "text", required: true, max: 80 },
					{
						name: "spend_per_point",
						type: "number",
						required: true,
						onlyInt: true,
						min: 1,
						max: 1000000,
					},
					{ name: "point_value", type: "number", onlyInt: true, min: 0, max: 1000000 },
					{
						name: "expiry_kind",
						type: "select",
						values: ["rolling", "end_of_month", "fixed", "never"],
						required: true,
						maxSelect: 1,
					},
					{ name: "expiry_months", type: "number", onlyInt: true, min: 0, max: 240 },
					{
						name: "expiry_date",
						type: "text",
						pattern: "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
					},
					{ name: "pending_days", type: "number", onlyInt: true, min: 0, max: 365 },
					{ name: "timezone", type: "text", required: true, max: 64 },
					{ name: "grace_days", type: "number", onlyInt: true, min: 0, max: 365 },
					{ name: "created", type: "autodate", onCreate: true },
					{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
				],
				indexes: ["CREATE UNIQUE INDEX idx_loyalty_programs_org ON loyalty_programs (org)"],
			}),
		)

		run(`CREATE TABLE loyalty_lots (
			id TEXT PRIMARY KEY NOT NULL,
			user TEXT NOT NULL,
			org TEXT NOT NULL,
			kind TEXT NOT NULL CHECK (kind IN ('earn', 'grant', 'grace')),
			points INTEGER NOT NULL CHECK (points > 0 AND points <= 9007199254740991),
			remaining INTEGER NOT NULL,
			granted TEXT NOT NULL,
			active TEXT NOT NULL,
			expires TEXT NOT NULL DEFAULT '',
			CONSTRAINT remaining CHECK (remaining BETWEEN 0 AND points)
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX loyalty_lots_open ON loyalty_lots (user, org) WHERE remaining > 0")
		run(
			"CREATE INDEX loyalty_lots_expires ON loyalty_lots (expires) WHERE remaining > 0 AND expires <> ''",
		)
		run(`CREATE TRIGGER loyalty_lots_no_delete BEFORE DELETE ON loyalty_lots
			BEGIN SELECT RAISE(ABORT, 'a lot is never deleted'); END`)

		// A row with a lot changes that lot's remaining points; a row without one changes the debt, with the
		// opposite sign. So the sum of all rows is what a member owns.
		run(`CREATE TABLE loyalty_movements (
			seq INTEGER PRIMARY KEY,
			user TEXT NOT NULL,
			org TEXT NOT NULL,
			kind TEXT NOT NULL CHECK (kind IN ('earn', 'grant', 'spend', 'return', 'revoke', 'repay', 'expire')),
			points INTEGER NOT NULL CHECK (points <> 0),
			lot TEXT NOT NULL DEFAULT '',
			op TEXT NOT NULL,
			of TEXT NOT NULL DEFAULT '',
			at TEXT NOT NULL
		) STRICT`)
		run("CREATE INDEX loyalty_movements_member ON loyalty_movements (user, org)")
		run("CREATE INDEX loyalty_movements_op ON loyalty_movements (op)")
		run("CREATE INDEX loyalty_movements_of ON loyalty_movements (of) WHERE of <> ''")
		run("CREATE INDEX loyalty_movements_lot ON loyalty_movements (lot) WHERE lot <> ''")

		run(`CREATE TABLE loyalty_ops (
			id TEXT PRIMARY KEY NOT NULL,
			user TEXT NOT NULL,
			org TEXT NOT NULL,
			kind TEXT NOT NULL,
			of TEXT NOT NULL DEFAULT '',
			asked INTEGER NOT NULL,
			points INTEGER NOT NULL,
			hash TEXT NOT NULL,
			reason TEXT NOT NULL DEFAULT '',
			actor TEXT NOT NULL DEFAULT '',
			at TEXT NOT NULL
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX loyalty_ops_of ON loyalty_ops (of) WHERE of <> ''")
		for (const table of ["loyalty_movements", "loyalty_ops"]) {
			for (const act of ["UPDATE", "DELETE"]) {
				run(`CREATE TRIGGER ${table}_no_${act.toLowerCase()} BEFORE ${act} ON ${table}
					BEGIN SELECT RAISE(ABORT, '${table} is append only'); END`)
			}
		}

		run(`CREATE TABLE loyalty_debts (
			user TEXT NOT NULL,
			org TEXT NOT NULL,
			points INTEGER NOT NULL CHECK (points >= 0),
			PRIMARY KEY (user, org)
		) STRICT, WITHOUT ROWID`)

		const lots = new Collection({
			type: "view",
			name: "lots",
			viewQuery: `SELECT l.id, u.id AS user, o.id AS org, CAST(l.kind AS TEXT) AS kind, CAST(l.points AS INT) AS points,
				CAST(l.remaining AS INT) AS remaining, CAST(l.granted AS TEXT) AS granted, CAST(l.active AS TEXT) AS active,
				CAST(l.expires AS TEXT) AS expires
				FROM loyalty_lots l LEFT JOIN users u ON u.id = l.user LEFT JOIN orgs o ON o.id = l.org`,
		})
		app.save(lots)
		lots.listRule =
			"@request.auth.id != '' && (user = @request.auth.id || org.staff_via_org.user ?= @request.auth.id || @request.auth.operator = true)"
		lots.viewRule = lots.listRule
		app.save(lots)
	},
	(app) => {
		for (const name of ["lots", "loyalty_programs"]) app.delete(app.findCollectionByNameOrId(name))
		for (const table of ["debts", "ops", "movements", "lots"]) {
			app.db().newQuery(`DROP TABLE loyalty_${table}`).execute()
		}
	},
)
