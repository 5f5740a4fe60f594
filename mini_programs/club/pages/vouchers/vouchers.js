const { ask, failed } = require("../../lib/points")
const { date, pick, say, trouble } = require("../../lib/words")

Page({
	data: {
		t: pick("show", "past", "release", "noVouchers", "noVouchersText", "rewards"),
		loading: true,
		error: "",
		refused: false,
		stale: "",
		held: [],
		past: [],
		busy: "",
	},

	onLoad({ org }) {
		this.org = org
		wx.setNavigationBarTitle({ title: say("vouchers") })
	},

	onShow() {
		return this.load()
	},

	async load() {
		try {
			const { items, stale } = await ask("loyalty.vouchers", { org: this.org })
			const all = items.map(shown)
			this.setData({
				held: all.filter(({ state }) => state === "held"),
				past: all.filter(({ state }) => state !== "held"),
				stale,
				loading: false,
				error: "",
				refused: false,
			})
		} catch (error) {
			this.setData(failed(error))
		}
	},

	retry() {
		this.setData({ loading: true, error: "" })
		return this.load()
	},

	async release({ currentTarget }) {
		const { id, name, points } = this.data.held[currentTarget.dataset.index]
		if (this.data.busy) return
		const { confirm } = await wx.showModal({
			title: say("releaseTitle", { name }),
			content: say("releaseText", { n: points }),
			confirmText: say("release"),
			cancelText: say("keepIt"),
		})
		if (!confirm) return
		this.setData({ busy: id })
		try {
			await wx.plaza.call("loyalty.release", { voucher: id })
			wx.showToast({ title: say("released", { n: points }), icon: "none" })
		} catch (error) {
			wx.showToast({ title: failed(error).error || trouble(error), icon: "none", duration: 3000 })
		}
		this.setData({ busy: "" })
		return this.load()
	},

	rewards() {
		wx.navigateTo({ url: `/pages/rewards/rewards?org=${this.org}` })
	},
})

function shown({ id, code, name, state, expires, points }) {
	return {
		id,
		// In halves, as people read it out; the till takes it with the space and without.
		code: code.replace(/^(.{5})(?=.)/, "$1 "),
		name,
		state,
		points,
		word: say(`state_${state}`),
		cost: say("points", { n: points }),
		until: expires ? say("endsOn", { day: date(expires) }) : "",
	}
}
