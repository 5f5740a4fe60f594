// The door of this session: what was checked, newest first. It outlives the page, not the tab.
import { exitCheck } from "../../lib/api"
import type { ExitCheck } from "../../lib/records"
import { inWords } from "../../lib/refusal"
import { readExitCode } from "./code"

export interface Checked extends ExitCheck {
	code: string
	at: number
}

class Door {
	history: Checked[] = $state.raw([])
	busy = $state(false)
	problem = $state("")

	get latest(): Checked | null {
		return this.history[0] ?? null
	}

	async check(typed: string, place: string | undefined): Promise<boolean> {
		const code = readExitCode(typed)
		if (code === "" || this.busy) return false
		this.busy = true
		this.problem = ""
		try {
			const answer = await exitCheck(code, place)
			this.history = [{ ...answer, code, at: Date.now() }, ...this.history].slice(0, 100)
			return true
		} catch (error) {
			this.problem = inWords(error)
			return false
		} finally {
			this.busy = false
		}
	}
}

export const door = new Door()
