// The words of the operator's rooms: a catalogue of their own, which nobody else's console loads.
import { Catalogue } from "../../lib/i18n/catalogue.svelte"
import { type Locale, language } from "../../lib/i18n/locale.svelte"
import type en from "./i18n/en.json"

export type Word = keyof typeof en

const loaders = {
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
}

export const roomWords = new Catalogue<Word>(loaders)
export const o = roomWords.t

/** The same words in somebody else's language, for what they will read. */
export async function wordsIn(locale: Locale): Promise<Catalogue<Word>> {
	const theirs = new Catalogue<Word>(loaders)
	await theirs.load(locale)
	return theirs
}

let loaded = ""

/** A room of the operator's with its words: what the router waits for. */
export async function room<T>(screen: () => Promise<T>): Promise<T> {
	const wanted = language.current
	const [found] = await Promise.all([screen(), loaded === wanted ? undefined : roomWords.load()])
	loaded = wanted
	return found
}

/** The language changed while a room may be open. */
export async function translateRooms(): Promise<void> {
	if (loaded === "") return
	await roomWords.load()
	loaded = language.current
}
