// Money: accounts, transfers, holds, the answers of idempotent requests and the audit trail.
// They are plain SQL tables, because a record has no integers, no CHECK and no trigger; the view collections
// show them in the dashboard and over REST, read only.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		const forever = (table) => {
			for (const act of ["UPDATE", "DELETE"]) {
				run(`CREATE TRIGGER ${table}_no_${act.toLowerCase()} BEFORE ${act} ON ${table}
					BEGIN SELECT RAISE(ABORT, '${table} is append only'); END`)
			}
		}
		const max = "9007199254740991"

		run(`CREATE TABLE ledger_account_rows (
			id TEXT PRIMARY KEY NOT NULL,
			owner TEXT NOT NULL,
			kind TEXT NOT NULL,
			currency TEXT NOT NULL CHECK (length(currency) = 3),
			balance INTEGER NOT NULL DEFAULT 0,
			held INTEGER NOT NULL DEFAULT 0,
			overdraft INTEGER NOT NULL DEFAULT 0 CHECK (overdraft IN (0, 1)),
			created TEXT NOT NULL,
			UNIQUE (owner, kind, currency),
			CONSTRAINT funds CHECK (overdraft OR balance - held >= 0),
			CONSTRAINT holds CHECK (held >= 0),
			CONSTRAINT exact CHECK (balance BETWEEN -${max} AND ${max})
		) STRICT, WITHOUT ROWID`)
		run(`CREATE TRIGGER ledger_account_rows_no_delete BEFORE DELETE ON ledger_account_rows
			BEGIN SELECT RAISE(ABORT, 'an account is never deleted'); END`)

		run(`CREATE TABLE ledger_transfer_rows (
			seq INTEGER PRIMARY KEY,
			id TEXT NOT NULL UNIQUE,
			key TEXT NOT NULL UNIQUE,
			debit TEXT NOT NULL REFERENCES ledger_account_rows (id),
			credit TEXT NOT NULL REFERENCES ledger_account_rows (id),
			amount INTEGER NOT NULL CHECK (amount > 0 AND amount <= ${max}),
			currency TEXT NOT NULL CHECK (length(currency) = 3),
			kind TEXT NOT NULL,
			ref TEXT NOT NULL,
			created TEXT NOT NULL,
			hash TEXT NOT NULL,
			CHECK (debit <> credit)
		) STRICT`)
		run("CREATE INDEX ledger_transfer_rows_debit ON ledger_transfer_rows (debit)")
		run("CREATE INDEX ledger_transfer_rows_credit ON ledger_transfer_rows (credit)")
		forever("ledger_transfer_rows")

		run(`CREATE TABLE ledger_holds (
			key TEXT PRIMARY KEY NOT NULL,
			account TEXT NOT NULL REFERENCES ledger_account_rows (id),
			amount INTEGER NOT NULL CHECK (amount > 0 AND amount <= ${max}),
			captured INTEGER NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
			credit TEXT NOT NULL DEFAULT '',
			state TEXT NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'captured', 'released', 'expired')),
			expires TEXT NOT NULL,
			created TEXT NOT NULL,
			closed TEXT NOT NULL DEFAULT ''
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX ledger_holds_open ON ledger_holds (expires) WHERE state = 'held'")
		run(`CREATE TRIGGER ledger_holds_closed BEFORE UPDATE ON ledger_holds WHEN OLD.state <> 'held'
			BEGIN SELECT RAISE(ABORT, 'a closed hold does not change'); END`)
		run(`CREATE TRIGGER ledger_holds_no_delete BEFORE DELETE ON ledger_holds
			BEGIN SELECT RAISE(ABORT, 'a hold is never deleted'); END`)

		run(`CREATE TABLE ledger_keys (
			scope TEXT NOT NULL,
			value TEXT NOT NULL,
			hash TEXT NOT NULL,
			answer TEXT NOT NULL,
			created TEXT NOT NULL,
			PRIMARY KEY (scope, value)
		) STRICT`)
		forever("ledger_keys")

		run(`CREATE TABLE ledger_audit (
			seq INTEGER PRIMARY KEY,
			at TEXT NOT NULL,
			actor TEXT NOT NULL,
			act TEXT NOT NULL,
			subject TEXT NOT NULL,
			detail TEXT NOT NULL,
			hash TEXT NOT NULL
		) STRICT`)
		run("CREATE INDEX ledger_audit_subject ON ledger_audit (subject)")
		forever("ledger_audit")

		const operator = "@request.auth.operator = true"
		const staff = (org) => `${org}.staff_via_org.user ?= @request.auth.id`
		const seen = (parties) => `@request.auth.id != '' && (${parties.concat(operator).join(" || ")})`

		const accounts = new Collection({
			type: "view",
			name: "ledger_accounts",
			viewQuery: `SELECT a.id, CAST(a.owner AS TEXT) AS owner, u.id AS user, o.id AS org, CAST(a.kind AS TEXT) AS kind,
				CAST(a.currency AS TEXT) AS currency, CAST(a.balance AS INT) AS balance, CAST(a.held AS INT) AS held,
				CAST(a.created AS TEXT) AS created
				FROM ledger_account_rows a
				LEFT JOIN users u ON u.id = substr(a.owner, 6) AND a.owner LIKE 'user:%'
				LEFT JOIN orgs o ON o.id = substr(a.owner, 5) AND a.owner LIKE 'org:%'`,
		})
		app.save(accounts)
		accounts.listRule = seen(["user = @request.auth.id", staff("org")])
		accounts.viewRule = accounts.listRule
		app.save(accounts)

		const transfers = new Collection({
			type: "view",
			name: "ledger_transfers",
			viewQuery: `SELECT t.id, CAST(t.debit AS TEXT) AS debit, CAST(t.credit AS TEXT) AS credit,
				du.id AS debit_user, cu.id AS credit_user, dorg.id AS debit_org, corg.id AS credit_org,
				CAST(t.amount AS INT) AS amount, CAST(t.currency AS TEXT) AS currency, CAST(t.kind AS TEXT) AS kind,
				CAST(t.ref AS TEXT) AS ref, CAST(t.created AS TEXT) AS created
				FROM ledger_transfer_rows t
				JOIN ledger_account_rows d ON d.id = t.debit
				JOIN ledger_account_rows c ON c.id = t.credit
				LEFT JOIN users du ON du.id = substr(d.owner, 6) AND d.owner LIKE 'user:%'
				LEFT JOIN users cu ON cu.id = substr(c.owner, 6) AND c.owner LIKE 'user:%'
				LEFT JOIN orgs dorg ON dorg.id = substr(d.owner, 5) AND d.owner LIKE 'org:%'
				LEFT JOIN orgs corg ON corg.id = substr(c.owner, 5) AND c.owner LIKE 'org:%'`,
		})
		app.save(transfers)
		transfers.listRule = seen([
			"debit_user = @request.auth.id",
			"credit_user = @request.auth.id",
			staff("debit_org"),
			staff("credit_org"),
		])
		transfers.viewRule = transfers.listRule
		app.save(transfers)

		app.save(
			new Collection({
				type: "view",
				name: "audit",
				listRule: operator,
				viewRule: operator,
				viewQuery: `SELECT CAST(seq AS TEXT) AS id, CAST(at AS TEXT) AS at, CAST(actor AS TEXT) AS actor,
					CAST(act AS TEXT) AS act, CAST(subject AS TEXT) AS subject, detail, CAST(hash AS TEXT) AS hash
					FROM ledger_audit`,
			}),
		)
	},
	(app) => {
		for (const name of ["audit", "ledger_transfers", "ledger_accounts"]) {
			app.delete(app.findCollectionByNameOrId(name))
		}
		for (const table of ["audit", "keys", "holds", "transfer_rows", "account_rows"]) {
			app.db().newQuery(`DROP TABLE ledger_${table}`).execute()
		}
	},
)
