const skies = require("../../lib/skies")
const { locale, paint, pick } = require("../../lib/words")

const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" })

Page({
	data: { t: pick("week", "failed", "retry"), days: [], loading: true, failed: false },

	onLoad() {
		wx.setNavigationBarTitle({ title: this.data.t.week })
		this.load()
	},

	async load() {
		this.setData({ loading: true, failed: false })
		try {
			const { result } = await wx.cloud.callFunction({ name: "week" })
			this.setData({ days: result.days.map((day) => this.card(day)), loading: false })
		} catch (error) {
			console.error(error)
			this.setData({ loading: false, failed: true })
		}
	},

	card({ at, sky, degrees }) {
		const painted = paint(skies.find(({ id }) => id === sky))
		return { ...painted, at, day: weekday.format(at), degrees: `${degrees}°` }
	},
})
