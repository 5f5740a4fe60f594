const skies = require("../../lib/skies")
const { paint, pick } = require("../../lib/words")

Page({
	data: { t: pick("like", "liked", "next"), sky: null, liked: false },

	onLoad({ id }) {
		this.show(
			Math.max(
				skies.findIndex((sky) => sky.id === id),
				0,
			),
		)
	},

	show(index) {
		this.index = index
		const sky = paint(skies[index])
		this.setData({ sky, liked: getApp().liked.includes(sky.id) })
		wx.setNavigationBarTitle({ title: sky.name })
	},

	like() {
		getApp().toggle(this.data.sky.id)
		this.setData({ liked: !this.data.liked })
	},

	next() {
		this.show((this.index + 1) % skies.length)
	},
})
