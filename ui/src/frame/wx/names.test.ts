import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"

// `names.json` is made from WeChat's own typings: every function of `wx`. Update it with `vitest run -u`.
test("the list of wx names is the one of the typings", async () => {
	const types = dirname(
		createRequire(import.meta.url).resolve("miniprogram-api-typings/package.json"),
	)
	const file = readFileSync(join(types, "types/wx/lib.wx.api.d.ts"), "utf8")
	const [, body = ""] = file.replace(/\/\*[\s\S]*?\*\//g, "").split("    interface Wx {")
	const names = [
		...body.slice(0, body.indexOf("\n    }")).matchAll(/^ {8}([a-zA-Z]\w*)(?:<[^(]*)?\(/gm),
	].map(([, name]) => name)
	await expect(`${JSON.stringify([...new Set(names)].sort(), null, "\t")}\n`).toMatchFileSnapshot(
		"./names.json",
	)
})
