import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { Reach } from "../session"
import { LOOK, whileAllowed } from "./allowed"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watched(consents: () => Promise<Record<string, unknown>>) {
	let close = () => {}
	const reach = { consents, atEnd: (run: () => void) => (close = run) } as unknown as Reach
	const end = vi.fn()
	whileAllowed(reach, "location", end)
	return { end, close: () => close() }
}
const yes = { location: { state: "granted", duration: "open" } }

test("what was allowed goes on until the yes is taken back, and ends once", async () => {
	let held: Record<string, unknown> = yes
	const { end } = watched(async () => held)
	await vi.advanceTimersByTimeAsync(3 * LOOK)
	expect(end).not.toHaveBeenCalled()
	held = { location: { state: "denied", duration: "always" } }
	await vi.advanceTimersByTimeAsync(LOOK)
	expect(end).toHaveBeenCalledOnce()
	await vi.advanceTimersByTimeAsync(5 * LOOK)
	expect(end).toHaveBeenCalledOnce()
})

test("a yes for once, and a house that does not answer, end it at the first look", async () => {
	const once = watched(async () => ({}))
	const silent = watched(() => Promise.reject(new Error("offline")))
	await vi.advanceTimersByTimeAsync(LOOK)
	expect(once.end).toHaveBeenCalledOnce()
	expect(silent.end).toHaveBeenCalledOnce()
})

test("a program that ends is not looked at any more", async () => {
	const consents = vi.fn(async () => yes)
	const { close } = watched(consents)
	close()
	await vi.advanceTimersByTimeAsync(3 * LOOK)
	expect(consents).not.toHaveBeenCalled()
})
