const skies = require("../../lib/skies")
const { paint, pick } = require("../../lib/words")

/** The sky of an hour: the last one that has begun. */
function skyAt(hour) {
	const begun = skies.filter((sky) => sky.hour <= hour)
	return begun.reduce((last, sky) => (sky.hour > last.hour ? sky : last))
}

Page({
	data: { t: pick("now", "all"), now: null, skies: [] },

	onShow() {
		const { liked } = getApp()
		this.setData({
			now: paint(skyAt(new Date().getHours())),
			skies: skies.map((sky) => ({ ...paint(sky), liked: liked.includes(sky.id) })),
		})
	},

	open({ currentTarget }) {
		wx.navigateTo({ url: `/pages/sky/sky?id=${currentTarget.dataset.id}` })
	},
})
