// Leaderboards: who is best at what, by season, and what the first of a tournament get. No rule opens these tables: the
// verbs of internal/leaderboards read and write them, and programs and makers never see whose a row is. Instants are
// milliseconds since 1970, whose order is the order of time. A score's key is the smaller the better it is, whichever way
// the board is sorted, so that one index ranks them all: by key, then who came first, then the row.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		const exact = "BETWEEN -9007199254740991 AND 9007199254740991"

		run(`CREATE TABLE leaderboards_boards (
			id INTEGER PRIMARY KEY AUTOINCREMENT,
			program TEXT NOT NULL CHECK (program <> ''),
			appid TEXT NOT NULL CHECK (appid <> ''),
			trial INTEGER NOT NULL CHECK (trial IN (0, 1)), -- of versions that testers try: it never mixes with the real one
			board TEXT NOT NULL CHECK (board <> ''),
			spec TEXT NOT NULL, -- as the manifest declares it
			live INTEGER NOT NULL CHECK (live IN (0, 1)), -- the program declares it now
			epoch INTEGER NOT NULL DEFAULT 0, -- grows when the scores of before cannot be compared any more
			created INTEGER NOT NULL,
			updated INTEGER NOT NULL,
			UNIQUE (program, trial, board)
		) STRICT`)

		run(`CREATE TABLE leaderboards_seasons (
			id INTEGER PRIMARY KEY AUTOINCREMENT,
			board INTEGER NOT NULL,
			epoch INTEGER NOT NULL,
			period TEXT NOT NULL, -- the time of its beginning on the wall, without a zone: a repeated hour is one
			starts INTEGER NOT NULL,
			ends INTEGER NOT NULL CHECK (ends = 0 OR ends > starts), -- the first instant after it; 0 when it has no end
			closed INTEGER NOT NULL DEFAULT 0,
			spec TEXT NOT NULL, -- of the board when it began: what was promised then holds to its end
			players INTEGER NOT NULL DEFAULT 0 CHECK (players >= 0), -- who are ranked
			entrants INTEGER NOT NULL DEFAULT 0 CHECK (entrants >= 0), -- who have joined
			rev INTEGER NOT NULL DEFAULT 0, -- how often its ranking was changed
			UNIQUE (board, epoch, period)
		) STRICT`)
		run("CREATE INDEX idx_leaderboards_seasons_time ON leaderboards_seasons (board, starts)")
		run(
			"CREATE INDEX idx_leaderboards_seasons_due ON leaderboards_seasons (ends) WHERE closed = 0 AND ends > 0",
		)
		run(`CREATE TRIGGER leaderboards_seasons_closed BEFORE UPDATE OF closed ON leaderboards_seasons
			WHEN OLD.closed <> 0 AND NEW.closed <> OLD.closed
			BEGIN SELECT RAISE(ABORT, 'a season is closed once'); END`)

		run(`CREATE TABLE leaderboards_scores (
			id INTEGER PRIMARY KEY AUTOINCREMENT,
			season INTEGER NOT NULL,
			person TEXT NOT NULL CHECK (person <> ''),
			key INTEGER NOT NULL CHECK (key ${exact}),
			at INTEGER NOT NULL,
			hidden TEXT NOT NULL DEFAULT '' CHECK (hidden IN ('', 'removed', 'banned')),
			submits INTEGER NOT NULL DEFAULT 1,
			UNIQUE (season, person)
		) STRICT`)
		run(
			"CREATE INDEX idx_leaderboards_scores_rank ON leaderboards_scores (season, key, at) WHERE hidden = ''",
		)
		run("CREATE INDEX idx_leaderboards_scores_person ON leaderboards_scores (person)")
		run(
			"CREATE INDEX idx_leaderboards_scores_hidden ON leaderboards_scores (season) WHERE hidden <> ''",
		)

		run(`CREATE TABLE leaderboards_logs (
			score INTEGER PRIMARY KEY,
			log TEXT NOT NULL, -- what the player did, as the page told it
			at INTEGER NOT NULL
		) STRICT`)

		run(`CREATE TABLE leaderboards_entrants (
			season INTEGER NOT NULL,
			person TEXT NOT NULL CHECK (person <> ''),
			attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
			joined INTEGER NOT NULL,
			PRIMARY KEY (season, person)
		) STRICT, WITHOUT ROWID`)
		run("CREATE INDEX idx_leaderboards_entrants_person ON leaderboards_entrants (person)")

		run(`CREATE TABLE leaderboards_plays (
			id TEXT PRIMARY KEY CHECK (id <> ''),
			board INTEGER NOT NULL,
			season INTEGER NOT NULL,
			person TEXT NOT NULL CHECK (person <> ''),
			seed INTEGER NOT NULL CHECK (seed BETWEEN 0 AND 4294967295),
			started INTEGER NOT NULL,
			expires INTEGER NOT NULL,
			state TEXT NOT NULL CHECK (state IN ('open', 'used', 'left')),
			key TEXT NOT NULL DEFAULT '' -- the request that used it
		) STRICT, WITHOUT ROWID`)
		run(
			"CREATE UNIQUE INDEX idx_leaderboards_plays_open ON leaderboards_plays (board, person) WHERE state = 'open'",
		)
		run("CREATE INDEX idx_leaderboards_plays_person ON leaderboards_plays (person)")
		run("CREATE INDEX idx_leaderboards_plays_expires ON leaderboards_plays (expires)")
		run(`CREATE TRIGGER leaderboards_plays_once BEFORE UPDATE OF state ON leaderboards_plays
			WHEN OLD.state <> 'open' AND NEW.state <> OLD.state
			BEGIN SELECT RAISE(ABORT, 'a play is used once'); END`)

		run(`CREATE TABLE leaderboards_tries (
			id INTEGER PRIMARY KEY AUTOINCREMENT,
			board INTEGER NOT NULL,
			season INTEGER NOT NULL, -- 0 when there was none
			person TEXT NOT NULL,
			play TEXT NOT NULL,
			score TEXT NOT NULL, -- as it was sent
			reason TEXT NOT NULL CHECK (reason <> ''),
			detail TEXT NOT NULL,
			at INTEGER NOT NULL
		) STRICT`)
		run("CREATE INDEX idx_leaderboards_tries_board ON leaderboards_tries (board, id)")
		run("CREATE INDEX idx_leaderboards_tries_person ON leaderboards_tries (person)")

		run(`CREATE TABLE leaderboards_bans (
			id INTEGER PRIMARY KEY AUTOINCREMENT,
			board INTEGER NOT NULL,
			person TEXT NOT NULL CHECK (person <> ''),
			reason TEXT NOT NULL,
			actor TEXT NOT NULL,
			at INTEGER NOT NULL,
			UNIQUE (board, person)
		) STRICT`)
		run("CREATE INDEX idx_leaderboards_bans_person ON leaderboards_bans (person)")

		// The operation id is what the points' ledger knows the prize by: one rank of one period is paid once.
		run(`CREATE TABLE leaderboards_prizes (
			season INTEGER NOT NULL,
			rank INTEGER NOT NULL CHECK (rank > 0),
			person TEXT NOT NULL, -- empty when they are gone
			key INTEGER NOT NULL,
			points INTEGER NOT NULL CHECK (points > 0),
			state TEXT NOT NULL CHECK (state IN ('paid', 'no_programme', 'no_organisation', 'over_limit', 'trial')),
			op TEXT NOT NULL UNIQUE CHECK (op <> ''),
			at INTEGER NOT NULL,
			PRIMARY KEY (season, rank)
		) STRICT, WITHOUT ROWID`)
		run(
			"CREATE INDEX idx_leaderboards_prizes_person ON leaderboards_prizes (person) WHERE person <> ''",
		)
		run(`CREATE TRIGGER leaderboards_prizes_paid BEFORE UPDATE ON leaderboards_prizes
			WHEN NEW.season <> OLD.season OR NEW.rank <> OLD.rank OR NEW.points <> OLD.points OR NEW.op <> OLD.op
				OR OLD.state = 'paid' AND NEW.state <> 'paid' OR NEW.person <> OLD.person AND NEW.person <> ''
			BEGIN SELECT RAISE(ABORT, 'a prize stays what it was'); END`)
		run(`CREATE TRIGGER leaderboards_prizes_kept BEFORE DELETE ON leaderboards_prizes WHEN OLD.state = 'paid'
			BEGIN SELECT RAISE(ABORT, 'a paid prize is never deleted'); END`)
	},
	(app) => {
		for (const table of "prizes bans tries plays entrants logs scores seasons boards".split(" ")) {
			app.db().newQuery(`DROP TABLE leaderboards_${table}`).execute()
		}
	},
)
