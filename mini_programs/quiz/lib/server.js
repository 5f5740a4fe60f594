const { locale } = require("./words")

/** Asks the quiz's function to do something. */
const ask = async (act, data = {}) =>
	(await wx.cloud.callFunction({ name: "quiz", data: { act, language: locale, ...data } })).result

/** The first of a board's season that runs; before anybody has played in it, the board tells of the last one. */
async function ranking(board, limit) {
	const { running, entries } = await wx.plaza.call("leaderboards.top", { board, limit })
	return running ? entries : []
}

module.exports = { ask, ranking }
