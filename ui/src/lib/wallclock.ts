/** Wall-clock dates and times of a zone, as form fields hold them, and the instants they mean. */

/** The wall-clock date and time of an instant in a zone, as form fields hold them. */
export function wallOf(date: Date, zone: string): { date: string; time: string } {
	const parts = new Intl.DateTimeFormat("en-CA", {
		year: "numeric",
		month: "2-digit",
		day: "2-digit",
		hour: "2-digit",
		minute: "2-digit",
		hourCycle: "h23",
		timeZone: zone || "UTC",
	}).formatToParts(date)
	const part = (type: string) => parts.find((p) => p.type === type)?.value ?? ""
	return {
		date: `${part("year")}-${part("month")}-${part("day")}`,
		time: `${part("hour")}:${part("minute")}`,
	}
}

/**
 * The instant of a wall-clock date and time in a zone: a time that the clock skips moves on by the gap,
 * one that it shows twice is the first of the two. The same rule as the server's.
 */
export function instantOf(date: string, time: string, zone: string): Date | null {
	const wanted = Date.parse(`${date}T${time || "00:00"}:00Z`)
	if (Number.isNaN(wanted)) return null
	const offset = (at: number) => {
		const wall = wallOf(new Date(at), zone)
		return Date.parse(`${wall.date}T${wall.time}:00Z`) - Math.floor(at / 60_000) * 60_000
	}
	const before = offset(wanted - 86_400_000)
	const after = offset(wanted + 86_400_000)
	const early = wanted - Math.max(before, after)
	const late = wanted - Math.min(before, after)
	if (early + offset(early) === wanted) return new Date(early)
	if (late + offset(late) === wanted) return new Date(late)
	return new Date(wanted - before)
}

/** The day after, as a form field holds it. */
export function dayAfter(date: string, days = 1): string {
	const at = Date.parse(`${date}T00:00:00Z`)
	return Number.isNaN(at) ? "" : new Date(at + days * 86_400_000).toISOString().slice(0, 10)
}
