// Games that wait to be gone on with, as their seed and their moves: they are played again when they are opened.
const { pack, replay, unpack } = require("./engine")

const key = (mode) => `game-${mode}`

function load(mode) {
	const kept = wx.getStorageSync(key(mode))
	const moves = kept && unpack(kept.log)
	const game = moves && replay(kept.seed, moves)
	return game ? { ...kept, mode, game, moves } : null
}

function save({ mode, seed, play, expires, moves }) {
	wx.setStorage({ key: key(mode), data: { seed, play, expires, log: pack(moves) } })
}

const clear = (mode) => wx.removeStorage({ key: key(mode) })

const best = (mode) => Number(wx.getStorageSync(`best-${mode}`)) || 0

/** Remembers the score if it is the best so far; answers whether it is. */
function remember(mode, score) {
	if (score <= best(mode)) return false
	wx.setStorageSync(`best-${mode}`, score)
	return true
}

module.exports = { best, clear, load, remember, save }
