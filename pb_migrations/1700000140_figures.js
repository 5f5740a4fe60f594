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
			// How often people went from one page to the next.
			`CREATE TABLE figures_steps (
				program TEXT NOT NULL, day TEXT NOT NULL, origin TEXT NOT NULL, target TEXT NOT NULL, count INTEGER NOT NULL,
				PRIMARY KEY (program, day, origin, target)) WITHOUT ROWID`,
			`CREATE TABLE figures_people (
				program TEXT NOT NULL, person TEXT NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL,
				PRIMARY KEY (program, person)) WITHOUT ROWID`,
			"CREATE INDEX idx_figures_people_last ON figures_people (last_day)",
			`CREATE TABLE figures_retention (
				program TEXT NOT NULL, first_day TEXT NOT NULL, after INTEGER NOT NULL, people INTEGER NOT NULL,
				PRIMARY KEY (program, first_day, after)) WITHOUT ROWID`,
			// Which events of each launch are counted (the highest number, and a bit for each of those before it), so
			// that a batch sent twice counts once; and the page where the launch is, with the day of its exit.
			`CREATE TABLE figures_sessions (
				session TEXT PRIMARY KEY, seq INTEGER NOT NULL, seen TEXT NOT NULL, path TEXT NOT NULL, day TEXT NOT NULL,
				loaded INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID`,
			"CREATE INDEX idx_figures_sessions_at ON figures_sessions (at)",
		]) {
			app.db().newQuery(statement).execute()
		}
	},
	(app) => {
		for (const table of ["sessions", "retention", "people", "steps", "pages", "loads", "days"]) {
			app.db().newQuery(`DROP TABLE figures_${table}`).execute()
		}
	},
)
