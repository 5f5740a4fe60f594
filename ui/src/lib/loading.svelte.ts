/** A value that is fetched once and may fail: what a screen without realtime is drawn from. */
import { type Refusal, refusalFrom } from "./refusal"

export class Loading<T> {
	value: T | null = $state.raw(null)
	error: Refusal | null = $state.raw(null)
	pending = $state(true)

	#fetch: () => Promise<T>
	#turn = 0

	constructor(fetch: () => Promise<T>) {
		this.#fetch = fetch
		void this.reload()
	}

	/** Fetches again and keeps the old value on screen meanwhile. */
	async reload(): Promise<void> {
		const turn = ++this.#turn
		this.pending = true
		this.error = null
		try {
			const value = await this.#fetch()
			if (turn === this.#turn) this.value = value
		} catch (error) {
			if (turn === this.#turn) this.error = refusalFrom(error)
		} finally {
			if (turn === this.#turn) this.pending = false
		}
	}
}
