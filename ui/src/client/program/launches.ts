/** How each program was opened last, so that it opens without a network. Tokens are never kept. */
import { Kept } from "../../lib/host/kept"

const launches = new Kept<{ at: number; launch: object }>("plaza.launches", "launches")
/** How long an opening is good for without asking again: by then the program may be gone for many reasons. */
const LASTS = 30 * 24 * 60 * 60_000

/** Keeps what a launch answered, without what lets the program act for the person. */
export function keepLaunch(user: string, launch: { appid: string; token: string }): void {
	const kept = { at: Date.now(), launch: { ...launch, token: "" } }
	void launches.write(`${user}/${launch.appid}`, kept)
}

export async function keptLaunch<T>(user: string, appid: string): Promise<T | null> {
	const kept = await launches.read(`${user}/${appid}`)
	return kept && Date.now() - kept.at < LASTS ? (kept.launch as T) : null
}

/** The person signs out: the next one on this device finds nothing of theirs. */
export function forgetLaunches(): Promise<void> {
	return launches.clear()
}
