// The words of the room of rewards: a catalogue of its own, loaded with it.
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
export const r = catalogue.t

/** A refusal in words of this room, or in those of all. */
export function trouble(error: unknown): string {
	const { code, data } = refusalFrom(error)
	const about = String(data.state ?? data.field ?? "")
	return (
		catalogue.maybe(`refusal_${code}_${about}`) ??
		catalogue.maybe(`refusal_${code}`, { taken: Number(data.taken ?? 0) }) ??
		inWords(error)
	)
}

let loaded = ""

/** The room with its words: what the router waits for. */
export async function rewardsRoom<T>(screen: () => Promise<T>): Promise<T> {
	const wanted = language.current
	const [found] = await Promise.all([screen(), loaded === wanted ? undefined : catalogue.load()])
	loaded = wanted
	return found
}

/** The language changed while the room may be open. */
export async function translateRewards(): Promise<void> {
	if (loaded === "") return
	await catalogue.load()
	loaded = language.current
}
