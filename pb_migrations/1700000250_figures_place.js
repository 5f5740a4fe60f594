// Figures of organisations and of the whole place, beside those of programs: the tables by day take them in under
// "org:<id>" and "platform" where a program's id stands. Nobody's id is kept here either: who was there in a week is a
// sketch of 16,384 small numbers, and the trails that funnels are built from carry a keyed hash that differs from
// program to program and goes with them.
migrate(
	(app) => {
		for (const statement of [
			`CREATE TABLE figures_hours (
				program TEXT NOT NULL, day TEXT NOT NULL, hour INTEGER NOT NULL, opens INTEGER NOT NULL,
				PRIMARY KEY (program, day, hour)) WITHOUT ROWID`,
			// The sketches of the latest days, one number a row, so that a visit writes a few bytes; sketches holds the others.
			`CREATE TABLE figures_registers (
				program TEXT NOT NULL, day TEXT NOT NULL, register INTEGER NOT NULL, rank INTEGER NOT NULL,
				PRIMARY KEY (program, day, register)) WITHOUT ROWID`,
			"CREATE INDEX idx_figures_registers_day ON figures_registers (day)",
			`CREATE TABLE figures_sketches (
				program TEXT NOT NULL, day TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (program, day)) WITHOUT ROWID`,
			// How often a program's own events happened.
			`CREATE TABLE figures_events (
				program TEXT NOT NULL, day TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,
				PRIMARY KEY (program, day, name)) WITHOUT ROWID`,
			// What funnels are built from: a row for each batch, kept for as many days as the operator says.
			`CREATE TABLE figures_trails (
				seq INTEGER PRIMARY KEY, program TEXT NOT NULL, day TEXT NOT NULL, mark TEXT NOT NULL, at INTEGER NOT NULL,
				events TEXT NOT NULL)`,
			"CREATE INDEX idx_figures_trails_day ON figures_trails (program, day)",
			"CREATE INDEX idx_figures_trails_mark ON figures_trails (mark)",
			`CREATE TABLE figures_funnels (
				id TEXT PRIMARY KEY, program TEXT NOT NULL, name TEXT NOT NULL, steps TEXT NOT NULL, minutes INTEGER NOT NULL,
				created TEXT NOT NULL) WITHOUT ROWID`,
			"CREATE INDEX idx_figures_funnels_program ON figures_funnels (program)",
			// Orders, money and points by day, rolled up from their own tables up to the marks, and never past one twice.
			`CREATE TABLE figures_sums (
				program TEXT NOT NULL, day TEXT NOT NULL, what TEXT NOT NULL, unit TEXT NOT NULL, amount INTEGER NOT NULL,
				PRIMARY KEY (program, day, what, unit)) WITHOUT ROWID`,
			"CREATE TABLE figures_marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
			"INSERT INTO figures_marks (name, value) VALUES ('orders', ''), ('bills', '0'), ('points', '0')",
			`CREATE TABLE figures_settings (
				id INTEGER PRIMARY KEY CHECK (id = 1), headline INTEGER NOT NULL DEFAULT 1,
				trail_days INTEGER NOT NULL DEFAULT 30 CHECK (trail_days BETWEEN 0 AND 90))`,
			"INSERT INTO figures_settings (id) VALUES (1)",
			// Whose launch it is, since when, and 32 bits of a keyed hash, to count who is here now.
			"ALTER TABLE figures_sessions ADD COLUMN program TEXT NOT NULL DEFAULT ''",
			"ALTER TABLE figures_sessions ADD COLUMN org TEXT NOT NULL DEFAULT ''",
			"ALTER TABLE figures_sessions ADD COLUMN here INTEGER NOT NULL DEFAULT 0",
			"ALTER TABLE figures_sessions ADD COLUMN began INTEGER NOT NULL DEFAULT 0",
			"ALTER TABLE figures_days ADD COLUMN trails INTEGER NOT NULL DEFAULT 0",
		]) {
			app.db().newQuery(statement).execute()
		}
	},
	(app) => {
		const run = (statement) => app.db().newQuery(statement).execute()
		run("ALTER TABLE figures_days DROP COLUMN trails")
		for (const column of ["program", "org", "here", "began"]) {
			run(`ALTER TABLE figures_sessions DROP COLUMN ${column}`)
		}
		for (const table of [
			"settings",
			"marks",
			"sums",
			"funnels",
			"trails",
			"events",
			"sketches",
			"registers",
			"hours",
		]) {
			run(`DROP TABLE figures_${table}`)
		}
		for (const table of ["days", "loads", "people", "retention"]) {
			run(`DELETE FROM figures_${table} WHERE program = 'platform' OR program LIKE 'org:%'`)
		}
	},
)
