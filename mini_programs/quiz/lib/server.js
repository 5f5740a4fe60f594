const { locale } = require("./words")

/** Asks the quiz's function to do something. */
const ask = async (act, data = {}) =>
	(await wx.cloud.callFunction({ name: "quiz", data: { act, language: locale, ...data } })).result

/** The first of a board. */
const ranking = async (board, limit) =>
	(await wx.plaza.call("leaderboards.top", { board, limit })).entries

module.exports = { ask, ranking }
