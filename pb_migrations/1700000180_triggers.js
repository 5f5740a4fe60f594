// What runs a program's functions by itself: the timers and hooks of the version that everybody has. The rows follow
// from that version's package and from its program; what makers decide here is whether one is paused.
// A timer's wake is when the row must be looked at next: its next period, or the end of the lease of one that runs.
migrate(
	(app) => {
		const id = (name) => app.findCollectionByNameOrId(name).id
		const whole = (name) => ({ name, type: "number", onlyInt: true, min: 0 })
		const text = (name, max) => ({ name, type: "text", max })
		const runs = (org) =>
			`(${org}.staff_via_org.user ?= @request.auth.id && ${org}.staff_via_org.role ?!= 'cashier')`
		const makers =
			"(program.org = '' && program.owner = @request.auth.id) || " +
			runs("program.org") +
			` || (program.agency.certified_agency = true && ${runs("program.agency")})`
		const rule = `@request.auth.id != '' && (@request.auth.operator = true || ${makers})`
		app.save(
			new Collection({
				type: "base",
				name: "programs_triggers",
				listRule: rule,
				viewRule: rule,
				fields: [
					{
						name: "program",
						type: "relation",
						collectionId: id("programs"),
						required: true,
						maxSelect: 1,
						cascadeDelete: true,
					},
					text("appid", 64),
					text("org", 15), // empty when the program is a person's
					{
						name: "kind",
						type: "select",
						values: ["timer", "hook"],
						required: true,
						maxSelect: 1,
					},
					{ name: "name", type: "text", required: true, max: 64 }, // of the timer, or the event
					{ name: "function", type: "text", required: true, max: 100 },
					{ name: "spec", type: "text", required: true, max: 200 }, // seven fields, or the event
					text("zone", 64),
					{ name: "live", type: "bool" }, // people may open the program
					{ name: "paused", type: "bool" }, // by its makers
					{ name: "active", type: "bool" }, // live and not paused
					text("next", 30),
					text("wake", 30),
					text("due", 30), // the period that runs or ran last, or when the last event happened
					{ name: "state", type: "select", values: ["running", "ok", "failed"], maxSelect: 1 },
					whole("attempts"), // of the period that runs
					text("last_at", 30),
					whole("last_ms"),
					text("last_error", 2000),
					whole("failures"), // in a row
					whole("runs"),
					{ name: "created", type: "autodate", onCreate: true },
					{ name: "updated", type: "autodate", onCreate: true, onUpdate: true },
				],
				indexes: [
					"CREATE UNIQUE INDEX idx_programs_triggers_key ON programs_triggers (program, kind, function, name)",
					"CREATE INDEX idx_programs_triggers_wake ON programs_triggers (wake) WHERE wake != ''",
					"CREATE INDEX idx_programs_triggers_org ON programs_triggers (org, spec) WHERE kind = 'hook' AND active = 1",
					"CREATE INDEX idx_programs_triggers_appid ON programs_triggers (appid, spec) WHERE kind = 'hook' AND active = 1",
				],
			}),
		)
	},
	(app) => app.delete(app.findCollectionByNameOrId("programs_triggers")),
)
