const { ask } = require("../../../lib/ask")
const { download } = require("../../../lib/download")
const { moment, money, pick, say, trouble } = require("../../../lib/words")
const { tone } = require("../../../lib/tones")

const filters = ["paid", "returned", "open", "all"]
/** An export asks for at most so many parts. */
const PARTS = 100

Page({
	data: {
		t: pick(
			"search",
			"reference",
			"state",
			"amount",
			"payer",
			"paid_at",
			"receipt",
			"tariff",
			"noRows",
			"more",
			"treasury",
			"find",
		),
		filters: filters.map((id) => ({ id, name: say(id) })),
		filter: "paid",
		q: "",
		rows: null,
		total: "",
		busy: false,
		error: "",
	},

	onLoad({ filter }) {
		wx.setNavigationBarTitle({ title: say("desk_payments") })
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
		this.setData({ error: "" })
		const { filter, q } = this.data
		try {
			const { rows, total } = await ask("desk.payments", { filter, q, skip })
			const drawn = rows.map((each) => ({
				reference: each.reference,
				kind: each.kind,
				number: each.subject,
				tariff: each.tariff === "bill" ? "" : say(each.tariff),
				amount: money(each.amount),
				state: say(each.state),
				tone: tone(each.state),
				payer: each.payer,
				at: moment(each.paid_at ?? each.started),
				receipt: each.receipt,
			}))
			const all = skip > 0 ? [...this.data.rows, ...drawn] : drawn
			this.setData({ rows: all, total: say("rows", { n: total }), left: total > all.length })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	open({ currentTarget: { dataset } }) {
		if (dataset.kind === "fine")
			wx.navigateTo({ url: `/pages/desk/notice/notice?number=${dataset.number}` })
	},

	async treasury() {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		try {
			let [csv, n, after] = ["\uFEFF", 0, null]
			for (let part = 0; part < PARTS; part++) {
				const answer = await ask("desk.treasury", { after })
				csv += answer.csv
				n += answer.rows
				after = answer.after
				if (!after) break
			}
			await download("treasury.csv", csv)
			wx.showToast({ title: say("exported", { n }), icon: "none" })
		} catch (error) {
			if (!error.errMsg?.includes("cancel")) this.setData({ error: trouble(error) })
		}
		this.setData({ busy: false })
	},
})
