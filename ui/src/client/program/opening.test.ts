import { expect, it } from "vitest"
import { another, launchBody, type Opening, openingOf, openingOfLink } from "./opening"

it("reads a page, its query and the host's own names from an address", () => {
	const params = new URLSearchParams({
		path: "pages/item/item?id=7&path=a%26b",
		place: "p1",
		scene: "1047",
		version: "3",
	})
	expect(openingOf(params)).toEqual({
		path: "pages/item/item",
		query: { place: "p1", id: "7", path: "a&b" },
		scene: 1047,
		version: 3,
		link: "",
	})
})

it("opens whatever the person gets when an address says nothing", () => {
	const opening = openingOf(new URLSearchParams("scene=x&version=-"))
	expect(opening).toEqual({ path: "", query: {}, scene: 1001, version: 0, link: "" })
	expect(launchBody(opening)).toEqual({ scene: 1001, path: "", query: "" })
})

it("opens what a short link says, at its place and in its trial", () => {
	const link = {
		appid: "a1",
		path: "pages/a/a",
		query: "x=1&y=%C3%A9",
		scene: 1011,
		place: "p1",
		version: 4,
		program: { appid: "a1", name: "A", icon: "", color: "" },
	}
	const opening = openingOfLink("abcdefghij", link)
	expect(opening.query).toEqual({ place: "p1", x: "1", y: "é" })
	expect(launchBody(opening)).toEqual({
		scene: 1011,
		path: "pages/a/a",
		query: "place=p1&x=1&y=%C3%A9",
		version: 4,
		link: "abcdefghij",
	})
})

const wanted = (path: string, query: Record<string, string> = {}): Opening => ({
	path,
	query,
	scene: 1001,
	version: 0,
	link: "",
})

it("goes back to a program as it was left when nothing else is asked", () => {
	expect(another(wanted("pages/a/a", { id: "1" }), wanted(""))).toBe(false)
	expect(another(wanted("pages/a/a", { id: "1" }), wanted("pages/a/a", { id: "1" }))).toBe(false)
})

it("goes to another page, or the same with another query", () => {
	expect(another(wanted(""), wanted("pages/a/a"))).toBe(true)
	expect(another(wanted("", { place: "p1" }), wanted("", { place: "p2" }))).toBe(true)
})
