/**
 * The programs that are open: the one on screen, and those that stay warm behind it. Their frames live outside
 * of every screen, because a frame that is moved starts anew.
 */
import { mount } from "svelte"
import { mostHere, Warm } from "../../lib/host/warm"
import type { ProgramLink } from "../../lib/records"
import { router } from "../routes"
import { another, type Opening } from "./opening"

/** What is known of a program before it says so itself. */
export type Card = ProgramLink["program"]

/** One open program. */
export class Entry {
	readonly appid: string
	readonly card: Card | undefined
	/** How the person came to it last. */
	wanted: Opening
	/** How often they came to another page than the one they left it at. */
	asked = $state(0)
	shown = $state(false)
	name = $state("")
	/** The address that it is shown under. */
	path = ""

	constructor(appid: string, card: Card | undefined, wanted: Opening) {
		this.appid = appid
		this.card = card
		this.wanted = $state.raw(wanted)
	}
}

class Programs {
	/** In the order of their opening: a frame that changes its place in the document starts anew. */
	open: Entry[] = $state.raw([])
	#mounted = false
	readonly #warm = new Warm<Entry>(
		mostHere((navigator as { deviceMemory?: number }).deviceMemory),
		(entry) => {
			this.open = this.open.filter((other) => other !== entry)
		},
	)

	constructor() {
		// The browser puts the page to sleep to save memory: what is hidden is the first that can go.
		document.addEventListener("freeze", () => this.clear())
	}

	/** The program on screen. */
	get front(): Entry | null {
		return this.open.find(({ shown }) => shown) ?? null
	}

	/** Puts a program on screen, as it was left or at the page that is wanted; answers what takes it off again. */
	show(appid: string, wanted: Opening, card?: Card): () => void {
		void this.#mount()
		let entry = this.open.find((one) => one.appid === appid)
		if (entry && entry.wanted.version !== wanted.version) {
			this.drop(entry)
			entry = undefined
		}
		if (entry) {
			if (another(entry.wanted, wanted)) entry.asked++
			entry.wanted = wanted
		} else {
			entry = new Entry(appid, card, wanted)
			this.open = [...this.open, entry]
		}
		const shown = entry
		shown.path = router.path
		shown.shown = true
		this.#warm.use(shown)
		return () => {
			shown.shown = false
			this.#warm.leave(shown)
		}
	}

	/** Ends a program. */
	drop(entry: Entry): void {
		this.#warm.drop(entry)
	}

	/** Ends all that are hidden; with `all`, the one on screen as well. */
	clear(all = false): void {
		this.#warm.clear(all ? null : this.front)
	}

	async #mount(): Promise<void> {
		const target = document.getElementById("main")
		if (this.#mounted || !target) return
		this.#mounted = true
		try {
			const { default: Stage } = await import("./Stage.svelte")
			mount(Stage, { target })
		} catch (error) {
			this.#mounted = false
			this.failure = error
		}
	}

	/** Why programs cannot be shown: a part of the page could not be fetched. */
	failure: unknown = $state.raw(null)

	retry(): void {
		this.failure = null
		void this.#mount()
	}
}

export const programs = new Programs()
