// How long an account with a limit has played. The tables are no collections: a game writes them twice a minute and
// nobody subscribes to them. An account without a limit has no row in either.
migrate(
	(app) => {
		for (const statement of [
			// The guardian's limit, and where the clock of the day stands. `tries` are wrong PINs since the last right one.
			`CREATE TABLE playtime_limits (
				user TEXT PRIMARY KEY NOT NULL CHECK (user <> ''),
				minutes INTEGER NOT NULL CHECK (minutes BETWEEN 5 AND 1440),
				zone TEXT NOT NULL,
				salt TEXT NOT NULL,
				pin TEXT NOT NULL CHECK (length(pin) = 64),
				tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
				locked INTEGER NOT NULL DEFAULT 0,
				playing TEXT NOT NULL DEFAULT '',
				seen INTEGER NOT NULL DEFAULT 0,
				since INTEGER NOT NULL) WITHOUT ROWID`,
			`CREATE TABLE playtime_days (
				user TEXT NOT NULL CHECK (user <> ''),
				day TEXT NOT NULL CHECK (length(day) = 10),
				appid TEXT NOT NULL,
				millis INTEGER NOT NULL CHECK (millis BETWEEN 0 AND 90000000),
				PRIMARY KEY (user, day, appid)) WITHOUT ROWID`,
			"CREATE INDEX idx_playtime_days_day ON playtime_days (day)",
		]) {
			app.db().newQuery(statement).execute()
		}
	},
	(app) => {
		for (const table of ["playtime_days", "playtime_limits"]) {
			app.db().newQuery(`DROP TABLE ${table}`).execute()
		}
	},
)
