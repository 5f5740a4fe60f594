// The id of a program: chosen once, part of every link, never free again.

const form = /^[a-z0-9][a-z0-9._-]{1,62}$/

export const validAppid = (appid: string) => form.test(appid)

/** A first guess from a name: accents folded, what an id cannot hold left out; "" when nothing is left. */
export function appidFrom(name: string): string {
	const guess = name
		.normalize("NFD")
		.replace(/\p{M}/gu, "")
		.toLowerCase()
		.replace(/\.zip$/, "")
		.replace(/[^a-z0-9._]+/g, "-")
		.replace(/^[^a-z0-9]+/, "")
		.slice(0, 63)
		.replace(/[^a-z0-9]+$/, "")
	return validAppid(guess) ? guess : ""
}
