const { ask } = require("../../../lib/ask")
const { date, money, pick, say, spoken, trouble } = require("../../../lib/words")
const { tone } = require("../../../lib/tones")

Page({
	data: {
		t: pick(
			"searchBill",
			"reference",
			"state",
			"amount",
			"noRows",
			"more",
			"find",
			"cancelBill",
			"undo",
			"noServiceOf",
		),
		services: null,
		service: "",
		filters: ["all", "open", "paid", "cancelled"].map((id) => ({ id, name: say(id) })),
		filter: "all",
		q: "",
		rows: null,
		total: "",
		error: "",
	},

	async onLoad({ filter }) {
		wx.setNavigationBarTitle({ title: say("desk_bills") })
		if (filter) this.setData({ filter })
		await this.begin()
	},

	async begin() {
		try {
			const { services } = await ask("desk.home")
			const bills = services
				.filter(({ kind }) => kind === "bills")
				.map(({ id, names }) => ({ id, name: spoken(names) }))
			this.setData({ services: bills, service: bills[0]?.id ?? "", error: "" })
			if (bills.length > 0) await this.load()
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	chooseService({ currentTarget }) {
		this.setData({ service: currentTarget.dataset.id })
		this.load()
	},

	choose({ currentTarget }) {
		this.setData({ filter: currentTarget.dataset.id })
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
		const { service, filter, q } = this.data
		try {
			const { rows, total } = await ask("desk.debts", { service, filter, q, skip })
			const drawn = rows.map(({ id, reference, label, amount, due_date: due, state, late }) => ({
				id,
				reference,
				label,
				amount: money(amount),
				due: due ? date(due, { day: "numeric", month: "short", year: "numeric" }) : "–",
				state: say(late ? "late" : state),
				tone: tone(late ? "late" : state),
				act: state === "open" ? "cancel" : state === "cancelled" ? "undo" : "",
			}))
			const all = skip > 0 ? [...this.data.rows, ...drawn] : drawn
			this.setData({ rows: all, total: say("rows", { n: total }), left: total > all.length })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	async turn({ currentTarget: { dataset } }) {
		try {
			await ask("desk.cancelDebt", { id: dataset.id, undo: dataset.act === "undo" })
			await this.load()
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},
})
