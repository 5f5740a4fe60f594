import { afterEach, expect, test, vi } from "vitest"
import { Usage, type UsageEvent } from "./usage"

afterEach(() => vi.useRealTimers())

function counting() {
	vi.useFakeTimers()
	const sent: UsageEvent[][] = []
	const usage = new Usage(
		(events) => sent.push(events),
		() => Date.UTC(2026, 10, 24),
	)
	return { usage, sent }
}

test("what happens is gathered, numbered and sent after a while", () => {
	const { usage, sent } = counting()
	usage.page("pages/home/home")
	usage.loaded(412.6)
	usage.page("pages/home/home")
	usage.page("pages/item/item")
	expect(sent).toEqual([])
	vi.advanceTimersByTime(5_000)
	expect(sent).toHaveLength(1)
	expect(sent[0]).toEqual([
		{ seq: 1, kind: "open", at: "2026-11-24T00:00:00.000Z" },
		{ seq: 2, kind: "page", at: "2026-11-24T00:00:00.000Z", path: "pages/home/home" },
		{ seq: 3, kind: "load", at: "2026-11-24T00:00:00.000Z", path: "pages/home/home", ms: 413 },
		{ seq: 4, kind: "page", at: "2026-11-24T00:00:00.000Z", path: "pages/item/item" },
	])
	vi.advanceTimersByTime(60_000)
	expect(sent).toHaveLength(1)
})

test("a page that is hidden sends at once, and the numbers go on", () => {
	const { usage, sent } = counting()
	usage.hide()
	expect(sent[0]?.map(({ seq, kind }) => [seq, kind])).toEqual([
		[1, "open"],
		[2, "hide"],
	])
	usage.page("a")
	usage.flush()
	expect(sent[1]?.map(({ seq }) => seq)).toEqual([3])
})

test("a program's own events are told in their order, and not without end", () => {
	const { usage, sent } = counting()
	usage.reported("buy", { kind: "cup" })
	usage.flush()
	expect(sent[0]?.[1]).toEqual({
		seq: 2,
		kind: "custom",
		at: "2026-11-24T00:00:00.000Z",
		name: "buy",
		data: { kind: "cup" },
	})
	for (let i = 0; i < 3_000; i++) usage.reported("more", {})
	usage.flush()
	expect(sent.flat().filter(({ kind }) => kind === "custom")).toHaveLength(2_000)
})

test("a program that fails without end is not heard without end, nor at length", () => {
	const { usage, sent } = counting()
	for (let i = 0; i < 500; i++)
		usage.failed({ message: "m".repeat(5_000), stack: "s".repeat(5_000), where: "", fatal: false })
	usage.flush()
	const events = sent.flat()
	expect(events.filter(({ kind }) => kind === "error")).toHaveLength(20)
	expect(JSON.stringify(events).length).toBeLessThan(60_000)
})
