// Once the page has come to rest, its service worker keeps what is needed to start without a network.
if (navigator.serviceWorker)
	addEventListener("load", () =>
		setTimeout(async () => {
			try {
				await navigator.serviceWorker.register("/sw.js")
				const { active } = await navigator.serviceWorker.ready
				const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)
				active?.postMessage({ loaded })
			} catch {
				// Without a worker the client needs the network.
			}
		}, 2_000),
	)
