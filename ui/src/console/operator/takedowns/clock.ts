// The clock of an appeal: makers may answer a takedown until a day, and then wait for the operator's answer.
import { moment } from "../../../lib/time"
import type { TakedownView } from "../verbs"

export const tones = {
	active: "danger",
	appealed: "warn",
	upheld: "danger",
	restored: "neutral",
} as const

/** Seconds in which the makers may still appeal; 0 when the time is over, or they have. */
export function appealLeft({ state, appeal_due }: TakedownView, now: number): number {
	const due = moment(appeal_due)
	if (state !== "active" || due === null) return 0
	return Math.max(0, (due.getTime() - now) / 1000)
}

/** Seconds for which an appeal waits for its answer; null when none does. */
export function waitsFor({ state, appealed_at }: TakedownView, now: number): number | null {
	const since = moment(appealed_at)
	if (state !== "appealed" || since === null) return null
	return Math.max(0, (now - since.getTime()) / 1000)
}

/** What it stops, as its row names it: the subject's own word, never a guess. */
export const subjectOf = ({ scope, appid, org }: TakedownView) => (scope === "org" ? org : appid)
