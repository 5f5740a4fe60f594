import { describe, expect, test } from "vitest"
import { countOf, hostIn, isHost, rowsOf } from "./domains"

describe("a host that is typed", () => {
	test.each([
		["api.example.com", "api.example.com"],
		["  HTTPS://API.Example.com/v1?q=1 ", "api.example.com"],
		["https://api.example.com:443", "api.example.com"],
		["wss://chat.example.com:8443/room", "chat.example.com:8443"],
		["http://api.town.internal:80/", "api.town.internal"],
		["", ""],
	])("%j is %j", (typed, host) => {
		expect(hostIn(typed)).toBe(host)
	})

	test.each(["api.example.com", "a.b.c.example", "api.example.com:8443"])("%s is one", (host) => {
		expect(isHost(host)).toBe(true)
	})
	test.each(["", "localhost", "127.0.0.1", "*.example.com", "api.example.com.", "a b.example"])(
		"%j is none",
		(host) => {
			expect(isHost(host)).toBe(false)
		},
	)
})

test("a list says which of its hosts the manifest names", () => {
	const domains = {
		manifest: { request: ["b.example"], upload: null },
		own: { request: ["a.example", "b.example"], socket: ["b.example"] },
		limit: 50,
	}
	expect(rowsOf(domains, "request")).toEqual([
		{ host: "a.example", declared: false },
		{ host: "b.example", declared: true },
	])
	expect(rowsOf(domains, "upload")).toEqual([])
	expect(countOf(domains)).toBe(2)
})
