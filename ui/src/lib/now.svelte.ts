/** The server's time, ticking: prices, points and codes are judged by that clock, not by this device's. */
import { serverTime } from "./api"

class Now {
	/** Milliseconds, once a second. */
	ms = $state(Date.now())
	#offset = 0
	#timer: ReturnType<typeof setInterval> | undefined
	#users = 0

	/** Ticks for as long as the component lives; call it while the component initialises. */
	tick(): void {
		$effect(() => {
			this.#users++
			if (this.#users === 1) this.#start()
			return () => {
				this.#users--
				if (this.#users === 0) clearInterval(this.#timer)
			}
		})
	}

	/** Asks the server again: after the clock was moved, and whenever the page is looked at again. */
	async sync(): Promise<void> {
		try {
			const { now } = await serverTime()
			this.#offset = Date.parse(now) - Date.now()
			this.ms = Date.now() + this.#offset
		} catch {
			// The device's own clock is the best that is left.
		}
	}

	#start(): void {
		void this.sync()
		let before = Date.now()
		this.#timer = setInterval(() => {
			const at = Date.now()
			// A device that slept, or a clock that somebody set.
			if (at - before > 30_000) void this.sync()
			before = at
			this.ms = at + this.#offset
		}, 1000)
	}
}

export const now = new Now()
