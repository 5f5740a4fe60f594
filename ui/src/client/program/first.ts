/** Before a program's first open a person is told what it can see. Once said, it stays said on this device. */
import { shelf } from "../launcher/shelf.svelte"

const key = "plaza.programs.told"
/** The oldest are forgotten; being told twice does no harm. */
const most = 300

export interface Asks {
	appid: string
	scopes: readonly string[]
	tier: string
}

function told(): string[] {
	try {
		const read: unknown = JSON.parse(localStorage.getItem(key) ?? "[]")
		return Array.isArray(read) ? read.filter((one) => typeof one === "string") : []
	} catch {
		return []
	}
}

/** Whether this person knows what the program can see: they were told, or have used it. */
export function knows(user: string, appid: string): boolean {
	return told().includes(`${user}/${appid}`) || shelf.used(appid)
}

export function remember(user: string, appid: string): void {
	const entry = `${user}/${appid}`
	try {
		const others = told().filter((one) => one !== entry)
		localStorage.setItem(key, JSON.stringify([entry, ...others].slice(0, most)))
	} catch {
		// Without storage they are told again next time.
	}
}

/** Whether there is anything to tell: it asks for something, or nobody has looked at it. */
export function worthTelling({ scopes, tier }: Asks): boolean {
	return scopes.length > 0 || tier === "unverified"
}
