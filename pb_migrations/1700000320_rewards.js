// Rewards: what members take for their points, and the vouchers that they hold for it. No rule opens these tables; the
// verbs of internal/loyalty read and write them. The checks are the last line: whatever a verb forgets, no more of a
// reward is given than there is, and a voucher ends in one way. An empty limit (NULL) is no limit; a limit of zero is
// zero. Instants are text, as in the other tables of points.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		run(`CREATE TABLE loyalty_rewards (
			id TEXT PRIMARY KEY CHECK (id <> ''),
			org TEXT NOT NULL CHECK (org <> ''),
			name TEXT NOT NULL CHECK (name <> ''),
			cost INTEGER NOT NULL CHECK (cost > 0), -- points
			value INTEGER NOT NULL DEFAULT 0 CHECK (value >= 0), -- what it would cost in money, in minor units
			stock INTEGER CHECK (stock >= 0),
			each_person INTEGER CHECK (each_person >= 0),
			taken INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0), -- held and redeemed
			opens TEXT NOT NULL DEFAULT '',
			ends TEXT NOT NULL DEFAULT '',
			archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
			created TEXT NOT NULL,
			CHECK (stock IS NULL OR taken <= stock)
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX idx_loyalty_rewards_org ON loyalty_rewards (org)")

		run(`CREATE TABLE loyalty_vouchers (
			id TEXT PRIMARY KEY CHECK (id <> ''),
			reward TEXT NOT NULL REFERENCES loyalty_rewards (id),
			user TEXT NOT NULL CHECK (user <> ''),
			org TEXT NOT NULL,
			name TEXT NOT NULL, -- of the reward, as it was when the voucher was taken
			key TEXT NOT NULL CHECK (key <> ''), -- of the request
			code TEXT NOT NULL CHECK (code <> ''),
			points INTEGER NOT NULL CHECK (points > 0),
			state TEXT NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'redeemed', 'released', 'lapsed')),
			created TEXT NOT NULL,
			expires TEXT NOT NULL,
			closed TEXT NOT NULL DEFAULT '',
			closed_by TEXT NOT NULL DEFAULT '', -- who redeemed or released it; nobody when it lapsed
			UNIQUE (user, key),
			UNIQUE (org, code),
			CHECK ((state = 'held') = (closed = ''))
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX idx_loyalty_vouchers_reward ON loyalty_vouchers (reward, user)")
		run("CREATE INDEX idx_loyalty_vouchers_org ON loyalty_vouchers (org, created)")
		run("CREATE INDEX idx_loyalty_vouchers_user ON loyalty_vouchers (user, org, created)")
		run(
			"CREATE INDEX idx_loyalty_vouchers_expires ON loyalty_vouchers (expires) WHERE state = 'held'",
		)
	},
	(app) => {
		for (const table of ["vouchers", "rewards"])
			app.db().newQuery(`DROP TABLE loyalty_${table}`).execute()
	},
)
