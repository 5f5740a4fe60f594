// Nearby: the places of the town. Nobody writes one by rule; the verbs of internal/nearby do, with many rows at a time,
// so they write rows and not records. Positions are WGS-84 in columns of their own: a geoPoint has no index.
migrate(
	(app) => {
		const run = (sql) => app.db().newQuery(sql).execute()
		const id = (name) => app.findCollectionByNameOrId(name).id
		const operator = "@request.auth.operator = true"
		const text = (name, max, more) => ({ name, type: "text", max, ...more })
		const number = (name, min, max, onlyInt) => ({ name, type: "number", min, max, onlyInt })
		const relation = (name, to, more) => ({
			name,
			type: "relation",
			collectionId: id(to),
			maxSelect: 1,
			...more,
		})
		const created = { name: "created", type: "autodate", onCreate: true }
		const updated = { name: "updated", type: "autodate", onCreate: true, onUpdate: true }
		// What people may see: the two conditions stand in every index of a search, and in every search.
		const shown = "WHERE hidden = FALSE AND merged_into = ''"

		app.save(
			new Collection({
				type: "base",
				name: "nearby_listings",
				fields: [
					text("name", 120, { required: true }),
					{ name: "names", type: "json", maxSize: 4000 },
					text("category", 80),
					number("lat", -90, 90),
					number("lon", -180, 180),
					text("datum", 8), // in which the position was given
					// The strip of latitude that lat lies in: a search is a few strips, each a stretch of longitude.
					number("band", 0, 9000, true),
					text("address", 200),
					text("phone", 40),
					text("website", 300),
					text("cuisine", 200),
					text("hours", 2000),
					text("happy_hours", 2000),
					text("timezone", 64),
					{ name: "exceptions", type: "json", maxSize: 65536 },
					// What hours, exceptions and zone come to, and happy hours and zone: rows of nearby_hours; 0 is none.
					number("schedule", 0, 9007199254740991, true),
					number("happy", 0, 9007199254740991, true),
					relation("org", "orgs"),
					relation("place", "places"),
					relation("program", "programs"),
					text("program_path", 512),
					text("source", 40),
					text("source_id", 120),
					text("attribution", 200),
					{ name: "edited", type: "bool" }, // by who has claimed it: imports leave it alone
					{ name: "hidden", type: "bool" },
					text("merged_into", 15),
					{ name: "merged_at", type: "date" },
					text("folded", 4000), // names, address and cuisine as searches compare them
					number("seq", 0, 9007199254740991, true), // its row in nearby_text
					created,
					updated,
				],
				indexes: [
					`CREATE INDEX idx_nearby_listings_category ON nearby_listings (category, band, lon, lat, schedule, id) ${shown}`,
					`CREATE INDEX idx_nearby_listings_area ON nearby_listings (band, lon, lat, schedule, category, id) ${shown}`,
					"CREATE UNIQUE INDEX idx_nearby_listings_source ON nearby_listings (source, source_id) WHERE source_id != ''",
					"CREATE UNIQUE INDEX idx_nearby_listings_seq ON nearby_listings (seq)",
					"CREATE INDEX idx_nearby_listings_org ON nearby_listings (org) WHERE org != ''",
					"CREATE UNIQUE INDEX idx_nearby_listings_place ON nearby_listings (place) WHERE place != '' AND merged_into = ''",
					"CREATE INDEX idx_nearby_listings_merged ON nearby_listings (merged_into, merged_at) WHERE merged_into != ''",
				],
			}),
		)
		app.save(
			new Collection({
				type: "base",
				name: "nearby_photos",
				fields: [
					relation("listing", "nearby_listings", { required: true, cascadeDelete: true }),
					number("position", 0, 99, true),
					number("width", 1, 10000, true),
					number("height", 1, 10000, true),
					{
						name: "image",
						type: "file",
						maxSelect: 1,
						maxSize: 5242880,
						mimeTypes: ["image/jpeg"],
						required: true,
					},
					created,
				],
				indexes: ["CREATE INDEX idx_nearby_photos_listing ON nearby_photos (listing, position)"],
			}),
		)
		const staff =
			"@request.auth.id != '' && (" +
			operator +
			" || (org.staff_via_org.user ?= @request.auth.id && org.staff_via_org.role ?!= 'cashier'))"
		app.save(
			new Collection({
				type: "base",
				name: "nearby_claims",
				listRule: staff,
				viewRule: staff,
				fields: [
					relation("listing", "nearby_listings", { required: true, cascadeDelete: true }),
					relation("org", "orgs", { required: true, cascadeDelete: true }),
					relation("asked_by", "users", { hidden: true }),
					{
						name: "state",
						type: "select",
						values: ["open", "approved", "refused"],
						required: true,
						maxSelect: 1,
					},
					text("note", 1000),
					text("reason", 1000),
					{ name: "decided_at", type: "date" },
					created,
					updated,
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_nearby_claims_open ON nearby_claims (listing, org) WHERE state = 'open'",
					"CREATE INDEX idx_nearby_claims_state ON nearby_claims (state, created)",
				],
			}),
		)
		app.save(
			new Collection({
				type: "base",
				name: "nearby_imports",
				listRule: operator,
				viewRule: operator,
				fields: [
					{
						name: "state",
						type: "select",
						values: ["waiting", "running", "done", "failed"],
						required: true,
						maxSelect: 1,
					},
					{ name: "asked", type: "json", maxSize: 4000 }, // format, source and the rest of what was asked
					{ name: "report", type: "json", maxSize: 1048576 },
					{ name: "file", type: "file", maxSelect: 1, maxSize: 134217728, protected: true },
					relation("asked_by", "users", { hidden: true }),
					created,
					updated,
				],
				indexes: ["CREATE INDEX idx_nearby_imports_created ON nearby_imports (created)"],
			}),
		)
		for (const statement of [
			// Opening hours by what they say: a listing names a row, and a row never changes, so what was read of it can be
			// kept. exceptions is JSON.
			`CREATE TABLE nearby_hours (
				id INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT NOT NULL, timezone TEXT NOT NULL, exceptions TEXT NOT NULL,
				UNIQUE (value, timezone, exceptions))`,
			// Rows by seq of their listing. The words come folded, with the pairs of signs of scripts without spaces.
			"CREATE VIRTUAL TABLE nearby_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'unicode61', detail = 'none')",
			// How many listings people see of each category; kept by SQLite itself, whoever writes.
			"CREATE TABLE nearby_counts (category TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
			`CREATE TRIGGER nearby_counts_in AFTER INSERT ON nearby_listings WHEN NOT NEW.hidden AND NEW.merged_into = '' BEGIN
				INSERT INTO nearby_counts VALUES (NEW.category, 1) ON CONFLICT DO UPDATE SET count = count + 1; END`,
			`CREATE TRIGGER nearby_counts_out AFTER DELETE ON nearby_listings WHEN NOT OLD.hidden AND OLD.merged_into = '' BEGIN
				UPDATE nearby_counts SET count = count - 1 WHERE category = OLD.category; END`,
			`CREATE TRIGGER nearby_counts_off AFTER UPDATE OF category, hidden, merged_into ON nearby_listings
				WHEN NOT OLD.hidden AND OLD.merged_into = '' BEGIN
				UPDATE nearby_counts SET count = count - 1 WHERE category = OLD.category; END`,
			`CREATE TRIGGER nearby_counts_on AFTER UPDATE OF category, hidden, merged_into ON nearby_listings
				WHEN NOT NEW.hidden AND NEW.merged_into = '' BEGIN
				INSERT INTO nearby_counts VALUES (NEW.category, 1) ON CONFLICT DO UPDATE SET count = count + 1; END`,
			// Settings of the operator, one row of JSON.
			"CREATE TABLE nearby_settings (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL)",
		]) {
			run(statement)
		}
	},
	(app) => {
		for (const table of ["nearby_settings", "nearby_text", "nearby_hours"]) {
			app.db().newQuery(`DROP TABLE ${table}`).execute()
		}
		for (const name of ["nearby_imports", "nearby_claims", "nearby_photos", "nearby_listings"]) {
			app.delete(app.findCollectionByNameOrId(name))
		}
		app.db().newQuery("DROP TABLE nearby_counts").execute()
	},
)
