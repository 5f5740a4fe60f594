// What the house tells of points, and what was told last for when nobody can be reached.
const { clock, count, date, money, month, say, soon, trouble, unreached } = require("./words")

/** Days before the end of points at which a card says so. */
const NEAR = 30
const DAY = 86400000

/**
 * The answer of a method of the bridge. Without a connection it is the last one of the same question, with the
 * sentence that says so in `stale`; without that one, too, the refusal.
 */
async function ask(method, args = {}) {
	const key = `${method} ${args.org || ""}`
	try {
		const answer = await wx.plaza.call(method, args)
		wx.setStorage({ key, data: { at: Date.now(), answer } })
		return { ...answer, stale: "" }
	} catch (error) {
		const old = unreached(error) && wx.getStorageSync(key)
		if (!old) throw error
		return { ...old.answer, stale: say("stale", { time: clock(new Date(old.at)) }) }
	}
}

/** What a page says of an error: the words, and whether a permission would help. */
const failed = (error) => ({
	loading: false,
	error: unreached(error) ? say("offline") : trouble(error),
	refused: error?.code === "consent_required",
})

const active = ({ active_at }, now) => new Date(active_at) <= now

/** Active points that end within the month: how many, and when the first of them do. */
function ending({ lots }, now) {
	const near = lots.filter(
		(lot) => lot.expires_at && active(lot, now) && new Date(lot.expires_at) - now < NEAR * DAY,
	)
	if (!near.length) return ""
	const first = near[0].expires_at
	const n = near
		.filter(({ expires_at }) => date(expires_at) === date(first))
		.reduce((sum, { remaining }) => sum + remaining, 0)
	return say("ending", { n, day: date(first), when: soon(first, now) })
}

/** Lots as bars, by the day on which they end, or the month if that is far; the longest is the whole width. */
function bars({ lots }, now) {
	const ends = new Map()
	for (const { expires_at, remaining } of lots.filter((each) => active(each, now))) {
		const near = Boolean(expires_at) && new Date(expires_at) - now < NEAR * DAY
		const key = !expires_at ? "" : near ? date(expires_at) : month(expires_at)
		const one = ends.get(key) || { key, points: 0, near, first: expires_at }
		one.points += remaining
		ends.set(key, one)
	}
	const all = [...ends.values()]
	const longest = Math.max(...all.map(({ points }) => points), 1)
	return all.map(({ key, points, near, first }) => ({
		key: key || "never",
		points: say("points", { n: points }),
		width: Math.max(3, Math.round((points / longest) * 100)),
		near,
		day: near ? say("endsOn", { day: key }) : key ? say("endsIn", { month: key }) : say("never"),
		when: near ? soon(first, now) : "",
	}))
}

/** Points that come later, by the day on which they do. */
function coming({ lots }, now) {
	const days = new Map()
	const later = lots.filter((lot) => !active(lot, now))
	later.sort((a, b) => new Date(a.active_at) - new Date(b.active_at))
	for (const { active_at, remaining } of later) {
		const day = date(active_at)
		days.set(day, (days.get(day) || 0) + remaining)
	}
	return [...days].map(([day, n]) => ({ day, words: say("coming", { n, day }) }))
}

/** The head of a shop's card. */
function card(one, now = new Date()) {
	return {
		org: one.org,
		name: one.org_name,
		points: count(Math.max(0, one.spendable)),
		unit: say("unit", { n: Math.max(0, one.spendable) }),
		worth: one.value > 0 ? say("worth", { value: money(one.value, one.currency) }) : "",
		ending: ending(one, now),
		pending: one.pending > 0 ? say("pending", { n: one.pending }) : "",
		debt: one.debt > 0 ? say("debt", { n: one.debt }) : "",
		closed: one.program ? "" : say("closed"),
	}
}

module.exports = { ask, bars, card, coming, failed }
