import { Catalogue } from "../i18n/catalogue.svelte"

/** The host's own words. Load them with the language before the first program opens; the host does so itself. */
export const hostWords = new Catalogue({
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
})

export const say = hostWords.t

/** What a scope lets a program do, in words; a scope without words is named as it is. */
export function scopeWords(scope: string): { title: string; why: string } {
	return {
		title: hostWords.maybe(`scope.${scope}`) ?? scope,
		why: hostWords.maybe(`scope.${scope}.why`) ?? "",
	}
}
