import { expect, test } from "vitest"
import { decoded, kept } from "./richtext"

test("only harmless elements and attributes are kept", () => {
	for (const name of ["script", "iframe", "style", "svg", "form", "input", "object", "wx-page"])
		expect(kept({ name })).toBeNull()
	const attrs = { onerror: "x()", src: "a.png", ALT: "A", id: "x", srcset: "y", style: "color:red" }
	expect(kept({ name: "IMG", attrs })).toEqual({
		tag: "img",
		attributes: { src: "a.png", alt: "A", style: "color:red" },
	})
	expect(kept({ name: "a", attrs: { href: "https://x.test" } })?.attributes).toEqual({})
})

test("texts have their entities", () => {
	expect(decoded("a&nbsp;&lt;b&gt;&amp;&unknown;")).toBe("a\u00a0<b>&&unknown;")
})
