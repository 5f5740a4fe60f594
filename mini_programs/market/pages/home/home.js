const { clock, instant, money, pick, reason, say, trouble } = require("../../lib/words")

const FEW = 8

Page({
	data: {
		t: pick("change", "hero", "heroText", "scan", "offers", "noOffers", "more", "retry", "closed"),
		place: null,
		offers: [],
		shown: FEW,
		basket: "",
		loading: true,
		error: "",
	},

	// A code on a shop's door opens the program with the shop's id.
	onLoad({ place }) {
		if (place) getApp().place = { id: place }
		wx.setNavigationBarTitle({ title: say("market") })
	},

	onShow() {
		this.load()
		clearInterval(this.timer)
		this.timer = setInterval(() => this.load(), 60000)
	},

	onHide() {
		clearInterval(this.timer)
	},

	onUnload() {
		clearInterval(this.timer)
	},

	async load() {
		const app = getApp()
		try {
			const { result } = await wx.cloud.callFunction({
				name: "offers",
				data: { place: app.place?.id },
			})
			app.choose(result.place)
			this.setData({
				place: result.place,
				offers: result.offers.map((offer) => this.card(offer, result)),
				loading: false,
				error: "",
			})
			await this.findBasket()
		} catch (error) {
			this.setData({ loading: false, error: trouble(error) })
		}
	},

	card(
		{ product, name, brand, currency, listed, price, saving, until, reason: why },
		{ at, place: { timezone } },
	) {
		return {
			product,
			name,
			brand,
			price: money(price, currency),
			listed: price < listed ? money(listed, currency) : "",
			badge: saving > 0 ? `−${Math.round(saving * 100)}%` : "",
			why: reason(why, currency),
			until:
				until && instant(until) - instant(at) < 86400000
					? say("until", { time: clock(until, timezone) })
					: "",
		}
	},

	// Asking for the basket asks for a permission, so not before the person has used one.
	async findBasket() {
		if (!wx.getStorageSync("used") || !this.data.place) return
		const order = await wx.plaza
			.call("orders.current", { place: this.data.place.id })
			.catch(() => null)
		const n = order ? order.lines.reduce((sum, { quantity }) => sum + quantity, 0) : 0
		this.setData({
			basket: n
				? `${say("basket")} · ${say("items", { n })} · ${money(order.total, order.currency)}`
				: "",
		})
	},

	more() {
		this.setData({ shown: this.data.shown + 20 })
	},

	change() {
		wx.navigateTo({ url: "/pages/places/places" })
	},

	scan() {
		wx.navigateTo({ url: "/pages/basket/basket?scan=1" })
	},

	open() {
		wx.navigateTo({ url: "/pages/basket/basket" })
	},
})
