// The rankings of the day, the week and all time, and the friends' one, which is drawn elsewhere.
const { rounded } = require("./look")
const server = require("./server")
const { button, column, paragraph, text, view } = require("./screen")
const { number, say } = require("./words")

const TABS = ["today", "week", "world", "friends"]
const ROW = 46
const { draw } = view

let ranks = { tab: "today", state: "loading", entries: [], mine: null, scroll: 0, most: 0 }
/** Draws the screen again; the game says how. */
let wake = () => {}

function open(tab) {
	ranks = { tab, state: "loading", entries: [], mine: null, scroll: 0, most: 0 }
	view.focused = -1
	if (tab === "friends") askFriends()
	else void fetchRanks()
	wake()
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
	return { x, y: view.top + 116, w, h: view.height - view.top - 116 - 82 }
}

/** Friends are drawn where their names are known, which is not here: this side sees a picture that it cannot read. */
function askFriends() {
	const friends = wx.getOpenDataContext ? wx.getOpenDataContext() : null
	if (!friends) {
		ranks.state = "failed"
		return
	}
	const { w, h } = friendsBox()
	friends.canvas.width = Math.round(w * view.ratio)
	friends.canvas.height = Math.round(h * view.ratio)
	friends.postMessage({
		show: "friends",
		board: "week",
		width: w,
		height: h,
		ratio: view.ratio,
		theme: view.theme,
		words: {
			empty: say("noFriends"),
			trouble: say("trouble"),
			loading: say("loading"),
			you: say("you"),
		},
	})
	ranks.state = "done"
}

/** Draws it all; `leave` is what the button at its foot does. */
function drawRanks(leave) {
	const { x, w } = column()
	text(say("ranks"), x, view.top + 18, { size: 28, weight: 800 })
	const tab = (w - 18) / 4
	for (const [i, each] of TABS.entries()) {
		const chosen = each === ranks.tab
		const label = say(`tab${each[0].toUpperCase()}${each.slice(1)}`)
		button(label, { x: x + i * (tab + 6), y: view.top + 52, w: tab, h: 44 }, () => open(each), {
			size: 14,
			fill: chosen ? view.theme.brand : view.theme.soft,
			color: chosen ? view.theme.onBrand : view.theme.ink,
		})
	}
	drawEntries()
	button(say("back"), { x, y: view.height - 66, w, h: 50 }, leave)
}

function drawEntries() {
	const { x, y, w, h } = friendsBox()
	if (ranks.tab === "friends" && ranks.state === "done") {
		draw.drawImage(wx.getOpenDataContext().canvas, x, y, w, h)
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
			{ x: view.width / 2 - 90, y: y + 100, w: 180, h: 48 },
			() => open(ranks.tab),
			{
				fill: view.theme.brand,
				color: view.theme.onBrand,
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
		draw.fillStyle = view.theme.soft
		rounded(draw, x, y + 2, w, ROW - 4, 12)
		draw.fill()
	}
	text(number(rank), x + 38, y + ROW / 2, {
		size: 16,
		weight: 700,
		color: rank <= 3 ? view.theme.brand : view.theme.muted,
		align: "right",
	})
	text(me ? say("you") : name, x + 54, y + ROW / 2, {
		size: 16,
		weight: me ? 700 : 550,
		room: w - 170,
	})
	text(number(score), x + w - 12, y + ROW / 2, { size: 16, weight: 700, align: "right" })
}

/** Rolls the list so that a finger that came down at `from` stands at `now`. */
function roll(scroll, from, now) {
	ranks.scroll = Math.min(ranks.most, Math.max(0, scroll + from - now))
	wake()
}

module.exports = {
	draw: drawRanks,
	open,
	roll,
	get scroll() {
		return ranks.scroll
	},
	/** Other colours, or another size: the friends must be drawn again. */
	redraw() {
		if (ranks.tab === "friends") askFriends()
	},
	onChange(run) {
		wake = run
	},
}
