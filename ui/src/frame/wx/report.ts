// What a program counts of itself: `wx.reportEvent`, and the older `wx.reportAnalytics`. The host gathers it with what
// it counts anyway; nobody waits for it, and no program learns whether it was counted.

import type { HostPort } from "../port"

/** The same as the server's limits: what is over them would be passed over there. */
const FIELDS = 10
const LETTERS = 64

export function reportApi(port: HostPort): Record<string, (name: unknown, data?: unknown) => void> {
	const reported = (name: unknown, data?: unknown) => {
		const told = String(name ?? "")
		if (told !== "" && told.length <= LETTERS)
			port.cast("report", { name: told, data: fields(data) })
	}
	return { reportEvent: reported, reportAnalytics: reported }
}

/** Texts, numbers and yes or no; anything else cannot be counted. */
export function fields(data: unknown): Record<string, string | number | boolean> {
	if (typeof data !== "object" || data === null) return {}
	const kept = Object.entries(data).filter(
		([name, value]) =>
			name.length <= LETTERS &&
			(typeof value === "boolean" ||
				Number.isFinite(value) ||
				(typeof value === "string" && value.length <= LETTERS)),
	)
	return Object.fromEntries(kept.slice(0, FIELDS)) as Record<string, string | number | boolean>
}
