// The figures of the place or of an organisation: what the server answers, and what follows from it. Pure.
import type { Cell } from "../../lib/table/csv"
import type { Cohort, Day } from "../programs/figures/figures"

export interface Business {
	orders: number
	bills: number
	turnover: Record<string, number>
	refunded: Record<string, number>
	issued: number
	spent: number
	expired: number
	revoked: number
	outstanding: number
}

export type PlaceDay = Day & Business

export interface PlaceTotals extends Business {
	opens: number
	people_per_day: number
	newcomers: number
	errors: number
	p75_ms: number | null
}

export interface Place {
	of: { kind: "platform" | "org" | "program"; id: string; name: string }
	from: string
	to: string
	zone: string
	as_of: string
	counts: {
		programs: number
		creators: number
		certified: number
		certified_agencies: number
		members: number
	}
	reach: { week: number; week_before: number; month: number; month_before: number }
	currencies: string[]
	days: PlaceDay[]
	before: PlaceDay[]
	totals: PlaceTotals
	previous: PlaceTotals
	retention: Cohort[]
	loads: { up_to_ms: number; count: number }[]
	hours: number[][]
	programs: {
		appid: string
		name: string
		opens: number
		people_per_day: number
		errors: number
	}[]
}

export interface Live {
	here: number
	minutes: number[]
	orders_today: number
	opens_today: number
	as_of: string
}

export const metrics = [
	"people",
	"opens",
	"newcomers",
	"errors",
	"p75_ms",
	"orders",
	"bills",
	"turnover",
	"issued",
	"spent",
	"expired",
	"outstanding",
] as const
export type Metric = (typeof metrics)[number]

/** A day's figure; money is of one currency. */
export const ofDay = (day: PlaceDay, metric: Metric, currency: string): number | null =>
	metric === "turnover" ? (day.turnover[currency] ?? 0) : day[metric]

/** The one figure of a period: a sum, a mean, or how it stands at the end. */
export const ofPeriod = (totals: PlaceTotals, metric: Metric, currency: string): number | null =>
	metric === "turnover"
		? (totals.turnover[currency] ?? 0)
		: metric === "people"
			? totals.people_per_day
			: totals[metric]

/** Whether more is better; null where it is neither. */
export function better(metric: Metric): "more" | "less" | null {
	if (metric === "errors" || metric === "p75_ms" || metric === "expired") return "less"
	return metric === "outstanding" || metric === "issued" || metric === "spent" ? null : "more"
}

/** What a change is worth: true is good, false is bad, null is neither. */
export function judged(metric: Metric, change: number | null): boolean | null {
	const way = better(metric)
	if (change === null || change === 0 || way === null) return null
	return change > 0 === (way === "more")
}

export const dayBefore = (day: string) =>
	new Date(Date.parse(`${day}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10)

/** A row for each day, money in minor units with its currency in the column's name. */
export function daysCSV({ days, currencies }: Place): { columns: string[]; rows: Cell[][] } {
	const plain = [
		"people",
		"opens",
		"newcomers",
		"errors",
		"p75_ms",
		"orders",
		"bills",
		"issued",
		"spent",
		"expired",
		"revoked",
		"outstanding",
	] as const
	return {
		columns: [
			"day",
			...plain,
			...currencies.flatMap((one) => [`turnover_minor_${one}`, `refunded_minor_${one}`]),
		],
		rows: days.map((day) => [
			day.day,
			...plain.map((name) => day[name]),
			...currencies.flatMap((one) => [day.turnover[one] ?? 0, day.refunded[one] ?? 0]),
		]),
	}
}

/** The largest parts by themselves, the others together. */
export function largest(
	parts: { name: string; value: number }[],
	most: number,
	others: string,
): { name: string; value: number }[] {
	const kept = parts.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value)
	if (kept.length <= most) return kept
	const rest = kept.slice(most - 1).reduce((sum, { value }) => sum + value, 0)
	return [...kept.slice(0, most - 1), { name: others, value: rest }]
}
