App({
	onLaunch() {
		wx.cloud.init()
	},

	// The place that the person shops in, for all pages.
	place: wx.getStorageSync("place") || null,

	choose(place) {
		this.place = place
		wx.setStorage({ key: "place", data: place })
	},
})
