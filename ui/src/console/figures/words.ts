// The words of figures: a catalogue of their own, which only those load who look at figures. What a figure is called
// and what it means comes from the server, which has it for the documents, too.
import { send } from "../../lib/api"
import { Catalogue } from "../../lib/i18n/catalogue.svelte"
import { language } from "../../lib/i18n/locale.svelte"
import { Loading } from "../../lib/loading.svelte"
import type en from "./i18n/en.json"

export type Word = keyof typeof en

export const figureWords = new Catalogue<Word>({
	en: () => import("./i18n/en.json"),
	fr: () => import("./i18n/fr.json"),
	zh: () => import("./i18n/zh.json"),
})

export const f = figureWords.t

/** From Monday, short. 2024 began with one. */
export const weekdays = (tag: string): string[] =>
	Array.from({ length: 7 }, (_, day) =>
		new Intl.DateTimeFormat(tag, { weekday: "short", timeZone: "UTC" }).format(
			Date.UTC(2024, 0, 1 + day, 12),
		),
	)

interface Definition {
	key: string
	name: Record<string, string>
	text: Record<string, string>
}

let definitions: Loading<Definition[]> | undefined
const known = () =>
	(definitions ??= new Loading(() => send<Definition[]>("/api/figures/definitions")))

/** What a figure is called in the language on screen. */
export const nameOf = (key: string): string =>
	known().value?.find((one) => one.key === key)?.name[language.current] ?? ""

/** What it means. */
export const meaningOf = (key: string): string =>
	known().value?.find((one) => one.key === key)?.text[language.current] ?? ""

let loaded = false

/** The language changed while figures may be looked at. */
export async function translateFigures(): Promise<void> {
	if (loaded) await figureWords.load()
}

/** A screen of figures with its words: what the router waits for. */
export async function figuresScreen<T>(screen: () => Promise<T>): Promise<T> {
	known()
	const [found] = await Promise.all([screen(), figureWords.load()])
	loaded = true
	return found
}
