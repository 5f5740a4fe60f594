// When a program is shown first, and what is wrong with that.
import { moment } from "../../../lib/time"
import type { Feature } from "../verbs"

export type Phase = "running" | "scheduled" | "over"

export const phaseTones = { running: "brand", scheduled: "info", over: "neutral" } as const

export function phaseOf({ starts_at, ends_at }: Feature, now: number): Phase {
	const end = moment(ends_at)
	if (end !== null && end.getTime() <= now) return "over"
	return (moment(starts_at)?.getTime() ?? 0) > now ? "scheduled" : "running"
}

export type Hint = "twice" | "not_live" | "unverified" | "ends_first"

const from = (feature: Pick<Feature, "starts_at">) => moment(feature.starts_at)?.getTime() ?? 0
const to = (feature: Pick<Feature, "ends_at">) =>
	moment(feature.ends_at)?.getTime() ?? Number.POSITIVE_INFINITY

/** Whether two times of a slot have a moment in common. */
export const overlap = (
	a: Pick<Feature, "starts_at" | "ends_at">,
	b: Pick<Feature, "starts_at" | "ends_at">,
) => from(a) < to(b) && from(b) < to(a)

/** What an operator should know before it is shown, or instead of it. */
export function hintsOf(feature: Feature, all: Feature[]): Hint[] {
	const hints: Hint[] = []
	if (feature.ends_at && to(feature) <= from(feature)) hints.push("ends_first")
	const again = all.some(
		(other) =>
			other.id !== feature.id &&
			other.slot === feature.slot &&
			other.program === feature.program &&
			overlap(feature, other),
	)
	if (again) hints.push("twice")
	const program = feature.expand?.program
	if (program && program.status !== "live") hints.push("not_live")
	else if (program && program.tier === "unverified") hints.push("unverified")
	return hints
}

/** The rows after one of them went to another place, and which of them now have another position. */
export function moved(
	rows: Feature[],
	from: number,
	to: number,
): { rows: Feature[]; changed: Feature[] } {
	const order = [...rows]
	const [row] = order.splice(from, 1)
	if (!row) return { rows, changed: [] }
	order.splice(Math.max(0, Math.min(order.length, to)), 0, row)
	const placed = order.map((one, position) => ({ ...one, position }))
	return { rows: placed, changed: placed.filter((one, i) => order[i]?.position !== one.position) }
}
