import { expect, test } from "vitest"
import { fillSheet, withSans } from "./styles"

test("a shared sheet has no prefix, an isolated one its own", () => {
	const css = '.__S__a > .__S__b{color:red}[wx-host="__H__"]{display:block}'
	expect(fillSheet(css, "", "light")).toBe('.a > .b{color:red}[wx-host=""]{display:block}')
	expect(fillSheet(css, "c3", "light")).toBe(
		'.c3--a > .c3--b{color:red}[wx-host="c3"]{display:block}',
	)
})

test("the colour scheme is the one that the host shows", () => {
	const css = "@media (prefers-color-scheme: dark) and (min-width: 300px){.__S__a{}}"
	expect(fillSheet(css, "", "dark")).toContain("@media (min-width:0px) and")
	expect(fillSheet(css, "", "light")).toContain("@media (max-width:0px) and")
})

test("families without a generic one end in one; icon fonts and keywords stay", () => {
	expect(withSans("a{font-family:PingFang SC,Arial;color:red}")).toBe(
		"a{font-family:PingFang SC,Arial,sans-serif;color:red}",
	)
	expect(withSans("a{font:var(--x,28rpx / 44rpx PingFang SC,Arial) !important}")).toBe(
		"a{font:var(--x,28rpx / 44rpx PingFang SC,Arial),sans-serif !important}",
	)
	for (const kept of ["a{font:inherit}", "a{font-family:Georgia,serif}", "a{font-family:van-icon}"])
		expect(withSans(kept)).toBe(kept)
})
