// What goes on after it was allowed ends when the person takes their yes back, wherever they do it.

import type { Reach } from "../session"

/** Milliseconds between two looks; a yes for once is good until the first. */
export const LOOK = 15_000

/** Ends it as soon as the person's yes to the scope does not stand any more, or cannot be asked for. */
export function whileAllowed(reach: Reach, scope: string, end: () => void): void {
	const timer = setInterval(async () => {
		const held = await reach.consents().catch(() => null)
		if (held?.[scope]?.state === "granted") return
		clearInterval(timer)
		end()
	}, LOOK)
	reach.atEnd(() => clearInterval(timer))
}
