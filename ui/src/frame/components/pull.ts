// Pulling down to refresh, of a page or of a scroll view.

import { hearDrags } from "./drag"
import { say } from "./words"

const SLOWER = 0.5
const MOST = 2

interface Hears {
	/** Whether a pull may begin: it is allowed and the content is at its top. */
	may(event?: Event): boolean
	/** Pixels that must be pulled. */
	threshold(): number
	pulling(dy: number): void
	/** Pulled far enough and let go. */
	refresh(): void
	/** Let go before. */
	abort(): void
	/** The sign is away again. */
	restored(): void
}

/** The space above the content that opens by a pull; it is put before the content. */
export class Pull {
	readonly sign = document.createElement("i")
	readonly #hears: Hears
	#height = 0
	#pulled = false
	#busy = false

	constructor(node: HTMLElement, hears: Hears) {
		this.#hears = hears
		this.sign.className = "pull"
		this.sign.hidden = true
		this.sign.append(document.createElement("b"))
		hearDrags(node, {
			may: (event) => !this.#busy && hears.may(event),
			move: ({ dx, dy }) => this.#drag(dx, dy),
			end: () => this.#drop(),
		})
	}

	get busy(): boolean {
		return this.#busy
	}

	/** Shows that a refresh runs, as if it had been pulled. */
	start(): void {
		if (this.#busy) return
		this.#busy = true
		this.#pulled = false
		this.sign.setAttribute("role", "status")
		this.sign.setAttribute("aria-label", say("refreshing"))
		this.#open(this.#hears.threshold(), true)
		this.#hears.refresh()
	}

	stop(): void {
		if (!this.#busy) return
		this.#busy = false
		this.sign.removeAttribute("role")
		this.#open(0, true)
		this.#hears.restored()
	}

	#drag(dx: number, dy: number): boolean {
		if (!this.#pulled && (dy < 8 || Math.abs(dx) > dy || !this.#hears.may())) return false
		this.#pulled = true
		const height = Math.min(Math.max(0, dy * SLOWER), this.#hears.threshold() * MOST)
		this.#open(height, false)
		this.#hears.pulling(height)
		return true
	}

	#drop(): void {
		if (!this.#pulled) return
		this.#pulled = false
		if (this.#height >= this.#hears.threshold()) {
			this.start()
			return
		}
		this.#open(0, true)
		this.#hears.abort()
	}

	#open(height: number, smoothly: boolean): void {
		this.#height = height
		this.sign.hidden = height === 0 && !smoothly
		this.sign.style.transition = smoothly ? "height .2s" : "none"
		this.sign.style.height = `${height}px`
		this.sign.toggleAttribute("turning", this.#busy)
	}
}
