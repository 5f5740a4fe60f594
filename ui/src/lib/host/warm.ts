// Which programs stay open behind the one on screen: the five used last, and none for longer than a while.

/** How many are open at once, the one on screen among them. */
export const MOST = 5
/** Milliseconds that one stays open which nobody looks at. */
export const LASTS = 10 * 60_000
/** Gigabytes of memory from which a device keeps that many; the browser says no more than this. */
const ROOMY = 4

/** How many programs this device keeps open: one behind the other on a small one. */
export function mostHere(memory: number | undefined): number {
	if (memory === undefined || memory >= ROOMY) return MOST
	return memory >= 2 ? 3 : 2
}

export class Warm<T> {
	readonly #most: number
	readonly #end: (one: T) => void
	/** The one used last comes last. */
	#order: T[] = []
	readonly #timers = new Map<T, ReturnType<typeof setTimeout>>()

	/** `end` closes one that is not kept any longer. */
	constructor(most: number, end: (one: T) => void) {
		this.#most = most
		this.#end = end
	}

	/** It has the screen now; whoever was used longest ago makes room. */
	use(one: T): void {
		this.#stopTimer(one)
		this.#order = [...this.#order.filter((other) => other !== one), one]
		while (this.#order.length > this.#most) this.drop(this.#order[0] as T)
	}

	/** Nobody looks at it any more. */
	leave(one: T): void {
		if (!this.#order.includes(one)) return
		this.#stopTimer(one)
		this.#timers.set(
			one,
			setTimeout(() => this.drop(one), LASTS),
		)
	}

	drop(one: T): void {
		if (!this.#order.includes(one)) return
		this.#stopTimer(one)
		this.#order = this.#order.filter((other) => other !== one)
		this.#end(one)
	}

	/** Ends all but those. */
	clear(...kept: (T | null)[]): void {
		for (const one of [...this.#order]) if (!kept.includes(one)) this.drop(one)
	}

	#stopTimer(one: T): void {
		clearTimeout(this.#timers.get(one))
		this.#timers.delete(one)
	}
}
