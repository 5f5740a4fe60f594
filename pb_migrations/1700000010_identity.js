// People, organisations, their staff and their places.
// Rules speak of "staff": a row that ties a user to an organisation with a role.
migrate(
	(app) => {
		const users = app.findCollectionByNameOrId("users")
		users.fields.add(new BoolField({ name: "operator" }))
		users.fields.add(
			new SelectField({ name: "language", values: ["en", "fr", "zh"], maxSelect: 1 }),
		)
		const own = "id = @request.auth.id"
		users.listRule = own
		users.viewRule = own
		// Nobody makes themselves operator or picks an id, which could be that of somebody who was deleted and left a
		// wallet; `verified` is PocketBase's to set, and an address stays private.
		const modest =
			"@request.body.operator:isset = false && @request.body.emailVisibility != true && @request.body.verified != true"
		users.createRule = modest + " && @request.body.id:isset = false"
		users.updateRule = own + " && " + modest
		users.deleteRule = null
		app.save(users)

		const orgs = new Collection({
			type: "base",
			name: "orgs",
			listRule: "",
			viewRule: "",
			fields: [
				{ name: "name", type: "text", required: true, max: 80 },
				{ name: "slug", type: "text", required: true, pattern: "^[a-z0-9][a-z0-9-]{1,39}$" },
				{
					name: "kind",
					type: "select",
					values: ["merchant", "creator", "agency", "host"],
					required: true,
				},
				{ name: "description", type: "text", max: 500 },
				{ name: "currency", type: "text", required: true, pattern: "^[A-Z]{3}$" },
				{ name: "timezone", type: "text", required: true, max: 64 },
				{ name: "country", type: "text", pattern: "^[A-Z]{2}$" },
				{ name: "color", type: "text", pattern: "^#[0-9a-f]{6}$" },
				{ name: "icon", type: "text", max: 40 },
				{ name: "certified", type: "bool" },
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: ["CREATE UNIQUE INDEX idx_orgs_slug ON orgs (slug)"],
		})
		app.save(orgs)

		const staff = new Collection({
			type: "base",
			name: "staff",
			fields: [
				{
					name: "org",
					type: "relation",
					collectionId: orgs.id,
					required: true,
					maxSelect: 1,
					cascadeDelete: true,
				},
				{
					name: "user",
					type: "relation",
					collectionId: users.id,
					required: true,
					maxSelect: 1,
					cascadeDelete: true,
				},
				{
					name: "role",
					type: "select",
					values: ["owner", "manager", "cashier"],
					required: true,
					maxSelect: 1,
				},
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: [
				"CREATE UNIQUE INDEX idx_staff_user_org ON staff (user, org)",
				"CREATE INDEX idx_staff_org ON staff (org)",
			],
		})
		app.save(staff)
		// Both conditions with ?= speak of the same row: this person's own.
		const owner =
			"@request.auth.id != '' && org.staff_via_org.user ?= @request.auth.id && org.staff_via_org.role ?= 'owner'"
		// An operator founds an organisation by appointing its first owner, who is never the operator.
		const operator = "@request.auth.operator = true"
		const appoints = operator + " && user != @request.auth.id"
		staff.listRule =
			"@request.auth.id != '' && (user = @request.auth.id || " + operator + " || (" + owner + "))"
		staff.viewRule = staff.listRule
		staff.createRule = "(" + owner + ") || (" + appoints + ")"
		staff.updateRule =
			owner + " && @request.body.org:isset = false && @request.body.user:isset = false"
		staff.deleteRule = owner
		app.save(staff)

		// What money and certification hang on is not the owner's to change: the currency, the name in links, the seal.
		orgs.createRule = operator
		orgs.updateRule =
			"@request.body.slug:isset = false && @request.body.currency:isset = false && (" +
			operator +
			" || (@request.auth.id != '' && staff_via_org.user ?= @request.auth.id && staff_via_org.role ?= 'owner'" +
			" && @request.body.certified:isset = false))"
		app.save(orgs)

		const manages =
			"@request.auth.id != '' && org.staff_via_org.user ?= @request.auth.id && org.staff_via_org.role ?!= 'cashier'"
		const places = new Collection({
			type: "base",
			name: "places",
			listRule: "",
			viewRule: "",
			fields: [
				{
					name: "org",
					type: "relation",
					collectionId: orgs.id,
					required: true,
					maxSelect: 1,
					cascadeDelete: true,
				},
				{ name: "name", type: "text", required: true, max: 80 },
				{ name: "address", type: "text", max: 200 },
				{ name: "lat", type: "number", min: -90, max: 90 },
				{ name: "lon", type: "number", min: -180, max: 180 },
				{ name: "timezone", type: "text", required: true, max: 64 },
				{ name: "closed", type: "bool" },
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: ["CREATE INDEX idx_places_org ON places (org)"],
		})
		app.save(places)
		places.createRule = manages
		places.updateRule = manages + " && @request.body.org:isset = false"
		app.save(places)
	},
	(app) => {
		for (const name of ["places", "staff", "orgs"]) app.delete(app.findCollectionByNameOrId(name))
	},
)
