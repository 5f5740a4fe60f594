// Ends a game that counts: plays it again from the seed and the moves, and believes what comes out of that alone.
const cloud = require("wx-server-sdk")
const { replay, unpack } = require("./engine")

cloud.init()

const BOARDS = { today: ["today"], ranked: ["week", "world"] }
const plays = cloud.database().collection("plays")

/** Why the moves are not a game that has this score, or "". */
function flaw(seed, score, log) {
	const moves = unpack(log)
	if (!moves) return "log_unreadable"
	const game = replay(seed, moves)
	if (!game) return "move_impossible"
	return game.score === score ? "" : "score_differs"
}

/** Writes what became of the play, if nothing has yet. */
const settle = async (play, state, more) =>
	(await plays.where({ _id: play, state: "open" }).update({ data: { state, ...more } })).stats
		.updated === 1

/**
 * Refusals of the boards after which the play can never count. That it is used is none of them: another call, which has
 * not told yet, may have used it for this very score.
 */
const FINAL = ["play_unknown", "play_expired", "score_invalid", "score_out_of_bounds"]

/**
 * What the board took before the answer was lost, or null. A score that is no better than what stands there may go on
 * to the other boards whichever play it was of, for they are for everything that this one has.
 */
async function counted(board, { season, sent }, score) {
	if (sent !== score) return null
	const mine = await cloud.plaza.call("leaderboards.mine", { board, season })
	if (!mine.played || mine.score < score) return null
	return { rank: mine.rank, best: mine.score, improved: mine.score === score }
}

/** The reason of a refusal of the boards, whose code programs may know; anything else is thrown on. */
function code(error) {
	const known = error?.code || error?.data?.code
	if (typeof known !== "string" || known === "") throw error
	return known
}

exports.main = async ({ play, score, log }) => {
	const { OPENID } = cloud.getWXContext()
	const found = await plays.where({ _id: String(play), _openid: OPENID }).get()
	const known = found.data[0]
	if (!known) return { refused: "play_unknown" }
	// Asked again after an answer that was lost: the same answer.
	if (known.state === "done") return known.score === score ? known.result : { refused: "play_used" }
	if (known.state !== "open") return { refused: known.reason || "play_used" }
	const reason = flaw(known.seed, score, log)
	if (reason) {
		await settle(play, "refused", { reason })
		console.warn("refused", reason, "play", play)
		return { refused: reason }
	}
	const [board, ...others] = BOARDS[known.mode]
	// Written down first: whoever comes back after a call that broke off here is told what became of it.
	if (known.sent === undefined)
		await plays.where({ _id: play, state: "open" }).update({ data: { sent: score } })
	let result
	try {
		result = await cloud.plaza.call("leaderboards.submit", { board, play, score })
	} catch (error) {
		const refused = code(error)
		result = refused === "play_used" ? await counted(board, known, score) : null
		if (!result) {
			if (FINAL.includes(refused)) await settle(play, "refused", { reason: refused })
			return { refused }
		}
	}
	for (const other of others) {
		try {
			await cloud.plaza.call("leaderboards.submit", { board: other, score })
		} catch (error) {
			console.warn("not counted on", other, code(error)) // whoever is kept out of one board may be on the other
		}
	}
	const answer = { rank: result.rank, best: result.best, improved: result.improved }
	await settle(play, "done", { score, result: answer })
	return answer
}
