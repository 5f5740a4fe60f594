import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { IntlMessageFormat } from "intl-messageformat"
import { describe, expect, it } from "vitest"

type Messages = Record<string, string>

const source = new URL("../..", import.meta.url).pathname
const folders = readdirSync(source, { recursive: true })
	.map(String)
	.filter((path) => path.endsWith("i18n/en.json"))
	.map((path) => path.slice(0, -"/en.json".length))

function read(folder: string, locale: string): Messages {
	return JSON.parse(readFileSync(join(source, folder, `${locale}.json`), "utf8"))
}

type Element = ReturnType<IntlMessageFormat["getAst"]>[number]

// The kinds of ICU elements that name no value: literal text and the # of a plural.
const nameless = [0, 7]

function placeholders(elements: Element[], found = new Set<string>()): Set<string> {
	for (const element of elements) {
		if (nameless.includes(element.type) || !("value" in element)) continue
		found.add(element.value)
		if ("options" in element)
			for (const option of Object.values(element.options)) placeholders(option.value, found)
	}
	return found
}

function namesOf(text: string): string[] {
	return [
		...placeholders(new IntlMessageFormat(text, "en", undefined, { ignoreTag: true }).getAst()),
	].sort()
}

it("there are catalogues to look at", () => {
	expect(folders).toEqual(expect.arrayContaining(["lib/i18n", "client/i18n"]))
})

describe.each(folders)("%s", (folder) => {
	const en = read(folder, "en")

	it.each(["fr", "zh"])("says everything in %s, with the same placeholders", (locale) => {
		const other = read(folder, locale)
		expect(Object.keys(other).sort()).toEqual(Object.keys(en).sort())
		for (const [key, text] of Object.entries(en))
			expect([key, ...namesOf(other[key] ?? "")]).toEqual([key, ...namesOf(text)])
	})

	// In ICU an apostrophe before a brace quotes it: l'{x} would print the braces.
	it.each(["en", "fr", "zh"])("writes apostrophes and texts as they should be in %s", (locale) => {
		for (const [key, text] of Object.entries(read(folder, locale))) {
			expect(text, key).not.toContain("'{")
			expect(text.trim(), key).not.toBe("")
		}
	})

	// French counts millions apart: "1 000 000 de points".
	it("has the French plural of large numbers wherever it counts", () => {
		for (const [key, text] of Object.entries(read(folder, "fr")))
			if (text.includes("plural,")) expect(text, key).toContain("many {")
	})
})
