/** The programs of the town, and which of them this person keeps at hand. Both lists stay on this device. */
import { livePrograms, places } from "../../lib/api"
import type { Locale } from "../../lib/i18n/locale.svelte"
import { Loading } from "../../lib/loading.svelte"
import type { Place, Program } from "../../lib/records"

export interface Town {
	programs: Program[]
	places: Place[]
}

/** One load for launcher and host; programs without places is still a launcher. */
export function loadTown(): Loading<Town> {
	return new Loading(async () => {
		const [programs, shops] = await Promise.all([livePrograms(), places().catch(() => [])])
		return { programs, places: shops }
	})
}

export function nameOf(program: Program, locale: Locale): string {
	return program.names?.[locale] || program.name
}

export function descriptionOf(program: Program, locale: Locale): string {
	return program.descriptions?.[locale] || program.description
}

/** Whether all words of the search occur in any name or description of the program, in any language. */
export function matches(words: string, ...texts: (string | undefined)[]): boolean {
	const hay = fold(texts.filter(Boolean).join(" "))
	return fold(words)
		.split(/\s+/)
		.every((word) => hay.includes(word))
}

export function programTexts(program: Program): string[] {
	return [
		program.name,
		program.description,
		program.appid,
		program.category,
		...Object.values(program.names ?? {}),
		...Object.values(program.descriptions ?? {}),
		program.expand?.org?.name ?? "",
	].filter((text) => text !== undefined)
}

// Accents and case never keep a person from finding something.
function fold(text: string): string {
	return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim()
}

class Shelf {
	#key: string
	#limit: number
	/** Ids of programs; null while the person never chose. */
	ids: string[] | null = $state.raw(null)

	constructor(key: string, limit: number) {
		this.#key = key
		this.#limit = limit
		try {
			const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null")
			if (Array.isArray(stored)) this.ids = stored.filter((id) => typeof id === "string")
		} catch {
			// What cannot be read is an empty shelf.
		}
	}

	set(ids: string[] | null): void {
		this.ids = ids?.slice(0, this.#limit) ?? null
		try {
			if (this.ids === null) localStorage.removeItem(this.#key)
			else localStorage.setItem(this.#key, JSON.stringify(this.ids))
		} catch {
			// Without storage the shelf lasts as long as the page.
		}
	}

	putFirst(id: string): void {
		this.set([id, ...(this.ids ?? []).filter((other) => other !== id)])
	}
}

export const recents = new Shelf("plaza.programs.recent", 12)
export const mine = new Shelf("plaza.programs.mine", 8)
