import { expect, it } from "vitest"
import type { Complaint } from "../verbs"
import { grouped } from "./groups"

const complaint = (id: string, program: string | null) =>
	({ id, open: 2, held: 0, program: program === null ? null : { id: program } }) as Complaint

it("keeps the complaints of a program together, and the oldest first", () => {
	const groups = grouped([
		complaint("1", "a"),
		complaint("2", "b"),
		complaint("3", "a"),
		complaint("4", null),
	])
	expect(groups.map(({ reports }) => reports.map(({ id }) => id))).toEqual([
		["1", "3"],
		["2"],
		["4"],
	])
	expect(groups[0]?.open).toBe(2)
})
