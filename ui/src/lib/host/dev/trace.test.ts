import { expect, test } from "vitest"
import { checkShown, Trace } from "./trace.svelte"

test("lines are what they claim to be, or are left out", () => {
	const trace = new Trace()
	trace.hear({
		lines: [
			{ level: "log", at: 1, values: [{ kind: "string", text: "<img src=x onerror=alert(1)>" }] },
			{ level: "shout", at: 1, values: [] },
			{ level: "warn", at: "now", values: "none" },
			"line",
			null,
		],
		missed: 3,
	})
	expect(trace.lines.map(({ level, values }) => [level, values.length])).toEqual([
		["log", 1],
		["warn", 0],
	])
	expect(trace.lines[0]?.values[0]?.text).toBe("<img src=x onerror=alert(1)>")
	expect(trace.missed).toBe(3)
	trace.hear("nothing")
	trace.hear({ lines: 7, tree: 7, system: 7, updates: 7 })
	expect(trace.tree).toBeNull()
})

test("values are cut in length, width and depth", () => {
	// A message's size is bounded before it comes here, whatever it repeats.
	const wide = { kind: "object", text: "x".repeat(9_000), members: Array(500).fill(["a", {}]) }
	expect(checkShown(wide).text).toHaveLength(4_000)
	expect(checkShown(wide).members).toHaveLength(100)
	let deep: object = { kind: "value", text: "end" }
	for (let level = 0; level < 50; level++)
		deep = { kind: "object", text: "", members: [["a", deep]] }
	let depth = 0
	for (let at = checkShown(deep); at.members; at = at.members[0]?.[1] ?? at) depth++
	expect(depth).toBe(8)
	expect(checkShown({ kind: "script", text: 7, members: "no" })).toEqual({
		kind: "value",
		text: "7",
	})
})

test("a call is there while it is under way, and says how it ended", () => {
	const trace = new Trace()
	const message = (method: string, args: unknown) => ({ id: 1, method, args })
	const first = trace.called(message("bridge", { method: "orders.get", args: { order: "o1" } }))
	const second = trace.called(message("networkSend", { url: "https://a.example/", method: "PUT" }))
	expect(trace.called(message("modal", {}))).toBeNull()
	expect(trace.calls.map(({ name, status }) => [name, status])).toEqual([
		["orders.get", null],
		["PUT", null],
	])
	first?.(null, { status: 404, code: "order_not_found", message: "no" })
	second?.({ result: { status: 500 }, bytes: new ArrayBuffer(12) }, null)
	expect(trace.calls).toMatchObject([
		{ status: "404 order_not_found", ok: false },
		{ status: "500", ok: false, size: 12, asked: "https://a.example/" },
	])
})

test("only the newest are kept", () => {
	const trace = new Trace()
	for (let line = 0; line < 700; line++)
		trace.hear({ lines: [{ level: "log", at: line, values: [] }] })
	expect(trace.lines).toHaveLength(500)
	expect(trace.lines.at(-1)?.at).toBe(699)
	trace.clear("lines")
	expect(trace.lines).toEqual([])
})
