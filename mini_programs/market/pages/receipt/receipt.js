const { day, money, pick, say, trouble } = require("../../lib/words")

Page({
	data: {
		t: pick("paid", "exit", "exitText", "again", "points", "total", "retry"),
		order: null,
		error: "",
		points: null,
	},

	onLoad({ order }) {
		this.id = order
		wx.setNavigationBarTitle({ title: say("paid") })
		return this.load()
	},

	async load() {
		try {
			const order = await wx.plaza.call("orders.get", { order: this.id })
			const { currency, points_earned: n } = order
			this.setData({
				order,
				error: "",
				total: money(order.total, currency),
				earned: n > 0 ? say("earned", { n }) : "",
				saved:
					order.discount_total > 0
						? say("saved", { amount: money(order.discount_total, currency) })
						: "",
				lines: order.lines.map(({ id, name, quantity, total }) => ({
					id,
					name,
					quantity,
					total: money(total, currency),
				})),
			})
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	// The code that opens the door is the house's to show, not a program's.
	exit() {
		wx.plaza.openOrder(this.id)
	},

	async seePoints() {
		try {
			const { spendable, value, currency, lots } = await wx.plaza.call("loyalty.statement", {
				org: this.data.order.org,
			})
			const next = lots.find(({ expires_at }) => expires_at)
			this.setData({
				points: {
					have: say("have", { n: spendable }),
					worth: value > 0 ? say("worth", { value: money(value, currency) }) : "",
					ends: next ? say("expires", { n: next.remaining, day: day(next.expires_at) }) : "",
				},
			})
		} catch (error) {
			wx.showToast({ title: trouble(error), icon: "none", duration: 3000 })
		}
	},

	again() {
		wx.reLaunch({ url: "/pages/home/home" })
	},
})
