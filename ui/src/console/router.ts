import { Router } from "../lib/router.svelte"

export const router = new Router(
	{
		"/": () => import("./overview/Overview.svelte"),
		"/orders": () => import("./orders/Orders.svelte"),
		"/exit": () => import("./exit/Exit.svelte"),
		"/products": () => import("./products/Products.svelte"),
		"/products/import": () => import("./products/Import.svelte"),
		"/campaigns": () => import("./campaigns/Campaigns.svelte"),
		"/programs": () => import("./programs/Programs.svelte"),
		"/programs/new": () => import("./programs/NewProgram.svelte"),
		"/programs/:appid": () => import("./programs/Program.svelte"),
		"/organisation/certification": () => import("./organisation/Certification.svelte"),
		"/clock": () => import("./operator/Clock.svelte"),
	},
	"/console",
)
