// The words of the rooms about nearby: a catalogue of their own, loaded with the first of them.
import { Catalogue } from "../../lib/i18n/catalogue.svelte"
import { language } from "../../lib/i18n/locale.svelte"
import { inWords, refusalFrom } from "../../lib/refusal"
import type en from "./i18n/en.json"

export type Word = keyof typeof en

const catalogue = new Catalogue<Word>({
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
})
export const n = catalogue.t

/** A refusal in words of these rooms, or in those of all. */
export function trouble(error: unknown): string {
	const { code, data } = refusalFrom(error)
	const field = String(data.field ?? "")
	return catalogue.maybe(`refusal_${code}`, { field }) ?? inWords(error)
}

let loaded = ""

/** A room about nearby with its words: what the router waits for. */
export async function nearbyRoom<T>(screen: () => Promise<T>): Promise<T> {
	const wanted = language.current
	const [found] = await Promise.all([screen(), loaded === wanted ? undefined : catalogue.load()])
	loaded = wanted
	return found
}

/** The language changed while a room may be open. */
export async function translateNearby(): Promise<void> {
	if (loaded === "") return
	await catalogue.load()
	loaded = language.current
}
