// What the game asks of Plaza: a seed to play with, belief in a score, and the rankings.
const { pack } = require("./engine")

const call = async (name, data) => (await wx.cloud.callFunction({ name, data })).result

/** Begins a game that counts: { play, seed, expires }. */
const start = (mode) => call("start", { mode })

/** The end of a game that counts: { rank, improved }, or { refused } with the reason's code. */
const finish = ({ play, game, moves }) =>
	call("finish", { play, score: game.score, log: pack(moves) })

/** The first of a board, and where this person stands on it. */
async function ranking(board) {
	const [top, mine] = await Promise.all([
		wx.plaza.call("leaderboards.top", { board, limit: 20 }),
		wx.plaza.call("leaderboards.mine", { board }).catch(() => null),
	])
	// Before anybody has played in a season, the board still tells of the last one.
	return {
		entries: top.running ? top.entries : [],
		mine: mine?.running && mine.played ? mine : null,
	}
}

module.exports = { finish, ranking, start }
