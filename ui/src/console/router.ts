import { Router } from "../lib/router.svelte"
import { figuresScreen } from "./figures/words"
import { nearbyRoom } from "./nearby/words"
import { room } from "./operator/words"
import { rewardsRoom } from "./rewards/words"

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
		"/desk/:appid": () => import("./programs/desk/DeskRoom.svelte"),
		"/figures": () => figuresScreen(() => import("./figures/Figures.svelte")),
		"/bills": () => import("./bills/Bills.svelte"),
		"/rewards": () => rewardsRoom(() => import("./rewards/Rewards.svelte")),
		"/listings": () => nearbyRoom(() => import("./nearby/Listings.svelte")),
		"/listings/:id": () => nearbyRoom(() => import("./nearby/ListingPage.svelte")),
		"/nearby": () => nearbyRoom(() => import("./nearby/NearbyRoom.svelte")),
		"/organisation/certification": () => import("./organisation/Certification.svelte"),
		"/reviews": () => room(() => import("./operator/reviews/Reviews.svelte")),
		"/reviews/:id": () => room(() => import("./operator/reviews/ReviewRoom.svelte")),
		"/certifications": () => room(() => import("./operator/certification/Certifications.svelte")),
		"/features": () => room(() => import("./operator/features/Features.svelte")),
		"/takedowns": () => room(() => import("./operator/takedowns/Takedowns.svelte")),
		"/reports": () => room(() => import("./operator/reports/Reports.svelte")),
		"/policy": () => room(() => import("./operator/policy/PolicyRoom.svelte")),
		"/storage": () => room(() => import("./operator/storage/Storage.svelte")),
		"/proof": () => room(() => import("./operator/proof/Proof.svelte")),
		"/audit": () => room(() => import("./operator/audit/Audit.svelte")),
		"/clock": () => room(() => import("./operator/Clock.svelte")),
	},
	"/console",
)
