// What a person lets a program do, for how long; the secrets of makers' own servers; and how somebody's login reaches
// such a server. The tables of logins are no collections: they are written at every login and nobody subscribes to them.
migrate(
	(app) => {
		const consents = app.findCollectionByNameOrId("programs_consents")
		// "once" and "open" hold in one launch, whose session they name, and end with it: `until` is when they surely have.
		consents.fields.add(
			new SelectField({ name: "duration", values: ["once", "open", "always"], maxSelect: 1 }),
		)
		consents.fields.add(new TextField({ name: "session", max: 64 }))
		consents.fields.add(new DateField({ name: "until" }))
		consents.removeIndex("idx_programs_consents_key")
		consents.addIndex("idx_programs_consents_session", true, "user, appid, scope, session", "")
		app.save(consents)
		app.db().newQuery("UPDATE programs_consents SET duration = 'always'").execute()

		const keys = app.findCollectionByNameOrId("programs_keys")
		// An "upload" key acts for the person who made it; a "server" key is the program's own server.
		keys.fields.add(new SelectField({ name: "kind", values: ["upload", "server"], maxSelect: 1 }))
		// What initData is authenticated with: made of a server key, and no way back to it.
		keys.fields.add(new TextField({ name: "web_app_secret", max: 64, hidden: true }))
		app.save(keys)
		app.db().newQuery("UPDATE programs_keys SET kind = 'upload'").execute()

		const versions = app.findCollectionByNameOrId("programs_versions")
		// What the program says it wants each scope for, in its own words.
		versions.fields.add(new JSONField({ name: "reasons", maxSize: 20000 }))
		app.save(versions)

		for (const statement of [
			// Who is behind an openid, for those who have opened the program.
			`CREATE TABLE identity_openids (
				appid TEXT NOT NULL, openid TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (appid, openid)) WITHOUT ROWID`,
			"CREATE UNIQUE INDEX idx_identity_openids_user ON identity_openids (user, appid)",
			// Codes that wx.login answered, by their hash. Used ones stay for a while, so that a replay is told from a guess.
			`CREATE TABLE backend_codes (
				hash TEXT PRIMARY KEY, appid TEXT NOT NULL, user TEXT NOT NULL, session TEXT NOT NULL,
				expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
			"CREATE INDEX idx_backend_codes_user ON backend_codes (user, appid, expires)",
			"CREATE INDEX idx_backend_codes_expires ON backend_codes (expires)",
			// The key that a program's server shares with the house for one person.
			`CREATE TABLE backend_sessions (
				appid TEXT NOT NULL, user TEXT NOT NULL, key TEXT NOT NULL, expires INTEGER NOT NULL,
				PRIMARY KEY (user, appid)) WITHOUT ROWID`,
		]) {
			app.db().newQuery(statement).execute()
		}
	},
	(app) => {
		for (const table of ["backend_sessions", "backend_codes", "identity_openids"]) {
			app.db().newQuery(`DROP TABLE ${table}`).execute()
		}
		app.db().newQuery("DELETE FROM programs_consents WHERE session != ''").execute()
		const consents = app.findCollectionByNameOrId("programs_consents")
		consents.removeIndex("idx_programs_consents_session")
		consents.addIndex("idx_programs_consents_key", true, "user, appid, scope", "")
		for (const name of ["duration", "session", "until"]) consents.fields.removeByName(name)
		app.save(consents)
		app.db().newQuery("DELETE FROM programs_keys WHERE kind = 'server'").execute()
		const keys = app.findCollectionByNameOrId("programs_keys")
		for (const name of ["kind", "web_app_secret"]) keys.fields.removeByName(name)
		app.save(keys)
		const versions = app.findCollectionByNameOrId("programs_versions")
		versions.fields.removeByName("reasons")
		app.save(versions)
	},
)
