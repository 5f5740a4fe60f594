const { money, pick, say } = require("../../lib/words")

// For reading only; what is asked, the function's own module of law says.
const classes = [
	["1-pieton", null, 400, 700, 560],
	["1", null, 1100, 3300, 2640],
	["2", 2200, 3500, 7500, 6000],
	["3", 4500, 6800, 18000, 14400],
	["4", 9000, 13500, 37500, 30000],
	["5", null, 20000, 45000, 36000],
]
const cents = (value) => (value === null ? "–" : money(value))

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
		classes: classes.map(([id, ...amounts]) => ({
			id,
			name: id === "1-pieton" ? `1, ${say("pedestrian")}` : id,
			amounts: amounts.map(cents),
		})),
		periods: [
			{ name: say("reduced"), online: 30, post: 15 },
			{ name: say("standard"), online: 60, post: 45 },
			{ name: say("increased_minus20"), online: 45, post: 30 },
		],
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: say("law") })
	},
})
