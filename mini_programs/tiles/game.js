// Tiles: join equal tiles on a square of sixteen. Everything is drawn on one canvas, and only when something changes.
const engine = require("./lib/engine")
const { font, rounded, paintTile } = require("./lib/look")
const { Motion, ways } = require("./lib/motion")
const ranks = require("./lib/ranks")
const saved = require("./lib/saved")
const {
	button,
	column,
	confirm,
	measure,
	note,
	paragraph,
	text,
	veil,
	view,
} = require("./lib/screen")
const server = require("./lib/server")
const sound = require("./lib/sound")
const { number, say } = require("./lib/words")

const MODES = ["today", "ranked", "free"]
const SWIPE = 22 // points that a finger moves at least
const UNDOS = 200

wx.cloud.init()
const { draw } = view

let screen = "menu"
let mode = "free"
/** The game on the board: { mode, seed, play, expires, game, moves }. */
let current = null
let over = null
let before = []
let busy = false
const motion = new Motion()
let gain = null

let wanted = false
/** Draws soon; many wishes are one frame. */
function wake() {
	if (wanted) return
	wanted = true
	requestAnimationFrame(frame)
}

function frame(now) {
	wanted = false
	draw.setTransform(view.ratio, 0, 0, view.ratio, 0, 0)
	draw.fillStyle = view.theme.back
	draw.fillRect(0, 0, view.width, view.height)
	view.buttons = []
	if (screen === "menu") drawMenu()
	else if (screen === "ranks") ranks.draw(leaveRanks)
	else drawGame(now)
	if (view.focused >= view.buttons.length) view.focused = -1
	if (motion.running || gain) wake()
}

function go(next) {
	screen = next
	view.focused = -1
	motion.stop()
	gain = null
	wake()
}

// The menu.

/** A frieze of tiles, as over a door. */
function drawFrieze(y, size) {
	const count = 4
	const step = size + 8
	const x = (view.width - count * step + 8) / 2
	for (const [i, level] of [3, 11, 8, 6].entries()) {
		draw.save()
		draw.translate(x + i * step, y)
		paintTile(draw, level, size)
		draw.restore()
	}
}

function drawMenu() {
	const { x, w } = column()
	const tall = view.height > 640
	const size = Math.min(72, (w - 24) / 4, tall ? 72 : 44)
	let y = view.top + (tall ? Math.max(0, (view.height - view.top - 500) / 2) : -8)
	drawFrieze(y, size)
	y += size + 40
	text(say("name"), view.width / 2, y, { size: 38, weight: 800, align: "center" })
	y += 34
	text(say("line"), view.width / 2, y, {
		size: 17,
		weight: 500,
		color: view.theme.muted,
		align: "center",
	})
	y += 34
	for (const [i, each] of MODES.entries()) {
		const kept = games[each]
		const best = saved.best(each)
		const about = kept
			? say("resume", { n: kept.game.score })
			: `${say(`${each}Text`)}${best && each !== "today" ? ` · ${say("best")} ${number(best)}` : ""}`
		button(say(each), { x, y, w, h: 66 }, () => open(each), {
			below: about,
			fill: i === 0 ? view.theme.brand : view.theme.soft,
			color: i === 0 ? view.theme.onBrand : view.theme.ink,
		})
		y += 76
	}
	y += 6
	const half = (w - 10) / 2
	button(say("ranks"), { x, y, w: sound.possible ? half : w, h: 50 }, () => openRanks("today"), {
		fill: view.theme.card,
	})
	if (sound.possible) {
		button(
			say(sound.on ? "soundOn" : "soundOff"),
			{ x: x + half + 10, y, w: half, h: 50 },
			() => {
				sound.toggle()
				wake()
			},
			{ fill: view.theme.card },
		)
	}
	if (busy) veil(say("starting"))
}

/** The games that wait, by mode. */
const games = {}
function loadGames() {
	for (const each of MODES) {
		games[each] = saved.load(each)
		if (games[each] && each !== "free" && lapsed(games[each])) {
			saved.clear(each)
			games[each] = null
		}
	}
}

const lapsed = ({ expires }) => Boolean(expires) && Date.parse(expires) < Date.now()

async function open(chosen) {
	if (busy) return
	mode = chosen
	over = null
	before = []
	current = games[mode]
	if (current) {
		go("game")
		if (engine.isOver(current.game)) end()
		return
	}
	await begin()
}

/** A new game of the chosen mode. */
async function begin() {
	let start = { play: "", seed: Math.floor(Math.random() * 2 ** 32), expires: "" }
	if (mode !== "free") {
		busy = true
		wake()
		try {
			start = await server.start(mode)
		} catch {
			note(say("offline"))
			go("menu")
			return
		} finally {
			busy = false
		}
	}
	current = { ...start, mode, game: engine.begin(start.seed), moves: [] }
	games[mode] = current
	saved.save(current)
	over = null
	before = []
	go("game")
}

// The game.

function drawGame(now) {
	const { x, w } = column()
	const { game } = current
	const y = view.origin.y - 96
	text(say(mode), x, y + 14, { size: 15, weight: 600, color: view.theme.muted })
	text(number(game.score), x, y + 50, { size: 42, weight: 800 })
	const best = Math.max(saved.best(mode), game.score)
	text(say("best"), x + w, y + 14, {
		size: 15,
		weight: 600,
		color: view.theme.muted,
		align: "right",
	})
	text(number(best), x + w, y + 48, { size: 24, weight: 700, align: "right" })
	drawGain(now, x, y + 50)
	drawBoard(now)
	const below = view.origin.y + view.side * 4 + view.gap * 5 + 16
	const third = (w - 20) / 3
	const box = (i) => ({ x: x + i * (third + 10), y: below, w: third, h: 50 })
	button(say("menu"), box(0), () => leave())
	if (mode === "free") button(say("undo"), box(1), undo, { off: before.length === 0 })
	else button(say("finish"), box(1), askFinish, { off: current.moves.length === 0 })
	if (mode === "free") button(say("again"), box(2), askAgain)
	else if (sound.possible)
		button(
			say(sound.on ? "soundOn" : "soundOff"),
			box(2),
			() => {
				sound.toggle()
				wake()
			},
			{ size: 14 },
		)
	if (below + 96 < view.height && current.moves.length < 4) {
		text(say("hint"), view.width / 2, below + 78, {
			size: 15,
			weight: 500,
			color: view.theme.muted,
			align: "center",
		})
	}
	if (over) drawOver()
}

/** What a move has won, rising from the score. */
function drawGain(now, x, y) {
	if (!gain) return
	const part = (now - gain.at) / 700
	if (part >= 1 || part < 0) {
		gain = null
		return
	}
	draw.font = font(42, 800)
	const beside = draw.measureText(number(current.game.score)).width
	draw.globalAlpha = 1 - part
	text(`+${number(gain.points)}`, x + beside + 12, y - 18 * part, {
		size: 20,
		weight: 700,
		color: view.theme.brand,
	})
	draw.globalAlpha = 1
}

function drawBoard(now) {
	const whole = view.side * 4 + view.gap * 5
	draw.fillStyle = view.theme.board
	rounded(draw, view.origin.x, view.origin.y, whole, whole, view.side * 0.2)
	draw.fill()
	draw.fillStyle = view.theme.square
	for (let i = 0; i < 16; i++) {
		rounded(
			draw,
			at(view.origin.x, i & 3),
			at(view.origin.y, i >> 2),
			view.side,
			view.side,
			view.side * 0.14,
		)
		draw.fill()
	}
	for (const { level, x, y, size } of motion.tiles(current.game, now)) {
		const grown = view.side * size
		const shift = (view.side - grown) / 2
		draw.drawImage(
			view.tile(level),
			at(view.origin.x, x) + shift,
			at(view.origin.y, y) + shift,
			grown,
			grown,
		)
	}
}

const at = (start, place) => start + view.gap + place * (view.side + view.gap)

function push(direction) {
	if (screen !== "game" || over || busy || !current) return
	const paths = ways(current.game, direction)
	const { rows, score, random, moves } = current.game
	const came = engine.move(current.game, direction)
	if (!came) return
	if (mode === "free") {
		before.push({ rows, score, random, moves })
		if (before.length > UNDOS) before.shift()
	}
	current.moves.push(direction)
	motion.start(paths, came, performanceNow())
	const won = current.game.score - score
	if (won > 0) gain = { points: won, at: performanceNow() }
	const joined = paths.filter(({ joins }) => joins).map(({ level }) => level)
	if (joined.length > 0) {
		sound.join(Math.max(...joined))
		if (wx.vibrateShort) wx.vibrateShort({ type: "light" })
	} else sound.slide()
	keepSoon()
	if (engine.isOver(current.game)) end()
	wake()
}

// The clock of the frames: both count from where the page began.
const performanceNow = () => performance.now()

let keeping = 0
/** Moves come quicker than they need to be written down. */
function keepSoon() {
	clearTimeout(keeping)
	keeping = setTimeout(keep, 300)
}
function keep() {
	clearTimeout(keeping)
	if (current && !over) saved.save(current)
}

function undo() {
	const last = before.pop()
	if (!last) return
	Object.assign(current.game, last)
	current.moves.pop()
	motion.stop()
	gain = null
	keepSoon()
	wake()
}

async function askAgain() {
	if (current.moves.length === 0 || over || (await confirm(say("sureFree")))) {
		if (!over) saved.remember(mode, current.game.score)
		await begin()
	}
}

async function askFinish() {
	if (await confirm(say("sure"))) end()
}

function leave() {
	keep()
	if (over) {
		games[mode] = null
		saved.clear(mode)
	}
	over = null
	go("menu")
}

// The end of a game.

function end() {
	const record = saved.remember(mode, current.game.score) && current.game.score > 0
	over = {
		record,
		state: mode === "free" ? "done" : "sending",
		line: "",
		ended: engine.isOver(current.game),
	}
	view.focused = -1
	wake()
	if (mode === "free") {
		games.free = null
		saved.clear("free")
		return
	}
	saved.save(current)
	void send()
}

const REASONS = { play_used: "replaced", play_expired: "expired" }

async function send() {
	const sent = { mode, ending: over, play: current }
	sent.ending.state = "sending"
	wake()
	try {
		const result = await server.finish(sent.play)
		sent.ending.state = "done"
		if (result.refused) sent.ending.line = say(REASONS[result.refused] || "refused")
		else
			sent.ending.line = say(sent.mode === "today" ? "placeToday" : "placeWeek", { n: result.rank })
		games[sent.mode] = null
		saved.clear(sent.mode)
	} catch {
		sent.ending.state = "failed"
		sent.ending.line = say("unsent")
	}
	wake()
}

function drawOver() {
	const whole = view.side * 4 + view.gap * 5
	draw.fillStyle = view.theme.veil
	rounded(draw, view.origin.x, view.origin.y, whole, whole, view.side * 0.2)
	draw.fill()
	view.buttons = []
	const { x, w } = column()
	let y = view.origin.y + whole * 0.2
	text(say(over.ended ? "over" : "ended"), view.width / 2, y, {
		size: 26,
		weight: 800,
		align: "center",
	})
	y += 58
	text(number(current.game.score), view.width / 2, y, {
		size: 54,
		weight: 800,
		color: view.theme.brand,
		align: "center",
	})
	y += 48
	if (over.record) {
		text(say("record"), view.width / 2, y, { size: 18, weight: 700, align: "center" })
		y += 32
	}
	paragraph(over.state === "sending" ? say("sending") : over.line, y, {
		size: 17,
		color: view.theme.ink,
		room: whole - 40,
	})
	const below = view.origin.y + whole + 16
	const box = (i, n) => {
		const each = (w - 10 * (n - 1)) / n
		return { x: x + i * (each + 10), y: below, w: each, h: 50 }
	}
	const first = { fill: view.theme.brand, color: view.theme.onBrand }
	button(say("menu"), box(0, 3), leave)
	button(say("share"), box(1, 3), share)
	if (over.state === "failed") button(say("retry"), box(2, 3), send, first)
	else button(say("again"), box(2, 3), () => begin(), { ...first, off: over.state === "sending" })
	if (mode !== "free" && over.state === "done") {
		button(
			say("ranks"),
			{ x, y: below + 60, w, h: 50 },
			() => openRanks(mode === "today" ? "today" : "week"),
			{ fill: view.theme.card },
		)
	}
}

let back = "menu"
function openRanks(tab) {
	back = screen
	ranks.open(tab)
	go("ranks")
}
const leaveRanks = () => go(back)

const told = () =>
	current && (over || screen === "game") && current.game.score > 0
		? say("shareScore", { n: current.game.score })
		: say("shareGame")

function share() {
	if (wx.shareAppMessage) wx.shareAppMessage({ title: told() })
}

// Fingers and keys.

let finger = null
wx.onTouchStart(({ touches }) => {
	const { clientX: x, clientY: y } = touches[0]
	finger = { x, y, fromX: x, fromY: y, moved: false, scroll: ranks.scroll }
	view.focused = -1
})
wx.onTouchMove(({ touches }) => {
	if (!finger || !touches[0]) return
	const { clientX: x, clientY: y } = touches[0]
	if (screen === "ranks") {
		if (Math.abs(y - finger.fromY) > 8) finger.moved = true
		ranks.roll(finger.scroll, finger.fromY, y)
		return
	}
	// A move begins as soon as its direction is plain, not when the finger leaves the glass.
	const [dx, dy] = [x - finger.x, y - finger.y]
	if (finger.moved || screen !== "game" || over || Math.max(Math.abs(dx), Math.abs(dy)) < SWIPE)
		return
	finger.moved = true
	if (Math.abs(dx) > Math.abs(dy)) push(dx > 0 ? engine.RIGHT : engine.LEFT)
	else push(dy > 0 ? engine.DOWN : engine.UP)
})
wx.onTouchEnd(() => {
	const touch = finger
	finger = null
	if (!touch || touch.moved) return
	const { fromX: x, fromY: y } = touch
	const hit = view.buttons.find(
		(one) => x >= one.x - 4 && x <= one.x + one.w + 4 && y >= one.y - 4 && y <= one.y + one.h + 4,
	)
	if (hit) press(hit)
})
wx.onTouchCancel(() => {
	finger = null
})

function press(hit) {
	void hit.act()
	wake()
}

const KEYS = {
	ArrowUp: engine.UP,
	ArrowRight: engine.RIGHT,
	ArrowDown: engine.DOWN,
	ArrowLeft: engine.LEFT,
	w: engine.UP,
	d: engine.RIGHT,
	s: engine.DOWN,
	a: engine.LEFT,
}

/** Arrows play, or choose a button; Enter presses it, and a digit the button with that place; Escape goes back. */
function onKey({ key }) {
	const direction = KEYS[key]
	if (screen === "game" && !over && direction !== undefined) {
		push(direction)
		return
	}
	if ((key === "Enter" || key === " ") && view.buttons[view.focused])
		press(view.buttons[view.focused])
	else if (key === "Escape") {
		if (screen === "ranks") leaveRanks()
		else if (screen === "game") leave()
	} else if (key === "z" && screen === "game" && mode === "free") undo()
	else if (/^[1-9]$/.test(key) && view.buttons[key - 1]) press(view.buttons[key - 1])
	else if (view.buttons.length > 0 && direction !== undefined) {
		const step = direction === engine.UP || direction === engine.LEFT ? -1 : 1
		view.focused =
			view.focused < 0 ? 0 : (view.focused + step + view.buttons.length) % view.buttons.length
	}
	wake()
}
if (wx.onKeyDown) wx.onKeyDown(onKey)

// What happens around the game.

wx.onHide(() => {
	keep()
	sound.rest()
})
wx.onShow(() => {
	sound.wake()
	// What could not be sent before is sent now.
	if (over && over.state === "failed") void send()
	wake()
})
if (wx.onThemeChange) {
	wx.onThemeChange(() => {
		measure()
		if (screen === "ranks") ranks.redraw()
		wake()
	})
}
if (wx.onWindowResize) {
	wx.onWindowResize(() => {
		measure()
		if (screen === "ranks") ranks.redraw()
		wake()
	})
}
if (wx.onShareAppMessage) wx.onShareAppMessage(() => ({ title: told() }))

ranks.onChange(wake)
measure()
loadGames()
wake()
