// A schedule in words: days, hours and dates, each by Intl in the reader's language, in the shop's zone.

import { wallOf } from "../../lib/wallclock"
import type { Draft } from "./campaign"
import { instant } from "./campaign"

export type Schedule = Pick<
	Draft,
	"timezone" | "starts_at" | "ends_at" | "weekdays" | "start_time" | "end_time"
>

/** The days of a week as people list them. Sunday is 0, as in the record. */
export const mondayFirst = [1, 2, 3, 4, 5, 6, 0] as const

export function dayName(day: number, locale: string, style: "short" | "long" = "short"): string {
	// 4 January 1970 was a Sunday.
	const date = new Date(Date.UTC(1970, 0, 4 + day))
	return new Intl.DateTimeFormat(locale, { weekday: style, timeZone: "UTC" }).format(date)
}

/** "Mon–Fri", "Mon, Wed", "" for every day. Runs of three or more days are joined. */
export function daysInWords(weekdays: number[] | null, locale: string): string {
	const chosen = mondayFirst.filter((day) => weekdays?.includes(day))
	if (chosen.length === 0 || chosen.length === 7) return ""
	const runs: number[][] = []
	for (const day of chosen) {
		const run = runs.at(-1)
		const follows =
			run && mondayFirst.indexOf(day as 0) - mondayFirst.indexOf(run.at(-1) as 0) === 1
		if (follows) run.push(day)
		else runs.push([day])
	}
	const name = (day: number | undefined) => dayName(day ?? 0, locale)
	const parts = runs.flatMap((run) =>
		run.length > 2 ? [`${name(run[0])}–${name(run.at(-1))}`] : run.map(name),
	)
	return parts.join(locale.startsWith("zh") ? "、" : ", ")
}

/** "17:00–19:00" as the reader writes times; "" for the whole day. */
export function hoursInWords(start: string, end: string, locale: string): string {
	if (!start && !end) return ""
	return `${wallClock(start || "00:00", locale)}–${wallClock(end || "24:00", locale)}`
}

function wallClock(time: string, locale: string): string {
	const [hours = 0, minutes = 0] = time.split(":").map(Number)
	if (hours === 24) return locale.startsWith("en-US") ? "12:00 AM" : "24:00"
	const date = new Date(Date.UTC(1970, 0, 1, hours, minutes))
	return new Intl.DateTimeFormat(locale, {
		hour: "numeric",
		minute: "2-digit",
		timeZone: "UTC",
	}).format(date)
}

export type Dates =
	| { kind: "always" }
	| { kind: "from"; date: string }
	| { kind: "until"; date: string }
	| { kind: "between"; dates: string }

/** The dates between which it runs. The end is the first instant after, so the day before it is the last. */
export function datesInWords(schedule: Schedule, locale: string, now: Date): Dates {
	const zone = schedule.timezone || "UTC"
	const from = schedule.starts_at ? new Date(instant(schedule.starts_at)) : null
	const until = schedule.ends_at ? new Date(instant(schedule.ends_at)) : null
	const year = (date: Date) =>
		new Intl.DateTimeFormat("en", { year: "numeric", timeZone: zone }).format(date)
	const whole = [from, until].every((date) => date === null || isMidnight(date, zone))
	const sameYear = [from, until].every((date) => date === null || year(date) === year(now))
	const format = new Intl.DateTimeFormat(locale, {
		day: "numeric",
		month: "short",
		...(sameYear ? {} : { year: "numeric" }),
		...(whole ? {} : { hour: "numeric", minute: "2-digit" }),
		timeZone: zone,
	})
	const last = until && whole ? new Date(until.getTime() - 1) : until
	if (from && last && last >= from)
		return { kind: "between", dates: format.formatRange(from, last) }
	if (from) return { kind: "from", date: format.format(from) }
	if (last) return { kind: "until", date: format.format(last) }
	return { kind: "always" }
}

function isMidnight(date: Date, zone: string): boolean {
	return wallOf(date, zone).time === "00:00"
}
