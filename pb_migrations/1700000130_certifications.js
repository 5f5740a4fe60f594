// Certification: the operator has looked at an organisation's papers and says until when it stands for it.
migrate(
	(app) => {
		const orgs = app.findCollectionByNameOrId("orgs")
		const users = app.findCollectionByNameOrId("users")
		orgs.fields.add(new DateField({ name: "certified_until" }))
		app.save(orgs)
		// Who publishes is read beside what they publish: no sign in a name hides, or turns the others round.
		for (const publisher of [orgs, users]) {
			publisher.fields.getByName("name").pattern =
				"^[^\\p{Cc}\\x{061C}\\x{200E}\\x{200F}\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}\\x{200B}\\x{2060}\\x{FEFF}\\x{00AD}\\x{180E}\\x{2800}\\x{3164}]*$"
			app.save(publisher)
		}
		const operator = "@request.auth.operator = true"
		// The seals are given by the verbs of internal/identity, which keep the reason and the papers.
		const sealed =
			"@request.body.certified:isset = false && @request.body.certified_agency:isset = false && @request.body.certified_until:isset = false"
		orgs.createRule = `${operator} && ${sealed}`
		orgs.updateRule =
			"@request.body.slug:isset = false && @request.body.currency:isset = false && " +
			sealed +
			" && (" +
			operator +
			" || (@request.auth.id != '' && staff_via_org.user ?= @request.auth.id && staff_via_org.role ?= 'owner' && " +
			// Under a seal people read the name that the papers were looked at for. What an organisation is, the operator
			// says when founding it.
			"@request.body.kind:changed = false && (@request.body.name:changed = false || (certified = false && certified_agency = false))))"
		app.save(orgs)

		const readers =
			"@request.auth.id != '' && (" +
			operator +
			" || (org.staff_via_org.user ?= @request.auth.id && org.staff_via_org.role ?= 'owner'))"
		const user = (name) => ({ name, type: "relation", collectionId: users.id, maxSelect: 1 })
		app.save(
			new Collection({
				type: "base",
				name: "certifications",
				listRule: readers,
				viewRule: readers,
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
						name: "kind",
						type: "select",
						values: ["business", "agency"],
						required: true,
						maxSelect: 1,
					},
					{
						name: "state",
						type: "select",
						values: ["applied", "certified", "refused", "expired", "revoked"],
						required: true,
						maxSelect: 1,
					},
					{ name: "legal_name", type: "text", required: true, max: 200 },
					{ name: "registration", type: "text", required: true, max: 60 },
					{ name: "country", type: "text", required: true, pattern: "^[A-Z]{2}$" },
					{
						name: "documents",
						type: "file",
						maxSelect: 5,
						maxSize: 5242880,
						protected: true,
						mimeTypes: ["application/pdf", "image/png", "image/jpeg", "image/webp"],
					},
					user("applied_by"),
					user("decided_by"),
					{ name: "decided_at", type: "date" },
					{ name: "reason", type: "text", max: 2000 },
					{ name: "expires_at", type: "date" },
					{ name: "created", type: "autodate", onCreate: true },
					{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_certifications_open ON certifications (org, kind) WHERE state = 'applied'",
					"CREATE INDEX idx_certifications_state ON certifications (state, expires_at)",
				],
			}),
		)
	},
	(app) => {
		app.delete(app.findCollectionByNameOrId("certifications"))
	},
)
