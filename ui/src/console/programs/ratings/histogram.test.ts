import { expect, it } from "vitest"
import { average, shares } from "./histogram"

it("averages stars to one decimal", () => {
	expect(average([1, 0, 0, 0, 2])).toBe(3.7)
	expect(average([])).toBe(0)
	expect(average([0, 0, 0, 0, 0])).toBe(0)
})

it("shows five stars first, and no share of nothing", () => {
	expect(shares([1, 0, 0, 0, 3])[0]).toEqual({ stars: 5, number: 3, share: 0.75 })
	expect(shares([])).toHaveLength(5)
	expect(shares([]).every(({ share }) => share === 0)).toBe(true)
})
