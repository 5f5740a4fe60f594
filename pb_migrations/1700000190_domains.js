// The hosts that a program may reach besides those of its manifest: its makers' own list, which a package written for
// WeChat needs. Four lists of hosts, as WeChat has them: request, socket, upload, download.
migrate(
	(app) => {
		const programs = app.findCollectionByNameOrId("programs")
		programs.fields.add(new JSONField({ name: "domains", maxSize: 64000 }))
		app.save(programs)
	},
	(app) => {
		const programs = app.findCollectionByNameOrId("programs")
		programs.fields.removeByName("domains")
		app.save(programs)
	},
)
