const { pick } = require("../../lib/words")

// What went wrong, with a way to try it again where there is one; and that there is no connection.
Component({
	properties: { text: String, again: Boolean },
	data: { t: pick("retry", "offline"), offline: false },
	lifetimes: {
		attached() {
			this.heard = ({ isConnected }) => this.setData({ offline: !isConnected })
			wx.onNetworkStatusChange(this.heard)
			wx.getNetworkType({
				success: ({ networkType }) => this.setData({ offline: networkType === "none" }),
			})
		},
		detached() {
			wx.offNetworkStatusChange(this.heard)
		},
	},
	methods: {
		retry() {
			this.triggerEvent("retry")
		},
	},
})
