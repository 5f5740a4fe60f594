/** Moments are RFC 3339 strings in UTC; PocketBase writes a space for the T, and both are read. */

export type Moment = string | number | Date

/** The moment as a Date; null for an empty or unreadable one. */
export function moment(at: Moment | null | undefined): Date | null {
	if (at === null || at === undefined || at === "") return null
	const date = new Date(typeof at === "string" ? at.replace(" ", "T") : at)
	return Number.isNaN(date.getTime()) ? null : date
}

/** "14:05" or "2:05 PM". With a zone, the time there. */
export function formatTime(at: Moment, locale: string, zone?: string): string {
	return show(at, locale, { hour: "numeric", minute: "2-digit", timeZone: zone })
}

/** "18 Nov 2026". */
export function formatDate(at: Moment, locale: string, zone?: string): string {
	return show(at, locale, { day: "numeric", month: "short", year: "numeric", timeZone: zone })
}

/** "18 Nov 2026, 14:05". */
export function formatDateTime(at: Moment, locale: string, zone?: string): string {
	return show(at, locale, {
		day: "numeric",
		month: "short",
		year: "numeric",
		hour: "numeric",
		minute: "2-digit",
		timeZone: zone,
	})
}

function show(at: Moment, locale: string, options: Intl.DateTimeFormatOptions): string {
	const date = moment(at)
	return date === null ? "" : new Intl.DateTimeFormat(locale, options).format(date)
}

/** The calendar day as "2026-11-18" in the zone (the device's when none is named). */
export function dayKey(at: Moment, zone?: string): string {
	return show(at, "en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone })
}

/** "Today", "Yesterday" (in the locale's own words) or "Wednesday 18 November". */
export function formatDay(at: Moment, now: Moment, locale: string, zone?: string): string {
	const day = dayKey(at, zone)
	const today = dayKey(now, zone)
	const apart = Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000)
	if (apart === 0 || apart === -1) {
		const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(apart, "day")
		return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1)
	}
	const sameYear = day.slice(0, 4) === today.slice(0, 4)
	return show(at, locale, {
		weekday: "long",
		day: "numeric",
		month: "long",
		year: sameYear ? undefined : "numeric",
		timeZone: zone,
	})
}

/** "3 minutes ago", "in 2 days": the largest unit that fits. */
export function formatAgo(at: Moment, now: Moment, locale: string): string {
	const then = moment(at)
	const reference = moment(now)
	if (then === null || reference === null) return ""
	const seconds = Math.round((then.getTime() - reference.getTime()) / 1000)
	const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" })
	const size = Math.abs(seconds)
	if (size < 60) return format.format(seconds, "second")
	if (size < 3600) return format.format(Math.round(seconds / 60), "minute")
	if (size < 86_400) return format.format(Math.round(seconds / 3600), "hour")
	return format.format(Math.round(seconds / 86_400), "day")
}

/** "9:05" or "1:09:05" until the moment; "0:00" once it has passed. */
export function countdown(until: Moment, now: Moment): string {
	const end = moment(until)
	const start = moment(now)
	const left =
		end === null || start === null
			? 0
			: Math.max(0, Math.ceil((end.getTime() - start.getTime()) / 1000))
	const pad = (value: number) => String(value).padStart(2, "0")
	const hours = Math.floor(left / 3600)
	const minutes = Math.floor(left / 60) % 60
	return hours > 0 ? `${hours}:${pad(minutes)}:${pad(left % 60)}` : `${minutes}:${pad(left % 60)}`
}
