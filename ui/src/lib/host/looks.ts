// How a program's first page looks before it has drawn anything: its bar and its colours, as its configuration says.

import { colour, words } from "./checks"
import type { Launch, Nav, WindowConfig } from "./protocol"

/** The page that opens first, with what its configuration says of its window. */
function firstPage({ config, path = "" }: Launch): { page: string; look: WindowConfig } {
	const wanted = path.replace(/^\//, "")
	const page = config.pages?.includes(wanted) ? wanted : config.entry
	return { page, look: { ...config.window, ...config.components?.[page]?.json } }
}

/** The bar over the page that opens first; nothing is known of a web program's. */
export function firstNav(launch: Launch): Nav | null {
	const { config, name } = launch
	if (config.kind === "web") return null
	// A game has the whole screen from the start: it measures it before it can say anything.
	const game = config.kind === "game"
	const { page, look } = firstPage(launch)
	const front = look.navigationBarTextStyle
	return {
		path: page,
		depth: 1,
		title: game ? name : words(look.navigationBarTitleText),
		background: game ? "" : colour(look.navigationBarBackgroundColor),
		front: game ? "white" : front === "black" || front === "white" ? front : "",
		custom: game || look.navigationStyle === "custom",
		loading: false,
	}
}

/** What stands behind the page until it is there; a program that is always light is white by itself. */
export function firstBackground(launch: Launch): string {
	const { kind, app } = launch.config
	if (kind === "web" || kind === "game") return ""
	return colour(firstPage(launch).look.backgroundColor) || (app?.darkmode ? "" : "#ffffff")
}
