import { describe, expect, it } from "vitest"
import { countdown, dayKey, formatAgo, formatDay, formatTime, moment } from "./time"

describe("a moment", () => {
	it("is read as RFC 3339 and as PocketBase writes it", () => {
		expect(moment("2026-11-24 16:45:46.872Z")?.toISOString()).toBe("2026-11-24T16:45:46.872Z")
		expect(moment("2026-11-24T16:45:46Z")?.toISOString()).toBe("2026-11-24T16:45:46.000Z")
	})

	it("is nothing when it is empty or unreadable", () => {
		expect([moment(""), moment(null), moment("soon")]).toEqual([null, null, null])
		expect(formatTime("", "en-GB")).toBe("")
	})
})

describe("a day", () => {
	it("is the shop's own, not the device's", () => {
		expect(dayKey("2026-11-24T23:30:00Z", "Europe/Paris")).toBe("2026-11-25")
		expect(dayKey("2026-11-24T23:30:00Z", "America/New_York")).toBe("2026-11-24")
	})

	it("is named by its distance from today", () => {
		const now = "2026-11-24T12:00:00Z"
		const day = (at: string, locale = "en-GB") => formatDay(at, now, locale, "UTC")
		expect(day("2026-11-24T01:00:00Z")).toBe("Today")
		expect(day("2026-11-23T23:00:00Z")).toBe("Yesterday")
		expect(day("2026-11-23T23:00:00Z", "fr-FR")).toBe("Hier")
		expect(day("2026-11-18T09:00:00Z")).toMatch(/^Wednesday,? 18 November$/)
		expect(day("2025-11-18T09:00:00Z")).toContain("2025")
	})

	it("keeps its neighbours across the hour that the clock leaves out", () => {
		expect(formatDay("2027-03-27T22:30:00Z", "2027-03-28T10:00:00Z", "en-GB", "Europe/Paris")).toBe(
			"Yesterday",
		)
	})
})

describe("a distance in time", () => {
	it("uses the largest unit that fits", () => {
		const now = "2026-11-24T12:00:00Z"
		expect(formatAgo("2026-11-24T11:57:00Z", now, "en-GB")).toBe("3 minutes ago")
		expect(formatAgo("2026-11-26T12:00:00Z", now, "en-GB")).toBe("in 2 days")
	})

	it("counts down to zero and stays there", () => {
		const now = Date.parse("2026-11-24T12:00:00Z")
		expect(countdown(now + 545_000, now)).toBe("9:05")
		expect(countdown(now + 4_145_000, now)).toBe("1:09:05")
		expect(countdown(now - 1000, now)).toBe("0:00")
		expect(countdown("", now)).toBe("0:00")
	})
})
