import { describe, expect, it } from "vitest"
import { datesInWords, daysInWords, hoursInWords } from "./schedule"

describe("days", () => {
	it("joins runs of three and more", () => {
		expect(daysInWords([1, 2, 3, 4, 5], "en-GB")).toBe("Mon–Fri")
		expect(daysInWords([6, 0], "en-GB")).toBe("Sat, Sun")
		expect(daysInWords([1, 3, 5, 6, 0], "en-GB")).toBe("Mon, Wed, Fri–Sun")
		expect(daysInWords([1, 2, 3], "zh-CN")).toBe("周一–周三")
	})

	it("says nothing when it is every day", () => {
		expect(daysInWords([], "en-GB")).toBe("")
		expect(daysInWords(null, "en-GB")).toBe("")
		expect(daysInWords([0, 1, 2, 3, 4, 5, 6], "fr-FR")).toBe("")
	})
})

describe("hours", () => {
	it("follows the reader's clock", () => {
		expect(hoursInWords("17:00", "19:00", "en-GB")).toBe("17:00–19:00")
		expect(hoursInWords("17:00", "19:30", "en-US").replace(/\u202f/g, " ")).toBe("5:00 PM–7:30 PM")
		expect(hoursInWords("", "09:30", "fr-FR")).toMatch(/00?:00–0?9:30/)
		expect(hoursInWords("", "", "fr-FR")).toBe("")
		expect(hoursInWords("22:00", "24:00", "en-GB")).toBe("22:00–24:00")
	})
})

describe("dates", () => {
	const schedule = {
		timezone: "Europe/Paris",
		starts_at: "2026-11-08 23:00:00.000Z",
		ends_at: "2026-11-30 23:00:00.000Z",
		weekdays: [],
		start_time: "",
		end_time: "",
	}
	const now = new Date("2026-11-20T12:00:00Z")

	it("counts whole days in the shop's zone, the last one included", () => {
		const words = datesInWords(schedule, "en-GB", now)
		expect(words).toMatchObject({ kind: "between" })
		expect(words.kind === "between" && words.dates.replace(/[\u2009\u202f]/g, " ")).toBe(
			"9 – 30 Nov",
		)
	})

	it("names the time when the bounds are not whole days", () => {
		const words = datesInWords({ ...schedule, ends_at: "2026-11-30 19:00:00.000Z" }, "en-GB", now)
		expect(words.kind === "between" && words.dates).toContain("20:00")
	})

	it("knows open ends", () => {
		expect(datesInWords({ ...schedule, ends_at: "" }, "en-GB", now)).toEqual({
			kind: "from",
			date: "9 Nov",
		})
		expect(datesInWords({ ...schedule, starts_at: "" }, "en-GB", now)).toEqual({
			kind: "until",
			date: "30 Nov",
		})
		expect(datesInWords({ ...schedule, starts_at: "", ends_at: "" }, "en-GB", now)).toEqual({
			kind: "always",
		})
	})

	it("names the year when it is not this one", () => {
		const next = { ...schedule, starts_at: "2027-01-01 00:00:00.000Z", ends_at: "" }
		expect(datesInWords(next, "en-GB", now)).toMatchObject({
			date: expect.stringContaining("2027"),
		})
	})
})
