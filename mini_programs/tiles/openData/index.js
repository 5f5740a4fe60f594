// The friends' ranking. This is the only place that is told who the friends are: it draws them, and can tell nobody.
const canvas = wx.getSharedCanvas()
const draw = canvas.getContext("2d")
const ROW = 46
let asked = null

const font = (size, weight) => `${weight} ${size}px system-ui, sans-serif`

function text(
	words,
	x,
	y,
	{ size = 16, weight = 600, color = asked.theme.ink, align = "left", room } = {},
) {
	draw.font = font(size, weight)
	draw.fillStyle = color
	draw.textAlign = align
	draw.textBaseline = "middle"
	draw.fillText(words, x, y, room)
}

function paragraph(words, y) {
	draw.font = font(16, 500)
	const parts = /[\u4e00-\u9fff]/.test(words) ? Array.from(words) : words.split(/(?<= )/)
	let line = ""
	const lay = () =>
		text(line.trim(), asked.width / 2, y, {
			weight: 500,
			color: asked.theme.muted,
			align: "center",
		})
	for (const part of parts) {
		if (line !== "" && draw.measureText(line + part).width > asked.width - 40) {
			lay()
			y += 23
			line = ""
		}
		line += part
	}
	lay()
}

function clear() {
	canvas.width = Math.round(asked.width * asked.ratio)
	canvas.height = Math.round(asked.height * asked.ratio)
	draw.setTransform(asked.ratio, 0, 0, asked.ratio, 0, 0)
	draw.fillStyle = asked.theme.back
	draw.fillRect(0, 0, asked.width, asked.height)
}

function scoreOf({ KVDataList }) {
	const { value } = KVDataList.find(({ key }) => key === asked.board) || KVDataList[0] || {}
	try {
		return Number(JSON.parse(value).wxgame.score)
	} catch {
		return Number(value) || 0
	}
}

function row(entry, place, y) {
	if (entry.me) {
		draw.fillStyle = asked.theme.soft
		draw.fillRect(0, y + 2, asked.width, ROW - 4)
	}
	const { brand, muted } = asked.theme
	text(String(place), 38, y + ROW / 2, {
		weight: 700,
		color: place <= 3 ? brand : muted,
		align: "right",
	})
	text(entry.nickname || asked.words.you, 54, y + ROW / 2, {
		weight: entry.me ? 700 : 550,
		room: asked.width - 170,
	})
	text(entry.score.toLocaleString(), asked.width - 12, y + ROW / 2, { weight: 700, align: "right" })
}

function show(data) {
	clear()
	if (data.length === 0) {
		paragraph(asked.words.empty, 60)
		return
	}
	const ranked = data
		.map((friend) => ({ ...friend, score: scoreOf(friend) }))
		.sort((a, b) => b.score - a.score)
	ranked.slice(0, Math.floor(asked.height / ROW)).forEach((entry, i) => {
		row(entry, i + 1, i * ROW)
	})
}

wx.onMessage((message) => {
	if (message.show !== "friends") return
	asked = message
	clear()
	paragraph(asked.words.loading, 60)
	wx.getFriendCloudStorage({
		keyList: [asked.board],
		success: ({ data }) => show(data),
		fail: () => {
			clear()
			paragraph(asked.words.trouble, 60)
		},
	})
})
