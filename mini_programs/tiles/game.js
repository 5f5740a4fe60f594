// Tiles: join equal tiles on a square of sixteen. Everything is drawn on one canvas, and only when something changes.
const engine = require("./lib/engine")
const { day, font, night, rounded, paintTile, tilesOf } = require("./lib/look")
const { Motion, ways } = require("./lib/motion")
const saved = require("./lib/saved")
const server = require("./lib/server")
const sound = require("./lib/sound")
const { number, say } = require("./lib/words")

const MODES = ["today", "ranked", "free"]
const TABS = ["today", "week", "world", "friends"]
const SWIPE = 22 // points that a finger moves at least
const UNDOS = 200
const ROW = 46

wx.cloud.init()
const canvas = wx.createCanvas()
const draw = canvas.getContext("2d")

let width = 0
let height = 0
let ratio = 1
let top = 0
let theme = day
let tile = null
let side = 0
let origin = { x: 0, y: 0 }
let gap = 0

let screen = "menu"
let mode = "free"
/** The game on the board: { mode, seed, play, expires, game, moves }. */
let current = null
let over = null
let before = []
let busy = false
const motion = new Motion()
let gain = null
let buttons = []
let focused = -1
let ranks = { tab: "today", state: "loading", entries: [], mine: null, scroll: 0 }

/** The size and the colours that the screen has now. */
function measure() {
	const system = wx.getSystemInfoSync()
	width = system.windowWidth
	height = system.windowHeight
	ratio = system.pixelRatio || 1
	canvas.width = Math.round(width * ratio)
	canvas.height = Math.round(height * ratio)
	theme = system.theme === "dark" ? night : day
	const menu = wx.getMenuButtonBoundingClientRect ? wx.getMenuButtonBoundingClientRect() : null
	top = Math.max(menu ? menu.bottom + 14 : 56, 48)
	const room = Math.min(width - 24, height - top - 210, 520)
	side = Math.floor((room - 8 * 5) / 4)
	gap = Math.max(6, Math.floor(room * 0.022))
	side = Math.floor((room - gap * 5) / 4)
	const whole = side * 4 + gap * 5
	origin = {
		x: Math.round((width - whole) / 2),
		y: Math.round(top + 96 + Math.max(0, (height - top - 96 - whole - 150) * 0.42)),
	}
	tile = tilesOf(side, ratio)
}

let wanted = false
/** Draws soon; many wishes are one frame. */
function wake() {
	if (wanted) return
	wanted = true
	requestAnimationFrame(frame)
}

function frame(now) {
	wanted = false
	draw.setTransform(ratio, 0, 0, ratio, 0, 0)
	draw.fillStyle = theme.back
	draw.fillRect(0, 0, width, height)
	buttons = []
	if (screen === "menu") drawMenu()
	else if (screen === "ranks") drawRanks()
	else drawGame(now)
	if (focused >= buttons.length) focused = -1
	if (motion.running || gain) wake()
}

// Parts that all screens have.

function text(
	words,
	x,
	y,
	{ size = 16, weight = 600, color = theme.ink, align = "left", room = 0 } = {},
) {
	draw.font = font(size, weight)
	draw.fillStyle = color
	draw.textAlign = align
	draw.textBaseline = "middle"
	if (room > 0) draw.fillText(words, x, y, room)
	else draw.fillText(words, x, y)
}

/** A paragraph within a width, centred; Chinese breaks anywhere. Answers where it ends. */
function paragraph(
	words,
	y,
	{ size = 16, weight = 500, color = theme.muted, room = width - 64 } = {},
) {
	draw.font = font(size, weight)
	const parts = /[\u4e00-\u9fff]/.test(words) ? Array.from(words) : words.split(/(?<= )/)
	let line = ""
	for (const part of parts) {
		if (line !== "" && draw.measureText(line + part).width > room) {
			text(line.trim(), width / 2, y, { size, weight, color, align: "center" })
			y += size * 1.4
			line = ""
		}
		line += part
	}
	text(line.trim(), width / 2, y, { size, weight, color, align: "center" })
	return y + size * 1.4
}

function button(
	label,
	box,
	act,
	{ fill = theme.soft, color = theme.ink, size = 16, below = "", off = false, right = "" } = {},
) {
	const { x, y, w, h } = box
	draw.globalAlpha = off ? 0.45 : 1
	rounded(draw, x, y, w, h, Math.min(14, h / 3))
	draw.fillStyle = fill
	draw.fill()
	if (!off) {
		if (focused === buttons.length) {
			draw.lineWidth = 3
			draw.strokeStyle = theme.ink
			rounded(draw, x - 3, y - 3, w + 6, h + 6, Math.min(16, h / 3 + 3))
			draw.stroke()
		}
		buttons.push({ ...box, act, label })
	}
	if (below) {
		text(label, x + 18, y + h / 2 - 11, { size: size + 1, weight: 700, color, room: w - 36 })
		text(below, x + 18, y + h / 2 + 13, { size: 14, weight: 500, color, room: w - 36 })
	} else if (right) {
		text(label, x + 18, y + h / 2, { size, weight: 650, color })
		text(right, x + w - 18, y + h / 2, { size, weight: 500, color, align: "right" })
	} else
		text(label, x + w / 2, y + h / 2 + 1, {
			size,
			weight: 700,
			color,
			align: "center",
			room: w - 16,
		})
	draw.globalAlpha = 1
}

/** The column that everything but the board keeps to. */
const column = () => {
	const w = Math.min(width - 32, 440)
	return { x: Math.round((width - w) / 2), w }
}

const note = (title) => wx.showToast({ title, icon: "none" })

function confirm(content) {
	return new Promise((resolve) =>
		wx.showModal({
			content,
			confirmText: say("yes"),
			cancelText: say("no"),
			success: ({ confirm: yes }) => resolve(yes),
			fail: () => resolve(false),
		}),
	)
}

function go(next) {
	screen = next
	focused = -1
	motion.stop()
	gain = null
	wake()
}

// The menu.

/** A frieze of tiles, as over a door. */
function drawFrieze(y, size) {
	const count = 4
	const step = size + 8
	const x = (width - count * step + 8) / 2
	for (const [i, level] of [3, 11, 8, 6].entries()) {
		draw.save()
		draw.translate(x + i * step, y)
		paintTile(draw, level, size)
		draw.restore()
	}
}

function drawMenu() {
	const { x, w } = column()
	const tall = height > 640
	const size = Math.min(72, (w - 24) / 4, tall ? 72 : 44)
	let y = top + (tall ? Math.max(0, (height - top - 500) / 2) : -8)
	drawFrieze(y, size)
	y += size + 40
	text(say("name"), width / 2, y, { size: 38, weight: 800, align: "center" })
	y += 34
	text(say("line"), width / 2, y, { size: 17, weight: 500, color: theme.muted, align: "center" })
	y += 34
	for (const [i, each] of MODES.entries()) {
		const kept = games[each]
		const best = saved.best(each)
		const about = kept
			? say("resume", { n: kept.game.score })
			: `${say(`${each}Text`)}${best && each !== "today" ? ` · ${say("best")} ${number(best)}` : ""}`
		button(say(each), { x, y, w, h: 66 }, () => open(each), {
			below: about,
			fill: i === 0 ? theme.brand : theme.soft,
			color: i === 0 ? theme.onBrand : theme.ink,
		})
		y += 76
	}
	y += 6
	const half = (w - 10) / 2
	button(say("ranks"), { x, y, w: sound.possible ? half : w, h: 50 }, () => openRanks("today"), {
		fill: theme.card,
	})
	if (sound.possible) {
		button(
			say(sound.on ? "soundOn" : "soundOff"),
			{ x: x + half + 10, y, w: half, h: 50 },
			() => {
				sound.toggle()
				wake()
			},
			{ fill: theme.card },
		)
	}
	if (busy) veil(say("starting"))
}

function veil(words) {
	draw.fillStyle = theme.veil
	draw.fillRect(0, 0, width, height)
	buttons = []
	text(words, width / 2, height / 2, { size: 18, align: "center" })
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
	const y = origin.y - 96
	text(say(mode), x, y + 14, { size: 15, weight: 600, color: theme.muted })
	text(number(game.score), x, y + 50, { size: 42, weight: 800 })
	const best = Math.max(saved.best(mode), game.score)
	text(say("best"), x + w, y + 14, { size: 15, weight: 600, color: theme.muted, align: "right" })
	text(number(best), x + w, y + 48, { size: 24, weight: 700, align: "right" })
	drawGain(now, x, y + 50)
	drawBoard(now)
	const below = origin.y + side * 4 + gap * 5 + 16
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
	if (below + 96 < height && current.moves.length < 4) {
		text(say("hint"), width / 2, below + 78, {
			size: 15,
			weight: 500,
			color: theme.muted,
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
		color: theme.brand,
	})
	draw.globalAlpha = 1
}

function drawBoard(now) {
	const whole = side * 4 + gap * 5
	draw.fillStyle = theme.board
	rounded(draw, origin.x, origin.y, whole, whole, side * 0.2)
	draw.fill()
	draw.fillStyle = theme.square
	for (let i = 0; i < 16; i++) {
		rounded(draw, at(origin.x, i & 3), at(origin.y, i >> 2), side, side, side * 0.14)
		draw.fill()
	}
	for (const { level, x, y, size } of motion.tiles(current.game, now)) {
		const grown = side * size
		const shift = (side - grown) / 2
		draw.drawImage(tile(level), at(origin.x, x) + shift, at(origin.y, y) + shift, grown, grown)
	}
}

const at = (start, place) => start + gap + place * (side + gap)

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
	focused = -1
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
	const whole = side * 4 + gap * 5
	draw.fillStyle = theme.veil
	rounded(draw, origin.x, origin.y, whole, whole, side * 0.2)
	draw.fill()
	buttons = []
	const { x, w } = column()
	let y = origin.y + whole * 0.2
	text(say(over.ended ? "over" : "ended"), width / 2, y, { size: 26, weight: 800, align: "center" })
	y += 58
	text(number(current.game.score), width / 2, y, {
		size: 54,
		weight: 800,
		color: theme.brand,
		align: "center",
	})
	y += 48
	if (over.record) {
		text(say("record"), width / 2, y, { size: 18, weight: 700, align: "center" })
		y += 32
	}
	paragraph(over.state === "sending" ? say("sending") : over.line, y, {
		size: 17,
		color: theme.ink,
		room: whole - 40,
	})
	const below = origin.y + whole + 16
	const box = (i, n) => {
		const each = (w - 10 * (n - 1)) / n
		return { x: x + i * (each + 10), y: below, w: each, h: 50 }
	}
	const first = { fill: theme.brand, color: theme.onBrand }
	button(say("menu"), box(0, 3), leave)
	button(say("share"), box(1, 3), share)
	if (over.state === "failed") button(say("retry"), box(2, 3), send, first)
	else button(say("again"), box(2, 3), () => begin(), { ...first, off: over.state === "sending" })
	if (mode !== "free" && over.state === "done") {
		button(
			say("ranks"),
			{ x, y: below + 60, w, h: 50 },
			() => openRanks(mode === "today" ? "today" : "week"),
			{ fill: theme.card },
		)
	}
}

const told = () =>
	current && (over || screen === "game") && current.game.score > 0
		? say("shareScore", { n: current.game.score })
		: say("shareGame")

function share() {
	if (wx.shareAppMessage) wx.shareAppMessage({ title: told() })
}

// The rankings.

let back = "menu"
function openRanks(tab) {
	if (screen !== "ranks") back = screen
	ranks = { tab, state: "loading", entries: [], mine: null, scroll: 0 }
	go("ranks")
	if (tab === "friends") askFriends()
	else void fetchRanks()
}

async function fetchRanks() {
	const asked = ranks
	asked.state = "loading"
	wake()
	try {
		Object.assign(asked, await server.ranking(asked.tab), { state: "done" })
	} catch {
		asked.state = "failed"
	}
	wake()
}

function friendsBox() {
	const { x, w } = column()
	return { x, y: top + 116, w, h: height - top - 116 - 82 }
}

/** Friends are drawn where their names are known, which is not here: this side sees a picture that it cannot read. */
function askFriends() {
	const open = wx.getOpenDataContext ? wx.getOpenDataContext() : null
	if (!open) {
		ranks.state = "failed"
		return
	}
	const { w, h } = friendsBox()
	open.canvas.width = Math.round(w * ratio)
	open.canvas.height = Math.round(h * ratio)
	open.postMessage({
		show: "friends",
		board: "week",
		width: w,
		height: h,
		ratio,
		theme,
		words: {
			empty: say("noFriends"),
			trouble: say("trouble"),
			loading: say("loading"),
			you: say("you"),
		},
	})
	ranks.state = "done"
}

function drawRanks() {
	const { x, w } = column()
	text(say("ranks"), x, top + 18, { size: 28, weight: 800 })
	const tab = (w - 18) / 4
	for (const [i, each] of TABS.entries()) {
		const chosen = each === ranks.tab
		const label = say(`tab${each[0].toUpperCase()}${each.slice(1)}`)
		button(label, { x: x + i * (tab + 6), y: top + 52, w: tab, h: 44 }, () => openRanks(each), {
			size: 14,
			fill: chosen ? theme.brand : theme.soft,
			color: chosen ? theme.onBrand : theme.ink,
		})
	}
	drawEntries()
	button(say("back"), { x, y: height - 66, w, h: 50 }, () => {
		if (back === "game") go("game")
		else go("menu")
	})
}

function drawEntries() {
	const { x, y, w, h } = friendsBox()
	if (ranks.tab === "friends" && ranks.state === "done") {
		const open = wx.getOpenDataContext()
		draw.drawImage(open.canvas, x, y, w, h)
		return
	}
	if (ranks.state === "loading") {
		paragraph(say("loading"), y + 60)
		return
	}
	if (ranks.state === "failed") {
		paragraph(say("trouble"), y + 60)
		button(
			say("retry"),
			{ x: width / 2 - 90, y: y + 100, w: 180, h: 48 },
			() => openRanks(ranks.tab),
			{
				fill: theme.brand,
				color: theme.onBrand,
			},
		)
		return
	}
	if (ranks.entries.length === 0) {
		paragraph(say("nobody"), y + 60, { room: w - 40 })
		return
	}
	const mine = ranks.mine?.rank && !ranks.entries.some(({ me }) => me) ? ranks.mine : null
	const room = mine ? h - ROW - 8 : h
	ranks.most = Math.max(0, ranks.entries.length * ROW - room)
	draw.save()
	draw.beginPath()
	draw.rect(x - 4, y, w + 8, room)
	draw.clip()
	for (const [i, entry] of ranks.entries.entries())
		drawEntry(entry, x, y + i * ROW - ranks.scroll, w)
	draw.restore()
	if (mine) drawEntry({ ...mine, me: true }, x, y + h - ROW, w)
}

function drawEntry({ rank, name, score, me }, x, y, w) {
	if (me) {
		draw.fillStyle = theme.soft
		rounded(draw, x, y + 2, w, ROW - 4, 12)
		draw.fill()
	}
	text(number(rank), x + 38, y + ROW / 2, {
		size: 16,
		weight: 700,
		color: rank <= 3 ? theme.brand : theme.muted,
		align: "right",
	})
	text(me ? say("you") : name, x + 54, y + ROW / 2, {
		size: 16,
		weight: me ? 700 : 550,
		room: w - 170,
	})
	text(number(score), x + w - 12, y + ROW / 2, { size: 16, weight: 700, align: "right" })
}

// Fingers and keys.

let finger = null
wx.onTouchStart(({ touches }) => {
	const { clientX: x, clientY: y } = touches[0]
	finger = { x, y, fromX: x, fromY: y, moved: false, scroll: ranks.scroll }
	focused = -1
})
wx.onTouchMove(({ touches }) => {
	if (!finger || !touches[0]) return
	const { clientX: x, clientY: y } = touches[0]
	if (screen === "ranks") {
		if (Math.abs(y - finger.fromY) > 8) finger.moved = true
		ranks.scroll = Math.min(ranks.most || 0, Math.max(0, finger.scroll + finger.fromY - y))
		wake()
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
	const hit = buttons.find(
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
	if ((key === "Enter" || key === " ") && buttons[focused]) press(buttons[focused])
	else if (key === "Escape") {
		if (screen === "ranks") go(back === "game" ? "game" : "menu")
		else if (screen === "game") leave()
	} else if (key === "z" && screen === "game" && mode === "free") undo()
	else if (/^[1-9]$/.test(key) && buttons[key - 1]) press(buttons[key - 1])
	else if (buttons.length > 0 && direction !== undefined) {
		const step = direction === engine.UP || direction === engine.LEFT ? -1 : 1
		focused = focused < 0 ? 0 : (focused + step + buttons.length) % buttons.length
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
		if (screen === "ranks" && ranks.tab === "friends") askFriends()
		wake()
	})
}
if (wx.onWindowResize) {
	wx.onWindowResize(() => {
		measure()
		wake()
	})
}
if (wx.onShareAppMessage) wx.onShareAppMessage(() => ({ title: told() }))

measure()
loadGames()
wake()
