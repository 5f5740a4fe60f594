import { expect, test } from "vitest"
import { Meter } from "./flood"
import { LIMITS } from "./protocol"

/** Says so much in one second; answers what was thought of the last of it. */
function say(meter: Meter, second: number, count: number): string {
	let last = ""
	for (let time = 0; time < count; time++) last = meter.heard(second * 1000 + 1)
	return last
}

test("a busy second is cut short, and over with it", () => {
	const meter = new Meter()
	expect(say(meter, 1, LIMITS.perSecond)).toBe("fine")
	expect(say(meter, 1, 1)).toBe("over")
	expect(say(meter, 2, 1)).toBe("fine")
})

test("a flood is one at once, or when it does not stop", () => {
	expect(say(new Meter(), 1, LIMITS.flood + 1)).toBe("flood")
	const meter = new Meter()
	for (let second = 1; second <= LIMITS.floodSeconds; second++)
		expect(say(meter, second, LIMITS.perSecond + 1)).toBe("over")
	expect(say(meter, LIMITS.floodSeconds + 1, 1)).toBe("flood")
})

test("who pauses starts over", () => {
	const meter = new Meter()
	for (let second = 1; second < 60; second++) {
		if (second % LIMITS.floodSeconds === 0) continue
		expect(say(meter, second, LIMITS.perSecond + 1)).toBe("over")
	}
})
