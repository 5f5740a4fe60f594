// The radar: places around the middle by bearing and distance, north up. Pure but for the context that it draws on.
const { distance } = require("./words")

const RAD = Math.PI / 180
/** Radii that read well, in metres. */
const NICE = [50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10000, 20000, 50000]
/** Pixels between the outer ring and the edge. */
const EDGE = 22
/** Pixels around a dot that a finger hits. */
const REACH = 26
const LABELS = 7

const THEMES = {
	light: {
		paper: "#ffffff",
		ring: "#dde4e0",
		faint: "#f4f6f5",
		ink: "#14211c",
		muted: "#55645d",
		open: "#0b7a55",
		soon: "#b26a00",
		closed: "#a8b3ad",
		unknown: "#75857d",
		me: "#1f5fa8",
	},
	dark: {
		paper: "#191f1d",
		ring: "#2c3633",
		faint: "#141917",
		ink: "#e7eeea",
		muted: "#9fb0a8",
		open: "#3ecf97",
		soon: "#f0b95b",
		closed: "#4a5752",
		unknown: "#7c8c84",
		me: "#8bbcf5",
	},
}

/** Where a place is from the middle: metres east and north, nearly flat at this size, the short way around the earth. */
function offset(centre, { lat, lon, metres }) {
	const east = ((((lon - centre.lon + 540) % 360) + 360) % 360) - 180
	const y = Math.sin((lat - centre.lat) * RAD)
	const x = Math.sin(east * RAD) * Math.cos(lat * RAD)
	const bearing = Math.atan2(x, y)
	return { x: Math.sin(bearing) * metres, y: -Math.cos(bearing) * metres }
}

/** The dots on a square of that many pixels, and the metres that its outer ring is. */
function plot(centre, places, size) {
	const farthest = Math.max(50, ...places.map(({ metres }) => metres))
	const reach = NICE.find((nice) => nice >= farthest) || farthest
	const scale = (size / 2 - EDGE) / reach
	const dots = places.map((place) => {
		const { x, y } = offset(centre, place)
		return { place, x: size / 2 + x * scale, y: size / 2 + y * scale }
	})
	return { reach, dots }
}

/** The dot that a finger means: the nearest one within reach. */
function hit(dots, x, y) {
	const near = dots
		.map((dot) => ({ dot, far: Math.hypot(dot.x - x, dot.y - y) }))
		.filter(({ far }) => far <= REACH)
		.sort((a, b) => a.far - b.far)
	return near[0]?.dot.place
}

function rings(pen, size, reach, look, north) {
	const middle = size / 2
	const outer = middle - EDGE
	pen.lineWidth = 1
	for (const part of [1, 2 / 3, 1 / 3]) {
		pen.beginPath()
		pen.arc(middle, middle, outer * part, 0, 2 * Math.PI)
		pen.fillStyle = part === 2 / 3 ? look.paper : look.faint
		pen.fill()
		pen.strokeStyle = look.ring
		pen.stroke()
	}
	pen.beginPath()
	pen.moveTo(middle, EDGE)
	pen.lineTo(middle, size - EDGE)
	pen.moveTo(EDGE, middle)
	pen.lineTo(size - EDGE, middle)
	pen.stroke()
	pen.fillStyle = look.muted
	pen.textAlign = "center"
	pen.font = "700 13px sans-serif"
	pen.fillText(north, middle, 15)
	pen.font = "12px sans-serif"
	pen.textAlign = "left"
	for (const part of [1, 2 / 3, 1 / 3]) {
		const at = middle + outer * part * Math.SQRT1_2
		pen.fillText(distance(reach * part), at + 3, at + 3)
	}
}

function dot(pen, { place, x, y }, look, chosen) {
	pen.beginPath()
	pen.arc(x, y, chosen ? 11 : 7, 0, 2 * Math.PI)
	pen.fillStyle = place.happy ? look.soon : look[place.state]
	pen.fill()
	pen.lineWidth = chosen ? 3 : 2
	pen.strokeStyle = chosen ? look.ink : look.paper
	pen.stroke()
}

/** Names beside the nearest dots, where no other name stands already. */
function names(pen, dots, look, size, chosen) {
	pen.font = "600 12px sans-serif"
	const taken = []
	const first = dots.filter(({ place }) => place.id === chosen)
	for (const { place, x, y } of [...first, ...dots]) {
		if (taken.length >= LABELS) return
		const text = place.name.length > 18 ? `${place.name.slice(0, 17)}…` : place.name
		const wide = pen.measureText(text).width
		const left = x + 12 + wide > size ? x - 12 - wide : x + 12
		const box = { left: left - 3, right: left + wide + 3, top: y - 9, bottom: y + 9 }
		const free = taken.every(
			(other) =>
				box.right < other.left ||
				box.left > other.right ||
				box.bottom < other.top ||
				box.top > other.bottom,
		)
		if (!free) continue
		taken.push(box)
		pen.textAlign = "left"
		pen.lineWidth = 4
		pen.lineJoin = "round"
		pen.strokeStyle = look.paper
		pen.strokeText(text, left, y + 4)
		pen.fillStyle = look.ink
		pen.fillText(text, left, y + 4)
	}
}

/** Draws it, and answers the dots for `hit`. */
function draw(pen, { centre, places, size, theme, chosen, north }) {
	const look = THEMES[theme] || THEMES.light
	const { reach, dots } = plot(centre, places, size)
	pen.clearRect(0, 0, size, size)
	rings(pen, size, reach, look, north)
	for (const each of [...dots].reverse()) dot(pen, each, look, each.place.id === chosen)
	const middle = size / 2
	pen.beginPath()
	pen.arc(middle, middle, 8, 0, 2 * Math.PI)
	pen.fillStyle = look.me
	pen.fill()
	pen.lineWidth = 3
	pen.strokeStyle = look.paper
	pen.stroke()
	names(pen, dots, look, size, chosen)
	return dots
}

module.exports = { draw, hit, plot }
