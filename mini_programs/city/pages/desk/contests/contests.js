const { ask } = require("../../../lib/ask")
const { moment, pick, say, trouble } = require("../../../lib/words")
const { tone } = require("../../../lib/tones")

Page({
	data: {
		t: pick("noRows", "more"),
		filters: ["open", "decided", "all"].map((id) => ({ id, name: say(id) })),
		filter: "open",
		rows: null,
		total: "",
		error: "",
	},

	onLoad({ filter }) {
		wx.setNavigationBarTitle({ title: say("desk_contests") })
		if (filter) this.setData({ filter })
	},

	onShow() {
		return this.load()
	},

	choose({ currentTarget }) {
		this.setData({ filter: currentTarget.dataset.id })
		this.load()
	},

	load() {
		return this.read(0)
	},

	more() {
		return this.read(this.data.rows.length)
	},

	async read(skip) {
		this.setData({ error: "" })
		try {
			const { rows, total } = await ask("desk.contests", { filter: this.data.filter, skip })
			const drawn = rows.map(({ id, number, reason, text, state, at }) => ({
				id,
				number,
				reason: say(reason),
				text,
				state: say(state),
				tone: tone(state),
				at: moment(at),
			}))
			const all = skip > 0 ? [...this.data.rows, ...drawn] : drawn
			this.setData({ rows: all, total: say("rows", { n: total }), left: total > all.length })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	open({ currentTarget }) {
		wx.navigateTo({ url: `/pages/desk/notice/notice?number=${currentTarget.dataset.number}` })
	},
})
