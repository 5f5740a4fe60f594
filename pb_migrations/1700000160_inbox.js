// What programs tell people: the templates that makers have laid down, how many messages each person has agreed to,
// and the notices that came of it.
migrate(
	(app) => {
		const users = app.findCollectionByNameOrId("users")
		const programs = app.findCollectionByNameOrId("programs")
		const relation = (name, collection) => ({
			name,
			type: "relation",
			collectionId: collection.id,
			required: true,
			maxSelect: 1,
			cascadeDelete: true,
		})
		const makers =
			"@request.auth.id != '' && (program.owner = @request.auth.id || program.org.staff_via_org.user ?= @request.auth.id || @request.auth.operator = true)"

		app.save(
			new Collection({
				type: "base",
				name: "inbox_templates",
				listRule: makers,
				viewRule: makers,
				fields: [
					relation("program", programs),
					// The id that the program's code asks for; a program that comes from elsewhere brings its own.
					{ name: "code", type: "text", required: true, pattern: "^[A-Za-z0-9_-]{1,64}$" },
					{ name: "title", type: "text", required: true, max: 60 },
					{ name: "fields", type: "json", required: true, maxSize: 4000 },
					{ name: "sent", type: "number", onlyInt: true, min: 0 },
					{ name: "created", type: "autodate", onCreate: true },
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_inbox_templates_code ON inbox_templates (program, code)",
				],
			}),
		)

		// remaining is how many messages the person has agreed to and not got yet; never is a lasting no.
		app
			.db()
			.newQuery(
				`CREATE TABLE inbox_tickets (
					user TEXT NOT NULL, program TEXT NOT NULL, template TEXT NOT NULL,
					remaining INTEGER NOT NULL DEFAULT 0 CHECK (remaining BETWEEN 0 AND 100),
					never INTEGER NOT NULL DEFAULT 0 CHECK (never IN (0, 1)),
					PRIMARY KEY (user, program, template)
				) STRICT, WITHOUT ROWID`,
			)
			.execute()
		app
			.db()
			.newQuery("CREATE INDEX idx_inbox_tickets_program ON inbox_tickets (program, template)")
			.execute()

		const own = "@request.auth.id != '' && user = @request.auth.id"
		app.save(
			new Collection({
				type: "base",
				name: "notifications",
				listRule: own,
				viewRule: own,
				fields: [
					relation("user", users),
					relation("program", programs),
					{ name: "template", type: "text", max: 64 },
					{ name: "title", type: "text", required: true, max: 60 },
					{ name: "lines", type: "json", maxSize: 8000 },
					{ name: "page", type: "text", max: 1024 },
					{ name: "read", type: "bool" },
					{ name: "created", type: "autodate", onCreate: true },
				],
				indexes: [
					"CREATE INDEX idx_notifications_user ON notifications (user, created DESC)",
					"CREATE INDEX idx_notifications_unread ON notifications (user) WHERE read = FALSE",
					"CREATE INDEX idx_notifications_created ON notifications (created)",
				],
			}),
		)
	},
	(app) => {
		app.delete(app.findCollectionByNameOrId("notifications"))
		app.db().newQuery("DROP TABLE inbox_tickets").execute()
		app.delete(app.findCollectionByNameOrId("inbox_templates"))
	},
)
