// The nightly proof: its runs, and what they found. Nobody writes either by rule; internal/proof does. The operator alone
// reads them, and hears of them as they change.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		const operator = "@request.auth.operator = true"
		const text = (name, max, more) => ({ name, type: "text", max, ...more })
		const count = (name) => ({ name, type: "number", onlyInt: true, min: 0 })
		const runs = new Collection({
			type: "base",
			name: "proof_runs",
			listRule: operator,
			viewRule: operator,
			fields: [
				{
					name: "state",
					type: "select",
					values: ["running", "done", "failed"],
					required: true,
					maxSelect: 1,
				},
				text("actor", 64), // who asked for it; the night has no name
				{ name: "started", type: "date" },
				{ name: "finished", type: "date" },
				// Where it stands: how many walks are done, and the last key that the present one has read.
				count("step"),
				count("steps"),
				text("cursor", 400, { hidden: true }),
				count("looked"),
				count("wrong"),
				// Of each rule: how many rows were looked at, how many were wrong, whether its tables are here.
				{ name: "rules", type: "json", maxSize: 100000 },
				text("error", 2000),
				// Whether it is the last one that came to its end.
				{ name: "latest", type: "bool" },
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: [
				"CREATE UNIQUE INDEX idx_proof_runs_running ON proof_runs (state) WHERE state = 'running'",
				"CREATE UNIQUE INDEX idx_proof_runs_latest ON proof_runs (latest) WHERE latest = TRUE",
				"CREATE INDEX idx_proof_runs_started ON proof_runs (started)",
			],
		})
		app.save(runs)
		app.save(
			new Collection({
				type: "base",
				name: "proof_findings",
				listRule: operator,
				viewRule: operator,
				fields: [
					{
						name: "run",
						type: "relation",
						collectionId: runs.id,
						required: true,
						maxSelect: 1,
						cascadeDelete: true,
					},
					text("rule", 64, { required: true }),
					text("of_table", 64, { required: true }),
					text("of_row", 400, { required: true }),
					text("expected", 400), // what follows from the other rows
					text("actual", 400), // what the row says
					{
						name: "state",
						type: "select",
						values: ["open", "acknowledged"],
						required: true,
						maxSelect: 1,
					},
					text("reason", 500),
					text("actor", 64), // who acknowledged it
					{ name: "acknowledged", type: "date" },
					{ name: "created", type: "autodate", onCreate: true },
					{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_proof_findings_once ON proof_findings (run, rule, of_row)",
					"CREATE INDEX idx_proof_findings_row ON proof_findings (rule, of_row)",
				],
			}),
		)
		// What the proof sums is in the index itself: read in its order, ten million movements take seconds.
		for (const [name, columns, where] of [
			["member", "user, org, lot, points", ""],
			["op", "op, kind, points", ""],
			["lot", "lot, seq, points", " WHERE lot <> ''"],
		]) {
			run(`DROP INDEX IF EXISTS loyalty_movements_${name}`)
			run(`CREATE INDEX loyalty_movements_${name} ON loyalty_movements (${columns})${where}`)
		}
	},
	(app) => {
		for (const [name, columns, where] of [
			["member", "user, org", ""],
			["op", "op", ""],
			["lot", "lot", " WHERE lot <> ''"],
		]) {
			app.db().newQuery(`DROP INDEX IF EXISTS loyalty_movements_${name}`).execute()
			app
				.db()
				.newQuery(
					`CREATE INDEX loyalty_movements_${name} ON loyalty_movements (${columns})${where}`,
				)
				.execute()
		}
		for (const name of ["proof_findings", "proof_runs"]) {
			app.delete(app.findCollectionByNameOrId(name))
		}
	},
)
