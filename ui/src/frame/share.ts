// What a page would share of itself: its own answer if it has one, else itself.

import type { Shared } from "../lib/host/protocol"
import type { Caller } from "./program"

/** Asks the page; what it throws or leaves out is as if it had not been asked. */
export function sharedBy(
	page: Caller,
	query: Record<string, string>,
	from: { from: "menu" | "button"; target?: object } = { from: "menu" },
): Shared {
	const search = Object.entries(query)
		.map(([name, value]) => `${name}=${value}`)
		.join("&")
	const own = { title: "", path: `/${page.route}${search && `?${search}`}`, imageUrl: "" }
	try {
		const told: unknown = (page.onShareAppMessage as ((from: object) => unknown) | undefined)?.call(
			page,
			from,
		)
		return isPlain(told) ? { ...own, ...texts(told) } : own
	} catch {
		return own
	}
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null

const texts = (told: Record<string, unknown>): Partial<Shared> =>
	Object.fromEntries(
		["title", "path", "imageUrl"]
			.filter((name) => typeof told[name] === "string" && told[name] !== "")
			.map((name) => [name, told[name]]),
	)
