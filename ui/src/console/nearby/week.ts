// Opening hours that a week of rows can show, read from and written to the text that OpenStreetMap has for them.
// Whatever says more than that is not touched: it stays text.

export const days = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] as const
export type Day = (typeof days)[number]

export interface Span {
	from: string
	until: string
}

export interface Week {
	days: Record<Day, Span[]>
	/** Closed on public holidays; otherwise they are like the weekday that they fall on. */
	holidaysOff: boolean
}

export const emptyWeek = (): Week => ({
	days: { Mo: [], Tu: [], We: [], Th: [], Fr: [], Sa: [], Su: [] },
	holidaysOff: false,
})

const TIME = /^([01]\d|2[0-4]):([0-5]\d)$/
const SPAN = /^(\d\d:\d\d)-(\d\d:\d\d)$/

function spansOf(text: string): Span[] | null {
	if (text === "off" || text === "closed") return []
	const spans = text.split(",").map((each) => SPAN.exec(each.trim()))
	if (spans.some((found) => !found || !TIME.test(found[1] ?? "") || !TIME.test(found[2] ?? "")))
		return null
	return spans.map((found) => ({ from: found?.[1] ?? "", until: found?.[2] ?? "" }))
}

function daysOf(text: string): Day[] | null {
	const found: Day[] = []
	for (const part of text.split(",")) {
		const [first, last = first] = part.trim().split("-")
		const from = days.indexOf(first as Day)
		const to = days.indexOf(last as Day)
		if (from < 0 || to < 0) return null
		for (let at = from; ; at = (at + 1) % 7) {
			found.push(days[at] as Day)
			if (at === to) break
		}
	}
	return found
}

/** The week that a text means; null when it says more, or cannot be read here. */
export function readWeek(text: string): Week | null {
	const week = emptyWeek()
	const trimmed = text.trim()
	if (trimmed === "") return week
	if (trimmed === "24/7") {
		for (const day of days) week.days[day] = [{ from: "00:00", until: "24:00" }]
		return week
	}
	for (const rule of trimmed.split(";")) if (!take(week, rule.trim())) return null
	return week
}

/** Takes one rule into the week; a later one for a day replaces what an earlier one said. */
function take(week: Week, rule: string): boolean {
	if (rule === "") return true
	if (rule === "PH off" || rule === "PH closed") {
		week.holidaysOff = true
		return true
	}
	const cut = /^([A-Za-z, -]+?)\s+(off|closed|\d.*)$/.exec(rule)
	const named = cut ? daysOf(cut[1] ?? "") : /^\d/.test(rule) ? [...days] : null
	const spans = spansOf((cut?.[2] ?? rule).replaceAll(" ", ""))
	if (!named || !spans) return false
	for (const day of named) week.days[day] = spans.map((span) => ({ ...span }))
	return true
}

const written = (spans: Span[]) => spans.map(({ from, until }) => `${from}-${until}`).join(",")

/** The text of a week: runs of equal days together. */
export function writeWeek({ days: hours, holidaysOff }: Week): string {
	const said = days.map((day) => written(hours[day]))
	if (said.every((each) => each === "")) return holidaysOff ? "PH off" : ""
	const whole = said.every((each) => each === said[0])
	if (whole && said[0] === "00:00-24:00" && !holidaysOff) return "24/7"
	const rules: string[] = []
	for (let at = 0; at < 7; ) {
		let end = at
		while (end < 6 && said[end + 1] === said[at]) end++
		const name = at === end ? days[at] : `${days[at]}-${days[end]}`
		if (said[at] !== "") rules.push(`${name} ${said[at]}`)
		at = end + 1
	}
	if (holidaysOff) rules.push("PH off")
	return rules.join("; ")
}
