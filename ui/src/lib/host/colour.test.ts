import { expect, test } from "vitest"
import { luminance, underWhite } from "./colour"

// A program chooses its colour; the store writes on it in white.
test("white words can be read on every colour", () => {
	for (const colour of ["#d9542b", "#ffffff", "#ffd23f", "#fff", "#3ecf97"])
		expect(1.05 / (luminance(underWhite(colour)) + 0.05), colour).toBeGreaterThanOrEqual(4.5)
})

test("a colour that is dark enough stays as it is", () => {
	expect(underWhite("#1d5fa8")).toBe("#1d5fa8")
	expect(underWhite("var(--tint-3)")).toBe("var(--tint-3)")
})
