import { describe, expect, it } from "vitest"
import { exponent, formatMoney, parseMoney } from "./money"

// Intl separates with several kinds of space; people do not see the difference.
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ")

describe("an amount on screen", () => {
	it("has as many decimals as its currency", () => {
		expect([exponent("XOF"), exponent("EUR"), exponent("TND")]).toEqual([0, 2, 3])
		expect(plain(formatMoney(1234, "JPY", "en-GB"))).toBe("¥1,234")
		expect(plain(formatMoney(1234, "EUR", "en-GB"))).toBe("€12.34")
		expect(plain(formatMoney(1234, "TND", "en-GB"))).toContain("1.234")
	})

	it("is written as the reader writes it", () => {
		expect(plain(formatMoney(123_456, "EUR", "fr-FR"))).toBe("1 234,56 €")
		expect(plain(formatMoney(-640, "EUR", "en-GB", "always"))).toBe("-€6.40")
		expect(plain(formatMoney(1450, "EUR", "en-GB", "always"))).toBe("+€14.50")
		expect(plain(formatMoney(0, "EUR", "en-GB", "always"))).toBe("€0.00")
	})
})

describe("an amount that somebody typed", () => {
	it.each([
		["12", 1200],
		["12.4", 1240],
		["12,40", 1240],
		["1 234,50", 123_450],
		["1,234.50", 123_450],
		["1.234,50", 123_450],
		["1,234", 123_400],
		["€ 8.00", 800],
		["0,05", 5],
	])("reads %s in euros as %i cents", (typed, cents) => {
		expect(parseMoney(typed, "EUR")).toBe(cents)
	})

	it("knows currencies with other decimals", () => {
		expect(parseMoney("1,234", "JPY")).toBe(1234)
		expect(parseMoney("1.234", "TND")).toBe(1234)
		expect(parseMoney("12.5", "JPY")).toBeNull()
	})

	it.each(["", "abc", "-5", "1.2345", "9".repeat(20)])("refuses %s", (typed) => {
		expect(parseMoney(typed, "EUR")).toBeNull()
	})

	it("comes back from what was shown", () => {
		for (const locale of ["en-GB", "fr-FR", "zh-CN", "de-DE"])
			for (const cents of [1, 99, 100, 123_456, 9_999_999])
				expect(parseMoney(formatMoney(cents, "EUR", locale), "EUR")).toBe(cents)
	})
})
