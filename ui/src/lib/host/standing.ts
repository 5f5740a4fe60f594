// What becomes of a program while it is open: the operator takes it down, its makers delete or release it.

/** A program's row, as far as an open page cares. */
export interface Standing {
	status: string
	release: string
	rollout: string
}

export type Change = "none" | "gone" | "new"

/** What changed since the page was opened; a version that was already rolling out is nobody's news for sure. */
export function changeOf(before: Standing | null, now: Standing): Change {
	if (now.status === "taken_down" || now.status === "deleted") return "gone"
	if (before === null || now.release === before.release || now.release === "") return "none"
	return now.release === before.rollout ? "none" : "new"
}
