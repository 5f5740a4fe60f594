import { expect, it } from "vitest"
import { countries } from "./countries"

it("names countries in the reader's language and order", () => {
	const french = countries("fr")
	expect(french.find(({ value }) => value === "DE")?.label).toBe("Allemagne")
	expect(french.findIndex(({ value }) => value === "DE")).toBeLessThan(
		french.findIndex(({ value }) => value === "FR"),
	)
	expect(new Set(french.map(({ value }) => value)).size).toBe(french.length)
})
