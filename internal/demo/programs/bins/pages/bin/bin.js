const { bins, things } = require("../../lib/bins")
const { pick, speak } = require("../../lib/words")

Page({
	data: { t: pick("goes", "days"), bin: null, things: [] },

	onLoad({ id }) {
		const bin = bins.find((each) => each.id === id) || bins[0]
		this.setData({
			bin: { ...bin, name: speak(bin.name), days: speak(bin.days) },
			things: things.filter((thing) => thing.bin === bin.id).map(({ name }) => speak(name)),
		})
	},
})
