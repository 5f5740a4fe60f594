const { number, pick, say, squares, trouble } = require("../../lib/words")
const { ask, ranking } = require("../../lib/server")

/** How often the page looks whether others were better. */
const LOOK = 15000
const SHOWN = 20

Page({
	data: {
		t: pick("tomorrow", "share", "home", "retry", "nobody", "today"),
		error: "",
		result: null,
		entries: null,
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: say("title") })
	},

	onShow() {
		this.load()
		clearInterval(this.timer)
		this.timer = setInterval(() => this.load(), LOOK)
	},

	onHide() {
		clearInterval(this.timer)
	},

	onUnload() {
		clearInterval(this.timer)
	},

	async load() {
		try {
			const [now, entries] = await Promise.all([ask("today"), ranking("daily", SHOWN)])
			if (now.state !== "done") {
				wx.redirectTo({ url: "/pages/home/home" })
				return
			}
			this.show(now, entries)
		} catch ({ code }) {
			this.setData({ error: trouble(code) })
		}
	},

	show({ result, players, streak, count }, entries) {
		const { score, points, refused, rank } = result
		const me = entries.find((entry) => entry.me)
		const place = me ? me.rank : rank
		this.shared = { score: number(score), squares: squares(points) }
		this.setData({
			error: "",
			result: {
				score: this.shared.score,
				marks: points.map((each) => each > 0),
				right: say("rightOf", { n: points.filter((each) => each > 0).length, all: count }),
				place: refused
					? say("notCounted")
					: say("rank", { n: place, all: Math.max(players, place) }),
				streak: streak > 0 ? say("streak", { n: streak }) : "",
			},
			entries: entries.map((entry) => ({
				rank: entry.rank,
				me: entry.me,
				name: entry.me ? say("you") : entry.name,
				score: number(entry.score),
			})),
		})
	},

	home() {
		wx.reLaunch({ url: "/pages/home/home" })
	},

	onShareAppMessage() {
		return {
			title: this.shared ? say("shareText", this.shared) : say("shareTitle"),
			path: "/pages/home/home",
		}
	},
})
