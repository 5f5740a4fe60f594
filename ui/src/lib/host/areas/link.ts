import { badArgs } from "../session"

/** Characters of an address that may be opened. */
const LONGEST = 4_000

/** An address that may be opened: encrypted, and without a name and password that would hide where it leads. */
export function linkOf(given: unknown): URL {
	if (typeof given !== "string" || given.length > LONGEST || !URL.canParse(given)) throw badArgs
	const url = new URL(given)
	if (url.protocol === "http:") url.protocol = "https:"
	if (url.protocol !== "https:" || url.username || url.password) throw badArgs
	return url
}
