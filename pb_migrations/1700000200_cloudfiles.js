// Files of mini programs in the cloud. Their bytes lie in pb_data/cloudfiles/<appid>/, each under a name of its own
// that is never used again; a row says which path of the program they are now. What a program has used stands in one
// row, which an upload may only raise as long as the quota holds.
migrate(
	(app) => {
		for (const statement of [
			`CREATE TABLE cloudfiles_files (
				appid TEXT NOT NULL, path TEXT NOT NULL, blob TEXT NOT NULL, openid TEXT NOT NULL, size INTEGER NOT NULL,
				type TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, PRIMARY KEY (appid, path)) WITHOUT ROWID`,
			"CREATE UNIQUE INDEX idx_cloudfiles_files_blob ON cloudfiles_files (blob)",
			"CREATE INDEX idx_cloudfiles_files_openid ON cloudfiles_files (appid, openid) WHERE openid != ''",
			`CREATE TABLE cloudfiles_usage (
				appid TEXT PRIMARY KEY, bytes INTEGER NOT NULL CHECK (bytes >= 0), files INTEGER NOT NULL CHECK (files >= 0)) WITHOUT ROWID`,
		]) {
			app.db().newQuery(statement).execute()
		}
	},
	(app) => {
		for (const table of ["usage", "files"])
			app.db().newQuery(`DROP TABLE cloudfiles_${table}`).execute()
	},
)
