import IntlMessageFormat from "intl-messageformat"
import { expect, it } from "vitest"
import en from "./i18n/en.json"
import fr from "./i18n/fr.json"
import zh from "./i18n/zh.json"

it.each([
	["en", en],
	["fr", fr],
	["zh", zh],
])("says everything in %s", (locale, catalogue) => {
	expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort())
	for (const message of Object.values(catalogue))
		expect(
			() => new IntlMessageFormat(message, locale, undefined, { ignoreTag: true }),
		).not.toThrow()
})
