const { bins, things } = require("../../lib/bins")
const { pick, speak } = require("../../lib/words")

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
/** What stands before the colon is enough on a lid. */
const short = (name) => name.split(/\s?[:：]/)[0]

Page({
	data: {
		t: pick("find", "bins", "none"),
		bins: bins.map((bin) => ({ ...bin, name: speak(bin.name), days: speak(bin.days) })),
		query: "",
		found: [],
	},

	find({ detail }) {
		const query = plain(detail.value.trim())
		const found = things
			.filter(({ name }) => plain(Object.values(name).join(" ")).includes(query))
			.map(({ id, bin, name }) => {
				const { color, front, name: where } = bins.find((each) => each.id === bin)
				return { id, bin, color, front, name: speak(name), where: short(speak(where)) }
			})
		this.setData({ query, found })
	},

	open({ currentTarget }) {
		wx.navigateTo({ url: `/pages/bin/bin?id=${currentTarget.dataset.id}` })
	},
})
