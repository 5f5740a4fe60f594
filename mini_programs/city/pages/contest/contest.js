const { ask } = require("../../lib/ask")
const { pick, say, trouble } = require("../../lib/words")

const reasons = ["not_driver", "sold", "stolen", "error", "other"]

Page({
	data: {
		t: pick("contestTitle", "contestText", "contestWhy", "contestTell", "send", "lawContest"),
		reasons: reasons.map((id) => ({ id, name: say(id) })),
		reason: "",
		text: "",
		busy: false,
		error: "",
	},

	onLoad({ number }) {
		this.number = number
		wx.setNavigationBarTitle({ title: say("contest") })
	},

	choose({ detail }) {
		this.setData({ reason: detail.value })
	},

	type({ detail }) {
		this.setData({ text: detail.value })
	},

	async send() {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		const { reason, text } = this.data
		try {
			await ask("contest", { number: this.number, reason, text })
			wx.showToast({ title: say("contestSent"), icon: "none" })
			wx.navigateBack()
		} catch (error) {
			this.setData({ error: trouble(error), busy: false })
		}
	},
})
