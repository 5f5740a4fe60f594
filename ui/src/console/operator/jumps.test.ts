import { expect, it } from "vitest"
import { daysLater, monthsLater, nextAt } from "./jumps"

const paris = "Europe/Paris"

it("keeps the time of day over the change to summer time", () => {
	const evening = new Date("2026-03-28T17:30:00Z") // 18:30 in Paris; the clocks change that night
	expect(daysLater(evening, 1, paris)?.toISOString()).toBe("2026-03-29T16:30:00.000Z")
})

it("ends on the last day of a shorter month", () => {
	const day = new Date("2027-01-31T11:00:00Z")
	expect(monthsLater(day, 1, paris)?.toISOString()).toBe("2027-02-28T11:00:00.000Z")
	expect(monthsLater(new Date("2028-02-29T11:00:00Z"), 12, paris)?.toISOString()).toBe(
		"2029-02-28T11:00:00.000Z",
	)
	expect(monthsLater(new Date("2026-12-15T11:00:00Z"), 1, paris)?.toISOString()).toBe(
		"2027-01-15T11:00:00.000Z",
	)
})

it("finds the next 17:30 of the shop, today or tomorrow", () => {
	expect(nextAt(new Date("2026-11-24T16:00:00Z"), "17:30", paris)).toEqual({
		at: new Date("2026-11-24T16:30:00Z"),
		day: "today",
	})
	expect(nextAt(new Date("2026-11-24T16:30:00Z"), "17:30", paris)).toEqual({
		at: new Date("2026-11-25T16:30:00Z"),
		day: "tomorrow",
	})
})
