/**
 * A search while it is typed: it waits for a pause, gives the request before up, and never shows the answer to
 * older words over the answer to newer ones.
 */
import { language } from "../../lib/i18n/locale.svelte"
import type { ProgramCard } from "../../lib/records"
import { type Refusal, refusalFrom } from "../../lib/refusal"
import { type Found, type StoreQuery, search, type Turn } from "./store"

/** Milliseconds without a key until the words are searched for. */
const PAUSE = 200

type Fetch = (query: StoreQuery, turn: Turn) => Promise<Found>

export class StoreSearch {
	items: ProgramCard[] = $state.raw([])
	corrected = $state("")
	more = $state(false)
	total = $state(0)
	/** The first page is on its way; what is on screen answers an older query. */
	pending = $state(true)
	/** A further page is on its way. */
	growing = $state(false)
	error: Refusal | null = $state.raw(null)
	/** Whether anything has been answered yet. */
	answered = $state(false)

	#fetch: Fetch
	#query: StoreQuery | null = null
	#page = 1
	#after = ""
	#request: AbortController | null = null
	#timer: ReturnType<typeof setTimeout> | undefined

	constructor(fetch: Fetch = search) {
		this.#fetch = fetch
	}

	/** Asks after a pause when only the words changed, at once otherwise. */
	ask(query: StoreQuery): void {
		const before = this.#query
		if (before !== null && JSON.stringify(before) === JSON.stringify(query)) return
		const typing = before !== null && before.q !== query.q
		this.#query = query
		this.stop()
		this.pending = true
		if (typing) this.#timer = setTimeout(() => void this.#load(1), PAUSE)
		else void this.#load(1)
	}

	retry(): void {
		void this.#load(this.answered && this.items.length > 0 ? this.#page : 1)
	}

	grow(): void {
		if (this.more && !this.growing && !this.pending) void this.#load(this.#page + 1)
	}

	/** Gives up whatever is on its way. */
	stop(): void {
		clearTimeout(this.#timer)
		this.#request?.abort()
		this.#request = null
		this.growing = false
	}

	async #load(page: number): Promise<void> {
		const query = this.#query
		if (query === null) return
		this.stop()
		const request = new AbortController()
		this.#request = request
		this.pending = page === 1
		this.growing = page > 1
		this.error = null
		try {
			const found = await this.#fetch(query, {
				page,
				after: page === 1 ? "" : this.#after,
				lang: language.current,
				signal: request.signal,
			})
			if (this.#request !== request) return
			this.items = page === 1 ? found.items : [...this.items, ...fresh(this.items, found.items)]
			this.corrected = page === 1 ? (found.corrected ?? "") : this.corrected
			this.more = found.more
			this.total = found.total_hint
			this.#page = page
			this.#after = found.after ?? ""
			this.answered = true
		} catch (error) {
			if (this.#request !== request) return
			this.error = refusalFrom(error)
		}
		this.pending = false
		this.growing = false
	}
}

/** Ranks move while somebody turns pages: a program that is on screen already does not come twice. */
function fresh(shown: ProgramCard[], next: ProgramCard[]): ProgramCard[] {
	const known = new Set(shown.map(({ appid }) => appid))
	return next.filter(({ appid }) => !known.has(appid))
}
