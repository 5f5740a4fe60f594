// Whoever guesses is slowed: each person, and each name that is guessed at, whether or not there is such a thing. A
// right key says nothing while somebody has to wait, and forgives nothing: otherwise a key of one's own would buy more
// guesses. Whoever has opened a notice once keeps it and needs no key, so nobody locks an owner out.
const { hidden } = require("./keys")
const { one, refuse } = require("./store")

const MINUTE = 60_000
/** Free tries, and the longest wait that follows; each further wrong one doubles it, from a minute on. */
const LIMITS = {
	person: { free: 5, longest: 60 * MINUTE },
	name: { free: 10, longest: 15 * MINUTE },
}
/** After a day without a wrong try it is forgotten. */
const FORGOTTEN = 24 * 60 * MINUTE

const fresh = (doc, now) => (doc && now - doc.at < FORGOTTEN ? doc : { wrong: 0, until: 0 })

/** Refuses while either has to wait; gives what to do about a wrong try. */
async function guard(tx, openid, name, now) {
	const sides = []
	for (const [kind, who] of [
		["person", openid],
		["name", name],
	]) {
		const id = `${kind}-${hidden(who)}`
		sides.push({ id, kind, ...fresh(await one(tx, "guesses", id), now) })
	}
	const until = Math.max(...sides.map((side) => side.until))
	if (until > now) refuse("slow_down", { wait: Math.ceil((until - now) / 1000) })
	return async () => {
		for (const { id, kind, wrong } of sides) {
			const { free, longest } = LIMITS[kind]
			const over = wrong + 1 - free
			const wait = over < 0 ? 0 : Math.min(longest, MINUTE * 2 ** Math.min(over, 20))
			await tx
				.collection("guesses")
				.doc(id)
				.set({ data: { wrong: wrong + 1, until: wait && now + wait, at: now } })
		}
	}
}

module.exports = { FORGOTTEN, guard }
