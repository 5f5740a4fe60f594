// Who listens to Telegram's events.

export type Heard = (this: unknown, detail?: unknown) => void

/** Listeners by the event's name; each is called once for an event, with the WebApp as `this`. */
export class Events {
	readonly #heard = new Map<string, Set<Heard>>()
	/** What the listeners are called on. */
	owner: unknown = undefined

	on(name: string, heard: unknown): void {
		if (typeof heard !== "function") return
		const all = this.#heard.get(name) ?? new Set()
		this.#heard.set(name, all.add(heard as Heard))
	}

	off(name: string, heard: unknown): void {
		this.#heard.get(name)?.delete(heard as Heard)
	}

	tell(name: string, detail?: unknown): void {
		for (const heard of [...(this.#heard.get(name) ?? [])]) this.run(heard, detail)
	}

	/** Calls one that may throw: what it throws is the page's to see. */
	run(heard: unknown, ...details: unknown[]): void {
		if (typeof heard !== "function") return
		try {
			heard.apply(this.owner, details)
		} catch (error) {
			queueMicrotask(() => {
				throw error
			})
		}
	}
}
