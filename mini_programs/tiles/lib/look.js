// How things look: the colours of day and night, and the tiles, each with a pattern of its own, like those on the
// floors of old houses. A pattern tells a tile as surely as its number and its colour do.
const day = {
	back: "#f4efe6",
	ink: "#22302f",
	muted: "#56645f",
	board: "#d8cdbb",
	square: "#e7dece",
	card: "#fffdf8",
	line: "#ddd2c0",
	brand: "#1f5f6b",
	onBrand: "#ffffff",
	soft: "#e0ebe9",
	veil: "rgba(244, 239, 230, 0.86)",
}
const night = {
	back: "#10181a",
	ink: "#eef3f1",
	muted: "#a3b5b1",
	board: "#1d292b",
	square: "#283638",
	card: "#192325",
	line: "#2f3f41",
	brand: "#74c6d0",
	onBrand: "#06262b",
	soft: "#1f3438",
	veil: "rgba(16, 24, 26, 0.86)",
}

/** Ground, pattern, and the number's colour, by power of two. */
const COLOURS = [
	[],
	["#f5ecdc", "#cbdcd6", "#22302f"],
	["#f0dfbf", "#8fbdb4", "#22302f"],
	["#a5cdc5", "#f3e9d8", "#14302f"],
	["#4d9692", "#bfe0d6", "#08201f"],
	["#1f5f6b", "#5fa8a8", "#ffffff"],
	["#e9b44c", "#fbe3a8", "#33240a"],
	["#df8a3f", "#f8cf8f", "#33190a"],
	["#bd4b33", "#eda07c", "#ffffff"],
	["#94364a", "#de8f98", "#ffffff"],
	["#5b3a66", "#b990c2", "#ffffff"],
	["#27305f", "#e3b04b", "#ffffff"],
	["#123a4c", "#67c3bb", "#ffffff"],
	["#0e4a3a", "#e2cf7e", "#ffffff"],
	["#3a2a12", "#e3a83b", "#ffffff"],
	["#141414", "#e8e8e8", "#ffffff"],
]

const TURN = Math.PI * 2

function disc(draw, x, y, radius) {
	draw.beginPath()
	draw.arc(x, y, radius, 0, TURN)
	draw.fill()
}

function shape(draw, ...points) {
	draw.beginPath()
	for (const [x, y] of points) draw.lineTo(x, y) // the first one only puts the pen down
	draw.closePath()
	draw.fill()
}

const corners = [
	[0, 0],
	[1, 0],
	[1, 1],
	[0, 1],
]

function rays(draw, count, inner, outer) {
	for (let i = 0; i < count; i++) {
		const at = (i / count) * TURN
		const half = (TURN / count) * 0.22
		shape(
			draw,
			[0.5 + Math.cos(at - half) * inner, 0.5 + Math.sin(at - half) * inner],
			[0.5 + Math.cos(at) * outer, 0.5 + Math.sin(at) * outer],
			[0.5 + Math.cos(at + half) * inner, 0.5 + Math.sin(at + half) * inner],
		)
	}
}

/** What is painted on the tile, on a square of side one. */
const PATTERNS = [
	() => {},
	(draw) => {
		for (const [x, y] of corners) disc(draw, 0.14 + 0.72 * x, 0.14 + 0.72 * y, 0.05)
	},
	(draw) => {
		for (const [x, y] of [corners[0], corners[2]]) disc(draw, x, y, 0.34)
	},
	(draw) => {
		for (const [x, y] of corners) disc(draw, x, y, 0.3)
	},
	(draw) => {
		for (const [x, y] of corners) {
			const [a, b] = [x === 0 ? 0.36 : 0.64, y === 0 ? 0.36 : 0.64]
			shape(draw, [x, y], [a, y], [x, b])
		}
	},
	(draw) => {
		draw.lineWidth = 0.05
		draw.strokeStyle = draw.fillStyle
		for (const [x, y] of corners) {
			for (const radius of [0.18, 0.3]) {
				draw.beginPath()
				draw.arc(x, y, radius, 0, TURN)
				draw.stroke()
			}
		}
	},
	(draw) => {
		for (const [x, y] of corners) {
			draw.beginPath()
			draw.moveTo(0.5, 0.5)
			draw.quadraticCurveTo(x, 0.5, x, y)
			draw.quadraticCurveTo(0.5, y, 0.5, 0.5)
			draw.fill()
		}
	},
	(draw) => rays(draw, 8, 0.34, 0.68),
	(draw) => {
		for (const [x, y] of corners) {
			const [a, b] = [x * 0.8, y * 0.8]
			draw.fillRect(a, b, 0.1, 0.1)
			draw.fillRect(a + 0.1, b + 0.1, 0.1, 0.1)
		}
		for (const [x, y] of [
			[0.5, 0.06],
			[0.94, 0.5],
			[0.5, 0.94],
			[0.06, 0.5],
		])
			disc(draw, x, y, 0.06)
	},
	(draw) => {
		draw.lineWidth = 0.045
		draw.strokeStyle = draw.fillStyle
		for (let i = -1; i <= 1; i += 0.25) {
			draw.beginPath()
			draw.moveTo(i, 0)
			draw.lineTo(i + 1, 1)
			draw.moveTo(i + 1, 0)
			draw.lineTo(i, 1)
			draw.stroke()
		}
	},
	(draw) => {
		for (const [x, y] of corners) {
			disc(draw, x, y, 0.3)
			shape(
				draw,
				[0.5, y],
				[0.62, y === 0 ? 0.2 : 0.8],
				[0.5, y === 0 ? 0.3 : 0.7],
				[0.38, y === 0 ? 0.2 : 0.8],
			)
		}
	},
	(draw) => rays(draw, 16, 0.36, 0.72),
	(draw) => {
		rays(draw, 4, 0.3, 0.72)
		for (const [x, y] of corners) disc(draw, 0.5 + (x - 0.5) * 0.72, 0.5 + (y - 0.5) * 0.72, 0.07)
	},
	(draw) => rays(draw, 12, 0.3, 0.56),
	(draw) => rays(draw, 24, 0.34, 0.72),
	(draw) => rays(draw, 32, 0.3, 0.72),
]

function rounded(draw, x, y, width, height, radius) {
	draw.beginPath()
	draw.moveTo(x + radius, y)
	draw.arcTo(x + width, y, x + width, y + height, radius)
	draw.arcTo(x + width, y + height, x, y + height, radius)
	draw.arcTo(x, y + height, x, y, radius)
	draw.arcTo(x, y, x + width, y, radius)
	draw.closePath()
}

const font = (size, weight = 700) =>
	`${weight} ${size}px system-ui, -apple-system, "PingFang SC", "Noto Sans SC", sans-serif`

/** Paints a tile of that side at the origin. */
function paintTile(draw, level, side) {
	const [ground, pattern, ink] = COLOURS[level]
	draw.save()
	rounded(draw, 0, 0, side, side, side * 0.14)
	draw.clip()
	draw.fillStyle = ground
	draw.fillRect(0, 0, side, side)
	draw.save()
	draw.scale(side, side)
	draw.fillStyle = pattern
	PATTERNS[level](draw)
	draw.restore()
	const text = String(2 ** level)
	const size = side * [0, 0.42, 0.38, 0.33, 0.27, 0.225][text.length]
	// The number stands on plain ground, whatever the pattern does.
	draw.fillStyle = ground
	disc(draw, side / 2, side / 2, side * (text.length > 2 ? 0.39 : 0.33))
	draw.fillStyle = ink
	draw.font = font(size, 800)
	draw.textAlign = "center"
	draw.textBaseline = "middle"
	draw.fillText(text, side / 2, side / 2 + size * 0.04)
	draw.restore()
}

/** Tiles as pictures, painted once for a size: a frame of the game only lays them down. */
function tilesOf(side, ratio) {
	const pictures = []
	return (level) => {
		if (!pictures[level]) {
			const picture = wx.createCanvas()
			picture.width = picture.height = Math.ceil(side * ratio)
			const draw = picture.getContext("2d")
			draw.scale(ratio, ratio)
			paintTile(draw, level, side)
			pictures[level] = picture
		}
		return pictures[level]
	}
}

module.exports = { day, font, night, paintTile, rounded, tilesOf }
