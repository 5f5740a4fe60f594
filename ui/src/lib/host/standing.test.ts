import { expect, test } from "vitest"
import { changeOf } from "./standing"

const live = { status: "live", release: "v3", rollout: "" }

test("a program that is taken down or ended is gone, whatever was known before", () => {
	expect(changeOf(live, { ...live, status: "taken_down" })).toBe("gone")
	expect(changeOf(null, { ...live, status: "deleted" })).toBe("gone")
})

test("another release is news; the first look and other changes are not", () => {
	expect(changeOf(live, { ...live, release: "v4" })).toBe("new")
	expect(changeOf({ ...live, release: "v4" }, live)).toBe("new")
	expect(changeOf(null, { ...live, release: "v4" })).toBe("none")
	expect(changeOf(live, { ...live })).toBe("none")
})

test("a roll-out that reaches everybody is no news for those who have it", () => {
	expect(changeOf({ ...live, rollout: "v4" }, { ...live, release: "v4" })).toBe("none")
	expect(changeOf(live, { ...live, rollout: "v4" })).toBe("none")
})
