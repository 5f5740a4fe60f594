// Work that happens later, surely: the queue, and which period of which recurring job was already put in it.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		run(`CREATE TABLE jobs_queue (
			id TEXT PRIMARY KEY NOT NULL,
			kind TEXT NOT NULL,
			key TEXT NOT NULL,
			payload TEXT NOT NULL,
			due TEXT NOT NULL,
			attempts INTEGER NOT NULL DEFAULT 0,
			state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
			lease TEXT NOT NULL DEFAULT '',
			last_error TEXT NOT NULL DEFAULT '',
			created TEXT NOT NULL,
			updated TEXT NOT NULL,
			UNIQUE (kind, key)
		) STRICT, WITHOUT ROWID`)
		run(
			"CREATE INDEX jobs_queue_open ON jobs_queue (kind, due) WHERE state IN ('waiting', 'running')",
		)
		run("CREATE INDEX jobs_queue_done ON jobs_queue (updated) WHERE state = 'done'")
		run(`CREATE TABLE jobs_runs (
			job TEXT NOT NULL,
			period TEXT NOT NULL,
			at TEXT NOT NULL,
			PRIMARY KEY (job, period)
		) STRICT, WITHOUT ROWID`)

		const operator = "@request.auth.operator = true"
		app.save(
			new Collection({
				type: "view",
				name: "jobs",
				listRule: operator,
				viewRule: operator,
				viewQuery: `SELECT id, CAST(kind AS TEXT) AS kind, CAST(key AS TEXT) AS key, CAST(state AS TEXT) AS state,
					CAST(attempts AS INT) AS attempts, CAST(due AS TEXT) AS due, CAST(last_error AS TEXT) AS last_error,
					CAST(created AS TEXT) AS created, CAST(updated AS TEXT) AS updated
					FROM jobs_queue`,
			}),
		)
	},
	(app) => {
		app.delete(app.findCollectionByNameOrId("jobs"))
		for (const table of ["runs", "queue"]) app.db().newQuery(`DROP TABLE jobs_${table}`).execute()
	},
)
