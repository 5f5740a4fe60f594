const { length, number, pick, say, trouble } = require("../../lib/words")
const { ask, ranking } = require("../../lib/server")

/** How often the page looks who else is here. */
const LOOK = 15000
const SHOWN = 10

Page({
	data: {
		t: pick("title", "lead", "prizes", "prizesText", "once", "nobody", "retry", "today", "week"),
		loading: true,
		error: "",
		state: "",
		action: "",
		chips: [],
		ends: "",
		prizes: [],
		result: null,
		board: "daily",
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
			const [now, entries] = await Promise.all([
				ask("today"),
				ranking(this.data.board, SHOWN).catch(() => null),
			])
			this.show(now)
			if (entries) this.list(entries)
		} catch ({ code }) {
			this.setData({ loading: false, error: trouble(code) })
		}
	},

	show({ state, ends, now, live, players, streak, prizes, result, count }) {
		const chips = [
			live > 0 ? { key: "live", text: say("live", { n: live }), live: true } : null,
			players > 0 ? { key: "players", text: say("players", { n: players }) } : null,
			streak > 0 ? { key: "streak", text: say("streak", { n: streak }), gold: true } : null,
		].filter(Boolean)
		this.setData({
			loading: false,
			error: "",
			state,
			chips,
			action: say({ new: "play", open: "resume", done: "mine" }[state]),
			ends: ends ? say("ends", { time: length(Date.parse(ends) - Date.parse(now)) }) : "",
			prizes: prizes.map(({ from, to, points }) => ({
				from,
				place: say(from === to ? "place" : "placeTo", { from, to }),
				points: say("points", { n: points }),
			})),
			result: result && {
				score: number(result.score),
				marks: result.points.map((each) => each > 0),
				right: say("rightOf", { n: result.points.filter((each) => each > 0).length, all: count }),
			},
		})
	},

	list(entries) {
		this.setData({
			entries: entries.map(({ rank, name, score, me }) => ({
				rank,
				me,
				name: me ? say("you") : name,
				score: number(score),
			})),
		})
	},

	async choose({ currentTarget }) {
		const { board } = currentTarget.dataset
		if (board === this.data.board) return
		this.setData({ board, entries: null })
		try {
			const entries = await ranking(board, SHOWN)
			if (this.data.board === board) this.list(entries)
		} catch ({ code }) {
			this.setData({ error: trouble(code) })
		}
	},

	go() {
		const page = this.data.state === "done" ? "result" : "play"
		wx.navigateTo({ url: `/pages/${page}/${page}` })
	},

	async onPullDownRefresh() {
		await this.load()
		wx.stopPullDownRefresh()
	},

	onShareAppMessage() {
		return { title: say("shareTitle"), path: "/pages/home/home" }
	},
})
