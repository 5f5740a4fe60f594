import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { LASTS, MOST, mostHere, Warm } from "./warm"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function five() {
	const ended: string[] = []
	const warm = new Warm<string>(MOST, (one) => ended.push(one))
	for (const name of ["a", "b", "c", "d", "e"]) {
		warm.use(name)
		warm.leave(name)
	}
	return { warm, ended }
}

test("the sixth program takes the place of the one that was used longest ago", () => {
	const { warm, ended } = five()
	warm.use("a")
	warm.use("f")
	expect(ended).toEqual(["b"])
})

test("nobody's program ends after a while, and not the one on screen", () => {
	const { warm, ended } = five()
	warm.use("c")
	vi.advanceTimersByTime(LASTS)
	expect(ended.sort()).toEqual(["a", "b", "d", "e"])
	vi.advanceTimersByTime(LASTS)
	expect(ended).not.toContain("c")
})

test("one that was looked at again has its whole while before it", () => {
	const { warm, ended } = five()
	vi.advanceTimersByTime(LASTS - 1)
	warm.use("e")
	warm.leave("e")
	vi.advanceTimersByTime(LASTS - 1)
	expect(ended).not.toContain("e")
	vi.advanceTimersByTime(1)
	expect(ended).toContain("e")
})

test("all but the one on screen end at once, each once", () => {
	const { warm, ended } = five()
	warm.clear("d", null)
	warm.clear("d")
	warm.drop("a")
	warm.leave("a")
	expect(ended).toEqual(["a", "b", "c", "e"])
})

test("a device with little memory keeps few", () => {
	expect([undefined, 8, 4, 2, 0.5].map(mostHere)).toEqual([5, 5, 5, 3, 2])
})
