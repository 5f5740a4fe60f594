// The screen: its size, its colours, and what all pictures on it are made of. Buttons are gathered while they are drawn, so
// that a finger and a key find what is on the screen and nothing else.
const { day, font, night, rounded, tilesOf } = require("./look")
const { say } = require("./words")

const canvas = wx.createCanvas()

const view = {
	canvas,
	draw: canvas.getContext("2d"),
	width: 0,
	height: 0,
	ratio: 1,
	top: 0, // below the host's buttons
	theme: day,
	tile: null, // the picture of a tile
	side: 0,
	gap: 0,
	origin: { x: 0, y: 0 }, // of the board
	buttons: [],
	focused: -1,
}
const { draw } = view

/** The size and the colours that the screen has now. */
function measure() {
	const system = wx.getSystemInfoSync()
	view.width = system.windowWidth
	view.height = system.windowHeight
	view.ratio = system.pixelRatio || 1
	canvas.width = Math.round(view.width * view.ratio)
	canvas.height = Math.round(view.height * view.ratio)
	view.theme = system.theme === "dark" ? night : day
	const menu = wx.getMenuButtonBoundingClientRect ? wx.getMenuButtonBoundingClientRect() : null
	view.top = Math.max(menu ? menu.bottom + 14 : 56, 48)
	const room = Math.min(view.width - 24, view.height - view.top - 210, 520)
	view.gap = Math.max(6, Math.floor(room * 0.022))
	view.side = Math.floor((room - view.gap * 5) / 4)
	const whole = view.side * 4 + view.gap * 5
	view.origin = {
		x: Math.round((view.width - whole) / 2),
		y: Math.round(view.top + 96 + Math.max(0, (view.height - view.top - 96 - whole - 150) * 0.42)),
	}
	view.tile = tilesOf(view.side, view.ratio)
}

function text(
	words,
	x,
	y,
	{ size = 16, weight = 600, color = view.theme.ink, align = "left", room = 0 } = {},
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
	{ size = 16, weight = 500, color = view.theme.muted, room = view.width - 64 } = {},
) {
	draw.font = font(size, weight)
	const parts = /[\u4e00-\u9fff]/.test(words) ? Array.from(words) : words.split(/(?<= )/)
	let line = ""
	for (const part of parts) {
		if (line !== "" && draw.measureText(line + part).width > room) {
			text(line.trim(), view.width / 2, y, { size, weight, color, align: "center" })
			y += size * 1.4
			line = ""
		}
		line += part
	}
	text(line.trim(), view.width / 2, y, { size, weight, color, align: "center" })
	return y + size * 1.4
}

function button(
	label,
	box,
	act,
	{
		fill = view.theme.soft,
		color = view.theme.ink,
		size = 16,
		below = "",
		off = false,
		right = "",
	} = {},
) {
	const { x, y, w, h } = box
	draw.globalAlpha = off ? 0.45 : 1
	rounded(draw, x, y, w, h, Math.min(14, h / 3))
	draw.fillStyle = fill
	draw.fill()
	if (!off) {
		if (view.focused === view.buttons.length) {
			draw.lineWidth = 3
			draw.strokeStyle = view.theme.ink
			rounded(draw, x - 3, y - 3, w + 6, h + 6, Math.min(16, h / 3 + 3))
			draw.stroke()
		}
		view.buttons.push({ ...box, act, label })
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
	const w = Math.min(view.width - 32, 440)
	return { x: Math.round((view.width - w) / 2), w }
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

function veil(words) {
	draw.fillStyle = view.theme.veil
	draw.fillRect(0, 0, view.width, view.height)
	view.buttons = []
	text(words, view.width / 2, view.height / 2, { size: 18, align: "center" })
}

module.exports = { button, column, confirm, measure, note, paragraph, text, veil, view }
