const { instant, money, pick, reason, say, trouble } = require("../../lib/words")

// A change of prices this near is shown as a countdown.
const SOON = 60 * 60 * 1000
// How often the basket is priced anew by itself, and how often staff is asked about.
const LOOK = 30000
const LOOK_WAITING = 4000

Page({
	data: {
		t: pick(
			"empty",
			"emptyText",
			"scan",
			"less",
			"another",
			"remove",
			"subtotal",
			"save",
			"total",
			"age",
			"retry",
			"code",
			"useCode",
			"dropCode",
		),
		order: null,
		lines: [],
		notice: "",
		countdown: "",
		code: "",
		coupon: null,
		error: "",
		busy: true,
		paying: false,
	},

	async onLoad({ scan }) {
		wx.setNavigationBarTitle({ title: say("basket") })
		await this.refresh()
		if (scan && this.data.order) await this.scan()
	},

	onShow() {
		clearInterval(this.timer)
		this.timer = setInterval(() => this.tick(), 1000)
	},

	onHide() {
		clearInterval(this.timer)
	},

	onUnload() {
		clearInterval(this.timer)
	},

	// The open basket of this place, at the prices of now.
	refresh() {
		return this.change("orders.start", { place: getApp().place.id }, "notice")
	},

	async scan() {
		let code
		try {
			code = (await wx.scanCode()).result
		} catch {
			return // the person closed the camera
		}
		if (await this.change("orders.scan", { order: this.data.order.id, code })) wx.vibrateShort()
	},

	less({ currentTarget }) {
		return this.step(currentTarget.dataset.index, -1)
	},

	more({ currentTarget }) {
		return this.step(currentTarget.dataset.index, 1)
	},

	step(index, by) {
		const line = this.data.lines[index]
		return this.change("orders.line", {
			order: this.data.order.id,
			line: line.id,
			quantity: line.quantity + by,
		})
	},

	typeCode({ detail }) {
		this.setData({ code: detail.value })
	},

	async useCode() {
		const code = this.data.code.trim()
		if (code && (await this.change("orders.coupon", { order: this.data.order.id, code })))
			this.setData({ code: "" })
	},

	dropCode() {
		return this.change("orders.coupon", { order: this.data.order.id, code: "" })
	},

	// Every change answers the whole basket, priced anew.
	async change(method, args, onlyPrices) {
		this.setData({ busy: true })
		try {
			const order = await wx.plaza.call(method, args)
			// The shop has its own clock; a countdown follows that one.
			this.ahead = instant(order.priced_at) - Date.now()
			this.looked = Date.now()
			this.show(order, onlyPrices)
			wx.setStorage({ key: "used", data: true })
			return true
		} catch (error) {
			this.setData({ busy: false, error: this.data.order ? "" : trouble(error) })
			if (this.data.order) wx.showToast({ title: trouble(error), icon: "none", duration: 3000 })
			return false
		}
	},

	show(order, onlyPrices) {
		const { currency } = order
		const before = this.data.order
		const moved = onlyPrices && before && before.id === order.id && before.total !== order.total
		const notice = moved
			? say("changed", { from: money(before.total, currency), to: money(order.total, currency) })
			: onlyPrices
				? this.data.notice
				: ""
		const n = order.lines.reduce((sum, { quantity }) => sum + quantity, 0)
		this.setData({
			order,
			notice,
			error: "",
			busy: false,
			lines: order.lines.map((line) => this.line(line, currency)),
			discounts: order.discounts
				.filter(({ kind }) => kind.startsWith("order_"))
				.map((each) => this.discount(each, currency)),
			coupon: order.coupon && this.coupon(order.coupon, currency),
			items: say("items", { n }),
			subtotal: order.discount_total > 0 ? money(order.subtotal, currency) : "",
			save: order.discount_total > 0 ? money(order.discount_total, currency) : "",
			total: money(order.total, currency),
			earn: order.points_to_earn > 0 ? say("earn", { n: order.points_to_earn }) : "",
			pay: say("pay", { total: money(order.total, currency) }),
			waiting: order.status === "awaiting_approval",
		})
		if (order.status === "paid" || order.status === "checked") this.done()
	},

	line({ id, name, brand, quantity, unit, subtotal, total, discounts }, currency) {
		return {
			id,
			name,
			brand,
			quantity,
			each: quantity > 1 ? say("each", { price: money(unit, currency) }) : "",
			total: money(total, currency),
			struck: total < subtotal ? money(subtotal, currency) : "",
			reasons: discounts
				.filter(({ kind }) => !kind.startsWith("order_"))
				.map((each) => this.discount(each, currency)),
		}
	},

	// The code in the basket with what it gave, or why it gave nothing.
	coupon({ code, applied, amount, reason: why }, currency) {
		return {
			code,
			why: applied ? "" : reason(why, currency),
			amount: applied ? `−${money(amount, currency)}` : "",
		}
	},

	discount({ campaign, amount, reason: why }, currency) {
		return { campaign, why: reason(why, currency), amount: `−${money(amount, currency)}` }
	},

	tick() {
		const { order, countdown, waiting } = this.data
		if (!order?.lines.length) return
		const left = order.changes_at
			? instant(order.changes_at) - Date.now() - this.ahead
			: Number.POSITIVE_INFINITY
		const shown = left > 0 && left < SOON ? say("changes", { time: minutes(left) }) : ""
		if (shown !== countdown) this.setData({ countdown: shown })
		// The server prices anew when it is asked; until then the old price stands, and paying would say so too.
		const due = left <= 0 && this.asked !== order.changes_at
		if (due) this.asked = order.changes_at
		const quiet = Date.now() - this.looked > (waiting ? LOOK_WAITING : LOOK)
		if ((due || quiet) && !this.data.busy && !this.data.paying) this.refresh()
	},

	async pay() {
		const { order } = this.data
		this.setData({ paying: true })
		try {
			await wx.requestPayment({ package: `order=${order.id}` })
			this.done()
		} catch {
			// Not paid, or paid and not heard of: the basket says which, and whether its prices moved.
			const now = await wx.plaza.call("orders.get", { order: order.id }).catch(() => order)
			this.show(now, "notice")
		}
		this.setData({ paying: false })
	},

	done() {
		clearInterval(this.timer)
		wx.redirectTo({ url: `/pages/receipt/receipt?order=${this.data.order.id}` })
	},
})

function minutes(left) {
	const seconds = Math.ceil(left / 1000)
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}
