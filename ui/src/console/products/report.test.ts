import { expect, it } from "vitest"
import { readCSV } from "../../lib/table/csv"
import { added, batches, errorFile } from "./report"

const part = { rows: 2, created: 1, updated: 0, unchanged: 0, failed: 1 }

it("numbers the rows of a batch as in the whole file", () => {
	const csv = { header: ["a"], rows: [["1"], ["2"], ["3"]] }
	const cut = batches(csv, 2)
	expect(cut.map(({ before, csv: { rows } }) => [before, rows.length])).toEqual([
		[0, 2],
		[2, 1],
	])
	const error = { row: 2, field: "price", code: "bad_price", message: "no" }
	const sum = added({ ...part, errors: [] }, { ...part, errors: [error] }, 2)
	expect(sum).toMatchObject({ rows: 4, created: 2, failed: 2 })
	expect(sum.errors[0]?.row).toBe(4)
})

it("gives the broken rows back as they came, with the reasons", () => {
	const original = {
		header: ["EAN", "Nom"],
		rows: [
			["1", "ok"],
			["x", "=cmd"],
		],
	}
	const file = errorFile(original, [
		{ row: 3, field: "gtin", code: "not_a_gtin", message: "no code" },
		{ row: 3, field: "price", code: "required", message: "missing" },
	])
	expect(readCSV(file)).toEqual({
		header: ["row", "EAN", "Nom", "error"],
		rows: [["3", "x", "'=cmd", "gtin: no code; price: missing"]],
	})
})
