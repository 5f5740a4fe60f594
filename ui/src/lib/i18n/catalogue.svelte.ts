/** Messages of one surface: one lazy file per language, parsed by intl-messageformat. */
import IntlMessageFormat from "intl-messageformat"
import { type Locale, language } from "./locale.svelte"

export type Values = Record<string, string | number | boolean | Date | null | undefined>
export type Loaders<Key extends string> = Record<
	Locale,
	() => Promise<{ default: Record<Key, string> }>
>

/**
 * A catalogue whose keys are those that every language has: a key that one file lacks is a type error.
 * Call `load` before the first screen and after the language changed.
 */
export class Catalogue<Key extends string> {
	#loaders: Loaders<Key>
	#messages: Record<string, string> = $state.raw({})
	#tag = $state.raw("en")
	#parsed = new Map<string, IntlMessageFormat>()

	constructor(loaders: Loaders<Key>) {
		this.#loaders = loaders
	}

	async load(locale: Locale = language.current): Promise<void> {
		const { default: messages } = await this.#loaders[locale]()
		this.#parsed.clear()
		this.#tag = language.tag
		this.#messages = messages
	}

	/** The message in the language on screen. */
	t = (key: Key, values?: Values): string => this.maybe(key, values) ?? key

	/** The same for a key that came from the server; null when the catalogue has no such message. */
	maybe(key: string, values?: Values): string | null {
		const text = this.#messages[key]
		if (text === undefined) return null
		if (values === undefined && !text.includes("{")) return text
		const id = `${this.#tag} ${key}`
		let format = this.#parsed.get(id)
		if (format === undefined) {
			format = new IntlMessageFormat(text, this.#tag, undefined, { ignoreTag: true })
			this.#parsed.set(id, format)
		}
		return String(format.format(values))
	}
}
