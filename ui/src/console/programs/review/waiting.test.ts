import { expect, it } from "vitest"
import { spanOf } from "./waiting"

it("says how long reviews take in the unit that a person would use", () => {
	expect(spanOf(20)).toEqual({ unit: "minutes", count: 1 })
	expect(spanOf(45 * 60)).toEqual({ unit: "minutes", count: 45 })
	expect(spanOf(3 * 3600)).toEqual({ unit: "hours", count: 3 })
	expect(spanOf(35 * 3600)).toEqual({ unit: "hours", count: 35 })
	expect(spanOf(3 * 86_400)).toEqual({ unit: "days", count: 3 })
})

it("says nothing when nothing was reviewed yet", () => {
	expect(spanOf(0)).toBeNull()
	expect(spanOf(Number.NaN)).toBeNull()
})
