// A list that is read page by page, each after the end of the one before.
import { type Refusal, refusalFrom } from "../../../lib/refusal"

export class Pages<Row, Mark> {
	rows: Row[] | null = $state.raw(null)
	error: Refusal | null = $state.raw(null)
	pending = $state(false)
	next: Mark | null = $state.raw(null)

	#fetch: (after: Mark | null) => Promise<{ rows: Row[]; next: Mark | null }>
	#turn = 0

	constructor(fetch: (after: Mark | null) => Promise<{ rows: Row[]; next: Mark | null }>) {
		this.#fetch = fetch
	}

	/** Begins anew, with the old rows on screen meanwhile. */
	reload = () => this.#read(null)

	more = () => this.#read(this.next)

	async #read(after: Mark | null): Promise<void> {
		const turn = ++this.#turn
		this.pending = true
		this.error = null
		try {
			const page = await this.#fetch(after)
			if (turn !== this.#turn) return
			this.rows = after === null ? page.rows : [...(this.rows ?? []), ...page.rows]
			this.next = page.next
		} catch (error) {
			if (turn === this.#turn) this.error = refusalFrom(error)
		} finally {
			if (turn === this.#turn) this.pending = false
		}
	}
}
