import { expect, test } from "vitest"
import { checkNav, checkShared } from "./checks"
import { pageLink } from "./pagelink"
import { codeOf } from "./share"

test("a link carries the page with its own query, whatever the names in it", () => {
	expect(pageLink("https://plaza.example", "market", "")).toBe("https://plaza.example/p/market")
	const link = new URL(
		pageLink("https://plaza.example", "market", "/pages/item/item", { id: "7", path: "a&b" }),
	)
	expect(link.pathname).toBe("/p/market")
	expect([...link.searchParams]).toEqual([["path", "pages/item/item?id=7&path=a%26b"]])
})

test("the code of a link is a square with a border", () => {
	const { size, path } = codeOf("https://plaza.example/m/abcdefghij")
	expect(size).toBeGreaterThan(24)
	expect(path).toMatch(/^M2 2h1v1h-1z/)
})

test("what a program would share stays inside the program", () => {
	expect(checkShared({ title: "Look", path: "/pages/a/a?id=1", imageUrl: "/img/a.png" })).toEqual({
		title: "Look",
		path: "/pages/a/a?id=1",
		imageUrl: "/img/a.png",
	})
	for (const out of [
		"https://evil.example",
		"//evil.example",
		"javascript:alert(1)",
		"../../x",
		"a\\b",
	])
		expect(checkShared({ title: 1, path: out, imageUrl: out })).toEqual({
			title: "1",
			path: "",
			imageUrl: "",
		})
	expect(checkShared("x")).toBeNull()
})

test("a page's query is text by name, and none when it is too long for a link", () => {
	const nav = { path: "p", depth: 1, title: "" }
	expect(checkNav({ ...nav, query: { a: "1", b: 2 } })?.query).toEqual({ a: "1" })
	expect(checkNav({ ...nav, query: { a: "x".repeat(3_000) } })?.query).toEqual({})
	expect(checkNav(nav)?.query).toEqual({})
})
