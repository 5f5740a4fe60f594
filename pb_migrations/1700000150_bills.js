// Bills: what a mini program's server asks one person to pay, and the refunds of them. Nobody writes one by rule;
// the verbs of internal/bills do. The payer, the payee's staff (or the person who is the payee) and the operator may
// read one. Who paid is hidden from the payee: a program knows people by openid alone.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		const users = app.findCollectionByNameOrId("users")
		const orgs = app.findCollectionByNameOrId("orgs")
		const programs = app.findCollectionByNameOrId("programs")
		const readable =
			"@request.auth.id != '' && (payer = @request.auth.id || owner = @request.auth.id || " +
			"org.staff_via_org.user ?= @request.auth.id || @request.auth.operator = true)"
		const amount = (name, min) => ({
			name,
			type: "number",
			onlyInt: true,
			min,
			max: 9007199254740991,
		})
		const text = (name, max) => ({ name, type: "text", max })
		const relation = (name, to, more) => ({
			name,
			type: "relation",
			collectionId: to.id,
			maxSelect: 1,
			...more,
		})

		app.save(
			new Collection({
				type: "base",
				name: "bills",
				listRule: readable,
				viewRule: readable,
				fields: [
					relation("program", programs, { required: true }),
					text("appid", 64),
					text("program_name", 60),
					// The payee: an organisation, or the person who owns the program.
					relation("org", orgs),
					relation("owner", users),
					text("payee", 255),
					relation("payer", users, { hidden: true }),
					text("openid", 64),
					{
						name: "status",
						type: "select",
						values: ["open", "paid", "partly_refunded", "refunded", "closed", "expired"],
						required: true,
						maxSelect: 1,
					},
					amount("amount", 1),
					amount("refunded", 0),
					text("currency", 3),
					text("title", 120),
					text("detail", 1000),
					text("reference", 64),
					{ name: "attach", type: "text", max: 1000, hidden: true },
					text("method", 20),
					{ name: "trial", type: "bool" },
					{ name: "expires_at", type: "date" },
					{ name: "paid_at", type: "date" },
					{ name: "closed_at", type: "date" },
					{ name: "created", type: "autodate", onCreate: true },
					{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_bills_reference ON bills (program, reference)",
					"CREATE INDEX idx_bills_org ON bills (org, created)",
					"CREATE INDEX idx_bills_program ON bills (program, created)",
					"CREATE INDEX idx_bills_payer ON bills (payer, program) WHERE status = 'open'",
					"CREATE INDEX idx_bills_open ON bills (expires_at) WHERE status = 'open'",
					"CREATE INDEX idx_bills_unpaid ON bills (closed_at) WHERE status IN ('closed', 'expired')",
					// What an individual has taken within a day or a month.
					"CREATE INDEX idx_bills_owner ON bills (owner, paid_at) WHERE owner != ''",
				],
			}),
		)

		// The last line, which holds even against a mistake in the verbs.
		const sound = `typeof(NEW.amount) = 'integer' AND typeof(NEW.refunded) = 'integer' AND NEW.amount > 0
			AND NEW.refunded BETWEEN 0 AND NEW.amount AND length(NEW.currency) = 3
			AND (NEW.org = '') <> (NEW.owner = '') AND (NEW.owner = '' OR NEW.owner <> NEW.payer) AND NEW.reference <> ''
			AND CASE NEW.status
				WHEN 'paid' THEN NEW.paid_at <> '' AND NEW.refunded = 0
				WHEN 'partly_refunded' THEN NEW.paid_at <> '' AND NEW.refunded > 0 AND NEW.refunded < NEW.amount
				WHEN 'refunded' THEN NEW.paid_at <> '' AND NEW.refunded = NEW.amount
				ELSE NEW.paid_at = '' AND NEW.refunded = 0 END`
		const refuse = (name, when, condition, why) =>
			run(`CREATE TRIGGER bills_${name} BEFORE ${when} ON bills WHEN ${condition}
				BEGIN SELECT RAISE(ABORT, '${why}'); END`)
		refuse(
			"made",
			"INSERT",
			"NEW.status <> 'open' OR NEW.payer = ''",
			"a bill begins open, with somebody to pay it",
		)
		for (const act of ["INSERT", "UPDATE"]) {
			refuse(
				`sound_${act.toLowerCase()}`,
				act,
				`NOT coalesce(${sound}, FALSE)`,
				"a bill must be sound",
			)
		}
		const kept =
			"id program appid org owner openid amount currency title detail reference attach trial".split(
				" ",
			)
		refuse(
			"fixed",
			"UPDATE",
			// Of somebody who is gone the openid stays.
			kept.map((name) => `NEW.${name} IS NOT OLD.${name}`).join(" OR ") +
				" OR (NEW.payer <> OLD.payer AND NEW.payer <> '')",
			"what a bill asks for does not change",
		)
		refuse(
			"paid",
			"UPDATE",
			"OLD.paid_at <> '' AND (NEW.refunded < OLD.refunded OR NEW.paid_at IS NOT OLD.paid_at OR NEW.method IS NOT OLD.method OR NEW.closed_at IS NOT OLD.closed_at)",
			"a paid bill changes by refunds alone",
		)
		refuse(
			"over",
			"UPDATE",
			"OLD.status IN ('closed', 'expired') AND NEW.status <> OLD.status",
			"a closed bill stays closed",
		)
		refuse("kept", "DELETE", "OLD.paid_at <> ''", "a paid bill is never deleted")

		run(`CREATE TABLE bills_refunds (
			bill TEXT NOT NULL,
			key TEXT NOT NULL CHECK (key <> ''),
			amount INTEGER NOT NULL CHECK (amount > 0 AND amount <= 9007199254740991),
			reason TEXT NOT NULL,
			source TEXT NOT NULL CHECK (source IN ('program', 'backend', 'payee', 'operator')),
			actor TEXT NOT NULL,
			created TEXT NOT NULL,
			PRIMARY KEY (bill, key)
		) STRICT, WITHOUT ROWID`)
		for (const act of ["UPDATE", "DELETE"]) {
			run(`CREATE TRIGGER bills_refunds_no_${act.toLowerCase()} BEFORE ${act} ON bills_refunds
				BEGIN SELECT RAISE(ABORT, 'bills_refunds is append only'); END`)
		}
		run(`CREATE TRIGGER bills_refunds_covered AFTER INSERT ON bills_refunds
			WHEN (SELECT sum(amount) FROM bills_refunds WHERE bill = NEW.bill)
				IS NOT (SELECT refunded FROM bills WHERE id = NEW.bill)
			BEGIN SELECT RAISE(ABORT, 'refunds must add up to what the bill says'); END`)
	},
	(app) => {
		app.db().newQuery("DROP TABLE bills_refunds").execute()
		app.delete(app.findCollectionByNameOrId("bills"))
	},
)
