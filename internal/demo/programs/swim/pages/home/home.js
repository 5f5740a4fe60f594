const { locale, pick, say } = require("../../lib/words")

const euros = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" })
const money = (cents) => euros.format(cents / 100)
const MOST = 8

// Only to show: what is asked is what the function says.
const prices = { single: 450, reduced: 280, family: 1200, ten: 3900 }

const call = async (name, data) =>
	(await wx.cloud.callFunction({ name, data: { ...data, language: locale } })).result

Page({
	data: {
		t: pick("title", "hours", "choose", "less", "more", "mine", "none", "show", "back", "retry"),
		offers: Object.keys(prices).map((id) => ({
			id,
			name: say(id),
			about: say(`${id}_about`),
			price: money(prices[id]),
		})),
		chosen: "single",
		count: 1,
		buy: `${say("buy")} · ${money(prices.single)}`,
		tickets: null,
		busy: false,
		error: "",
	},

	// Whenever it comes into sight: the pool may have given money back meanwhile.
	onShow() {
		return this.load()
	},

	async onPullDownRefresh() {
		await this.load()
		wx.stopPullDownRefresh()
	},

	async load() {
		this.setData({ error: "" })
		try {
			this.show(await call("tickets"))
		} catch {
			this.setData({ error: say("trouble") })
		}
	},

	show({ tickets }) {
		this.setData({
			tickets: tickets.map((ticket) => ({
				...ticket,
				state: say(ticket.state),
				on: ticket.state === "valid",
				title: ticket.count > 1 ? `${ticket.title} × ${ticket.count}` : ticket.title,
				price: money(ticket.amount),
				refunded: ticket.refunded > 0 ? say("refunded") + money(ticket.refunded) : "",
			})),
		})
	},

	choose({ currentTarget }) {
		wx.reportEvent("chosen", { ticket: currentTarget.dataset.id })
		this.count(currentTarget.dataset.id, 1)
	},

	less() {
		this.count(this.data.chosen, Math.max(1, this.data.count - 1))
	},

	more() {
		this.count(this.data.chosen, Math.min(MOST, this.data.count + 1))
	},

	count(chosen, count) {
		this.setData({ chosen, count, buy: `${say("buy")} · ${money(prices[chosen] * count)}` })
	},

	async buy() {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		try {
			const { chosen: offer, count } = this.data
			wx.reportEvent("buy", { ticket: offer, count })
			const { package: prepay } = await call("buy", { offer, count })
			await wx.requestPayment({ package: prepay })
			wx.reportEvent("paid", { ticket: offer, count })
			this.show(await call("tickets"))
			wx.pageScrollTo({ selector: ".tickets" })
		} catch ({ errMsg = "" }) {
			const cancelled = errMsg.startsWith("requestPayment:fail cancel")
			this.setData({ error: say(cancelled ? "unpaid" : "trouble") })
		} finally {
			this.setData({ busy: false })
		}
	},

	async giveBack({ currentTarget }) {
		const { confirm } = await wx.showModal({
			content: say("sure"),
			confirmText: say("yes"),
			cancelText: say("no"),
		})
		if (!confirm) return
		this.setData({ error: "" })
		try {
			this.show(await call("tickets", { cancel: currentTarget.dataset.id }))
		} catch {
			this.setData({ error: say("trouble") })
		}
	},
})
