import { expect, it } from "vitest"
import { arcs, bands, change, runs, shown, textWidth, ticks } from "./scale"

it("picks round ticks that reach past the largest value", () => {
	expect(ticks(512)).toEqual([0, 200, 400, 600])
	expect(ticks(7)).toEqual([0, 2, 4, 6, 8])
	expect(ticks(100)).toEqual([0, 25, 50, 75, 100])
	expect(ticks(0.4)).toEqual([0, 0.1, 0.2, 0.3, 0.4])
})

it("never divides by an empty or absurd series", () => {
	expect(ticks(0)).toEqual([0, 1])
	expect(ticks(Number.NaN)).toEqual([0, 1])
	expect(bands(0, 300)).toEqual([])
})

it("lays columns evenly and keeps them from growing fat", () => {
	const [first, second] = bands(2, 200, 0.5)
	expect(first).toEqual({ start: 26, width: 48, centre: 50 })
	expect(second?.centre).toBe(150)
})

it("drops labels that would overlap and always keeps the last", () => {
	const keep = shown(14, 300, 44)
	const kept = Array.from({ length: 14 }, (_, i) => i).filter(keep)
	expect(kept).toEqual([1, 4, 7, 10, 13])
})

it("compares only with something", () => {
	expect(change(120, 100)).toBeCloseTo(0.2)
	expect(change(5, 0)).toBeNull()
})

it("gives Chinese labels more room", () => {
	expect(textWidth("11月24日")).toBeGreaterThan(textWidth("24 Nov"))
	expect(textWidth("")).toBe(0)
})

it("draws no line over days on which nothing was measured", () => {
	expect(runs([1, 2, null, 3, null, null, 4, 5])).toEqual([[0, 1], [3], [6, 7]])
	expect(runs([null])).toEqual([])
})

it("closes a ring whatever its parts are", () => {
	expect(arcs([1, 1, 2])).toEqual([
		{ start: 0, length: 0.25 },
		{ start: 0.25, length: 0.25 },
		{ start: 0.5, length: 0.5 },
	])
	expect(arcs([0, 0])).toEqual([
		{ start: 0, length: 0 },
		{ start: 0, length: 0 },
	])
})
