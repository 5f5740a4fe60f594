import { expect, test } from "vitest"
import { addressOf } from "./package"

test("a file of the package has an address in it, and no path leads out", () => {
	expect(addressOf("/mp/a/b/", "images/my ship.png")).toBe("/mp/a/b/res/images/my%20ship.png")
	expect(addressOf("/mp/a/b/", "./a//b?c")).toBe("/mp/a/b/res/a/b%3Fc")
	for (const bad of ["", "/", "../x", "a/../../../api", ".."])
		expect(() => addressOf("/mp/a/b/", bad)).toThrow("parameter error")
})
