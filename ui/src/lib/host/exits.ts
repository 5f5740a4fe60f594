// What a page keeps of itself for the case that its program is ended while nobody looks (WeChat's onSaveExitState):
// given back once, at the next start, as long as the page said.

import { Kept } from "./kept"
import type { ExitState, Launch } from "./protocol"

const exits = new Kept<ExitState & { until: number }>("plaza.exits", "exits")

const nameOf = ({ appid, openid }: Launch) => `${appid}/${openid}`

export function keepExit(launch: Launch, state: ExitState & { until: number }): void {
	void exits.write(nameOf(launch), state)
}

/** What was kept, if it is still good; it is gone then. */
export async function exitOf(launch: Launch, now = Date.now()): Promise<ExitState | null> {
	const kept = await exits.read(nameOf(launch))
	if (!kept) return null
	await exits.remove(nameOf(launch))
	return kept.until > now ? { path: kept.path, data: kept.data } : null
}
