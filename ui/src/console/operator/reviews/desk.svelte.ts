// One submission on a reviewer's desk: all there is to know of it, who has it, and what comes next in the queue.
import { now } from "../../../lib/now.svelte"
import { type Refusal, refusalFrom } from "../../../lib/refusal"
import { session } from "../../../lib/session.svelte"
import { moment } from "../../../lib/time"
import { onNews } from "../../programs/program.svelte"
import {
	claim,
	currentPolicy,
	type Policy,
	type Queued,
	type Reviewing,
	review,
	reviews,
	unclaim,
} from "../verbs"
import { isOpen } from "./risk"

/** Why one may not decide, or that one may. */
export type Standing = "free" | "mine" | "others" | "own" | "closed"

export class Desk {
	one: Reviewing | null = $state.raw(null)
	policy: Policy | null = $state.raw(null)
	queue: Queued[] = $state.raw([])
	error: Refusal | null = $state.raw(null)
	loading = $state(true)

	open = $derived(this.one !== null && isOpen(this.one))
	until = $derived(moment(this.one?.review.claimed_until))
	/** The claim holds now. */
	held = $derived(this.open && this.until !== null && this.until.getTime() > now.ms)
	standing: Standing = $derived.by(() => {
		if (!this.open) return "closed"
		if (this.one?.own) return "own"
		if (!this.held) return "free"
		return this.one?.review.claimed_by === session.user?.id ? "mine" : "others"
	})
	decides = $derived(this.standing === "free" || this.standing === "mine")
	place = $derived(this.queue.findIndex(({ review: { id } }) => id === this.id))

	#turn = 0
	#soon: ReturnType<typeof setTimeout> | undefined

	constructor(readonly id: string) {}

	async load(): Promise<void> {
		const turn = ++this.#turn
		this.loading = true
		try {
			const [one, policy, queue] = await Promise.all([
				review(this.id),
				currentPolicy(),
				reviews("open").catch(() => this.queue),
			])
			if (turn !== this.#turn) return
			this.one = one
			this.policy = policy
			this.queue = queue
			this.error = null
		} catch (error) {
			if (turn === this.#turn) this.error = refusalFrom(error)
		} finally {
			if (turn === this.#turn) this.loading = false
		}
	}

	async claim(): Promise<void> {
		this.one = await claim(this.id)
	}

	async unclaim(): Promise<void> {
		this.one = await unclaim(this.id)
	}

	/** The next one, or the one before; after a decision, the first that nobody has. */
	neighbour(by: 1 | -1): string | null {
		if (this.place < 0) {
			const free = this.queue.find((one) => !one.claimed_by_name && !one.own) ?? this.queue[0]
			return free?.review.id ?? null
		}
		return this.queue[this.place + by]?.review.id ?? null
	}

	follow(program: string): () => void {
		return onNews(
			[
				{ collection: "programs_reviews", filter: "" },
				{ collection: "programs_messages", filter: `review.program = "${program}"` },
			],
			() => {
				clearTimeout(this.#soon)
				this.#soon = setTimeout(() => void this.load(), 150)
			},
		)
	}
}
