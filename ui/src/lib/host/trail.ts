// A program's page stack in the browser's history: one entry for each page below the top, so that Back goes back
// a page. It can never trap: every Back takes an entry away, whatever the program does meanwhile.

/** Milliseconds after a Back in which pages that a program opens get no entry of their own. */
const QUIET = 1_000

export interface History {
	readonly state: unknown
	pushState(state: unknown, unused: string): void
	replaceState(state: unknown, unused: string): void
	go(delta: number): void
}

export class Trail {
	readonly #history: History
	readonly #back: () => void
	readonly #now: () => number
	#entries = 0
	#skip = 0
	/** How deep the stack became while entries were going; 0 when it did not change. */
	#next = 0
	/** Hidden, or on its way out: the browser's history is somebody else's. */
	#away = false
	#lastBack = Number.NEGATIVE_INFINITY
	#left: (() => void) | null = null

	/** `back` asks the program to close its top page. */
	constructor(history: History, back: () => void, now: () => number = () => performance.now()) {
		this.#history = history
		this.#back = back
		this.#now = now
	}

	/** The program is on screen, this deep; the entry that the browser stands on may be one of an earlier time. */
	show(depth: number): void {
		this.#away = false
		this.#skip = 0
		this.#next = 0
		this.#lastBack = Number.NEGATIVE_INFINITY
		this.#entries = entryOf(this.#history.state)
		if (depth > 0) this.follow(depth)
	}

	/** Another page has the screen, and the browser's history. */
	hide(): void {
		this.#away = true
		this.#entries = 0
		this.#next = 0
	}

	/** The program's stack is this deep now. */
	follow(depth: number): void {
		if (this.#away) return
		// The browser takes its time to go back; what is entered meanwhile would be what it goes back from.
		if (this.#skip > 0) {
			this.#next = depth
			return
		}
		const wanted = depth - 1
		if (wanted > this.#entries && this.#now() - this.#lastBack > QUIET) {
			while (this.#entries < wanted) this.#enter({ program: ++this.#entries })
		} else if (wanted < this.#entries) {
			this.#unwind(this.#entries - wanted)
		}
	}

	/** The browser moved. */
	popped(state: unknown): void {
		if (this.#away && this.#skip === 0) return
		if (this.#skip > 0) {
			this.#skip--
			this.#left?.()
			this.#left = null
			const next = this.#next
			this.#next = 0
			if (next > 0) this.follow(next)
			return
		}
		const at = entryOf(state)
		if (at >= this.#entries) return
		this.#entries = at
		this.#lastBack = this.#now()
		this.#back()
	}

	/** The host's own back button: through the browser if the page has an entry. */
	goBack(): void {
		if (this.#entries > 0) this.#history.go(-1)
		else this.#back()
	}

	/** Takes all entries away, so that what comes next is where the program was opened from. */
	leave(): Promise<void> {
		const count = this.#entries
		this.#away = true
		this.#next = 0
		if (count === 0) return Promise.resolve()
		return new Promise((resolve) => {
			this.#left = resolve
			this.#unwind(count)
			setTimeout(resolve, 500)
		})
	}

	/** An open or closing sheet has an entry of its own on top: the page takes its place. */
	#enter(state: object): void {
		const { overlay, ...below } = (this.#history.state ?? {}) as { overlay?: number }
		const next = { ...below, ...state }
		if (overlay === undefined) this.#history.pushState(next, "")
		else this.#history.replaceState(next, "")
	}

	#unwind(count: number): void {
		this.#entries -= count
		this.#skip++
		this.#history.go(-count)
	}
}

/** Which of the program's entries the browser stands on; 0 is where it was opened. */
function entryOf(state: unknown): number {
	return (state as { program?: number } | null)?.program ?? 0
}
