// One page of a list that the server sorts, filters and cuts. The rows before stay while the next are on the way.
import { untrack } from "svelte"
import { type Refusal, refusalFrom } from "../refusal"

export interface Fetched<T> {
	items: T[]
	totalItems: number
	totalPages: number
}

export class Rows<T extends { id: string }> {
	rows: T[] = $state.raw([])
	total = $state(0)
	pages = $state(1)
	status: "loading" | "ready" | "error" = $state("loading")
	error: Refusal | null = $state.raw(null)
	pending = $state(false)

	#turn = 0
	#fetch: (() => Promise<Fetched<T>>) | null = null

	async load(fetch: () => Promise<Fetched<T>>): Promise<void> {
		this.#fetch = fetch
		await this.reload()
	}

	async reload(): Promise<void> {
		const turn = ++this.#turn
		if (!this.#fetch) return
		this.pending = true
		// Asked from an effect, a failure must not be a reason to ask again.
		if (untrack(() => this.status) === "error") this.status = "loading"
		try {
			const page = await this.#fetch()
			if (turn !== this.#turn) return
			this.rows = page.items
			this.total = page.totalItems
			this.pages = page.totalPages
			this.error = null
			this.status = "ready"
		} catch (error) {
			if (turn !== this.#turn) return
			this.error = refusalFrom(error)
			this.status = "error"
		} finally {
			if (turn === this.#turn) this.pending = false
		}
	}

	/** Puts a newer version of a row in its place; tells whether it was on this page. */
	put(row: T): boolean {
		const at = this.rows.findIndex(({ id }) => id === row.id)
		if (at < 0) return false
		this.rows = this.rows.with(at, { ...(this.rows[at] as T), ...row })
		return true
	}
}
