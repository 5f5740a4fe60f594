// What can be done with a version, and which of it is the next thing to do.
import type { State, Version } from "./program"

export const acts = [
	"submit",
	"withdraw",
	"release",
	"schedule",
	"unschedule",
	"percent",
	"rollback",
	"trial",
	"review",
] as const
export type Act = (typeof acts)[number]

// The act that a maker most likely came for, by what has become of the version.
const first: Record<State, Act[]> = {
	checked: ["submit", "release"],
	in_review: ["review"],
	approved: ["release"],
	rejected: ["review"],
	rolling_out: ["percent"],
	released: [],
	superseded: [],
	rolled_back: [],
	taken_down: [],
}

/** Who looks at a version, and at what. */
export interface Standing {
	makes: boolean
	operator: boolean
	/** Ended or stopped: nothing can be done with its versions. */
	ended: boolean
}

const released = ({ released_at }: Version) => released_at !== ""

/** What this person can do with it, the next thing first. Which acts the rules allow is the server's answer. */
export function actsOf(version: Version, standing: Standing): { next: Act | null; others: Act[] } {
	const { state, next_acts = [] } = version
	if (standing.ended) return { next: null, others: [] }
	if (!standing.makes) {
		const back = ["superseded", "rolled_back"].includes(state) && released(version)
		return { next: null, others: standing.operator && back ? ["rollback"] : [] }
	}
	const may: Act[] = []
	if (state === "in_review" || state === "rejected") may.push("review")
	for (const act of acts) {
		if (!next_acts.includes(act)) continue
		// One that people have in part is not released again: its percentage changes.
		if (state === "rolling_out" && act === "release") may.push("percent")
		else if (state !== "rolling_out" || act !== "schedule") may.push(act)
	}
	if (state !== "taken_down") may.push("trial")
	const next = first[state].find((act) => may.includes(act)) ?? null
	return { next, others: may.filter((act) => act !== next) }
}

export interface Step {
	id: "draft" | "waiting" | "review" | "decision" | "released"
	/** The decision is a step with two ends. */
	word: "draft" | "waiting" | "review" | "approved" | "changes" | "rolling_out" | "released"
	done: boolean
	here: boolean
	bad: boolean
}

/** draft → waiting → in review → approved or changes asked → released, and where a version stands on it. */
export function stepsOf(version: Version, claimed: boolean): Step[] {
	const { state } = version
	const at = {
		checked: 0,
		in_review: claimed ? 2 : 1,
		approved: 3,
		rejected: 3,
		rolling_out: 4,
		released: 4,
		superseded: 4,
		rolled_back: 4,
		taken_down: released(version) ? 4 : 0,
	}[state]
	const words = [
		"draft",
		"waiting",
		"review",
		state === "rejected" ? "changes" : "approved",
		state === "rolling_out" ? "rolling_out" : "released",
	] as const
	const ids = ["draft", "waiting", "review", "decision", "released"] as const
	// What went live unverified has skipped the review: those steps are not done.
	const skipped = at === 4 && !version.reviewed
	return ids.map((id, i) => ({
		id,
		word: words[i] ?? "draft",
		done: i < at && !(skipped && i > 0),
		here: i === at,
		bad: i === at && state === "rejected",
	}))
}
