// How long reviews take, in words: "about 3 hours", never a figure that looks like a promise.

export interface Span {
	unit: "minutes" | "hours" | "days"
	count: number
}

export function spanOf(seconds: number): Span | null {
	if (!(seconds > 0)) return null
	if (seconds < 90 * 60) return { unit: "minutes", count: Math.max(1, Math.round(seconds / 60)) }
	if (seconds < 36 * 3600) return { unit: "hours", count: Math.round(seconds / 3600) }
	return { unit: "days", count: Math.round(seconds / 86_400) }
}
