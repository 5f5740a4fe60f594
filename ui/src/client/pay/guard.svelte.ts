/**
 * Keeps a payment from being a slip. A program may make somebody tap fast and then open the sheet under the finger,
 * so the button works only after half a second in which nothing was touched; and only a person's own press counts.
 */

/** How long nothing must be touched before paying is possible, in milliseconds. */
export const STILL = 500

export class Guard {
	/** Whether the button may be pressed. */
	armed = $state(false)
	#timer: ReturnType<typeof setTimeout> | undefined

	/** Begins to wait; the sheet has appeared, or come back into sight. */
	readonly arm = (): void => {
		clearTimeout(this.#timer)
		this.armed = false
		this.#timer = setTimeout(() => (this.armed = true), STILL)
	}

	/** A touch or a key while it waits makes it wait anew. */
	readonly touched = (): void => {
		if (!this.armed) this.arm()
	}

	/** Another window or tab lay over it. A focus alone says nothing: a frame may ask for that as often as it likes. */
	readonly seen = (): void => {
		if (!document.hidden) this.arm()
	}

	/** Watches until the returned function is called. */
	watch(): () => void {
		const events = ["pointerdown", "pointerup", "keydown", "keyup"] as const
		for (const name of events) addEventListener(name, this.touched, true)
		document.addEventListener("visibilitychange", this.seen)
		this.arm()
		return () => {
			clearTimeout(this.#timer)
			for (const name of events) removeEventListener(name, this.touched, true)
			document.removeEventListener("visibilitychange", this.seen)
		}
	}

	/** Whether this press is a person's, and not too soon. */
	allows(event: Event): boolean {
		return event.isTrusted && this.armed
	}
}
