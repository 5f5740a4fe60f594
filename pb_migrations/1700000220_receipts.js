// Receipts: what mini programs had the house sign, and the public halves of the keys that signed them. Neither is a
// collection: nobody subscribes to them, and no rule could let anybody write one. A receipt is written once: whether
// its payment went back is what its bill says. Also the page that a version names as its desk.
migrate(
	(app) => {
		const versions = app.findCollectionByNameOrId("programs_versions")
		versions.fields.add(new TextField({ name: "desk", max: 1024 }))
		app.save(versions)

		for (const statement of [
			`CREATE TABLE receipts (
				number TEXT PRIMARY KEY CHECK (length(number) = 14),
				program TEXT NOT NULL,
				appid TEXT NOT NULL,
				reference TEXT NOT NULL CHECK (reference <> ''),
				bill TEXT NOT NULL,
				openid TEXT NOT NULL CHECK (openid <> ''),
				digest TEXT NOT NULL,
				token TEXT NOT NULL CHECK (token <> ''),
				path TEXT NOT NULL,
				demo INTEGER NOT NULL CHECK (demo IN (0, 1)),
				created TEXT NOT NULL
			) STRICT, WITHOUT ROWID`,
			// The same again is the same receipt, and a payment has one.
			"CREATE UNIQUE INDEX idx_receipts_reference ON receipts (program, reference)",
			"CREATE UNIQUE INDEX idx_receipts_bill ON receipts (bill) WHERE bill <> ''",
			// How many a program issued of late that no payment stands behind.
			"CREATE INDEX idx_receipts_stated ON receipts (program, created) WHERE bill = ''",
			`CREATE TABLE receipts_keys (
				kid TEXT PRIMARY KEY,
				public TEXT NOT NULL,
				since TEXT NOT NULL
			) STRICT, WITHOUT ROWID`,
		]) {
			app.db().newQuery(statement).execute()
		}
		for (const table of ["receipts", "receipts_keys"]) {
			for (const act of ["UPDATE", "DELETE"]) {
				app
					.db()
					.newQuery(`CREATE TRIGGER ${table}_no_${act.toLowerCase()} BEFORE ${act} ON ${table}
						BEGIN SELECT RAISE(ABORT, '${table} is append only'); END`)
					.execute()
			}
		}
	},
	(app) => {
		for (const table of ["receipts_keys", "receipts"]) {
			app.db().newQuery(`DROP TABLE ${table}`).execute()
		}
		const versions = app.findCollectionByNameOrId("programs_versions")
		versions.fields.removeByName("desk")
		app.save(versions)
	},
)
