import { Router } from "../lib/router.svelte"
import Launcher from "./launcher/Launcher.svelte"

/** The launcher is part of the first load; every other screen is its own chunk. */
export const router = new Router({
	"/": () => ({ default: Launcher }),
	"/scan": () => import("./scan/ScanScreen.svelte"),
	"/link": () => import("./scan/LinkWarning.svelte"),
	"/wallet": () => import("./wallet/WalletScreen.svelte"),
	"/orders": () => import("./orders/OrdersScreen.svelte"),
	"/orders/:id": () => import("./orders/ReceiptScreen.svelte"),
	"/bills/:id": () => import("./bills/BillScreen.svelte"),
	"/figures": () => import("./figures/FiguresScreen.svelte"),
	"/me": () => import("./me/MeScreen.svelte"),
	"/friends": () => import("./friends/FriendsScreen.svelte"),
	"/friends/:code": () => import("./friends/AcceptScreen.svelte"),
	"/playtime": () => import("./playtime/PlayTimeScreen.svelte"),
	"/messages": () => import("./messages/MessagesScreen.svelte"),
	"/sign-in": () => import("./sign-in/SignInScreen.svelte"),
	"/p/:appid": () => import("./program/ProgramScreen.svelte"),
	"/m/:code": () => import("./program/LinkScreen.svelte"),
	"/verify": () => import("./verify/VerifyScreen.svelte"),
	"/store": () => import("./store/StoreScreen.svelte"),
	"/store/search": () => import("./store/SearchScreen.svelte"),
	"/store/:appid": () => import("./store/ProgramPage.svelte"),
})

/** Where to go back to after signing in. */
export function signInPath(): string {
	return `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`
}
