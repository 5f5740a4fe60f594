// What a move looks like: which tile goes where, and what it becomes. The rules themselves are the engine's.
const { LARGEST, UP, RIGHT, DOWN, tileAt } = require("./engine")

const SLIDE = 105
const POP = 130

/** The squares of the line with that number, from the end that tiles go to. */
function line(direction, number) {
	const squares = []
	for (let i = 0; i < 4; i++) {
		const far = direction === RIGHT || direction === DOWN ? 3 - i : i
		squares.push(direction === UP || direction === DOWN ? far * 4 + number : number * 4 + far)
	}
	return squares
}

/** The ways of all tiles of a board that is pushed: from, to, which tile, and whether it joins another one there. */
function ways(game, direction) {
	const all = []
	for (let number = 0; number < 4; number++) {
		const squares = line(direction, number)
		let at = 0
		let last = null
		for (const from of squares) {
			const level = tileAt(game, from)
			if (level === 0) continue
			if (last && last.level === level && level < LARGEST) {
				all.push({ from, to: last.to, level, joins: true })
				last = null
			} else {
				last = { from, to: squares[at], level, joins: false }
				all.push(last)
				at++
			}
		}
	}
	return all
}

const eased = (t) => 1 - (1 - t) ** 3

/** The board on its way from one move to the next. */
class Motion {
	constructor() {
		this.ways = null
		this.began = 0
	}

	/** A move begins: the ways are those from before it, `came` is the tile that it brought. */
	start(paths, came, now) {
		this.ways = paths
		this.came = came
		this.joined = new Set(paths.filter(({ joins }) => joins).map(({ to }) => to))
		this.began = now
	}

	stop() {
		this.ways = null
	}

	get running() {
		return this.ways !== null
	}

	/** The tiles to draw now, each as its power of two, column, row and size. */
	tiles(game, now) {
		const past = now - this.began
		if (this.ways && past >= SLIDE + POP) this.ways = null
		if (this.ways && past < SLIDE) {
			const part = eased(past / SLIDE)
			return this.ways.map(({ from, to, level }) => ({
				level,
				x: (from & 3) + ((to & 3) - (from & 3)) * part,
				y: (from >> 2) + ((to >> 2) - (from >> 2)) * part,
				size: 1,
			}))
		}
		const tiles = []
		const part = this.ways ? (past - SLIDE) / POP : 1
		for (let square = 0; square < 16; square++) {
			const level = tileAt(game, square)
			if (level === 0) continue
			let size = 1
			if (part < 1 && this.came && this.came.square === square) size = 0.4 + 0.6 * eased(part)
			else if (part < 1 && this.joined.has(square)) size = 1 + 0.14 * Math.sin(Math.PI * part)
			tiles.push({ level, x: square & 3, y: square >> 2, size })
		}
		return tiles
	}
}

module.exports = { Motion, ways }
