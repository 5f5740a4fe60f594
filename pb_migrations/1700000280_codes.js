// Codes: words that unlock a campaign. No rule opens these tables; the verbs of internal/campaigns read and write them.
// The checks are the last line: whatever a verb forgets, no code is used more often than it may be and no budget is
// spent twice. An empty limit (NULL) is no limit; a limit of zero is zero. Instants are milliseconds since 1970.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		const campaigns = app.findCollectionByNameOrId("campaigns")
		campaigns.fields.add(new Field({ name: "codes", type: "bool" })) // it gives nothing without one of its codes
		const staff = "@request.auth.id != '' && org.staff_via_org.user ?= @request.auth.id"
		campaigns.listRule = campaigns.viewRule = `(status = 'active' && codes = false) || (${staff})`
		app.save(campaigns)
		const orders = app.findCollectionByNameOrId("orders")
		orders.fields.add(new Field({ name: "coupon", type: "json", maxSize: 4000 })) // the code in the basket, and what it gave or why not
		app.save(orders)

		run(`CREATE TABLE campaigns_batches (
			id TEXT PRIMARY KEY CHECK (id <> ''),
			org TEXT NOT NULL,
			campaign TEXT NOT NULL,
			label TEXT NOT NULL,
			prefix TEXT NOT NULL,
			uses INTEGER CHECK (uses >= 0), -- of each code
			wanted INTEGER NOT NULL CHECK (wanted > 0),
			made INTEGER NOT NULL DEFAULT 0 CHECK (made BETWEEN 0 AND wanted),
			exported INTEGER NOT NULL DEFAULT 0, -- when; 0 while it has not been
			created INTEGER NOT NULL
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX idx_campaigns_batches_campaign ON campaigns_batches (campaign, created)")
		run(
			"CREATE INDEX idx_campaigns_batches_unfinished ON campaigns_batches (created) WHERE made < wanted",
		)

		run(`CREATE TABLE campaigns_codes (
			id INTEGER PRIMARY KEY,
			org TEXT NOT NULL,
			campaign TEXT NOT NULL,
			batch TEXT NOT NULL, -- empty for a word that a merchant chose
			word TEXT NOT NULL, -- as it is printed
			folded TEXT NOT NULL CHECK (folded <> ''), -- as it is compared
			uses INTEGER CHECK (uses >= 0),
			used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
			held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
			revoked INTEGER NOT NULL DEFAULT 0,
			created INTEGER NOT NULL,
			CHECK (uses IS NULL OR used + held <= uses),
			UNIQUE (org, folded)
		) STRICT`)
		run("CREATE INDEX idx_campaigns_codes_campaign ON campaigns_codes (campaign, id)")
		run("CREATE INDEX idx_campaigns_codes_batch ON campaigns_codes (batch, id) WHERE batch <> ''")

		run(`CREATE TABLE campaigns_terms (
			campaign TEXT PRIMARY KEY,
			each_person INTEGER CHECK (each_person >= 0),
			budget INTEGER CHECK (budget >= 0),
			spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
			held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
			CHECK (budget IS NULL OR spent + held <= budget)
		) STRICT, WITHOUT ROWID`)

		// What an order holds or has used: one row an order, so it counts once however often it is asked to pay.
		run(`CREATE TABLE campaigns_uses (
			order_id TEXT PRIMARY KEY CHECK (order_id <> ''),
			code INTEGER NOT NULL REFERENCES campaigns_codes (id),
			campaign TEXT NOT NULL,
			person TEXT NOT NULL,
			amount INTEGER NOT NULL CHECK (amount >= 0),
			used INTEGER NOT NULL DEFAULT 0, -- when it was paid; 0 while it is only held
			expires INTEGER NOT NULL
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX idx_campaigns_uses_expires ON campaigns_uses (expires) WHERE used = 0")
		run("CREATE INDEX idx_campaigns_uses_code ON campaigns_uses (code, expires) WHERE used = 0")
		run("CREATE INDEX idx_campaigns_uses_person ON campaigns_uses (person) WHERE person <> ''")

		run(`CREATE TABLE campaigns_persons (
			campaign TEXT NOT NULL,
			person TEXT NOT NULL CHECK (person <> ''),
			uses INTEGER NOT NULL CHECK (uses >= 0), -- held ones too
			most INTEGER CHECK (most >= 0), -- the limit when it last grew
			CHECK (most IS NULL OR uses <= most),
			PRIMARY KEY (campaign, person)
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX idx_campaigns_persons_person ON campaigns_persons (person)")
	},
	(app) => {
		for (const table of ["uses", "persons", "terms", "codes", "batches"])
			app.db().newQuery(`DROP TABLE campaigns_${table}`).execute()
		const campaigns = app.findCollectionByNameOrId("campaigns")
		const staff = "@request.auth.id != '' && org.staff_via_org.user ?= @request.auth.id"
		campaigns.listRule = campaigns.viewRule = `status = 'active' || (${staff})`
		campaigns.fields.removeByName("codes")
		app.save(campaigns)
		const orders = app.findCollectionByNameOrId("orders")
		orders.fields.removeByName("coupon")
		app.save(orders)
	},
)
