// Mini programs, their immutable versions, and what each person lets each program do.
// A version's bytes lie in pb_data/programs/<package>/; "bundle" is the hash of the list of those files' hashes.
migrate(
	(app) => {
		const users = app.findCollectionByNameOrId("users")
		const orgs = app.findCollectionByNameOrId("orgs")
		const signedIn = "@request.auth.id != ''"
		const operator = "@request.auth.operator = true"
		const hash = "^[0-9a-f]{64}$"

		const programs = new Collection({
			type: "base",
			name: "programs",
			fields: [
				{ name: "appid", type: "text", required: true, pattern: "^[a-z0-9][a-z0-9._-]{1,62}$" },
				{ name: "org", type: "relation", collectionId: orgs.id, required: true, maxSelect: 1 },
				{ name: "owner", type: "relation", collectionId: users.id, maxSelect: 1 },
				{ name: "name", type: "text", required: true, max: 60 },
				{ name: "names", type: "json", maxSize: 4000 },
				{ name: "description", type: "text", max: 500 },
				{ name: "descriptions", type: "json", maxSize: 8000 },
				{ name: "icon", type: "text", max: 200 },
				{ name: "color", type: "text", pattern: "^#[0-9a-f]{6}$" },
				{ name: "category", type: "text", max: 40 },
				{ name: "scopes", type: "json", maxSize: 2000 },
				{
					name: "kind",
					type: "select",
					values: ["app", "game", "web"],
					required: true,
					maxSelect: 1,
				},
				{
					name: "status",
					type: "select",
					values: ["draft", "live", "suspended"],
					required: true,
					maxSelect: 1,
				},
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: [
				"CREATE UNIQUE INDEX idx_programs_appid ON programs (appid)",
				"CREATE INDEX idx_programs_org ON programs (org)",
				"CREATE INDEX idx_programs_status_category ON programs (status, category)",
			],
		})
		app.save(programs)

		const versions = new Collection({
			type: "base",
			name: "programs_versions",
			fields: [
				{
					name: "program",
					type: "relation",
					collectionId: programs.id,
					required: true,
					maxSelect: 1,
					cascadeDelete: true,
				},
				{ name: "number", type: "number", required: true, onlyInt: true, min: 1 },
				{ name: "name", type: "text", max: 40 },
				{ name: "package", type: "text", required: true, pattern: hash },
				{ name: "bundle", type: "text", required: true, pattern: hash },
				{ name: "size", type: "number", onlyInt: true, min: 0 },
				{ name: "manifest", type: "json", maxSize: 64000 },
				{ name: "report", type: "json", maxSize: 1000000 },
				{
					name: "state",
					type: "select",
					values: ["checked", "released", "superseded"],
					required: true,
					maxSelect: 1,
				},
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: [
				"CREATE UNIQUE INDEX idx_programs_versions_number ON programs_versions (program, number)",
				"CREATE UNIQUE INDEX idx_programs_versions_package ON programs_versions (program, package)",
				"CREATE UNIQUE INDEX idx_programs_versions_released ON programs_versions (program) WHERE state = 'released'",
			],
		})
		app.save(versions)

		programs.fields.add(
			new RelationField({ name: "release", collectionId: versions.id, maxSelect: 1 }),
		)
		const staff = "org.staff_via_org.user ?= @request.auth.id"
		programs.listRule = `status = 'live' || (${signedIn} && (${operator} || ${staff}))`
		programs.viewRule = programs.listRule
		app.save(programs)

		const makers = "program.org.staff_via_org.user ?= @request.auth.id"
		versions.listRule = `${signedIn} && (${operator} || ${makers})`
		versions.viewRule = versions.listRule
		app.save(versions)

		const consents = new Collection({
			type: "base",
			name: "programs_consents",
			listRule: `${signedIn} && user = @request.auth.id`,
			viewRule: `${signedIn} && user = @request.auth.id`,
			fields: [
				{
					name: "user",
					type: "relation",
					collectionId: users.id,
					required: true,
					maxSelect: 1,
					cascadeDelete: true,
				},
				{ name: "appid", type: "text", required: true, max: 64 },
				{ name: "scope", type: "text", required: true, max: 40 },
				{
					name: "state",
					type: "select",
					values: ["granted", "denied"],
					required: true,
					maxSelect: 1,
				},
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: [
				"CREATE UNIQUE INDEX idx_programs_consents_key ON programs_consents (user, appid, scope)",
			],
		})
		app.save(consents)
	},
	(app) => {
		app.delete(app.findCollectionByNameOrId("programs_consents"))
		const programs = app.findCollectionByNameOrId("programs")
		programs.fields.removeByName("release")
		app.save(programs)
		app.delete(app.findCollectionByNameOrId("programs_versions"))
		app.delete(programs)
	},
)
