// Orders: a basket, then a receipt. Nobody writes an order by rule; the verbs of internal/orders do.
// The customer and the staff of the organisation may read one, and nobody else.
migrate(
	(app) => {
		const users = app.findCollectionByNameOrId("users")
		const orgs = app.findCollectionByNameOrId("orgs")
		const places = app.findCollectionByNameOrId("places")
		const mine = "customer = @request.auth.id"
		const staff = "org.staff_via_org.user ?= @request.auth.id"
		const readable = `@request.auth.id != '' && (${mine} || ${staff})`
		const amount = (name) => ({
			name,
			type: "number",
			onlyInt: true,
			min: 0,
			max: 9007199254740991,
		})
		const json = (name) => ({ name, type: "json", maxSize: 1000000 })
		const text = (name, max) => ({ name, type: "text", max })

		app.save(
			new Collection({
				type: "base",
				name: "orders",
				listRule: readable,
				viewRule: readable,
				fields: [
					text("number", 20),
					{ name: "customer", type: "relation", collectionId: users.id, maxSelect: 1 },
					text("customer_name", 255),
					{ name: "org", type: "relation", collectionId: orgs.id, required: true, maxSelect: 1 },
					{
						name: "place",
						type: "relation",
						collectionId: places.id,
						required: true,
						maxSelect: 1,
					},
					{
						name: "channel",
						type: "select",
						values: ["scan", "pickup", "delivery"],
						required: true,
						maxSelect: 1,
					},
					{
						name: "status",
						type: "select",
						values: ["open", "awaiting_approval", "paid", "checked", "abandoned", "refunded"],
						required: true,
						maxSelect: 1,
					},
					text("currency", 3),
					json("lines"),
					json("discounts"),
					json("tax"),
					amount("subtotal"),
					amount("discount_total"),
					amount("points_used"),
					amount("points_value"),
					amount("total"),
					amount("points_to_earn"),
					amount("points_earned"),
					{ name: "priced_at", type: "date" },
					{ name: "changes_at", type: "date" },
					{ name: "age_required", type: "bool" },
					text("age_approved_by", 255),
					{ name: "paid_at", type: "date" },
					text("method", 20),
					text("exit_code", 20),
					{ name: "exit_expires_at", type: "date" },
					{ name: "checked_at", type: "date" },
					text("checked_by", 255),
					// Whether and why the basket is looked at on the way out: for the door, not for the customer's eyes.
					{ name: "audit", type: "json", maxSize: 2000, hidden: true },
					{ name: "created", type: "autodate", onCreate: true },
					{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
				],
				indexes: [
					// One basket per person and place, whatever two taps at once may try.
					"CREATE UNIQUE INDEX idx_orders_open ON orders (customer, place) WHERE status IN ('open','awaiting_approval') AND customer != ''",
					"CREATE UNIQUE INDEX idx_orders_number ON orders (org, number) WHERE number != ''",
					"CREATE UNIQUE INDEX idx_orders_exit ON orders (exit_code) WHERE exit_code != ''",
					"CREATE INDEX idx_orders_customer ON orders (customer, created)",
					"CREATE INDEX idx_orders_org ON orders (org, created)",
					"CREATE INDEX idx_orders_paid ON orders (org, paid_at)",
					"CREATE INDEX idx_orders_stale ON orders (status, priced_at)",
				],
			}),
		)
		// The last receipt number that each organisation has given out: in the payment's own transaction, so without gaps.
		app
			.db()
			.newQuery(
				"CREATE TABLE orders_numbers (org TEXT PRIMARY KEY, last INTEGER NOT NULL CHECK (last > 0)) WITHOUT ROWID",
			)
			.execute()
	},
	(app) => {
		app.db().newQuery("DROP TABLE orders_numbers").execute()
		app.delete(app.findCollectionByNameOrId("orders"))
	},
)
