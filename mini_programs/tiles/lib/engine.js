// The rules of Tiles, and nothing else: the same seed and the same moves make the same game, on a phone and at Plaza.
// This file lies twice in the project, word for word: for the game, and for the function that plays a game again to
// believe its score.
//
// A board is four rows, each a number of sixteen bits: four squares, whose bits say which power of two lies there.

const UP = 0
const RIGHT = 1
const DOWN = 2
const LEFT = 3

/** The largest power of two: two of these do not join. A game that gets there has taken days. */
const LARGEST = 15
/** More moves than any game up to the largest tile has. A log of these is 14 KB. */
const MOST_MOVES = 40000
const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const VALUES = new Map(Array.from(SIGNS, (sign, value) => [sign, value]))

/** A sequence of numbers that depends on the seed alone: mulberry32, below `limit`. */
function draw(game, limit) {
	game.random = (game.random + 0x6d2b79f5) | 0
	let t = game.random
	t = Math.imul(t ^ (t >>> 15), t | 1)
	t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
	return ((t ^ (t >>> 14)) >>> 0) % limit
}

/** A row whose tiles went to its low end: the row after it and what the joined tiles score. */
function slide(row) {
	let out = 0
	let score = 0
	let at = 0
	let last = 0
	for (let i = 0; i < 4; i++) {
		const tile = (row >> (4 * i)) & 15
		if (tile === 0) continue
		if (tile === last && tile < LARGEST) {
			out += 1 << (4 * (at - 1))
			score += 2 << tile
			last = 0
		} else {
			out |= tile << (4 * at)
			at++
			last = tile
		}
	}
	return { row: out, score }
}

const turned = (row) =>
	((row & 15) << 12) | ((row & 240) << 4) | ((row >> 4) & 240) | ((row >> 12) & 15)

const met = new Map()

/** What is known of a row: how it goes either way, and how many of its squares are free. Most rows come again and again. */
function know(row) {
	let known = met.get(row)
	if (known) return known
	const high = slide(turned(row))
	let free = 0
	for (let i = 0; i < 4; i++) if (((row >> (4 * i)) & 15) === 0) free++
	known = { low: slide(row), high: { row: turned(high.row), score: high.score }, free }
	met.set(row, known)
	return known
}

/** Rows become columns. */
function across([a, b, c, d]) {
	const column = (shift) =>
		((a >> shift) & 15) |
		(((b >> shift) & 15) << 4) |
		(((c >> shift) & 15) << 8) |
		(((d >> shift) & 15) << 12)
	return [column(0), column(4), column(8), column(12)]
}

/** The board after a move, without the tile that comes next. */
function pushed(rows, direction) {
	const upright = direction === UP || direction === DOWN
	const back = direction === RIGHT || direction === DOWN
	const lines = upright ? across(rows) : rows
	const after = [0, 0, 0, 0]
	let score = 0
	for (let i = 0; i < 4; i++) {
		const known = know(lines[i])
		const line = back ? known.high : known.low
		after[i] = line.row
		score += line.score
	}
	return { rows: upright ? across(after) : after, score }
}

const same = (a, b) => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3]

/** Lays a new tile on a free square, nine times of ten a two; answers where. */
function spawn(game) {
	const { rows } = game
	const free = [know(rows[0]).free, know(rows[1]).free, know(rows[2]).free, know(rows[3]).free]
	let nth = draw(game, free[0] + free[1] + free[2] + free[3])
	let row = 0
	while (nth >= free[row]) {
		nth -= free[row]
		row++
	}
	let square = row * 4 - 1
	do {
		square++
		if (tileAt(game, square) === 0) nth--
	} while (nth >= 0)
	const tile = draw(game, 10) === 0 ? 2 : 1
	rows[row] |= tile << (4 * (square & 3))
	return { square, tile }
}

/** The power of two on a square from 0 to 15, counted row by row; 0 is none. */
function tileAt(game, square) {
	return (game.rows[square >> 2] >> (4 * (square & 3))) & 15
}

/** A game at its beginning: two tiles. */
function begin(seed) {
	const game = { random: seed | 0, rows: [0, 0, 0, 0], score: 0, moves: 0 }
	spawn(game)
	spawn(game)
	return game
}

/** Moves, if something can go that way: answers the tile that came, or null when nothing moved. */
function move(game, direction) {
	const { rows, score } = pushed(game.rows, direction)
	if (same(rows, game.rows) || game.moves >= MOST_MOVES) return null
	game.rows = rows
	game.score += score
	game.moves++
	return spawn(game)
}

/** Whether no move is left. */
function isOver(game) {
	if (game.moves >= MOST_MOVES) return true
	for (let direction = UP; direction <= LEFT; direction++) {
		if (!same(pushed(game.rows, direction).rows, game.rows)) return false
	}
	return true
}

function largest(game) {
	let most = 0
	for (let square = 0; square < 16; square++) most = Math.max(most, tileAt(game, square))
	return most
}

/** Moves as text: how many, a full stop, and three to a sign. */
function pack(moves) {
	let text = `${moves.length}.`
	for (let i = 0; i < moves.length; i += 3) {
		text += SIGNS[moves[i] | ((moves[i + 1] ?? 0) << 2) | ((moves[i + 2] ?? 0) << 4)]
	}
	return text
}

/** The moves of a text, or null for what `pack` cannot have written. */
function unpack(text) {
	const parts = typeof text === "string" ? /^(0|[1-9]\d{0,4})\.([\w-]*)$/.exec(text) : null
	const count = parts ? Number(parts[1]) : MOST_MOVES + 1
	if (count > MOST_MOVES || parts[2].length !== Math.ceil(count / 3)) return null
	const moves = []
	for (const sign of parts[2]) {
		const three = VALUES.get(sign)
		moves.push(three & 3, (three >> 2) & 3, three >> 4)
	}
	// What fills the last sign up is zero, so that one game has one text.
	return moves.splice(count).some((rest) => rest !== 0) ? null : moves
}

/** Plays a game again: answers it at its end, or null when a move of it was none. */
function replay(seed, moves) {
	const game = begin(seed)
	for (const direction of moves) {
		if (!move(game, direction)) return null
	}
	return game
}

module.exports = {
	UP,
	RIGHT,
	DOWN,
	LEFT,
	LARGEST,
	MOST_MOVES,
	begin,
	move,
	isOver,
	largest,
	pack,
	replay,
	tileAt,
	unpack,
}
