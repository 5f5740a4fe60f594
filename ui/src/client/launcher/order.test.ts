import { expect, it } from "vitest"
import { matches } from "./matching"
import { moveTo } from "./order"

it("moves an entry up, down, and no further than the ends", () => {
	const list = ["a", "b", "c"]
	expect(moveTo(list, 0, 2)).toEqual(["b", "c", "a"])
	expect(moveTo(list, 2, 0)).toEqual(["c", "a", "b"])
	expect(moveTo(list, 1, 9)).toEqual(["a", "c", "b"])
	expect(moveTo(list, 1, -1)).toEqual(["b", "a", "c"])
	expect(moveTo(list, 5, 0)).toEqual(list)
})

it("finds shops whatever the accents and the case, all words together", () => {
	expect(matches("boulangerie pâté", "BOULANGERIE du port", "Pate en croûte")).toBe(true)
	expect(matches("boulangerie poisson", "Boulangerie du port")).toBe(false)
	expect(matches("", undefined)).toBe(true)
})
