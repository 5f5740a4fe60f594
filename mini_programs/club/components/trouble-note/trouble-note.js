const { pick } = require("../../lib/words")

// What went wrong, with a way to try again; a refused permission has the way to give it.
Component({
	properties: { text: String, refused: Boolean },
	data: { t: pick("retry", "permissions") },
	methods: {
		retry() {
			this.triggerEvent("retry")
		},
		permit() {
			wx.openSetting({ complete: () => this.triggerEvent("retry") })
		},
	},
})
