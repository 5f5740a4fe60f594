import { describe, expect, it } from "vitest"
import { checkDigit, readCode } from "./gtin"

describe("a product code", () => {
	it.each([
		["4006381333931", "04006381333931"],
		["96385074", "00000096385074"],
		["036000291452", "00036000291452"],
		["10614141000415", "10614141000415"],
		["4 006381 333931", "04006381333931"],
	])("%s is valid", (typed, gtin14) => {
		expect(readCode(typed)).toEqual({ state: "valid", gtin14 })
	})

	it("names the digit that the others ask for", () => {
		expect(readCode("4006381333932")).toEqual({ state: "bad_check_digit", expected: 1 })
		expect(checkDigit("400638133393")).toBe(1)
	})

	it("is not wrong while it may still grow", () => {
		expect(readCode("40063813")).toEqual({ state: "incomplete", digits: 8 })
		expect(readCode("400638133393")).toEqual({ state: "incomplete", digits: 12 })
		expect(readCode("4006")).toEqual({ state: "incomplete", digits: 4 })
	})

	it("has only digits, and at most fourteen", () => {
		expect(readCode("")).toEqual({ state: "empty" })
		expect(readCode("40O6381333931")).toEqual({ state: "not_digits" })
		expect(readCode("400638133393100")).toEqual({ state: "too_long" })
	})
})
