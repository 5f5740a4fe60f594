import { expect, it } from "vitest"
import type { Feature } from "../verbs"
import { hintsOf, moved, phaseOf } from "./schedule"

const feature = (id: string, more: Partial<Feature> = {}): Feature => ({
	id,
	program: "p",
	slot: "picks",
	titles: {},
	position: 0,
	starts_at: "2026-11-01 00:00:00.000Z",
	ends_at: "",
	...more,
})
const at = Date.parse("2026-11-24T12:00:00Z")

it("knows what runs, what comes and what is over", () => {
	expect(phaseOf(feature("a"), at)).toBe("running")
	expect(phaseOf(feature("a", { starts_at: "2026-12-01 00:00:00.000Z" }), at)).toBe("scheduled")
	expect(phaseOf(feature("a", { ends_at: "2026-11-24 12:00:00.000Z" }), at)).toBe("over")
})

it("warns of a program that would stand twice at once, and only then", () => {
	const first = feature("a", { ends_at: "2026-11-10 00:00:00.000Z" })
	expect(hintsOf(first, [first, feature("b")])).toEqual(["twice"])
	expect(hintsOf(first, [first, feature("b", { starts_at: "2026-11-10 00:00:00.000Z" })])).toEqual(
		[],
	)
	expect(hintsOf(first, [first, feature("b", { slot: "banner" })])).toEqual([])
	expect(hintsOf(first, [first, feature("b", { program: "q" })])).toEqual([])
})

it("warns of an end before the start, and of what people cannot open", () => {
	const wrong = feature("a", { ends_at: "2026-10-01 00:00:00.000Z" })
	expect(hintsOf(wrong, [wrong])).toEqual(["ends_first"])
	const down = feature("a", { expand: { program: { status: "taken_down" } as never } })
	expect(hintsOf(down, [down])).toEqual(["not_live"])
})

it("moves a row, and saves only those that stand elsewhere", () => {
	const rows = ["a", "b", "c"].map((id, position) => feature(id, { position }))
	const after = moved(rows, 0, 1)
	expect(after.rows.map(({ id }) => id)).toEqual(["b", "a", "c"])
	expect(after.changed.map(({ id, position }) => [id, position])).toEqual([
		["b", 0],
		["a", 1],
	])
	expect(moved(rows, 2, 9).changed).toEqual([])
})
