const { ask, failed } = require("../../lib/points")
const { count, money, pick, say, short, trouble } = require("../../lib/words")

Page({
	data: {
		t: pick("take", "taking", "noRewards", "noRewardsText", "vouchers"),
		loading: true,
		error: "",
		refused: false,
		stale: "",
		items: [],
		busy: "",
		have: "",
	},

	onLoad({ org }) {
		this.org = org
		this.keys = {}
		wx.setNavigationBarTitle({ title: say("rewards") })
	},

	onShow() {
		return this.load()
	},

	async load() {
		const args = { org: this.org }
		try {
			const [{ items, stale }, { spendable }] = await Promise.all([
				ask("loyalty.rewards", args),
				ask("loyalty.statement", args),
			])
			const have = Math.max(0, spendable)
			this.setData({
				items: items.map((each) => shown(each, have, stale)),
				have: say("points", { n: have }),
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

	async take({ currentTarget }) {
		const reward = this.data.items[currentTarget.dataset.index]
		if (this.data.busy || !reward.takeable) return
		const { confirm } = await wx.showModal({
			title: say("takeTitle", { name: reward.name }),
			content: say("takeText", { n: reward.price }),
			confirmText: say("take"),
			cancelText: say("cancel"),
		})
		if (!confirm) return
		this.setData({ busy: reward.id })
		// The same key until it is known what became of it: a broken line takes no reward twice.
		this.keys[reward.id] ||= `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
		try {
			await wx.plaza.call("loyalty.take", {
				org: this.org,
				reward: reward.id,
				cost: reward.price,
				key: this.keys[reward.id],
			})
			delete this.keys[reward.id]
			wx.showToast({ title: say("taken"), icon: "success" })
			wx.navigateTo({ url: `/pages/vouchers/vouchers?org=${this.org}` })
		} catch (error) {
			if (error?.code) delete this.keys[reward.id]
			wx.showToast({ title: failed(error).error || trouble(error), icon: "none", duration: 3000 })
			this.load()
		} finally {
			this.setData({ busy: "" })
		}
	},

	vouchers() {
		wx.navigateTo({ url: `/pages/vouchers/vouchers?org=${this.org}` })
	},
})

/** A reward with how far the person is from it. */
function shown({ id, name, cost, value, currency, left, until, takeable, why }, have, stale) {
	const missing = Math.max(0, cost - have)
	const notes = [
		value > 0 && currency ? say("worth", { value: money(value, currency) }) : "",
		typeof left === "number" ? say("left", { n: left }) : "",
		// The end is the first instant after: the last day is the one just before.
		until ? say("rewardUntil", { day: short(new Date(new Date(until) - 1)) }) : "",
	]
	return {
		id,
		name,
		price: cost,
		takeable: Boolean(takeable) && !missing && !stale,
		cost: say("cost", { n: cost }),
		notes: notes.filter(Boolean).join(" · "),
		part: cost > 0 ? Math.min(100, Math.round((have / cost) * 100)) : 100,
		progress: missing ? say("progress", { have: count(have), cost: count(cost) }) : "",
		why: missing ? say("more", { n: missing }) : takeable ? "" : say(why),
	}
}
