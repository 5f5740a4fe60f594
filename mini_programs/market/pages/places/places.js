const { pick, say, trouble } = require("../../lib/words")

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()

Page({
	data: {
		t: pick("find", "none", "closed"),
		places: [],
		query: "",
		here: "",
		error: "",
		loading: true,
	},

	async onLoad() {
		wx.setNavigationBarTitle({ title: say("shops") })
		this.setData({ here: getApp().place?.id || "" })
		try {
			const { places } = await wx.plaza.call("catalog.places")
			this.all = places
			this.setData({ places, loading: false })
		} catch (error) {
			this.setData({ error: trouble(error), loading: false })
		}
	},

	find({ detail }) {
		const query = plain(detail.value.trim())
		this.setData({
			query,
			places: (this.all || []).filter(({ name, org_name, address }) =>
				plain(`${name} ${org_name} ${address}`).includes(query),
			),
		})
	},

	choose({ currentTarget }) {
		getApp().choose(this.data.places[currentTarget.dataset.index])
		wx.navigateBack()
	},
})
