// What is counted of a program's use, for its makers: that it was opened, how long that took, which pages, which
// errors. Sent in batches beside everything else; what does not arrive is lost, and nothing ever waits for it.

import { LIMITS, type ProgramError } from "./protocol"

export interface UsageEvent {
	/** Counts within one launch, so that the server takes each event once. */
	seq: number
	kind: "open" | "page" | "load" | "error" | "hide" | "custom"
	at: string
	path?: string
	ms?: number
	message?: string
	stack?: string
	/** Of a program's own event. */
	name?: string
	data?: Record<string, string | number | boolean>
}

type Said = Omit<UsageEvent, "seq" | "at">

/** Milliseconds in which events gather. */
const GATHER = 5_000
/** Events in one batch, and waiting at most. */
const BATCH = 50
/** A program's own events that one launch tells of: the server takes 10,000 of all kinds. */
const OWN = 2_000
/** Characters of an error's stack: a batch of errors must fit into what a closing page may still send. */
const STACK = 1_000

export class Usage {
	readonly #send: (events: UsageEvent[]) => void
	readonly #now: () => number
	#waiting: UsageEvent[] = []
	#seq = 0
	#errors = 0
	#own = 0
	#page = ""
	#timer: ReturnType<typeof setTimeout> | undefined

	constructor(send: (events: UsageEvent[]) => void, now: () => number = Date.now) {
		this.#send = send
		this.#now = now
		this.#add({ kind: "open" })
	}

	/** The first page is drawn, so many milliseconds after the person asked for the program. */
	loaded(ms: number): void {
		this.#add({ kind: "load", ms: Math.max(0, Math.round(ms)), path: this.#page })
	}

	page(path: string): void {
		if (path === this.#page) return
		this.#page = path
		this.#add({ kind: "page", path })
	}

	failed({ message, stack }: ProgramError): void {
		if (++this.#errors > LIMITS.errors) return
		this.#add({
			kind: "error",
			message: message.slice(0, LIMITS.words),
			stack: stack.slice(0, STACK),
			path: this.#page,
		})
	}

	/** The program counts one of its own events. */
	reported(name: string, data: Record<string, string | number | boolean>): void {
		if (++this.#own <= OWN) this.#add({ kind: "custom", name, data })
	}

	/** The person looks elsewhere: what waits is sent while the page still lives. */
	hide(): void {
		this.#add({ kind: "hide", path: this.#page })
		this.flush()
	}

	flush(): void {
		clearTimeout(this.#timer)
		this.#timer = undefined
		if (this.#waiting.length > 0) this.#send(this.#waiting.splice(0))
	}

	#add(said: Said): void {
		this.#waiting.push({ seq: ++this.#seq, at: new Date(this.#now()).toISOString(), ...said })
		if (this.#waiting.length >= BATCH) this.flush()
		else this.#timer ??= setTimeout(() => this.flush(), GATHER)
	}
}
