import { describe, expect, it } from "vitest"
import { dayAfter, instantOf, wallOf } from "./wallclock"

describe("wall clock", () => {
	const instant = (date: string, time: string) =>
		instantOf(date, time, "Europe/Paris")?.toISOString() ?? ""

	it("reads a time in the shop's zone", () => {
		expect(instant("2026-07-01", "17:00")).toBe("2026-07-01T15:00:00.000Z")
		expect(instant("2026-12-01", "17:00")).toBe("2026-12-01T16:00:00.000Z")
	})

	it("moves a time that the clock skips on by the gap", () => {
		expect(instant("2026-03-29", "02:30")).toBe("2026-03-29T01:30:00.000Z")
	})

	it("takes the first of two", () => {
		expect(instant("2026-10-25", "02:30")).toBe("2026-10-25T00:30:00.000Z")
	})

	it("goes there and back", () => {
		for (const time of ["00:00", "09:05", "23:59"]) {
			const at = instantOf("2026-11-24", time, "Asia/Shanghai") as Date
			expect(wallOf(at, "Asia/Shanghai")).toEqual({ date: "2026-11-24", time })
		}
	})

	it("refuses nonsense", () => {
		expect(instantOf("", "10:00", "UTC")).toBeNull()
		expect(dayAfter("2026-12-31")).toBe("2027-01-01")
		expect(dayAfter("")).toBe("")
	})
})
