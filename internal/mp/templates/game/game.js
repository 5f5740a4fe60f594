// A tap game on one canvas: lanterns rise, tapping one scores, small and quick ones score more. A round has
// thirty seconds; the best score stays on the device.
const texts = {
	start: { en: "Tap to begin", fr: "Touchez pour commencer", zh: "点击开始" },
	over: { en: "Time!", fr: "Terminé !", zh: "时间到！" },
	again: { en: "Tap to play again", fr: "Touchez pour rejouer", zh: "点击再玩一次" },
	best: { en: "Best", fr: "Record", zh: "最高分" },
	record: { en: "A new best!", fr: "Nouveau record !", zh: "新纪录！" },
}

const ROUND = 30
const REST = 0.8 // seconds in which a tap that came too late does not begin the next round

const system = wx.getSystemInfoSync()
const locale = ["en", "fr", "zh"].find((each) => system.language.startsWith(each)) || "en"
const say = (key) => texts[key][locale]

const canvas = wx.createCanvas() // the first one is the screen
const { windowWidth: width, windowHeight: height, pixelRatio } = system
canvas.width = width * pixelRatio
canvas.height = height * pixelRatio
const draw = canvas.getContext("2d")
draw.scale(pixelRatio, pixelRatio)

const font = (size, weight = 700) => `${weight} ${size}px system-ui, sans-serif`
const stars = Array.from({ length: 70 }, () => ({
	x: Math.random() * width,
	y: Math.random() * height * 0.8,
	size: 0.5 + Math.random() * 1.3,
	phase: Math.random() * 7,
}))

let best = Number(wx.getStorageSync("best")) || 0
let state = "start" // start, play, over
let score = 0
let left = ROUND
let rested = REST
let wait = 0
let record = false
let lanterns = []
let sparks = []

function begin() {
	state = "play"
	score = 0
	left = ROUND
	wait = 0
	record = false
	lanterns = []
	sparks = []
}

function finish() {
	state = "over"
	rested = 0
	record = score > best
	if (record) {
		best = score
		wx.setStorageSync("best", best)
	}
}

function launch() {
	const size = 22 + Math.random() * 24
	lanterns.push({
		x: size + Math.random() * (width - 2 * size),
		y: height + size,
		size,
		speed: (90 + Math.random() * 90 + (ROUND - left) * 4) * (34 / size) ** 0.6,
		sway: Math.random() * 7,
		hue: 8 + Math.random() * 36,
	})
}

function pop(lantern) {
	score += Math.max(1, Math.round((60 - lantern.size) / 8))
	for (let n = 0; n < 16; n++) {
		const angle = (n / 16) * Math.PI * 2
		const speed = 60 + Math.random() * 140
		sparks.push({
			x: lantern.x,
			y: lantern.y,
			dx: Math.cos(angle) * speed,
			dy: Math.sin(angle) * speed,
			life: 0.7,
			hue: lantern.hue,
		})
	}
	if (wx.vibrateShort) wx.vibrateShort({ type: "light" })
}

wx.onTouchStart(({ touches }) => {
	if (state !== "play") {
		if (rested >= REST) begin()
		return
	}
	for (const { clientX, clientY } of touches) {
		// The nearest one within a finger's width is meant.
		const near = lanterns
			.map((lantern) => ({ lantern, far: Math.hypot(lantern.x - clientX, lantern.y - clientY) }))
			.filter(({ lantern, far }) => far < lantern.size + 16)
			.sort((a, b) => a.far - b.far)[0]
		if (!near) continue
		lanterns = lanterns.filter((one) => one !== near.lantern)
		pop(near.lantern)
	}
})

function move(seconds) {
	rested += seconds
	wait -= seconds
	if (wait <= 0 && state !== "over") {
		launch()
		wait = 0.2 + Math.random() * 0.5 * (left / ROUND)
	}
	if (state === "play") {
		left -= seconds
		if (left <= 0) finish()
	}
	for (const lantern of lanterns) {
		lantern.y -= lantern.speed * seconds
		lantern.sway += seconds * 2
		lantern.x += Math.sin(lantern.sway) * 18 * seconds
	}
	lanterns = lanterns.filter(({ y, size }) => y > -size * 2)
	for (const spark of sparks) {
		spark.x += spark.dx * seconds
		spark.y += spark.dy * seconds
		spark.dy += 160 * seconds
		spark.life -= seconds
	}
	sparks = sparks.filter(({ life }) => life > 0)
}

function paintSky(time) {
	const sky = draw.createLinearGradient(0, 0, 0, height)
	sky.addColorStop(0, "#120d2e")
	sky.addColorStop(0.6, "#43225f")
	sky.addColorStop(1, "#a0466a")
	draw.fillStyle = sky
	draw.fillRect(0, 0, width, height)
	draw.fillStyle = "#fff"
	for (const { x, y, size, phase } of stars) {
		draw.globalAlpha = 0.35 + 0.35 * Math.sin(time + phase)
		draw.fillRect(x, y, size, size)
	}
	draw.globalAlpha = 1
	draw.fillStyle = "#150d2b"
	for (const [x, wide, tall] of [
		[0.02, 0.16, 0.1],
		[0.2, 0.1, 0.16],
		[0.33, 0.2, 0.07],
		[0.56, 0.12, 0.13],
		[0.7, 0.18, 0.09],
		[0.9, 0.12, 0.15],
	]) {
		draw.fillRect(x * width, height * (1 - tall), wide * width, height * tall)
	}
}

function paintLantern({ x, y, size, hue }) {
	const glow = draw.createRadialGradient(x, y, size * 0.1, x, y, size * 1.9)
	glow.addColorStop(0, `hsla(${hue}, 100%, 70%, .55)`)
	glow.addColorStop(1, `hsla(${hue}, 100%, 60%, 0)`)
	draw.fillStyle = glow
	draw.fillRect(x - size * 2, y - size * 2, size * 4, size * 4)
	const paper = draw.createLinearGradient(x - size, 0, x + size, 0)
	paper.addColorStop(0, `hsl(${hue}, 85%, 46%)`)
	paper.addColorStop(0.5, `hsl(${hue + 14}, 100%, 74%)`)
	paper.addColorStop(1, `hsl(${hue}, 85%, 46%)`)
	draw.fillStyle = paper
	draw.beginPath()
	draw.ellipse(x, y, size, size * 0.92, 0, 0, Math.PI * 2)
	draw.fill()
	draw.fillStyle = "#5a2418"
	draw.fillRect(x - size * 0.3, y - size * 1.08, size * 0.6, size * 0.2)
	draw.fillRect(x - size * 0.3, y + size * 0.88, size * 0.6, size * 0.2)
}

function paintSparks() {
	for (const { x, y, life, hue } of sparks) {
		draw.globalAlpha = Math.max(life / 0.7, 0)
		draw.fillStyle = `hsl(${hue + 20}, 100%, 70%)`
		draw.beginPath()
		draw.arc(x, y, 2.5, 0, Math.PI * 2)
		draw.fill()
	}
	draw.globalAlpha = 1
}

function text(words, y, size, weight = 700, color = "#fff") {
	draw.font = font(size, weight)
	draw.textAlign = "center"
	draw.fillStyle = color
	draw.fillText(words, width / 2, y)
}

function paintWords() {
	if (state === "play") {
		text(String(score), 76, 48, 800)
		draw.fillStyle = "rgba(255, 255, 255, .2)"
		draw.fillRect(width * 0.2, 96, width * 0.6, 4)
		draw.fillStyle = "#ffd98a"
		draw.fillRect(width * 0.2, 96, width * 0.6 * Math.max(left / ROUND, 0), 4)
		return
	}
	draw.fillStyle = "rgba(10, 6, 26, .45)"
	draw.fillRect(0, 0, width, height)
	if (state === "over") {
		text(say("over"), height * 0.3, 28)
		text(String(score), height * 0.3 + 92, 88, 800, "#ffd98a")
		if (record) text(say("record"), height * 0.3 + 132, 20)
	} else {
		text("__NAME__", height * 0.38, 40, 800, "#ffd98a")
	}
	text(say(state === "over" ? "again" : "start"), height * 0.62, 20)
	if (best > 0) text(`${say("best")} ${best}`, height * 0.62 + 36, 16, 600, "#e8d9f0")
}

let last = 0
function frame(now) {
	// A page that was in the background comes back with a leap; nobody should lose lanterns to it.
	move(Math.min((now - last) / 1000, 0.05))
	last = now
	paintSky(now / 1000)
	lanterns.forEach(paintLantern)
	paintSparks()
	paintWords()
	requestAnimationFrame(frame)
}
requestAnimationFrame(frame)
