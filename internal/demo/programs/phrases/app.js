App({
	// The phrases that the person keeps, on this device.
	kept: wx.getStorageSync("kept") || [],

	toggle(id) {
		this.kept = this.kept.includes(id) ? this.kept.filter((one) => one !== id) : [...this.kept, id]
		wx.setStorage({ key: "kept", data: this.kept })
	},
})
