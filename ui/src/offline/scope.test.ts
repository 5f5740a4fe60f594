import { expect, test } from "vitest"
import { isPage } from "./scope"

test("every address of the client is its page", () => {
	for (const path of [
		"/",
		"/p/market",
		"/m/abcdefghij",
		"/orders/1",
		"/store/search",
		"/mpx",
		"/apiary",
	])
		expect(isPage(path), path).toBe(true)
})

test("what is the API's, a console's, a program's or a file is left to the network", () => {
	for (const path of [
		"/api/plaza",
		"/api",
		"/_/",
		"/_",
		"/mp/market/abc/",
		"/frame/frame-abc.js",
		"/console/",
		"/console/programs",
		"/assets/index-abc.js",
		"/.well-known/jwks.json",
		"/sw.js",
		"/theme.js",
	])
		expect(isPage(path), path).toBe(false)
})
