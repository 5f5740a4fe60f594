import { expect, it } from "vitest"
import { joined, kept, type Line } from "./lines"

const line = (id: number): Line => ({
	id,
	at: "2026-11-24T10:00:00Z",
	version: 1,
	source: "page",
	level: "info",
	text: `line ${id}`,
})

it("adds what is new, once", () => {
	const ids = joined([line(1), line(2)], [line(2), line(3)]).map(({ id }) => id)
	expect(ids).toEqual([1, 2, 3])
})

it("forgets the oldest, not the latest", () => {
	const many = Array.from({ length: kept + 5 }, (_, i) => line(i + 1))
	const lines = joined([], many)
	expect(lines).toHaveLength(kept)
	expect(lines.at(-1)?.id).toBe(kept + 5)
})
