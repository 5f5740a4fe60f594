import { expect, it } from "vitest"
import { average, bars, bytes, languageNames, nameOf } from "./texts"

it("writes averages and sizes as the reader does", () => {
	expect(average(47, "fr-FR")).toBe("4,7")
	expect(average(40, "en-GB")).toBe("4.0")
	expect(bytes(182_000, "en-GB")).toBe("182 kB")
	expect(bytes(1_500_000, "en-GB")).toBe("1.5 MB")
})

it("names a program in the reader's language, or as it names itself", () => {
	const program = { name: "Market", names: { fr: "Marché" } }
	expect(nameOf(program, "fr")).toBe("Marché")
	expect(nameOf(program, "zh")).toBe("Market")
})

it("keeps a language tag that is none as it is", () => {
	expect(languageNames(["en", "fr"], "en-GB")).toBe("English and French")
	expect(languageNames(["not a tag"], "en-GB")).toBe("not a tag")
})

it("draws the bars of a histogram, five stars first", () => {
	expect(bars([1, 0, 0, 1, 2]).map(({ stars, part }) => [stars, part])).toEqual([
		[5, 50],
		[4, 25],
		[3, 0],
		[2, 0],
		[1, 25],
	])
	expect(bars([]).every(({ count, part }) => count === 0 && part === 0)).toBe(true)
})
