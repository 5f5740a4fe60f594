import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { heldTags, knownTags } from "../components"
import { createWx, type Surroundings } from "."
import { Listeners } from "./listeners"
import names from "./names.json"

beforeAll(() => {
	vi.stubGlobal("navigator", { userAgent: "", onLine: true })
	vi.stubGlobal("window", { addEventListener() {} })
})
afterAll(() => vi.unstubAllGlobals())

test("every name of the typings is there, to work or to fail in its words", () => {
	const port = { on() {}, cast() {}, call: () => Promise.resolve() }
	const around = {
		init: { storage: {} },
		now: { theme: "light", locale: "en" },
		port,
		pages: () => ({}),
		report() {},
		listeners: {},
	} as unknown as Surroundings
	around.listeners = new Listeners(around.init, around.now, around.port).api
	const wx = createWx(around)
	expect(names.filter((name) => typeof wx[name] !== "function")).toEqual([])
})

// `implemented.json` is what the frame really does. internal/check/support.json, by which a package is told what
// of it will work, is compared with it by a Go test. Update it with `vitest run -u`, and then that file.
test("the list of what is implemented is the frame's own", async () => {
	const port = { on() {}, cast() {}, call: () => Promise.resolve() }
	const around = {
		init: { storage: {} },
		now: { theme: "light", locale: "en" },
		port,
		pages: () => ({}),
		report() {},
		listeners: {},
	} as unknown as Surroundings
	around.listeners = new Listeners(around.init, around.now, around.port).api
	const wx = createWx(around)
	const canIUse = wx.canIUse as (name: string) => boolean
	const inner = ["cloud", "plaza"].flatMap((name) =>
		Object.keys(wx[name] as object).map((method) => `${name}.${method}`),
	)
	const apis = [
		...Object.keys(wx).filter((name) => canIUse(name) && !knownTags().has(name)),
		...inner,
	]
	const components = [...knownTags().keys()]
	const list = {
		apis: [...apis, "canIUse"].sort(),
		components: components.sort(),
		containers: heldTags().sort(),
	}
	await expect(`${JSON.stringify(list, null, "\t")}\n`).toMatchFileSnapshot("./implemented.json")
})
