// A list that others change while it is looked at: what is known of its rows is brought up to date at once, but rows
// come, go and change places only when the person says so.
import { type Refusal, refusalFrom } from "../../lib/refusal"

export class Held<T> {
	rows: T[] = $state.raw([])
	status: "loading" | "ready" | "error" = $state("loading")
	error: Refusal | null = $state.raw(null)
	/** How many rows have come since. */
	arrived = $state(0)
	/** Rows that have left the list, and stand in it still. */
	gone: ReadonlySet<string> = $state.raw(new Set())

	#latest: T[] = []
	/** Somebody waits to see the list as it is, also when a later look overtakes their load. */
	#wanted = false
	#turn = 0
	#keeping = 0
	#soon: ReturnType<typeof setTimeout> | undefined

	constructor(
		private readonly fetch: () => Promise<T[]>,
		private readonly id: (row: T) => string,
	) {}

	/** Fetches and shows what there is. */
	async load(): Promise<void> {
		if (this.status === "error") this.status = "loading"
		this.#wanted = true
		if (await this.#get()) this.reveal()
	}

	/** Takes rows as the person has just put them; an answer to what was asked before knows nothing of that. */
	put(rows: T[]): void {
		this.#turn++
		this.#wanted = false
		this.rows = rows
	}

	/** The same while `save` tells the server: what is fetched meanwhile may know half of it, and is not shown. */
	async keep(rows: T[], save: () => Promise<void>): Promise<void> {
		this.put(rows)
		this.#keeping++
		try {
			await save()
		} finally {
			this.#keeping--
		}
		await this.load()
	}

	/** Something changed: one look a moment later is enough for several records of one act. */
	soon = () => {
		clearTimeout(this.#soon)
		this.#soon = setTimeout(() => void this.look(), 150)
	}

	/** Fetches, and holds back what would move the list. */
	async look(): Promise<void> {
		if (!(await this.#get())) return
		if (this.#wanted || this.rows.length === 0) return this.reveal()
		const now = new Map(this.#latest.map((row) => [this.id(row), row]))
		const shown = new Set(this.rows.map(this.id))
		this.rows = this.rows.map((row) => now.get(this.id(row)) ?? row)
		this.gone = new Set([...shown].filter((id) => !now.has(id)))
		this.arrived = this.#latest.filter((row) => !shown.has(this.id(row))).length
	}

	/** Shows the list as it is now. */
	reveal(): void {
		this.#wanted = false
		this.rows = this.#latest
		this.arrived = 0
		this.gone = new Set()
	}

	async #get(): Promise<boolean> {
		const turn = ++this.#turn
		try {
			const latest = await this.fetch()
			if (turn !== this.#turn || this.#keeping > 0) return false
			this.#latest = latest
			this.error = null
			this.status = "ready"
			return true
		} catch (error) {
			if (turn !== this.#turn) return false
			this.error = refusalFrom(error)
			if (this.rows.length === 0 || this.error.status > 0) this.status = "error"
			return false
		}
	}
}
