/** How long somebody plays, as this device alone knows it. It forgets after eight days. */

export interface Played {
	day: string
	appid: string
	name: string
	names?: Record<string, string>
	seconds: number
}

/** For how many days this device remembers. */
const DAYS = 8
/** A pause of so many minutes ends a sitting. */
const REST = 15 * 60_000

interface Kept {
	/** Seconds by day and program. */
	days: Record<string, Record<string, { name: string; seconds: number }>>
	/** The sitting: seconds without a real pause, and when the last of them was. */
	sitting: number
	last: number
}

const key = (user: string) => `plaza.playtime.${user}`

function read(user: string): Kept {
	try {
		const kept = JSON.parse(localStorage.getItem(key(user)) ?? "") as Kept
		if (kept.days && typeof kept.sitting === "number") return kept
	} catch {
		// Nothing was kept, or something that cannot be read: it begins anew.
	}
	return { days: {}, sitting: 0, last: 0 }
}

function write(user: string, kept: Kept): void {
	try {
		localStorage.setItem(key(user), JSON.stringify(kept))
	} catch {
		// A device that keeps nothing shows nothing.
	}
}

/** Today on this device. */
const today = (at: number) => new Intl.DateTimeFormat("en-CA").format(at)

/** Adds seconds of play on this device; answers how long the person has been sitting there. */
export function remember(
	user: string,
	appid: string,
	name: string,
	seconds: number,
	at = Date.now(),
): number {
	const kept = read(user)
	const day = today(at)
	const played = kept.days[day]?.[appid]?.seconds ?? 0
	kept.days = Object.fromEntries(
		Object.entries({
			...kept.days,
			[day]: { ...kept.days[day], [appid]: { name, seconds: played + seconds } },
		})
			.sort(([a], [b]) => b.localeCompare(a))
			.slice(0, DAYS),
	)
	// A clock that was put back is no pause.
	if (at - kept.last > REST) kept.sitting = 0
	kept.sitting += seconds
	kept.last = at
	write(user, kept)
	return kept.sitting
}

/** What this device remembers, newest day first. */
export function remembered(user: string): Played[] {
	return Object.entries(read(user).days)
		.sort(([a], [b]) => b.localeCompare(a))
		.flatMap(([day, games]) =>
			Object.entries(games)
				.map(([appid, { name, seconds }]) => ({ day, appid, name, seconds }))
				.sort((a, b) => b.seconds - a.seconds),
		)
}

export function forget(user: string): void {
	localStorage.removeItem(key(user))
}

/** Days with their sum, for the list. */
export function byDay(played: Played[]): { day: string; seconds: number; games: Played[] }[] {
	const days = new Map<string, Played[]>()
	for (const each of played) days.set(each.day, [...(days.get(each.day) ?? []), each])
	return [...days].map(([day, games]) => ({
		day,
		games,
		seconds: games.reduce((sum, { seconds }) => sum + seconds, 0),
	}))
}
