import { expect, test } from "vitest"
import { length, rpx } from "./units"

test("rpx becomes a share of the width", () => {
	expect(rpx("width: 750rpx; margin: -15rpx auto .5rpx")).toBe(
		"width: 100vw; margin: -2vw auto 0.06667vw",
	)
	expect(rpx("color: red")).toBe("color: red")
})

test("a bare number is px", () => {
	expect(length(23)).toBe("23px")
	expect(length("2em")).toBe("2em")
	expect(length("75rpx")).toBe("10vw")
})
