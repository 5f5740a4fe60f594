// Safe defaults: PocketBase ships with rate limits off and long-lived tokens.
migrate(
	(app) => {
		const settings = app.settings()
		settings.meta.appName = "Plaza"
		settings.meta.hideControls = true
		settings.rateLimits.enabled = true
		settings.rateLimits.rules = [
			// Guessing a password is slow for everybody; a shop's guests share one address.
			{ label: "*:authWithPassword", maxRequests: 30, duration: 60 },
			{ label: "*:authRefresh", maxRequests: 600, duration: 60 }, // each page load asks
			{ label: "*:auth", maxRequests: 60, duration: 60 },
			{ label: "users:create", maxRequests: 30, duration: 60 },
			{ label: "/api/realtime", maxRequests: 300, duration: 60 },
			{ label: "/api/", maxRequests: 3000, duration: 10 },
		]
		settings.batch.enabled = false
		settings.logs.maxDays = 7
		settings.logs.logIP = false
		app.save(settings)
	},
	() => {},
)
