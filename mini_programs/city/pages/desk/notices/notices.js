const { ask } = require("../../../lib/ask")
const { date, money, pick, say, spoken, trouble } = require("../../../lib/words")
const { tone } = require("../../../lib/tones")

const filters = [
	"all",
	"reduced",
	"standard",
	"overdue",
	"increased",
	"contested",
	"paid",
	"cancelled",
	"refunded",
]
const named = (id) => say(id === "overdue" ? "overdue_not_yet_increased" : id)

Page({
	data: {
		t: pick(
			"search",
			"number",
			"plate",
			"offence",
			"notice_date",
			"state",
			"amount",
			"next",
			"noRows",
			"more",
			"find",
		),
		filters: filters.map((id) => ({ id, name: named(id) })),
		filter: "all",
		q: "",
		rows: null,
		total: "",
		increase: "",
		busy: false,
		error: "",
	},

	onLoad({ filter }) {
		wx.setNavigationBarTitle({ title: say("desk_notices") })
		if (filters.includes(filter)) this.setData({ filter })
	},

	onShow() {
		return this.load()
	},

	choose({ currentTarget }) {
		this.setData({ filter: currentTarget.dataset.id, q: "" })
		this.load()
	},

	type({ detail }) {
		this.setData({ q: detail.value })
	},

	load() {
		return this.read(0)
	},

	more() {
		return this.read(this.data.rows.length)
	},

	async read(skip) {
		this.setData({ busy: true, error: "" })
		const { filter, q } = this.data
		try {
			const { rows, total } = await ask("desk.notices", { filter, q, skip })
			const all = skip > 0 ? [...this.data.rows, ...rows.map(drawn)] : rows.map(drawn)
			this.setData({
				rows: all,
				total: say("rows", { n: total }),
				left: total > all.length,
				increase: filter === "overdue" && all.length > 0 ? say("increase", { n: all.length }) : "",
			})
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		this.setData({ busy: false })
	},

	open({ currentTarget }) {
		wx.navigateTo({ url: `/pages/desk/notice/notice?number=${currentTarget.dataset.number}` })
	},

	async increaseAll() {
		const { confirm } = await wx.showModal({ content: say("increaseSure") })
		if (!confirm) return
		try {
			const { issued } = await ask("desk.increase", {
				numbers: this.data.rows.slice(0, 100).map(({ number }) => number),
			})
			wx.showToast({ title: say("issued", { n: issued }), icon: "none" })
			await this.load()
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},
})

function drawn({ number, plate, offence, notice_date, standing, amount, next }) {
	return {
		number,
		plate,
		offence: spoken(offence),
		date: date(notice_date, { day: "numeric", month: "short", year: "numeric" }),
		standing: say(standing),
		tone: tone(standing),
		amount: amount === null ? "–" : money(amount),
		next: next ? date(next.from, { day: "numeric", month: "short" }) : "–",
	}
}
