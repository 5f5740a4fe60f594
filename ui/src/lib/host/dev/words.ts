import { Catalogue } from "../../i18n/catalogue.svelte"

/** The words of the developer's panel; only developers load them. */
export const devWords = new Catalogue({
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
})

export const say = devWords.t
