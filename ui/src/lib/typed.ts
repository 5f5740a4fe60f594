/** Dates and times as people type them, in the order of their own region, whatever the browser's fields would show. */

type Part = "day" | "month" | "year"

/** In which order a locale writes the parts of a date, and what stands between them. */
export function dateOrder(locale: string): { order: Part[]; mark: string } {
	const parts = new Intl.DateTimeFormat(locale, {
		day: "2-digit",
		month: "2-digit",
		year: "numeric",
	}).formatToParts(new Date(Date.UTC(2000, 10, 22, 12)))
	const order = parts.map(({ type }) => type).filter((type) => type !== "literal") as Part[]
	return { order, mark: parts.find(({ type }) => type === "literal")?.value.trim() || "/" }
}

/** "2026-11-24" as the locale writes it in digits. */
export function writeDate(date: string, locale: string): string {
	const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date)
	if (!found) return ""
	const [, year = "", month = "", day = ""] = found
	const { order, mark } = dateOrder(locale)
	return order.map((part) => ({ day, month, year })[part]).join(mark)
}

/** Reads a typed date ("24/11/26", "2026-11-24", "24.11." of this year); null when it is none. */
export function readDate(text: string, locale: string, thisYear: number): string | null {
	const numbers = text.match(/\d+/g)?.map(String) ?? []
	if (numbers.length < 2 || numbers.length > 3) return null
	const isoLike = numbers[0]?.length === 4
	const order = isoLike ? (["year", "month", "day"] as Part[]) : dateOrder(locale).order
	const used = numbers.length === 3 ? order : order.filter((part) => part !== "year")
	const value = (part: Part) => Number(numbers[used.indexOf(part)] ?? Number.NaN)
	const typedYear = used.includes("year") ? value("year") : thisYear
	const year = typedYear < 100 ? 2000 + typedYear : typedYear
	const iso = `${String(year).padStart(4, "0")}-${two(value("month"))}-${two(value("day"))}`
	const at = new Date(`${iso}T00:00:00Z`)
	// A day that the month does not have would roll over into the next.
	return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso) ? iso : null
}

/** Reads a typed time ("17", "17:30", "1730", "5:30 pm"); null when it is none. */
export function readTime(text: string): string | null {
	const found = /^(\d{1,2})(?:\s*[:.hH]?\s*(\d{2}))?\s*[hH]?\s*([aApP])?\.?[mM]?\.?$/.exec(
		text.trim(),
	)
	if (!found) return null
	const [, hourText = "", minutes = "00", half = ""] = found
	let hour = Number(hourText)
	if (half && (hour < 1 || hour > 12)) return null
	if (half) hour = (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0)
	if (hour > 23 || Number(minutes) > 59) return null
	return `${two(hour)}:${minutes}`
}

const two = (number: number) => String(number).padStart(2, "0")
