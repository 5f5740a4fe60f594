import { expect, it } from "vitest"
import { dateOrder, readDate, readTime, writeDate } from "./typed"

it("follows the reader's region, not the browser's", () => {
	expect(dateOrder("en-US").order).toEqual(["month", "day", "year"])
	expect(writeDate("2026-11-24", "en-GB")).toBe("24/11/2026")
	expect(writeDate("2026-11-24", "en-US")).toBe("11/24/2026")
	expect(writeDate("2026-11-24", "zh-CN")).toBe("2026/11/24")
	expect(writeDate("", "fr-FR")).toBe("")
})

it("reads what people type", () => {
	const read = (text: string, locale = "fr-FR") => readDate(text, locale, 2026)
	expect(read("24/11/2026")).toBe("2026-11-24")
	expect(read("24.11.26")).toBe("2026-11-24")
	expect(read("24 11")).toBe("2026-11-24")
	expect(read("11/24/2026", "en-US")).toBe("2026-11-24")
	expect(read("2026-11-24")).toBe("2026-11-24")
	expect(read("2026/1/2", "zh-CN")).toBe("2026-01-02")
})

it("refuses days that there are not", () => {
	for (const text of ["31/02/2026", "11/24/2026", "tomorrow", "24", "1/2/3/4", ""])
		expect(readDate(text, "fr-FR", 2026)).toBeNull()
})

it("reads times of both clocks", () => {
	expect(readTime("17")).toBe("17:00")
	expect(readTime("17:30")).toBe("17:30")
	expect(readTime("1730")).toBe("17:30")
	expect(readTime("17h30")).toBe("17:30")
	expect(readTime("9.05")).toBe("09:05")
	expect(readTime("5:30 pm")).toBe("17:30")
	expect(readTime("12am")).toBe("00:00")
	for (const text of ["25:00", "17:60", "13pm", "noon", ""]) expect(readTime(text)).toBeNull()
})
