import { expect, test } from "vitest"
import { join, ModuleLoader, resolve } from "./modules"

test("paths are joined as files are", () => {
	expect(join("pages/home/home.js", "../../lib/money")).toBe("lib/money")
	expect(join("pages/home/home.js", "/lib/money")).toBe("lib/money")
	expect(join("app.js", "./x/./y/../z")).toBe("x/z")
	expect(join("app.js", "../../../x")).toBe("x")
})

test("a bare name is looked up in the nearest miniprogram_npm, then next to the file", () => {
	const files = new Set([
		"miniprogram_npm/dayjs/index.js",
		"sub/miniprogram_npm/dayjs/index.js",
		"utils/a.js",
		"data.json",
	])
	const has = (path: string) => files.has(path)
	expect(resolve("sub/pages/a.js", "dayjs", has)).toBe("sub/miniprogram_npm/dayjs/index.js")
	expect(resolve("pages/a.js", "dayjs", has)).toBe("miniprogram_npm/dayjs/index.js")
	expect(resolve("pages/a.js", "utils/a", has)).toBe("utils/a.js")
	expect(resolve("pages/a.js", "../data", has)).toBe("data.json")
	expect(resolve("pages/a.js", "./nothing", has)).toBeUndefined()
})

test("a module runs once, also in a cycle", () => {
	const ran: string[] = []
	const loader = new ModuleLoader(
		() => [],
		(path, run) => {
			ran.push(path)
			run()
		},
	)
	loader.define("a.js", () => (require, itself) => {
		const b = require("./b") as { name: string }
		itself.exports = { name: `a+${b.name}` }
	})
	loader.define("b.js", () => (require, _module, exports) => {
		require("./a")
		;(exports as { name: string }).name = "b"
	})
	expect(loader.load("a.js")).toEqual({ name: "a+b" })
	expect(loader.load("a.js")).toEqual({ name: "a+b" })
	expect(ran).toEqual(["a.js", "b.js"])
	expect(() => loader.load("c.js")).toThrow("module 'c.js' is not defined")
})
