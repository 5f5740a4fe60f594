// The words of leaderboards: a catalogue of their own, which only those load who look at some.
import { Catalogue } from "../../../lib/i18n/catalogue.svelte"
import type en from "./i18n/en.json"

export type Word = keyof typeof en

export const boardWords = new Catalogue<Word>({
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
})

export const b = boardWords.t

let loaded = false

/** The language changed while leaderboards may be looked at. */
export async function translateBoards(): Promise<void> {
	if (loaded) await boardWords.load()
}

/** The room with its words: what a program's page waits for. */
export async function boardsRoom<T>(room: () => Promise<T>): Promise<T> {
	const [found] = await Promise.all([room(), boardWords.load()])
	loaded = true
	return found
}
