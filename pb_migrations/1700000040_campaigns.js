// Campaigns: what lowers a price, for which goods, and when.
// The field live only announces what the schedule already says; no price is ever computed from it.
migrate(
	(app) => {
		const orgs = app.findCollectionByNameOrId("orgs")
		const staff = "@request.auth.id != '' && org.staff_via_org.user ?= @request.auth.id"
		const manages = staff + " && org.staff_via_org.role ?!= 'cashier'"
		const maxAmount = 9007199254740991
		const amount = (name) => ({ name, type: "number", onlyInt: true, min: 0, max: maxAmount })
		const units = (name) => ({ name, type: "number", onlyInt: true, min: 0, max: 999 })

		const campaigns = new Collection({
			type: "base",
			name: "campaigns",
			listRule: "status = 'active' || (" + staff + ")",
			viewRule: "status = 'active' || (" + staff + ")",
			createRule: manages,
			updateRule: manages + " && @request.body.org:changed = false",
			fields: [
				{ name: "org", type: "relation", collectionId: orgs.id, required: true, maxSelect: 1 },
				{ name: "name", type: "text", required: true, max: 80 },
				{
					name: "kind",
					type: "select",
					values: ["sale", "percent", "fixed", "bxgy", "order_percent", "order_fixed"],
					required: true,
					maxSelect: 1,
				},
				{ name: "percent_bp", type: "number", onlyInt: true, min: 0, max: 10000 },
				amount("amount"),
				units("buy"),
				units("get"),
				{ name: "products", type: "json", maxSize: 65536 },
				{ name: "categories", type: "json", maxSize: 65536 },
				amount("min_spend"),
				{ name: "priority", type: "number", onlyInt: true, min: -1000, max: 1000 },
				{ name: "exclusive_group", type: "text", max: 40 },
				{ name: "timezone", type: "text", required: true, max: 64 },
				{ name: "starts_at", type: "date" },
				{ name: "ends_at", type: "date" },
				{ name: "weekdays", type: "json", maxSize: 200 },
				{ name: "start_time", type: "text", max: 5 },
				{ name: "end_time", type: "text", max: 5 },
				{
					name: "status",
					type: "select",
					values: ["draft", "active", "paused", "ended"],
					required: true,
					maxSelect: 1,
				},
				{ name: "live", type: "bool" },
				{ name: "created", type: "autodate", onCreate: true },
				{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
			],
			indexes: ["CREATE INDEX idx_campaigns_org_status ON campaigns (org, status)"],
		})
		app.save(campaigns)
	},
	(app) => app.delete(app.findCollectionByNameOrId("campaigns")),
)
