import { expect, test } from "vitest"
import { firstBackground, firstNav } from "./looks"
import type { Launch } from "./protocol"

const launch = (more: object, config: object = {}) =>
	({
		name: "Tea",
		config: {
			app: {},
			entry: "pages/menu/menu",
			pages: ["pages/menu/menu", "pages/table/table"],
			window: { navigationBarTitleText: "Tea", navigationBarBackgroundColor: "#134e3a" },
			components: {
				"pages/table/table": {
					json: {
						navigationBarTitleText: "Table",
						backgroundColor: "#eeeeee",
						navigationStyle: "custom",
					},
				},
			},
			...config,
		},
		...more,
	}) as unknown as Launch

test("the bar is there before the page, as the page's configuration says", () => {
	expect(firstNav(launch({}))).toMatchObject({
		path: "pages/menu/menu",
		title: "Tea",
		background: "#134e3a",
		custom: false,
	})
	const table = launch({ path: "/pages/table/table" })
	expect(firstNav(table)).toMatchObject({ title: "Table", custom: true })
	expect(firstBackground(table)).toBe("#eeeeee")
	expect(firstNav(launch({ path: "pages/gone/gone" }))?.path).toBe("pages/menu/menu")
})

test("colours are colours, and light programs are light before they have drawn", () => {
	const bad = { window: { navigationBarBackgroundColor: "url(x)", backgroundColor: "@bg" } }
	expect(firstNav(launch({}, bad))?.background).toBe("")
	expect(firstBackground(launch({}, bad))).toBe("#ffffff")
	expect(firstBackground(launch({}, { ...bad, app: { darkmode: true } }))).toBe("")
})

test("a game has the whole screen, a web program says nothing before", () => {
	expect(firstNav(launch({}, { kind: "game" }))).toMatchObject({ custom: true, front: "white" })
	expect(firstNav(launch({}, { kind: "web" }))).toBeNull()
	expect(firstBackground(launch({}, { kind: "web" }))).toBe("")
})
