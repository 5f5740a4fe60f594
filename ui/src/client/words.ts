/** The client's own messages. */
import { Catalogue } from "../lib/i18n/catalogue.svelte"
import { type Locale, language } from "../lib/i18n/locale.svelte"
import { words } from "../lib/i18n/words"

export const clientWords = new Catalogue({
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
})

export const t = clientWords.t

/** Changes the language once its words are here, so that no screen shows bare keys. */
export async function speak(locale: Locale): Promise<void> {
	language.choose(locale)
	await Promise.all([words.load(locale), clientWords.load(locale)])
}
