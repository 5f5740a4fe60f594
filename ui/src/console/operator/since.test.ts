import { expect, it } from "vitest"
import { spanOf, yearsLater } from "./since"

it("says how long something waits in the largest whole unit", () => {
	expect(spanOf(-5)).toEqual({ unit: "minute", count: 0 })
	expect(spanOf(59 * 60)).toEqual({ unit: "minute", count: 59 })
	expect(spanOf(47.9 * 3600)).toEqual({ unit: "hour", count: 47 })
	expect(spanOf(49 * 3600)).toEqual({ unit: "day", count: 2 })
})

it("finds the same day of a later year", () => {
	expect(yearsLater("2026-11-24", 2)).toBe("2028-11-24")
	expect(yearsLater("2028-02-29", 1)).toBe("2029-02-28")
})
