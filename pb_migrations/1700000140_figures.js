// Figures of each program, by day. Nobody's id is kept: a person is a keyed hash that differs from program to
// program, and only so long as retention can be told from it. Lines of the programs' logs lie in the auxiliary
// database (internal/logs makes that table itself), so that a chatty program never waits in front of money.
migrate(
	(app) => {
		for (const statement of [
			`CREATE TABLE figures_days (
				program TEXT NOT NULL, day TEXT NOT NULL, opens INTEGER NOT NULL DEFAULT 0, people INTEGER NOT NULL DEFAULT 0,
				newcomers INTEGER NOT NULL DEFAULT 0, errors INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (program, day)) WITHOUT ROWID`,
			// loads is a histogram: how often opening took up to so many milliseconds.
			`CREATE TABLE figures_loads (
				program TEXT NOT NULL, day TEXT NOT NULL, bucket INTEGER NOT NULL, count INTEGER NOT NULL,
				PRIMARY KEY (program, day, bucket)) WITHOUT ROWID`,
			`CREATE TABLE figures_pages (
				program TEXT NOT NULL, day TEXT NOT NULL, path TEXT NOT NULL, views INTEGER NOT NULL, entries INTEGER NOT NULL,
				exits INTEGER NOT NULL, PRIMARY KEY (program, day, path)) WITHOUT ROWID`,
			`CREATE TABLE figures_people (
				program TEXT NOT NULL, person TEXT NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL,
				PRIMARY KEY (program, person)) WITHOUT ROWID`,
			`CREATE TABLE figures_retention (
				program TEXT NOT NULL, first_day TEXT NOT NULL, after INTEGER NOT NULL, people INTEGER NOT NULL,
				PRIMARY KEY (program, first_day, after)) WITHOUT ROWID`,
			// The last event counted of each launch, so that a batch sent twice counts once.
			`CREATE TABLE figures_sessions (
				session TEXT PRIMARY KEY, seq INTEGER NOT NULL, path TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID`,
		]) {
			app.db().newQuery(statement).execute()
		}
	},
	(app) => {
		for (const table of ["sessions", "retention", "people", "pages", "loads", "days"]) {
			app.db().newQuery(`DROP TABLE figures_${table}`).execute()
		}
	},
)
