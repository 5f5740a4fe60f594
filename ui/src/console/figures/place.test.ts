import { expect, it } from "vitest"
import {
	better,
	dayBefore,
	daysCSV,
	judged,
	largest,
	ofDay,
	ofPeriod,
	type Place,
	type PlaceDay,
	type PlaceTotals,
} from "./place"

const business = {
	orders: 3,
	bills: 1,
	turnover: { EUR: 1200 },
	refunded: {},
	issued: 12,
	spent: 2,
	expired: 0,
	revoked: 0,
	outstanding: 90,
}
const day = {
	day: "2026-11-23",
	opens: 9,
	people: 4,
	newcomers: 1,
	errors: 0,
	p75_ms: null,
	...business,
} as PlaceDay

it("knows a day by each figure, money by its currency", () => {
	expect(ofDay(day, "turnover", "EUR")).toBe(1200)
	expect(ofDay(day, "turnover", "CHF")).toBe(0)
	expect(ofDay(day, "p75_ms", "EUR")).toBeNull()
	const totals = { ...day, people_per_day: 3.5 } as unknown as PlaceTotals
	expect(ofPeriod(totals, "people", "EUR")).toBe(3.5)
	expect(ofPeriod(totals, "outstanding", "EUR")).toBe(90)
})

it("calls more errors bad, more people good, and points neither", () => {
	expect([judged("errors", 0.2), judged("people", 0.2), judged("issued", 0.2)]).toEqual([
		false,
		true,
		null,
	])
	expect(judged("people", null)).toBeNull()
	expect(better("outstanding")).toBeNull()
})

it("exports a row for each day, and two columns for each currency", () => {
	const { columns, rows } = daysCSV({ days: [day], currencies: ["EUR", "CHF"] } as Place)
	expect(columns).toHaveLength(17)
	expect(rows[0]).toHaveLength(17)
	expect(rows[0]?.slice(-4)).toEqual([1200, 0, 0, 0])
})

it("keeps the largest parts and puts the others together", () => {
	const parts = [1, 5, 3, 2, 0].map((value) => ({ name: String(value), value }))
	expect(largest(parts, 3, "others")).toEqual([
		{ name: "5", value: 5 },
		{ name: "3", value: 3 },
		{ name: "others", value: 3 },
	])
	expect(largest(parts, 9, "others")).toHaveLength(4)
})

it("goes back over the end of a month", () => {
	expect(dayBefore("2026-03-01")).toBe("2026-02-28")
})
