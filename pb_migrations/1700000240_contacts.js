// Contacts: who are friends, by their own will on both sides. No rule opens these tables: the verbs of internal/contacts
// read and write them, each for one of the two alone. Instants are milliseconds since 1970.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		run(`CREATE TABLE contacts_invites (
			code TEXT PRIMARY KEY CHECK (length(code) >= 16),
			person TEXT NOT NULL CHECK (person <> ''),
			uses INTEGER NOT NULL DEFAULT 0 CHECK (uses >= 0),
			created INTEGER NOT NULL,
			expires INTEGER NOT NULL CHECK (expires > created)
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX idx_contacts_invites_person ON contacts_invites (person)")
		run("CREATE INDEX idx_contacts_invites_expires ON contacts_invites (expires)")

		// A pair stands once, with the lesser id first: what one sees the other sees. A pair that was ended keeps its row for
		// a moment, so that it can be brought back by who ended it; a block keeps it for as long as it lasts.
		run(`CREATE TABLE contacts_pairs (
			id TEXT PRIMARY KEY CHECK (id <> ''),
			one TEXT NOT NULL CHECK (one <> ''),
			other TEXT NOT NULL,
			since INTEGER NOT NULL,
			ended INTEGER NOT NULL DEFAULT 0, -- when it was; 0 while they are friends
			ended_by TEXT NOT NULL DEFAULT '',
			blocked_by_one INTEGER NOT NULL DEFAULT 0, -- when
			blocked_by_other INTEGER NOT NULL DEFAULT 0,
			CHECK (one < other),
			CHECK ((ended = 0) = (ended_by = '')),
			CHECK (ended_by IN ('', one, other)),
			CHECK (ended > 0 OR (blocked_by_one = 0 AND blocked_by_other = 0)),
			UNIQUE (one, other)
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX idx_contacts_pairs_other ON contacts_pairs (other)")
		run("CREATE INDEX idx_contacts_pairs_ended ON contacts_pairs (ended) WHERE ended > 0")
	},
	(app) => {
		app.db().newQuery("DROP TABLE contacts_pairs").execute()
		app.db().newQuery("DROP TABLE contacts_invites").execute()
	},
)
