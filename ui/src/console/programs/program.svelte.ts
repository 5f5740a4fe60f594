// One program on screen: its row, its versions without their reports, and the news about both.
import { pocketbase } from "../../lib/live.svelte"
import { type Refusal, refusalFrom } from "../../lib/refusal"
import { session } from "../../lib/session.svelte"
import { actsOf, type Standing } from "./acts"
import type { Listed, Version } from "./program"
import {
	type Policy,
	policy,
	programOf,
	type Takedown,
	takedownsOf,
	versionsForMakers,
	versionsOf,
} from "./verbs"
import { makes } from "./who"

/** Runs whenever a record that fits changes, and when the connection comes back. Call it in an effect. */
export function onNews(
	queries: { collection: string; filter: string }[],
	run: () => void,
): () => void {
	let ended = false
	const stops: (() => void)[] = [pocketbase.connected(run)]
	for (const query of queries) {
		pocketbase.subscribe(query, run).then(
			(stop) => (ended ? stop() : stops.push(stop)),
			() => undefined, // without realtime the page is as old as its last answer; the banner says so
		)
	}
	return () => {
		ended = true
		for (const stop of stops) stop()
	}
}

export class ProgramPage {
	program: Listed | null = $state.raw(null)
	versions: Version[] = $state.raw([])
	takedowns: Takedown[] = $state.raw([])
	policy: Policy | null = $state.raw(null)
	status: "loading" | "ready" | "missing" | "error" = $state("loading")
	error: Refusal | null = $state.raw(null)

	/** What stops the whole program; a version that was taken down by itself stops nothing else. */
	stopped = $derived(
		this.takedowns.find(({ scope, state }) => scope !== "version" && state !== "restored") ?? null,
	)
	makes = $derived(this.program !== null && makes(this.program))
	operator = $derived(session.user?.operator ?? false)
	/** What most people open now. */
	live = $derived(this.versions.find(({ id }) => id === this.program?.release) ?? null)
	rolling = $derived(this.versions.find(({ id }) => id === this.program?.rollout) ?? null)
	standing: Standing = $derived({
		makes: this.makes,
		operator: this.operator,
		ended: this.program?.status === "deleted" || this.stopped !== null,
	})

	#turn = 0
	#soon: ReturnType<typeof setTimeout> | undefined

	constructor(readonly appid: string) {}

	async load(): Promise<void> {
		const turn = ++this.#turn
		if (this.status === "error") this.status = "loading"
		try {
			const program = await programOf(this.appid)
			const [versions, takedowns, rules] = program
				? await Promise.all([
						makes(program) ? versionsForMakers(this.appid) : versionsOf(program.id),
						takedownsOf(program.id).catch(() => []),
						policy().catch(() => null),
					])
				: [[], [], null]
			if (turn !== this.#turn) return
			this.program = program
			this.versions = versions
			this.takedowns = takedowns
			this.policy = rules ?? this.policy
			this.error = null
			this.status = program ? "ready" : "missing"
		} catch (error) {
			if (turn !== this.#turn) return
			this.error = refusalFrom(error)
			this.status = "error"
		}
	}

	/** Several records change with one act: one look a moment later is enough. */
	soon = () => {
		clearTimeout(this.#soon)
		this.#soon = setTimeout(() => void this.load(), 150)
	}

	follow(id: string): () => void {
		return onNews(
			[
				{ collection: "programs", filter: `id = "${id}"` },
				{ collection: "programs_versions", filter: `program = "${id}"` },
			],
			this.soon,
		)
	}

	actsOf(version: Version) {
		return actsOf(version, this.standing)
	}
}
