import { expect, test } from "vitest"
import { projected } from "./outside"

test("places are where Mercator puts them", () => {
	expect(projected(0, 0)).toEqual({ x: 0.5, y: 0.5 })
	expect(projected(0, -180).x).toBe(0)
	const paris = projected(48.8566, 2.3522)
	expect(paris.x).toBeCloseTo(0.506534, 5)
	expect(paris.y).toBeCloseTo(0.344028, 5)
	expect(projected(90, 0).y).toBeGreaterThanOrEqual(0)
})
