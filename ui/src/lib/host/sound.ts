// Which games a person wants to hear, on this device. None, until they say so.

const KEY = "plaza.heard"
/** Games that are remembered; those chosen longest ago go first. */
const KEPT = 200

function all(): string[] {
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]")
		return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : []
	} catch {
		return []
	}
}

/** Whether the person wants to hear the game. */
export const heard = (appid: string): boolean => all().includes(appid)

/** Remembers it. */
export function keepHeard(appid: string, on: boolean): void {
	const others = all().filter((each) => each !== appid)
	try {
		localStorage.setItem(KEY, JSON.stringify(on ? [...others, appid].slice(-KEPT) : others))
	} catch {
		// Nothing can be kept: it holds until the game ends.
	}
}
