// How long something waits, and until when something may last, in whole units.

export type Span = { unit: "minute" | "hour" | "day"; count: number }

/** "12 minutes", "3 hours", "2 days": the largest unit of which there is at least one. */
export function spanOf(seconds: number): Span {
	const minutes = Math.max(0, Math.floor(seconds / 60))
	if (minutes < 60) return { unit: "minute", count: minutes }
	const hours = Math.floor(minutes / 60)
	return hours < 48
		? { unit: "hour", count: hours }
		: { unit: "day", count: Math.floor(hours / 24) }
}

/** The span in the reader's words, as Intl has them. */
export function spanInWords(seconds: number, locale: string): string {
	const { unit, count } = spanOf(seconds)
	return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(count)
}

/** The same day so many years later; the last of February when there is no such day. */
export function yearsLater(day: string, years: number): string {
	const [year = 0, month = 1, date = 1] = day.split("-").map(Number)
	const last = new Date(Date.UTC(year + years, month, 0)).getUTCDate()
	const there = new Date(Date.UTC(year + years, month - 1, Math.min(date, last)))
	return there.toISOString().slice(0, 10)
}
