// Begins a game that counts. The seed is drawn here and kept here: what comes back with a score is played again with it.
const cloud = require("wx-server-sdk")
const { randomInt } = require("node:crypto")

cloud.init()

const BOARDS = { today: "today", ranked: "week" }
const db = cloud.database()

/** The seed of that day, the same for everybody; the first who asks draws it. */
async function seedOf(day) {
	const days = db.collection("days")
	const known = await days.where({ _id: day }).get()
	if (known.data.length > 0) return known.data[0].seed
	try {
		const seed = randomInt(2 ** 32)
		await days.add({ data: { _id: day, seed } })
		return seed
	} catch (error) {
		// Somebody else was first at the same moment.
		const drawn = await days.where({ _id: day }).get()
		if (drawn.data.length > 0) return drawn.data[0].seed
		throw error
	}
}

exports.main = async ({ mode }) => {
	const board = Object.hasOwn(BOARDS, mode) ? BOARDS[mode] : null
	if (!board) throw new Error("there is no such game")
	const { OPENID } = cloud.getWXContext()
	const {
		play,
		seed: drawn,
		expires,
		season,
	} = await cloud.plaza.call("leaderboards.play", {
		board,
	})
	// Whoever begins within one day of the board gets that day's tiles.
	const seed = mode === "today" ? await seedOf(season) : drawn
	await db.collection("plays").add({
		data: { _id: play, _openid: OPENID, mode, season, seed, state: "open", at: Date.now() },
	})
	return { play, seed, expires }
}
