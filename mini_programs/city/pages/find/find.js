const { ask } = require("../../lib/ask")
const { pick, say, spoken, trouble } = require("../../lib/words")

Page({
	data: {
		t: pick(
			"by_number",
			"by_plate",
			"number",
			"plate",
			"key",
			"keyAbout",
			"find",
			"tries",
			"triesAbout",
			"authority",
			"basis",
			"law",
		),
		by: "number",
		name: "",
		key: "",
		tries: [],
		busy: false,
		error: "",
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: say("finesShort") })
		// What the demonstration proposes; without it the page is whole.
		ask("home")
			.then(({ tries }) =>
				this.setData({
					tries: tries
						.filter(({ service }) => !service)
						.map((each) => ({ ...each, what: spoken(each.what) })),
				}),
			)
			.catch(() => {})
	},

	choose({ currentTarget }) {
		this.setData({ by: currentTarget.dataset.by, name: "", error: "" })
	},

	typeName({ detail }) {
		this.setData({ name: detail.value })
	},

	typeKey({ detail }) {
		this.setData({ key: detail.value })
	},

	fill({ currentTarget: { dataset } }) {
		const { tries, by } = this.data
		const chosen = tries[dataset.index]
		this.setData({
			name: by === "number" ? chosen.number : chosen.plate,
			key: chosen.key,
			error: "",
		})
	},

	async look() {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		const { by, name, key } = this.data
		try {
			const { notice } = await ask("find", { [by]: name, key })
			this.setData({ key: "" })
			wx.navigateTo({ url: `/pages/notice/notice?number=${notice.number}` })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		this.setData({ busy: false })
	},
})
