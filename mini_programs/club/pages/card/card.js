const { ask, bars, card, coming, failed } = require("../../lib/points")
const { tone } = require("../../lib/tones")
const { money, pick, say } = require("../../lib/words")

Page({
	data: {
		t: pick(
			"lots",
			"noLots",
			"comingTitle",
			"comingText",
			"rewards",
			"rewardsGo",
			"vouchers",
			"vouchersGo",
			"statement",
			"statementGo",
			"member",
			"memberText",
			"copy",
		),
		loading: true,
		error: "",
		refused: false,
		stale: "",
		one: null,
		member: "",
	},

	onLoad({ org }) {
		this.org = org
		wx.setNavigationBarTitle({ title: say("club") })
	},

	onShow() {
		return this.load()
	},

	async load() {
		try {
			const { stale, ...one } = await ask("loyalty.statement", { org: this.org })
			const now = new Date()
			wx.setNavigationBarTitle({ title: one.org_name || say("club") })
			this.setData({
				one: { ...card(one, now), tone: tone(one.org) },
				rule:
					one.spend_per_point > 0
						? say("earnRule", { n: 1, value: money(one.spend_per_point, one.currency) })
						: "",
				lots: bars(one, now),
				coming: coming(one, now),
				stale,
				loading: false,
				error: "",
				refused: false,
			})
			await this.number()
		} catch (error) {
			this.setData(failed(error))
		}
	},

	/** The number under which the person is a member; without one the card is whole all the same. */
	async number() {
		const { member } = await ask("loyalty.statements").catch(() => ({ member: "" }))
		this.setData({ member })
	},

	retry() {
		this.setData({ loading: true, error: "" })
		return this.load()
	},

	go({ currentTarget }) {
		const { page } = currentTarget.dataset
		wx.navigateTo({ url: `/pages/${page}/${page}?org=${this.org}` })
	},

	async copy() {
		await wx.setClipboardData({ data: this.data.member })
		wx.showToast({ title: say("copied"), icon: "success" })
	},

	onShareAppMessage() {
		return { title: this.data.one?.name || say("club"), path: `/pages/card/card?org=${this.org}` }
	},
})
