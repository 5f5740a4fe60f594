import IntlMessageFormat from "intl-messageformat"
import { describe, expect, it } from "vitest"
import en from "./i18n/en.json"
import fr from "./i18n/fr.json"
import zh from "./i18n/zh.json"

const catalogues: Record<string, Record<string, string>> = { en, fr, zh }

/** As much of a parsed message as is looked at here. */
interface Part {
	type: number
	value?: string
	options?: Record<string, { value: Part[] }>
}

const literal = 0
const pound = 7

/** The names of the values that a message needs, in whatever order it uses them. */
function names(message: string, locale: string): string[] {
	const found = new Set<string>()
	const walk = (parts: Part[]) => {
		for (const { type, value, options } of parts) {
			if (type !== literal && type !== pound && value) found.add(value)
			for (const option of Object.values(options ?? {})) walk(option.value)
		}
	}
	walk(new IntlMessageFormat(message, locale, undefined, { ignoreTag: true }).getAst() as Part[])
	return [...found].sort()
}

describe.each(["fr", "zh"])("%s", (locale) => {
	const catalogue = catalogues[locale] ?? {}

	it("has the keys of English, no more and no fewer", () => {
		expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort())
	})

	it("asks for the same values", () => {
		for (const [key, message] of Object.entries(en))
			expect([key, names(catalogue[key] ?? "", locale)]).toEqual([key, names(message, "en")])
	})
})

it("quotes no brace by accident", () => {
	for (const catalogue of Object.values(catalogues))
		for (const message of Object.values(catalogue)) expect(message).not.toMatch(/'[{}]/)
})
