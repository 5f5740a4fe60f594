import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { resource } from "./components/media"
import { fetchBelow, remote, remoteLinks } from "./remote"

beforeEach(() => fetchBelow("/mp/hello/abc/.remote/pass"))
afterEach(() => fetchBelow(""))

const at = (url: string) => `/mp/hello/abc/.remote/pass?url=${encodeURIComponent(url)}`

describe("pictures of other hosts", () => {
	test.each([
		["https://cdn.example.com/a.png?w=1&h=2", at("https://cdn.example.com/a.png?w=1&h=2")],
		["HTTP://cdn.example.com/a.png", at("HTTP://cdn.example.com/a.png")],
		["//cdn.example.com/a.png", at("https://cdn.example.com/a.png")],
		["data:image/png;base64,AAAA", "data:image/png;base64,AAAA"],
		["blob:null/1", "blob:null/1"],
		["/images/a.png", "/images/a.png"],
		["", ""],
	])("%s is loaded from %s", (source, where) => {
		expect(remote(source)).toBe(where)
	})

	test("an element's source goes the same way, and a file of the package does not", () => {
		expect(resource("https://cdn.example.com/a.png", "pages/a/a")).toBe(
			at("https://cdn.example.com/a.png"),
		)
		expect(resource("a.png", "pages/a/a")).toBe("res/pages/a/a.png")
	})

	test("before the host has said where, nothing is changed", () => {
		fetchBelow("")
		expect(remote("https://cdn.example.com/a.png")).toBe("https://cdn.example.com/a.png")
	})
})

describe("sheets with links to other hosts", () => {
	test.each([
		[
			"a{background:url(https://x.example/a.png)}",
			`a{background:url("${at("https://x.example/a.png")}")}`,
		],
		[
			`@font-face{src:url("//x.example/i.woff2?t=1") format("woff2")}`,
			`@font-face{src:url("${at("https://x.example/i.woff2?t=1")}") format("woff2")}`,
		],
		[
			"background-image: url( 'https://x.example/a b(1).png' )",
			`background-image: url("${at("https://x.example/a b(1).png")}")`,
		],
		[
			"url(https://x.example/a.png),url(https://y.example/b.png)",
			`url("${at("https://x.example/a.png")}"),url("${at("https://y.example/b.png")}")`,
		],
		["a{background:url(res/a.png)}", "a{background:url(res/a.png)}"],
		["/* https://x.example */", "/* https://x.example */"],
		["a{content:'url(//'}", "a{content:'url(//'}"],
	])("%s", (css, want) => {
		expect(remoteLinks(css)).toBe(want)
	})
})
