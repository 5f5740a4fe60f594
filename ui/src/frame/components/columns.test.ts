import { expect, test } from "vitest"
import {
	type Asked,
	type Column,
	chosenRegion,
	chosenValue,
	columnsOf,
	type Region,
	turned,
} from "./columns"

const asked = (given: Partial<Asked>): Asked => ({
	mode: "selector",
	range: [],
	rangeKey: "",
	value: null,
	start: "",
	end: "",
	fields: "day",
	...given,
})

test("rows are texts, or a member of each object", () => {
	const range = [{ name: "Tea" }, { name: "Milk" }]
	const columns = columnsOf(asked({ range, rangeKey: "name", value: 5 }))
	expect(columns).toEqual([{ rows: ["Tea", "Milk"], at: 1 }])
	expect(chosenValue("selector", columns)).toBe(1)
	const two = asked({ mode: "multiSelector", range: [["a", "b"], ["c"]], value: [1] })
	expect(chosenValue("multiSelector", columnsOf(two))).toEqual([1, 0])
})

test("a month has its own days, and the ends of the range hold", () => {
	const leap = asked({ mode: "date", value: "2024-02-29" })
	const columns = columnsOf(leap)
	expect(columns[2]?.rows).toHaveLength(29)
	expect(chosenValue("date", columns)).toBe("2024-02-29")
	const next = columns.map((column, index) =>
		index === 0 ? { ...column, at: column.at + 1 } : column,
	)
	expect(chosenValue("date", turned(leap, next))).toBe("2025-02-28")
	const short = asked({ mode: "date", value: "1990-01-01", start: "2020-03-15", end: "2020-03-20" })
	expect(chosenValue("date", columnsOf(short))).toBe("2020-03-15")
	expect(columnsOf(asked({ mode: "date", fields: "month", value: "2024-02" }))).toHaveLength(2)
})

test("a time stays within its day", () => {
	const shop = asked({ mode: "time", start: "09:30", end: "18:00", value: "18:45" })
	expect(chosenValue("time", columnsOf(shop))).toBe("18:00")
	expect(columnsOf(asked({ mode: "time", value: "09:05" }))[1]?.rows).toHaveLength(60)
})

test("a date that is none begins today, and there is no list of regions", () => {
	const now = new Date(2026, 4, 6)
	expect(chosenValue("date", columnsOf(asked({ mode: "date", value: "soon" }), now))).toBe(
		"2026-05-06",
	)
	expect(columnsOf(asked({ mode: "region" }))).toEqual([])
})

test("the columns of a region follow one another, and say names and codes", () => {
	const regions: Region[] = [
		[
			"53",
			"Bretagne",
			[
				["35", "Ille-et-Vilaine", [["353", "Rennes", []]]],
				["29", "Finistère", []],
			],
		],
		["11", "Île-de-France", [["75", "Paris", [["751", "Paris", []]]]]],
	]
	const asked = {
		mode: "region",
		range: null,
		rangeKey: "",
		value: ["Bretagne", "Finistère"],
		start: "",
		end: "",
		fields: "",
		regions,
	}
	const columns = columnsOf(asked)
	expect(columns.map(({ at }) => at)).toEqual([0, 1, 0])
	expect(columns[2]?.rows).toEqual([])
	const other = turned(asked, [{ ...(columns[0] as Column), at: 1 }, ...columns.slice(1)])
	expect(chosenRegion(asked, other)).toEqual({
		value: ["Île-de-France", "Paris", "Paris"],
		code: ["11", "75", "751"],
		postcode: "",
	})
	expect(
		columnsOf({ ...asked, level: "city", customItem: "All", value: null }).map(
			({ rows }) => rows[0],
		),
	).toEqual(["All", "All"])
	expect(
		columnsOf({
			mode: "region",
			range: null,
			rangeKey: "",
			value: null,
			start: "",
			end: "",
			fields: "",
		}),
	).toEqual([])
})
