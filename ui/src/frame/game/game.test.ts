import { expect, test, vi } from "vitest"
import { FrameClock } from "./clock"
import { scoreOf } from "./scores"

function clockwork() {
	const due: FrameRequestCallback[] = []
	const clock = new FrameClock((run) => due.push(run))
	const frame = (time: number) => {
		for (const run of due.splice(0)) run(time)
	}
	return { clock, frame, due }
}

test("frames come as the screen has them, stop while the game is hidden, and can be taken back", () => {
	const { clock, frame, due } = clockwork()
	const seen: number[] = []
	const step = (time: number) => {
		seen.push(time)
		clock.request(step)
	}
	clock.request(step)
	clock.cancel(clock.request(() => seen.push(-1)))
	frame(16)
	frame(32)
	clock.pause(true)
	frame(48)
	expect(due).toHaveLength(0)
	clock.pause(false)
	frame(64)
	expect(seen).toEqual([16, 32, 64])
})

test("a game has no more frames than it wants, and one that throws does not end the others", () => {
	const { clock, frame } = clockwork()
	vi.stubGlobal("reportError", vi.fn())
	let count = 0
	const step = () => {
		count++
		clock.request(step)
		if (count === 1) throw new Error("its own fault")
	}
	clock.request(step)
	clock.prefer(30)
	for (const wrong of [0, -1, 61, Number.NaN]) clock.prefer(wrong)
	for (let at = 1; at <= 60; at++) frame(at * (1000 / 60))
	expect(count).toBeGreaterThanOrEqual(29)
	expect(count).toBeLessThanOrEqual(31)
	expect(reportError).toHaveBeenCalledTimes(1)
	vi.unstubAllGlobals()
})

test("a score is a number, or in the JSON that WeChat's games keep", () => {
	expect(scoreOf("12")).toBe(12)
	expect(scoreOf(7.5)).toBe(7.5)
	expect(scoreOf('{"wxgame":{"score":16,"update_time":1513080573}}')).toBe(16)
	expect(scoreOf('{"score":3}')).toBe(3)
	for (const none of ["", "x", "{}", "null", undefined, '{"wxgame":{"score":"much"}}'])
		expect(scoreOf(none)).toBeUndefined()
})
