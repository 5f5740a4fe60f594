// The words of verifying: a catalogue of their own, which is fetched with the screen.
import { Catalogue } from "../../lib/i18n/catalogue.svelte"

export const verifyWords = new Catalogue({
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
})

export const v = verifyWords.t
