import { expect, test } from "vitest"
import type { HostPort } from "../port"
import { fields, reportApi } from "./report"

test("a program's events go to the host by both of WeChat's names", () => {
	const said: unknown[] = []
	const port = { cast: (...told: unknown[]) => said.push(told) } as unknown as HostPort
	const { reportEvent, reportAnalytics } = reportApi(port)
	reportEvent?.("buy", { kind: "cup", price: 3 })
	reportAnalytics?.("look")
	reportEvent?.("")
	reportEvent?.("x".repeat(65))
	expect(said).toEqual([
		["report", { name: "buy", data: { kind: "cup", price: 3 } }],
		["report", { name: "look", data: {} }],
	])
})

test("only what can be counted is told, and not more than ten fields", () => {
	expect(
		fields({ a: 1, b: "x", c: true, d: null, e: {}, f: Number.NaN, g: "y".repeat(65) }),
	).toEqual({
		a: 1,
		b: "x",
		c: true,
	})
	const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, i]))
	expect(Object.keys(fields(many))).toHaveLength(10)
	expect(fields("no")).toEqual({})
})
