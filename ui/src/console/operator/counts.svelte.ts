// What waits for the operator, for the badges of the rail: counted, and counted again when it changes.
import { list } from "../../lib/api"
import { pocketbase } from "../../lib/live.svelte"

/** What waits in which room. */
const waiting: Record<string, { collection: string; filter: string; also?: string }> = {
	"/reviews": { collection: "programs_reviews", filter: 'state = "waiting" || state = "claimed"' },
	"/certifications": { collection: "certifications", filter: 'state = "applied"' },
	"/reports": { collection: "store_reports", filter: 'state = "open"' },
	// A run counts once it has come to its end, and that changes no finding.
	"/proof": {
		collection: "proof_findings",
		filter: 'state = "open" && run.latest = true',
		also: "proof_runs",
	},
	"/takedowns": { collection: "programs_takedowns", filter: 'state = "appealed"' },
}

class Counts {
	/** By the room's path. */
	of: Record<string, number> = $state({})

	#soon: Record<string, ReturnType<typeof setTimeout>> = {}

	/** Counts for as long as the operator is here; answers how to stop. */
	follow(): () => void {
		let ended = false
		const stops: (() => void)[] = []
		const every = () => {
			for (const room of Object.keys(waiting)) void this.#count(room)
		}
		stops.push(pocketbase.connected(every))
		for (const [room, { collection, also }] of Object.entries(waiting)) {
			for (const heard of also ? [collection, also] : [collection]) {
				pocketbase
					.subscribe({ collection: heard }, () => {
						clearTimeout(this.#soon[room])
						this.#soon[room] = setTimeout(() => void this.#count(room), 300)
					})
					.then(
						(stop) => (ended ? stop() : stops.push(stop)),
						() => undefined, // without realtime a badge is as old as the page
					)
			}
		}
		every()
		return () => {
			ended = true
			for (const stop of stops) stop()
		}
	}

	async #count(room: string): Promise<void> {
		const what = waiting[room]
		if (!what) return
		try {
			const { totalItems } = await list(what.collection, {
				filter: what.filter,
				fields: "id",
				perPage: 1,
			})
			this.of[room] = totalItems
		} catch {
			// A badge is a hint: without an answer the last one stays.
		}
	}
}

export const counts = new Counts()
