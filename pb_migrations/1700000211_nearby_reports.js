// What people say is wrong about a listing. Verbs of internal/nearby write them; nobody reads them by rule.
migrate(
	(app) => {
		const id = (name) => app.findCollectionByNameOrId(name).id
		const relation = (name, to) => ({
			name,
			type: "relation",
			collectionId: id(to),
			maxSelect: 1,
			required: true,
			cascadeDelete: true,
		})
		app.save(
			new Collection({
				type: "base",
				name: "nearby_reports",
				fields: [
					relation("listing", "nearby_listings"),
					{
						name: "kind",
						type: "select",
						values: ["closed", "hours", "position", "details"],
						required: true,
						maxSelect: 1,
					},
					{ ...relation("user", "users"), hidden: true },
					{
						name: "state",
						type: "select",
						values: ["open", "settled"],
						required: true,
						maxSelect: 1,
					},
					{ name: "created", type: "autodate", onCreate: true },
					{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
				],
				indexes: [
					// Saying it again says nothing new.
					"CREATE UNIQUE INDEX idx_nearby_reports_once ON nearby_reports (listing, kind, user) WHERE state = 'open'",
					"CREATE INDEX idx_nearby_reports_state ON nearby_reports (state, created)",
					"CREATE INDEX idx_nearby_reports_user ON nearby_reports (user, created)",
				],
			}),
		)
	},
	(app) => {
		app.delete(app.findCollectionByNameOrId("nearby_reports"))
	},
)
