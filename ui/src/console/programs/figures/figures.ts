// A program's figures: what the server answers, and what follows from it. Pure.
import type { Cell } from "../../../lib/table/csv"

export interface Day {
	day: string
	opens: number
	people: number
	newcomers: number
	errors: number
	p75_ms: number | null
}

export interface Totals {
	opens: number
	people_per_day: number
	newcomers: number
	errors: number
	p75_ms: number | null
}

export interface Cohort {
	first_day: string
	size: number
	/** How many came back on that day after; null while it is not over. */
	d1: number | null
	d7: number | null
	d30: number | null
}

export interface Figures {
	from: string
	to: string
	zone: string
	days: Day[]
	totals: Totals
	previous: Totals
	retention: Cohort[]
	pages: { path: string; views: number; entries: number; exits: number }[]
	steps: { from: string; to: string; count: number }[]
	loads: { up_to_ms: number; count: number }[]
}

export const metrics = ["opens", "people", "newcomers", "errors", "p75_ms"] as const
export type Metric = (typeof metrics)[number]

const shifted = (day: string, by: number) =>
	new Date(Date.parse(`${day}T12:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)

/** So many days up to and with one. */
export const lastDays = (today: string, days: number) => ({
	from: shifted(today, 1 - days),
	to: today,
})

/** As many days right before a period. */
export function daysBefore(from: string, to: string): { from: string; to: string } {
	const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
	return { from: shifted(from, -days), to: shifted(from, -1) }
}

/** The one figure of a period that a metric is compared by. */
export const totalOf = (totals: Totals, metric: Metric): number | null =>
	metric === "people" ? totals.people_per_day : totals[metric]

/** More is better for people and opens, less for errors and times. */
export const goodWay = (metric: Metric): "more" | "less" =>
	metric === "errors" || metric === "p75_ms" ? "less" : "more"

/** How deep a cell of the heat table is: 0 to 4, by the share that came back. */
export function heat(back: number | null, size: number): number | null {
	if (back === null || size === 0) return null
	const share = back / size
	return share === 0 ? 0 : Math.min(4, Math.ceil(share * 5))
}

/** Everybody who came in the period: what share came back after so many days, of those for whom that day is over. */
export function retained(cohorts: Cohort[], after: "d1" | "d7" | "d30"): number | null {
	const known = cohorts.filter((cohort) => cohort[after] !== null)
	const size = known.reduce((sum, cohort) => sum + cohort.size, 0)
	if (size === 0) return null
	return known.reduce((sum, cohort) => sum + (cohort[after] ?? 0), 0) / size
}

export const dayRows = (days: Day[]): Cell[][] =>
	days.map((d) => [d.day, d.opens, d.people, d.newcomers, d.errors, d.p75_ms])
export const dayColumns = ["day", "opens", "people", "newcomers", "errors", "p75_ms"]

/** A histogram without its empty ends. */
export function filled<T extends { count: number }>(bars: T[]): T[] {
	const first = bars.findIndex(({ count }) => count > 0)
	const last = bars.findLastIndex(({ count }) => count > 0)
	return first < 0 ? [] : bars.slice(first, last + 1)
}
