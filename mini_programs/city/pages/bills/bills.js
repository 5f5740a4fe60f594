const { ask, pay } = require("../../lib/ask")
const { date, money, pick, say, spoken, trouble } = require("../../lib/words")
const { tone } = require("../../lib/tones")

Page({
	data: {
		t: pick(
			"billFind",
			"reference",
			"billKey",
			"find",
			"yourBills",
			"noBills",
			"tries",
			"triesAbout",
			"receipt",
		),
		name: "",
		about: "",
		reference: "",
		key: "",
		debts: null,
		tries: [],
		busy: false,
		error: "",
	},

	onLoad({ service }) {
		this.service = service
	},

	onShow() {
		return this.load()
	},

	async load() {
		this.setData({ error: "" })
		try {
			const { services, tries } = await ask("home")
			const service = services.find(({ id }) => id === this.service)
			if (!service) throw Object.assign(new Error(), { code: "no_service" })
			wx.setNavigationBarTitle({ title: spoken(service.names) })
			this.setData({
				name: spoken(service.names),
				about: spoken(service.about),
				tries: tries.filter(({ service: of }) => of === this.service),
			})
			const { debts } = await ask("debts", { service: this.service })
			this.setData({ debts: debts.map(card) })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	typeReference({ detail }) {
		this.setData({ reference: detail.value })
	},

	typeKey({ detail }) {
		this.setData({ key: detail.value })
	},

	fill({ currentTarget: { dataset } }) {
		const chosen = this.data.tries[dataset.index]
		this.setData({ reference: chosen.number, key: chosen.key })
	},

	async look() {
		const { reference, key } = this.data
		await this.act(async () => {
			await ask("findDebt", { service: this.service, reference, key })
			this.setData({ reference: "", key: "" })
		})
	},

	async act(run) {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		try {
			await run()
			const { debts } = await ask("debts", { service: this.service })
			this.setData({ debts: debts.map(card) })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		this.setData({ busy: false })
	},

	pay({ currentTarget }) {
		return this.act(async () => {
			const { reference, package: pack } = await ask("payDebt", { id: currentTarget.dataset.id })
			if (!(await pay(pack))) return wx.showToast({ title: say("unpaid"), icon: "none" })
			const { state } = await ask("confirm", { reference })
			if (state === "paid") {
				wx.navigateTo({ url: `/pages/receipt/receipt?reference=${reference}` })
			} else wx.showModal({ content: say("toReturn"), showCancel: false })
		})
	},

	async receipt({ currentTarget }) {
		try {
			const { paid } = await ask("debt", { id: currentTarget.dataset.id })
			if (paid?.reference)
				wx.navigateTo({ url: `/pages/receipt/receipt?reference=${paid.reference}` })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},
})

function card({ id, reference, label, amount, due_date: due, state, late }) {
	const standing = late ? "late" : state
	return {
		id,
		label,
		about: due ? `${reference} · ${say("due_date", { day: date(due) })}` : reference,
		amount: money(amount),
		state: say(standing),
		tone: tone(standing),
		open: state === "open",
		paid: state === "paid",
		pay: say("pay", { amount: money(amount) }),
	}
}
