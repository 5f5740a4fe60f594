App({
	// Where the person looks from, for all pages: { kind: "me" | "town" | "place" | "map", lat, lon, label }.
	centre: wx.getStorageSync("centre") || null,

	look(centre) {
		this.centre = centre
		wx.setStorage({ key: "centre", data: centre })
		if (centre.kind !== "place") return
		const others = this.recent().filter(({ label }) => label !== centre.label)
		wx.setStorage({ key: "recent", data: [centre, ...others].slice(0, 6) })
	},

	/** Places that were looked around lately. */
	recent() {
		return wx.getStorageSync("recent") || []
	},
})
