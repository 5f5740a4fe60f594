const { ask } = require("../../lib/ask")
const { money, pick, say, trouble } = require("../../lib/words")

const amounts = ["reduced", "standard", "increased", "discounted"]

Page({
	data: {
		t: pick(
			"lawIntro",
			"lawSource",
			"lawPeriods",
			"lawOnline",
			"lawPost",
			"lawHanded",
			"lawContest",
			"class",
			"reduced",
			"standard",
			"increased",
			"increased_minus20",
		),
		classes: null,
		periods: [],
		error: "",
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: say("law") })
		this.load()
	},

	async load() {
		try {
			const { tariffs, periods } = await ask("law")
			this.setData({
				error: "",
				classes: ["1-pieton", "1", "2", "3", "4", "5"].map((id) => ({
					id,
					name: id === "1-pieton" ? `1, ${say("pedestrian")}` : id,
					amounts: amounts.map((each) => (tariffs[id][each] ? money(tariffs[id][each]) : "–")),
				})),
				periods: [
					["reduced", "reduced"],
					["standard", "standard"],
					["discounted", "increased_minus20"],
				].map(([id, name]) => ({
					name: say(name),
					online: periods.tele[id],
					post: periods.other[id],
				})),
			})
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},
})
