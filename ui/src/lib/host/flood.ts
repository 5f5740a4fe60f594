// How much a frame says: a program that calls too often is told so, one that will not stop is ended. What is read of
// a flood takes the time of the whole page, so it is counted before anything else is done.

import { LIMITS } from "./protocol"

export class Meter {
	#second = 0
	#count = 0
	/** Seconds in a row in which there was too much. */
	#bad = 0

	/** One more message: it may be heard, is one too many, or one of a flood. */
	heard(now = performance.now()): "fine" | "over" | "flood" {
		const second = Math.floor(now / 1000)
		if (second !== this.#second) {
			const again = second === this.#second + 1 && this.#count > LIMITS.perSecond
			this.#bad = again ? this.#bad + 1 : 0
			this.#second = second
			this.#count = 0
		}
		this.#count++
		if (this.#count > LIMITS.flood || this.#bad >= LIMITS.floodSeconds) return "flood"
		return this.#count > LIMITS.perSecond ? "over" : "fine"
	}
}
