// The store: what people say of programs, what they report, what the operator shows first, and the index that
// finds a program. An entry's place is its rank, best first, so that the first page of any search is the
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
		const counts = (row, sign) =>
			`INSERT INTO store_stars (program, stars, count) VALUES (${row}.program, ${row}.stars, ${sign === "+" ? 1 : 0})
				ON CONFLICT (program, stars) DO UPDATE SET count = count ${sign} 1;
			UPDATE programs SET stars = stars ${sign} ${row}.stars, ratings = ratings ${sign} 1 WHERE id = ${row}.program;`

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
					// Counted ones make the average; held ones came in a burst and wait for the operator.
					{ name: "counted", type: "bool" },
					{ name: "held", type: "bool" },
					{ name: "hidden", type: "bool" },
					{ name: "reply", type: "text", max: 2000 },
					{ name: "replied_at", type: "date" },
					{ name: "rated_at", type: "date", required: true },
					created,
					updated,
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_store_ratings_key ON store_ratings (program, user)",
					"CREATE INDEX idx_store_ratings_new ON store_ratings (program, hidden, rated_at)",
					"CREATE INDEX idx_store_ratings_stars ON store_ratings (program, hidden, stars, rated_at)",
					"CREATE INDEX idx_store_ratings_user ON store_ratings (user)",
					"CREATE INDEX idx_store_ratings_waiting ON store_ratings (rated_at) WHERE counted = 0 AND held = 0",
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
					// Nobody's when the house itself raised it.
					relation("user", "users", { cascadeDelete: true }),
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
			// A place is the number that orders an entry: bucket of its score, then turn of arrival. publisher is what
			// cards say of who answers for it; text is what the index holds, so that exactly that can be taken out again.
			`CREATE TABLE store_entries (
				place INTEGER PRIMARY KEY, program TEXT NOT NULL UNIQUE, category TEXT NOT NULL, kind TEXT NOT NULL,
				certified INTEGER NOT NULL, restricted INTEGER NOT NULL, released_at TEXT NOT NULL,
				rising INTEGER NOT NULL DEFAULT 0, publisher TEXT NOT NULL, stamp TEXT NOT NULL, text TEXT NOT NULL)`,
			`CREATE INDEX idx_store_entries_new ON store_entries (released_at DESC, place)`,
			`CREATE INDEX idx_store_entries_category ON store_entries (category, released_at DESC, place)`,
			`CREATE INDEX idx_store_entries_rising ON store_entries (rising DESC, place) WHERE rising > 0`,
			`CREATE TABLE store_free (place INTEGER PRIMARY KEY)`,
			`CREATE TABLE store_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
			// The index (internal/search): for each term and block of 65,536 places, which places have it.
			`CREATE TABLE search_postings (
				term TEXT NOT NULL, block INTEGER NOT NULL, count INTEGER NOT NULL, places BLOB NOT NULL,
				PRIMARY KEY (term, block)) WITHOUT ROWID`,
			// Words by the hash of what is left of them when one letter is missing.
			`CREATE TABLE search_typos (rest INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (rest, word)) WITHOUT ROWID`,
			// Sums of ratings that count, kept by SQLite itself, whichever way a rating changes or goes.
			`CREATE TABLE store_stars (
				program TEXT NOT NULL, stars INTEGER NOT NULL, count INTEGER NOT NULL CHECK (count >= 0),
				PRIMARY KEY (program, stars)) WITHOUT ROWID`,
			`CREATE TRIGGER store_ratings_in AFTER INSERT ON store_ratings WHEN NEW.counted AND NOT NEW.hidden BEGIN
				${counts("NEW", "+")} END`,
			`CREATE TRIGGER store_ratings_out AFTER DELETE ON store_ratings WHEN OLD.counted AND NOT OLD.hidden BEGIN
				${counts("OLD", "-")} END`,
			`CREATE TRIGGER store_ratings_off AFTER UPDATE OF stars, counted, hidden, program ON store_ratings
				WHEN OLD.counted AND NOT OLD.hidden BEGIN ${counts("OLD", "-")} END`,
			`CREATE TRIGGER store_ratings_on AFTER UPDATE OF stars, counted, hidden, program ON store_ratings
				WHEN NEW.counted AND NOT NEW.hidden BEGIN ${counts("NEW", "+")} END`,
		]) {
			app.db().newQuery(statement).execute()
		}
	},
	(app) => {
		for (const table of [
			"search_typos",
			"search_postings",
			"store_stars",
			"store_state",
			"store_free",
			"store_entries",
		]) {
			app.db().newQuery(`DROP TABLE ${table}`).execute()
		}
		for (const name of ["store_features", "store_reports", "store_ratings"]) {
			app.delete(app.findCollectionByNameOrId(name))
		}
	},
)
