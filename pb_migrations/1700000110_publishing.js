// Publishing: a program belongs to a person or an organisation, is reviewed, rolled out, rolled back, taken down.
// What these tables hold changes by verbs alone; the rules here only say who may read.
migrate(
	(app) => {
		const id = (name) => app.findCollectionByNameOrId(name).id
		const signedIn = "@request.auth.id != ''"
		const operator = "@request.auth.operator = true"
		const hash = "^[0-9a-f]{64}$"
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
		const whole = (name, more) => ({ name, type: "number", onlyInt: true, min: 0, ...more })
		const choice = (name, values) => ({
			name,
			type: "select",
			values,
			required: true,
			maxSelect: 1,
		})
		// Both conditions with ?= speak of the same row: this person's own.
		const runs = (org) =>
			`(${org}.staff_via_org.user ?= @request.auth.id && ${org}.staff_via_org.role ?!= 'cashier')`
		// Who makes the program: its owner when it is a person's, owners and managers of the organisation, and those of
		// its agency while that is a certified one. What is said to a reviewer is not for the tills.
		const makers = (prefix) =>
			`(${prefix}org = '' && ${prefix}owner = @request.auth.id) || ${runs(`${prefix}org`)} || ` +
			`(${prefix}agency.certified_agency = true && ${runs(`${prefix}agency`)})`

		const orgs = app.findCollectionByNameOrId("orgs")
		orgs.fields.add(new BoolField({ name: "certified_agency" })) // given by certification
		app.save(orgs)

		const programs = app.findCollectionByNameOrId("programs")
		programs.fields.getByName("org").required = false
		programs.fields.getByName("status").values = ["draft", "live", "taken_down", "deleted"]
		const add = (collection, fields) => {
			for (const field of fields) collection.fields.add(field)
		}
		const versionsID = id("programs_versions")
		add(programs, [
			new RelationField({ name: "agency", collectionId: id("orgs"), maxSelect: 1 }),
			// The version that `percent` of the people get, testers first; `release` is what the others get.
			new RelationField({ name: "rollout", collectionId: versionsID, maxSelect: 1 }),
			new NumberField({ name: "percent", onlyInt: true, min: 0, max: 100 }),
			// "unverified" until a reviewed version is out: a visible band, no money, no push, a cap of people.
			new SelectField({ name: "tier", values: ["unverified", "reviewed"], maxSelect: 1 }),
			new JSONField({ name: "keywords", maxSize: 4000 }),
			new NumberField({ name: "people", onlyInt: true, min: 0 }),
			// Ratings that count, see internal/store; `score` and `rising` are set by its job and order lists.
			new NumberField({ name: "stars", onlyInt: true, min: 0 }),
			new NumberField({ name: "ratings", onlyInt: true, min: 0 }),
			new NumberField({ name: "score", onlyInt: true, min: 0 }),
			new NumberField({ name: "rising", onlyInt: true, min: 0 }),
			new DateField({ name: "released_at" }),
		])
		app.save(programs)
		app
			.db()
			.newQuery("UPDATE programs SET status = 'taken_down' WHERE status = 'suspended'")
			.execute()
		app
			.db()
			.newQuery(
				"UPDATE programs SET tier = 'reviewed', released_at = updated WHERE `release` != ''",
			)
			.execute()

		const versions = app.findCollectionByNameOrId("programs_versions")
		versions.fields.getByName("state").values = [
			"checked",
			"in_review",
			"approved",
			"rejected",
			"rolling_out",
			"released",
			"superseded",
			"rolled_back",
			"taken_down",
		]
		add(versions, [
			new SelectField({ name: "kind", values: ["app", "game", "web"], maxSelect: 1 }),
			new BoolField({ name: "reviewed" }),
			new TextField({ name: "note", max: 2000 }),
			new JSONField({ name: "scopes", maxSize: 4000 }),
			new JSONField({ name: "domains", maxSize: 8000 }),
			new RelationField({ name: "uploaded_by", collectionId: id("users"), maxSelect: 1 }),
			new NumberField({ name: "bundle_size", onlyInt: true, min: 0 }),
			new NumberField({ name: "policy", onlyInt: true, min: 0 }),
			new DateField({ name: "released_at" }),
			// A release that waits for its time.
			new DateField({ name: "scheduled_at" }),
			new NumberField({ name: "scheduled_percent", onlyInt: true, min: 0, max: 100 }),
		])
		versions.addIndex("idx_programs_versions_rolling", true, "program", "state = 'rolling_out'")
		app.save(versions)
		app
			.db()
			.newQuery(
				"UPDATE programs_versions SET kind = 'app', reviewed = (state != 'checked'), released_at = CASE state WHEN 'checked' THEN '' ELSE updated END, scopes = COALESCE(json_extract(manifest, '$.x_plaza.scopes'), '[]'), domains = '[]'",
			)
			.execute()

		// An open page must hear that its program was taken down or ended, so the row stays readable then.
		programs.listRule = `status = 'live' || (${signedIn} && (${operator} || ${makers("")}))`
		programs.viewRule = `status = 'live' || (released_at != '' && (status = 'taken_down' || status = 'deleted')) || (${signedIn} && (${operator} || ${makers("")}))`
		programs.addIndex("idx_programs_owner", false, "owner", "")
		programs.addIndex("idx_programs_agency", false, "agency", "")
		app.save(programs)
		versions.listRule = `${signedIn} && (${operator} || ${makers("program.")})`
		versions.viewRule = versions.listRule
		app.save(versions)

		const collection = (name, fields, more) => {
			const made = new Collection({
				type: "base",
				name,
				fields: [...fields, created, updated],
				...more,
			})
			app.save(made)
			return made
		}
		const forMakers = `${signedIn} && (${operator} || ${makers("program.")})`

		// The operator's rules as data: categories, limits, rights of each tier, rules that a rejection cites.
		collection(
			"programs_policies",
			[
				whole("number", { required: true, min: 1 }),
				{ name: "policy", type: "json", maxSize: 200000, required: true },
				{ name: "note", type: "text", max: 2000 },
				relation("author", "users"),
			],
			{
				listRule: "",
				viewRule: "",
				indexes: ["CREATE UNIQUE INDEX idx_programs_policies_number ON programs_policies (number)"],
			},
		)

		const reviews = collection(
			"programs_reviews",
			[
				relation("program", "programs", owned),
				relation("version", "programs_versions", owned),
				choice("state", ["waiting", "claimed", "approved", "rejected", "withdrawn"]),
				{ name: "notes", type: "text", max: 4000 },
				{ name: "test_account", type: "text", max: 500 },
				relation("submitted_by", "users"),
				{ name: "submitted_at", type: "date", required: true },
				whole("risk", { max: 100 }),
				{ name: "risks", type: "json", maxSize: 8000 },
				relation("claimed_by", "users"),
				{ name: "claimed_until", type: "date" },
				relation("decided_by", "users"),
				{ name: "decided_at", type: "date" },
				{ name: "rule", type: "text", max: 40 },
				{ name: "reason", type: "text", max: 4000 },
				{ name: "findings", type: "json", maxSize: 200000 },
				{
					name: "screenshot",
					type: "file",
					maxSelect: 1,
					maxSize: 5242880,
					mimeTypes: ["image/png", "image/jpeg", "image/webp"],
					protected: true,
				},
			],
			{
				listRule: forMakers,
				viewRule: forMakers,
				indexes: [
					// One submission of a version, and one of a program, at a time.
					"CREATE UNIQUE INDEX idx_programs_reviews_open ON programs_reviews (program) WHERE state IN ('waiting', 'claimed')",
					"CREATE INDEX idx_programs_reviews_queue ON programs_reviews (state, submitted_at)",
					"CREATE INDEX idx_programs_reviews_version ON programs_reviews (version)",
					"CREATE INDEX idx_programs_reviews_program ON programs_reviews (program, submitted_at)",
					"CREATE INDEX idx_programs_reviews_decided ON programs_reviews (decided_at)",
				],
			},
		)

		collection(
			"programs_messages",
			[
				{ name: "review", type: "relation", collectionId: reviews.id, maxSelect: 1, ...owned },
				relation("author", "users"),
				choice("side", ["creator", "reviewer"]),
				{ name: "text", type: "text", required: true, max: 4000 },
			],
			{
				listRule: `${signedIn} && (${operator} || ${makers("review.program.")})`,
				viewRule: `${signedIn} && (${operator} || ${makers("review.program.")})`,
				indexes: [
					"CREATE INDEX idx_programs_messages_review ON programs_messages (review, created)",
				],
			},
		)

		collection(
			"programs_testers",
			[
				relation("program", "programs", owned),
				relation("user", "users", owned),
				relation("added_by", "users"),
			],
			{
				listRule: `${signedIn} && (${operator} || user = @request.auth.id || ${makers("program.")})`,
				viewRule: `${signedIn} && (${operator} || user = @request.auth.id || ${makers("program.")})`,
				indexes: [
					"CREATE UNIQUE INDEX idx_programs_testers_key ON programs_testers (program, user)",
				],
			},
		)

		// What a machine uploads with, in place of a person: only the hash is kept.
		collection(
			"programs_keys",
			[
				relation("program", "programs", owned),
				{ name: "name", type: "text", required: true, max: 60 },
				{ name: "hash", type: "text", required: true, pattern: hash, hidden: true },
				relation("author", "users", owned),
				{ name: "used_at", type: "date" },
				{ name: "revoked_at", type: "date" },
			],
			{
				listRule: forMakers,
				viewRule: forMakers,
				indexes: ["CREATE UNIQUE INDEX idx_programs_keys_hash ON programs_keys (hash)"],
			},
		)

		// What a QR code or a link opens: a page, its query, a typed scene and a place, behind a short code.
		collection(
			"programs_links",
			[
				{ name: "code", type: "text", required: true, pattern: "^[a-z0-9]{10}$" },
				relation("program", "programs", owned),
				relation("version", "programs_versions"),
				{ name: "path", type: "text", max: 512 },
				{ name: "query", type: "text", max: 4096 },
				whole("scene", { max: 9999 }),
				relation("place", "places"),
				{ name: "name", type: "text", max: 60 },
				relation("author", "users"),
				{ name: "expires_at", type: "date" },
				{ name: "revoked_at", type: "date" },
				whole("opens", {}),
			],
			{
				listRule: forMakers,
				viewRule: forMakers,
				indexes: [
					"CREATE UNIQUE INDEX idx_programs_links_code ON programs_links (code)",
					"CREATE INDEX idx_programs_links_program ON programs_links (program)",
				],
			},
		)

		// One row for each person and program that they opened or keep: recents, favourites, badges, who may rate.
		collection(
			"programs_uses",
			[
				relation("program", "programs", owned),
				relation("user", "users", owned),
				{ name: "first_at", type: "date" },
				{ name: "last_at", type: "date" },
				whole("opens", {}),
				{ name: "favorite", type: "bool" },
				whole("position", {}),
				whole("badge", { max: 9999 }),
				// Out of the recents, as the person wished; that they used it stays known for ratings.
				{ name: "cleared", type: "bool" },
			],
			{
				listRule: `${signedIn} && user = @request.auth.id`,
				viewRule: `${signedIn} && user = @request.auth.id`,
				indexes: [
					"CREATE UNIQUE INDEX idx_programs_uses_key ON programs_uses (program, user)",
					"CREATE INDEX idx_programs_uses_recent ON programs_uses (user, last_at)",
				],
			},
		)

		collection(
			"programs_takedowns",
			[
				choice("scope", ["version", "program", "org"]),
				relation("program", "programs"),
				relation("version", "programs_versions"),
				relation("org", "orgs"),
				{ name: "rule", type: "text", max: 40 },
				{ name: "reason", type: "text", required: true, max: 4000 },
				{ name: "notice", type: "text", max: 500 },
				choice("state", ["active", "appealed", "upheld", "restored"]),
				relation("author", "users"),
				{ name: "appeal", type: "text", max: 4000 },
				relation("appealed_by", "users"),
				{ name: "appealed_at", type: "date" },
				{ name: "appeal_due", type: "date" },
				{ name: "answer", type: "text", max: 4000 },
				relation("decided_by", "users"),
				{ name: "decided_at", type: "date" },
			],
			{
				// One of a whole organisation names no program.
				listRule: `${forMakers} || (${signedIn} && ${runs("org")})`,
				viewRule: `${forMakers} || (${signedIn} && ${runs("org")})`,
				indexes: [
					"CREATE INDEX idx_programs_takedowns_program ON programs_takedowns (program, state)",
				],
			},
		)
	},
	(app) => {
		for (const name of [
			"programs_takedowns",
			"programs_uses",
			"programs_links",
			"programs_keys",
			"programs_testers",
			"programs_messages",
			"programs_reviews",
			"programs_policies",
		]) {
			app.delete(app.findCollectionByNameOrId(name))
		}
		// Rows and added fields of programs and versions stay: the older program does not read them.
	},
)
