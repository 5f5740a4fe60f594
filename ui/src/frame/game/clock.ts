// The game's clock of frames: as fast as the game wants it, and standing still while the game is hidden.

/** The fastest that WeChat lets a game ask for. */
const MOST = 60

type Run = (time: number) => void

/** Hands out frames. */
export class FrameClock {
	readonly #native: (run: FrameRequestCallback) => number
	#waiting = new Map<number, Run>()
	#last = 0
	#asked = false
	#paused = false
	/** Milliseconds between two frames; 0 is whatever the screen has. */
	#pace = 0
	#before = 0

	constructor(native: (run: FrameRequestCallback) => number) {
		this.#native = native
	}

	readonly request = (run: Run): number => {
		this.#waiting.set(++this.#last, run)
		this.#ask()
		return this.#last
	}

	readonly cancel = (id: number): void => {
		this.#waiting.delete(id)
	}

	/** Frames in one second, 1 to 60. */
	readonly prefer = (fps: number): void => {
		const wanted = Math.round(Number(fps))
		if (!(wanted >= 1 && wanted <= MOST)) return
		this.#pace = wanted === MOST ? 0 : 1000 / wanted
	}

	/** Frames stop, or go on. */
	pause(on: boolean): void {
		this.#paused = on
		if (!on) this.#ask()
	}

	#ask(): void {
		if (this.#asked || this.#paused || this.#waiting.size === 0) return
		this.#asked = true
		this.#native((time) => {
			this.#asked = false
			if (this.#paused) return
			// A frame that comes a moment early counts, or every second one would be left out.
			if (this.#pace > 0 && time - this.#before < this.#pace - 2) {
				this.#ask()
				return
			}
			this.#before = this.#pace > 0 ? Math.max(time - this.#pace, this.#before + this.#pace) : time
			const due = this.#waiting
			this.#waiting = new Map()
			for (const run of due.values())
				try {
					run(time)
				} catch (error) {
					reportError(error)
				}
			this.#ask()
		})
	}
}
