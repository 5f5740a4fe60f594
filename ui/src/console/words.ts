// The words of the console.
import { Catalogue } from "../lib/i18n/catalogue.svelte"
import type en from "./i18n/en.json"

export type Word = keyof typeof en

export const messages = new Catalogue<Word>({
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
})

export const t = messages.t
