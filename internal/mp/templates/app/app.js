App({
	// The ids of the skies that the person likes, kept on this device.
	liked: wx.getStorageSync("liked") || [],

	toggle(id) {
		this.liked = this.liked.includes(id)
			? this.liked.filter((one) => one !== id)
			: [...this.liked, id]
		wx.setStorage({ key: "liked", data: this.liked })
	},
})
