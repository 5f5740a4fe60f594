import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { Guard, STILL } from "./guard.svelte"

const world = new EventTarget()
const page = Object.assign(new EventTarget(), { hidden: false })

beforeEach(() => {
	vi.useFakeTimers()
	vi.stubGlobal("addEventListener", world.addEventListener.bind(world))
	vi.stubGlobal("removeEventListener", world.removeEventListener.bind(world))
	vi.stubGlobal("document", page)
})
afterEach(() => {
	vi.useRealTimers()
	vi.unstubAllGlobals()
})

const press = (isTrusted: boolean) => ({ isTrusted }) as Event

test("a press counts after half a second of stillness, and only a person's", () => {
	const guard = new Guard()
	const stop = guard.watch()
	expect(guard.allows(press(true))).toBe(false)
	vi.advanceTimersByTime(STILL)
	expect(guard.allows(press(true))).toBe(true)
	expect(guard.allows(press(false))).toBe(false)
	stop()
})

test("whoever goes on tapping does not pay by it", () => {
	const guard = new Guard()
	const stop = guard.watch()
	for (let tap = 0; tap < 20; tap++) {
		vi.advanceTimersByTime(STILL - 1)
		world.dispatchEvent(new Event("pointerdown"))
		expect(guard.armed).toBe(false)
	}
	vi.advanceTimersByTime(STILL)
	expect(guard.armed).toBe(true)
	// Once it stands there, a press is a press.
	world.dispatchEvent(new Event("pointerdown"))
	expect(guard.armed).toBe(true)
	stop()
})

test("a sheet that comes back into sight waits again", () => {
	const guard = new Guard()
	const stop = guard.watch()
	vi.advanceTimersByTime(STILL)
	world.dispatchEvent(new Event("focus"))
	expect(guard.armed).toBe(true)
	page.dispatchEvent(new Event("visibilitychange"))
	expect(guard.armed).toBe(false)
	stop()
	vi.advanceTimersByTime(STILL)
	expect(guard.armed).toBe(false)
})
