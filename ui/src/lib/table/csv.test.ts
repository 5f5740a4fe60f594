import { describe, expect, it } from "vitest"
import { readCSV, writeCSV } from "./csv"

describe("reading", () => {
	it("takes quotes, doubled quotes and line breaks inside a cell", () => {
		expect(readCSV('a,b\r\n"x, ""y""","two\nlines"\r\n')).toEqual({
			header: ["a", "b"],
			rows: [['x, "y"', "two\nlines"]],
		})
	})

	it("finds the semicolon of a French spreadsheet and drops the byte order mark", () => {
		expect(readCSV("\uFEFFgtin;prix\n123;1,50")).toEqual({
			header: ["gtin", "prix"],
			rows: [["123", "1,50"]],
		})
	})

	it("skips empty lines and keeps empty cells", () => {
		expect(readCSV("a,b\n\n1,\n,,\n").rows).toEqual([["1", ""]])
	})

	it("answers an empty file with nothing", () => {
		expect(readCSV("")).toEqual({ header: [], rows: [] })
	})
})

describe("writing", () => {
	it("guards text against being taken for a formula, and leaves numbers alone", () => {
		expect(writeCSV(["name", "delta"], [["=1+1", -5]])).toBe("\uFEFFname,delta\r\n'=1+1,-5\r\n")
	})

	it("comes back as it went", () => {
		const rows = [['say "hi"', "a;b", "line\nbreak"]]
		expect(readCSV(writeCSV(["a", "b", "c"], rows)).rows).toEqual(rows)
	})
})
