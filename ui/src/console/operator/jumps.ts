// Where the demonstration's clock can be sent, by the wall clock of a zone: an hour is not lost to daylight saving.
import { dayAfter, instantOf, wallOf } from "../../lib/wallclock"

/** The same time of day so many days later. */
export function daysLater(at: Date, days: number, zone: string): Date | null {
	const { date, time } = wallOf(at, zone)
	return instantOf(dayAfter(date, days), time, zone)
}

/** The same day of a later month, or the last day of a shorter one. */
export function monthsLater(at: Date, months: number, zone: string): Date | null {
	const { date, time } = wallOf(at, zone)
	const [year = 0, month = 1, day = 1] = date.split("-").map(Number)
	const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
	const there = new Date(Date.UTC(year, month - 1 + months, Math.min(day, last)))
	return instantOf(there.toISOString().slice(0, 10), time, zone)
}

/** The next time that the wall clock shows `time`: today, or tomorrow when it is over. */
export function nextAt(
	at: Date,
	time: string,
	zone: string,
): { at: Date; day: "today" | "tomorrow" } | null {
	const { date } = wallOf(at, zone)
	const today = instantOf(date, time, zone)
	if (today && today > at) return { at: today, day: "today" }
	const tomorrow = instantOf(dayAfter(date), time, zone)
	return tomorrow && { at: tomorrow, day: "tomorrow" }
}
