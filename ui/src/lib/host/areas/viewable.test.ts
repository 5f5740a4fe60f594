import { expect, test } from "vitest"
import { viewable } from "./viewable"

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([
	["%PDF-1.7 …", "application/pdf"],
	["a;b\n1;2\n", "text/plain;charset=utf-8"],
	["<script>alert(1)</script>", "text/plain;charset=utf-8"],
	["<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain;charset=utf-8"],
	["", ""],
	["\0\u0001binary", ""],
])("%j is shown as %j", (text, type) => {
	expect(viewable(bytes(text))).toBe(type)
})

test("pictures are known by their bytes, and bytes of nothing are saved", () => {
	expect(viewable(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toBe("image/jpeg")
	expect(viewable(Uint8Array.of(0x50, 0x4b, 3, 4, 0xff))).toBe("")
})
