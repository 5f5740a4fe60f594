const { ask, card, failed } = require("../../lib/points")
const { tone } = require("../../lib/tones")
const { pick, say } = require("../../lib/words")

Page({
	data: {
		t: pick("none", "noneText", "noneGo"),
		loading: true,
		error: "",
		refused: false,
		stale: "",
		cards: [],
	},

	// A shop's own link opens its card, once this page is there to come back to.
	onLoad({ org = "" }) {
		this.org = org
		wx.setNavigationBarTitle({ title: say("club") })
	},

	onShow() {
		const { org } = this
		this.org = ""
		if (org) wx.navigateTo({ url: `/pages/card/card?org=${encodeURIComponent(org)}` })
		else this.load()
	},

	async load() {
		try {
			const { items, stale } = await ask("loyalty.statements")
			// First where something ends soon, then where there is most.
			const cards = items
				.sort((a, b) => b.value - a.value || b.spendable - a.spendable)
				.map((one) => ({ ...card(one), tone: tone(one.org) }))
				.sort((a, b) => Number(Boolean(b.ending)) - Number(Boolean(a.ending)))
			this.setData({ cards, stale, loading: false, error: "", refused: false })
		} catch (error) {
			this.setData(failed(error))
		}
	},

	retry() {
		this.setData({ loading: true, error: "" })
		return this.load()
	},

	open({ currentTarget }) {
		wx.navigateTo({ url: `/pages/card/card?org=${currentTarget.dataset.org}` })
	},

	shop() {
		wx.navigateToMiniProgram({ appId: "market" }).catch(() => {}) // they stay
	},

	async onPullDownRefresh() {
		await this.load()
		wx.stopPullDownRefresh()
	},
})
