// The store: what people say of programs, what they report, what the operator shows first, and the index that
// finds a program. An entry's rowid is its rank, best first, so that the first page of any search is the
// first matches: no sorting, whatever the number of programs.
migrate(
	(app) => {
		const id = (name) => app.findCollectionByNameOrId(name).id
		const signedIn = "@request.auth.id != ''"
		const operator = "@request.auth.operator = true"
		const created = { name: "created", type: "autodate", onCreate: true }
		const updated = { name: "updated", type: "autodate", onCreate: true, onUpdate: true }
		const relation = (name, to, more) => ({
			name,
			type: "relation",
			collectionId: id(to),
			maxSelect: 1,
			...more,
		})
		const owned = { required: true, cascadeDelete: true }
		const makers =
			"(program.org = '' && program.owner = @request.auth.id) || program.org.staff_via_org.user ?= @request.auth.id"

		app.save(
			new Collection({
				type: "base",
				name: "store_ratings",
				// Public, without saying by whom: the author's name is shown by the route, as they wish.
				listRule: `${signedIn} && (user = @request.auth.id || ${operator})`,
				viewRule: `${signedIn} && (user = @request.auth.id || ${operator})`,
				fields: [
					relation("program", "programs", owned),
					relation("user", "users", owned),
					{ name: "stars", type: "number", required: true, onlyInt: true, min: 1, max: 5 },
					{ name: "text", type: "text", max: 2000 },
					{ name: "language", type: "text", max: 5 },
					{ name: "version", type: "number", onlyInt: true, min: 0 },
					{ name: "counted", type: "bool" },
					{ name: "hidden", type: "bool" },
					{ name: "reply", type: "text", max: 2000 },
					{ name: "replied_at", type: "date" },
					created,
					updated,
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_store_ratings_key ON store_ratings (program, user)",
					"CREATE INDEX idx_store_ratings_program ON store_ratings (program, hidden, updated)",
				],
			}),
		)
		const seenByMakers = `${signedIn} && (${operator} || user = @request.auth.id)`
		app.save(
			new Collection({
				type: "base",
				name: "store_reports",
				listRule: seenByMakers,
				viewRule: seenByMakers,
				fields: [
					relation("program", "programs", owned),
					relation("rating", "store_ratings", { cascadeDelete: true }),
					relation("user", "users", owned),
					{
						name: "kind",
						type: "select",
						values: ["harmful", "misleading", "broken", "privacy", "rights", "other"],
						required: true,
						maxSelect: 1,
					},
					{ name: "text", type: "text", max: 2000 },
					{ name: "version", type: "number", onlyInt: true, min: 0 },
					{
						name: "state",
						type: "select",
						values: ["open", "closed"],
						required: true,
						maxSelect: 1,
					},
					{ name: "answer", type: "text", max: 2000 },
					relation("closed_by", "users"),
					created,
					updated,
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_store_reports_open ON store_reports (program, rating, user) WHERE state = 'open'",
					"CREATE INDEX idx_store_reports_state ON store_reports (state, created)",
				],
			}),
		)
		app.save(
			new Collection({
				type: "base",
				name: "store_features",
				listRule: "",
				viewRule: "",
				createRule: operator,
				updateRule: operator,
				deleteRule: operator,
				fields: [
					relation("program", "programs", owned),
					{
						name: "slot",
						type: "select",
						values: ["banner", "picks"],
						required: true,
						maxSelect: 1,
					},
					{ name: "titles", type: "json", maxSize: 4000 },
					{ name: "position", type: "number", onlyInt: true, min: 0 },
					{ name: "starts_at", type: "date", required: true },
					{ name: "ends_at", type: "date" },
					created,
					updated,
				],
				indexes: ["CREATE INDEX idx_store_features_slot ON store_features (slot, starts_at)"],
			}),
		)
		for (const statement of [
			// program is the id of its row in programs; rank order is rowid order (see internal/store).
			`CREATE TABLE store_entries (
				rank INTEGER PRIMARY KEY, program TEXT NOT NULL UNIQUE, category TEXT NOT NULL, kind TEXT NOT NULL,
				certified INTEGER NOT NULL, released_at TEXT NOT NULL, rising INTEGER NOT NULL DEFAULT 0, stamp TEXT NOT NULL)`,
			`CREATE INDEX idx_store_entries_category ON store_entries (category, rank)`,
			`CREATE INDEX idx_store_entries_new ON store_entries (released_at DESC, rank)`,
			`CREATE INDEX idx_store_entries_rising ON store_entries (rising DESC, rank)`,
			`CREATE VIRTUAL TABLE store_index USING fts5 (
				names, words, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2")`,
			`CREATE TABLE store_names (name TEXT NOT NULL, rank INTEGER NOT NULL, PRIMARY KEY (name, rank)) WITHOUT ROWID`,
			`CREATE TABLE store_terms (term TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID`,
			`CREATE TABLE store_typos (typo TEXT NOT NULL, term TEXT NOT NULL, PRIMARY KEY (typo, term)) WITHOUT ROWID`,
		]) {
			app.db().newQuery(statement).execute()
		}
	},
	(app) => {
		for (const table of [
			"store_typos",
			"store_terms",
			"store_names",
			"store_index",
			"store_entries",
		]) {
			app.db().newQuery(`DROP TABLE ${table}`).execute()
		}
		for (const name of ["store_features", "store_reports", "store_ratings"]) {
			app.delete(app.findCollectionByNameOrId(name))
		}
	},
)
