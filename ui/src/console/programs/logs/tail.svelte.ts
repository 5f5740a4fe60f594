// The log of a program, followed: the latest lines first, then each as it is written.
import { send } from "../../../lib/api"
import { type Refusal, refusalFrom } from "../../../lib/refusal"
import { joined, type Line } from "./lines"

export interface Filter {
	level: string
	version: string
	source: string
	q: string
}

const waitSeconds = 20

export class Tail {
	lines: Line[] = $state.raw([])
	/** Came while paused. */
	held: Line[] = $state.raw([])
	paused = $state(false)
	status: "loading" | "ready" | "error" = $state("loading")
	error: Refusal | null = $state.raw(null)

	/** Reads until the answer is called. */
	follow(appid: string, filter: Filter): () => void {
		const ended = new AbortController()
		this.lines = []
		this.held = []
		this.status = "loading"
		void this.#read(appid, filter, ended.signal)
		return () => ended.abort()
	}

	async #read(appid: string, filter: Filter, signal: AbortSignal): Promise<void> {
		let after = 0
		let wait = 0
		while (!signal.aborted) {
			try {
				const answer = await send<{ lines: Line[]; next: number }>(
					`/api/mp/${encodeURIComponent(appid)}/logs`,
					{ query: { ...set(filter), after, wait, limit: 200 }, signal },
				)
				if (signal.aborted) return
				// An empty log has no line to go on from; asking again at once would not wait.
				after = answer.next
				if (this.paused) this.held = joined(this.held, answer.lines)
				else this.lines = joined(this.lines, answer.lines)
				this.status = "ready"
				this.error = null
				wait = waitSeconds
			} catch (error) {
				if (signal.aborted) return
				this.error = refusalFrom(error)
				this.status = "error"
				// A lost network comes back by itself; another refusal waits for the person.
				if (this.error.status > 0) return
				await new Promise((done) => setTimeout(done, 3000))
			}
		}
	}

	pause(paused: boolean): void {
		this.paused = paused
		if (paused) return
		this.lines = joined(this.lines, this.held)
		this.held = []
	}
}

function set(filter: Filter): Record<string, string> {
	return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ""))
}
