// The door of this session: what was checked, newest first. It outlives the page, not the person at the door.
import { intention, send } from "../../lib/api"
import { now } from "../../lib/now.svelte"
import type { ExitCheck } from "../../lib/records"
import { inWords } from "../../lib/refusal"
import { Attempts, readExitCode } from "./code"

export interface Checked extends ExitCheck {
	id: string
	code: string
	/** Of the server's clock, as all times on this screen. */
	at: number
}

class Door {
	history: Checked[] = $state.raw([])
	/** The answer on screen. A page that was left and opened again shows none: an old green lets nobody out. */
	latest: Checked | null = $state.raw(null)
	busy = $state(false)
	problem = $state("")

	#keeper = ""
	#attempts = new Attempts(intention)

	/** Called when the page opens; another person's or another shop's checks are forgotten. */
	open(keeper: string): void {
		this.latest = null
		this.problem = ""
		if (keeper === this.#keeper) return
		this.#keeper = keeper
		this.#attempts.settle()
		this.history = []
	}

	/** Checks a code; false when there was no answer. A second tap while one is under way does nothing. */
	async check(typed: string, place: string | undefined): Promise<boolean> {
		const code = readExitCode(typed)
		if (code === "" || this.busy) return false
		const keeper = this.#keeper
		const before = this.latest
		this.busy = true
		this.problem = ""
		this.latest = null
		try {
			const key = this.#attempts.key(code, place, Date.now())
			const answer = await send<ExitCheck>("/api/exit-checks", { body: { code, place }, key })
			this.#attempts.settle()
			if (keeper !== this.#keeper) return false
			this.latest = { ...answer, id: intention(), code, at: now.ms }
			this.history = [this.latest, ...this.history].slice(0, 100)
			return true
		} catch (error) {
			this.problem = inWords(error)
			// A second look that got no answer can be asked for again.
			if (before?.code === code) this.latest = before
			return false
		} finally {
			this.busy = false
		}
	}
}

export const door = new Door()
