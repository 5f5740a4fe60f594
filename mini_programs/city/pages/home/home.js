const { ask } = require("../../lib/ask")
const { date, money, pick, say, spoken, trouble } = require("../../lib/words")
const { tone } = require("../../lib/tones")

Page({
	data: {
		t: pick(
			"hero",
			"fines",
			"finesAbout",
			"find",
			"services",
			"yours",
			"yourTimes",
			"law",
			"receipts",
			"nothing",
		),
		ready: false,
		services: [],
		notices: [],
		bookings: [],
		error: "",
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: say("town") })
	},

	// Whenever it comes into sight: something may have been paid meanwhile.
	onShow() {
		return this.load()
	},

	async onPullDownRefresh() {
		await this.load()
		wx.stopPullDownRefresh()
	},

	async load() {
		try {
			const { services, notices, bookings } = await ask("home")
			const names = Object.fromEntries(services.map(({ id, names }) => [id, spoken(names)]))
			this.setData({
				ready: true,
				error: "",
				services: services.map(({ id, kind, names, about }) => ({
					id,
					kind,
					name: spoken(names),
					about: spoken(about),
				})),
				notices: notices.map(card),
				bookings: bookings.map((each) => ({
					...each,
					name: names[each.service] ?? each.service,
					day: date(each.date, { weekday: "short", day: "numeric", month: "short" }),
					off: each.state === "called_off" ? say("called_off") : "",
				})),
			})
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	lookUp() {
		wx.navigateTo({ url: "/pages/find/find" })
	},

	openNotice({ currentTarget }) {
		wx.navigateTo({ url: `/pages/notice/notice?number=${currentTarget.dataset.number}` })
	},

	openService({ currentTarget: { dataset } }) {
		const page = dataset.kind === "bills" ? "bills" : "slots"
		wx.navigateTo({ url: `/pages/${page}/${page}?service=${dataset.id}` })
	},

	law() {
		wx.navigateTo({ url: "/pages/law/law" })
	},

	receipts() {
		wx.navigateTo({ url: "/pages/receipt/receipt" })
	},
})

/** A notice in a list: what it is, where it stands, what it asks. */
function card({ number, offence, plate, notice_date, standing, amount }) {
	return {
		number,
		name: spoken(offence),
		about: `${number} · ${plate} · ${date(notice_date)}`,
		amount: amount === null ? "" : money(amount),
		standing: say(standing),
		tone: tone(standing),
	}
}
