// Products, the history of their prices, and stock per place.
// The history and the stock moves are SQL tables that can only grow; triggers write the history, so that no
// way of changing a price, the admin screen included, can leave it out.
migrate(
	(app) => {
		const orgs = app.findCollectionByNameOrId("orgs")
		const signedIn = "@request.auth.id != ''"
		const staff = signedIn + " && org.staff_via_org.user ?= @request.auth.id"
		const manages = staff + " && org.staff_via_org.role ?!= 'cashier'"
		const maxAmount = 9007199254740991

		const products = new Collection({
			type: "base",
			name: "products",
			listRule: "archived = false || (" + staff + ")",
			viewRule: "archived = false || (" + staff + ")",
			createRule: manages,
			updateRule: manages + " && @request.body.org:changed = false",
			fields: [
				{ name: "org", type: "relation", collectionId: orgs.id, required: true, maxSelect: 1 },
				{ name: "gtin", type: "text", required: true, pattern: "^[0-9]{14}$" },
				{ name: "name", type: "text", required: true, max: 200 },
				{ name: "brand", type: "text", max: 120 },
				{ name: "quantity", type: "text", max: 60 },
				{ name: "category", type: "text", max: 120 },
				{ name: "price", type: "number", required: true, onlyInt: true, min: 1, max: maxAmount },
				{ name: "currency", type: "text", required: true, pattern: "^[A-Z]{3}$" },
				{ name: "vat_bp", type: "number", onlyInt: true, min: 0, max: 10000 },
				{ name: "min_age", type: "number", onlyInt: true, min: 0, max: 99 },
				{ name: "archived", type: "bool" },
				{ name: "priced_at", type: "date" },
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: [
				"CREATE UNIQUE INDEX idx_products_org_gtin ON products (org, gtin)",
				"CREATE INDEX idx_products_org_name ON products (org, name)",
				"CREATE INDEX idx_products_org_category ON products (org, category)",
			],
		})
		app.save(products)

		const appendOnly = (table) =>
			["UPDATE", "DELETE"].map(
				(verb) =>
					`CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
					BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`,
			)
		// A price takes the instant that the writer gave in priced_at; a writer that gave none gets SQLite's clock.
		const sqlNow = "strftime('%Y-%m-%d %H:%M:%fZ', 'now')"
		const record = (at) =>
			`INSERT INTO catalog_prices (product, price, currency, at) VALUES (NEW.id, NEW.price, NEW.currency, ${at})`
		for (const statement of [
			`CREATE TABLE catalog_prices (
				seq INTEGER PRIMARY KEY AUTOINCREMENT,
				product TEXT NOT NULL,
				price INTEGER NOT NULL CHECK (price > 0),
				currency TEXT NOT NULL,
				at TEXT NOT NULL
			)`,
			"CREATE INDEX idx_catalog_prices ON catalog_prices (product, at)",
			...appendOnly("catalog_prices"),
			`CREATE TRIGGER catalog_prices_first AFTER INSERT ON products
			BEGIN ${record("CASE WHEN COALESCE(NEW.priced_at, '') = '' THEN " + sqlNow + " ELSE NEW.priced_at END")}; END`,
			`CREATE TRIGGER catalog_prices_next AFTER UPDATE OF price, currency ON products
			WHEN NEW.price <> OLD.price OR NEW.currency <> OLD.currency
			BEGIN ${record("CASE WHEN COALESCE(NEW.priced_at, '') IN ('', OLD.priced_at) THEN " + sqlNow + " ELSE NEW.priced_at END")}; END`,
			`CREATE TABLE catalog_stock (
				product TEXT NOT NULL,
				place TEXT NOT NULL,
				quantity INTEGER NOT NULL CHECK (quantity >= 0),
				PRIMARY KEY (product, place)
			) WITHOUT ROWID`,
			"CREATE INDEX idx_catalog_stock_place ON catalog_stock (place)",
			`CREATE TABLE catalog_stock_moves (
				seq INTEGER PRIMARY KEY AUTOINCREMENT,
				product TEXT NOT NULL,
				place TEXT NOT NULL,
				change INTEGER NOT NULL CHECK (change <> 0),
				quantity INTEGER NOT NULL CHECK (quantity >= 0),
				reason TEXT NOT NULL,
				ref TEXT NOT NULL,
				actor TEXT NOT NULL,
				at TEXT NOT NULL
			)`,
			"CREATE INDEX idx_catalog_stock_moves ON catalog_stock_moves (product, place)",
			...appendOnly("catalog_stock_moves"),
		]) {
			app.db().newQuery(statement).execute()
		}

		const view = new Collection({
			type: "view",
			name: "stock",
			listRule: staff,
			viewRule: staff,
			viewQuery: `SELECT (s.product || s.place) AS id, p.id AS product, l.id AS place, p.org AS org,
				CAST(s.quantity AS INTEGER) AS quantity
				FROM catalog_stock s JOIN products p ON p.id = s.product JOIN places l ON l.id = s.place`,
		})
		app.save(view)
	},
	(app) => {
		app.delete(app.findCollectionByNameOrId("stock"))
		for (const trigger of ["catalog_prices_first", "catalog_prices_next"]) {
			app
				.db()
				.newQuery("DROP TRIGGER " + trigger)
				.execute()
		}
		for (const table of ["catalog_stock_moves", "catalog_stock", "catalog_prices"]) {
			app
				.db()
				.newQuery("DROP TABLE " + table)
				.execute()
		}
		app.delete(app.findCollectionByNameOrId("products"))
	},
)
