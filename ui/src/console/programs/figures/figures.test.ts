import { expect, it } from "vitest"
import { daysBefore, filled, heat, lastDays, retained, totalOf } from "./figures"

it("compares a period with as many days right before it", () => {
	expect(lastDays("2026-11-24", 7)).toEqual({ from: "2026-11-18", to: "2026-11-24" })
	expect(daysBefore("2026-11-18", "2026-11-24")).toEqual({ from: "2026-11-11", to: "2026-11-17" })
	expect(daysBefore("2026-03-01", "2026-03-01")).toEqual({ from: "2026-02-28", to: "2026-02-28" })
})

it("counts only those whose day is over among the ones who could come back", () => {
	const cohorts = [
		{ first_day: "a", size: 10, d1: 5, d7: 2, d30: null },
		{ first_day: "b", size: 30, d1: 5, d7: null, d30: null },
	]
	expect(retained(cohorts, "d1")).toBe(0.25)
	expect(retained(cohorts, "d7")).toBe(0.2)
	expect(retained(cohorts, "d30")).toBeNull()
})

it("colours nobody and everybody apart, and leaves open days without colour", () => {
	expect([heat(0, 10), heat(1, 10), heat(10, 10), heat(null, 10)]).toEqual([0, 1, 4, null])
})

it("has people as a mean, because people of several days are not told apart", () => {
	const totals = { opens: 9, people_per_day: 2.5, newcomers: 1, errors: 0, p75_ms: null }
	expect(totalOf(totals, "people")).toBe(2.5)
	expect(totalOf(totals, "p75_ms")).toBeNull()
})

it("shows a histogram from its first to its last bar", () => {
	const bars = [0, 2, 0, 1, 0, 0].map((count) => ({ count }))
	expect(filled(bars).map(({ count }) => count)).toEqual([2, 0, 1])
	expect(filled([{ count: 0 }])).toEqual([])
})
