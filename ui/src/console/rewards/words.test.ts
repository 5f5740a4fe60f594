import { expect, test } from "vitest"
import en from "./i18n/en.json"
import fr from "./i18n/fr.json"
import zh from "./i18n/zh.json"

const names = (message: string) =>
	[...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name))].sort()

test.each([
	["fr", fr],
	["zh", zh],
])("%s has the keys of English, and asks for the same values", (_locale, catalogue) => {
	expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort())
	for (const [key, message] of Object.entries(en))
		expect([key, names((catalogue as Record<string, string>)[key] ?? "")]).toEqual([
			key,
			names(message),
		])
})
