const { ask, pay } = require("../../lib/ask")
const { clock, date, day, money, pick, say, spoken, trouble, written } = require("../../lib/words")
const { tone } = require("../../lib/tones")

Page({
	data: {
		t: pick(
			"payAdmits",
			"contest",
			"basis",
			"law",
			"forget",
			"receipt",
			"lastDay",
			"authority",
			"answer",
		),
		view: null,
		busy: false,
		error: "",
	},

	onLoad({ number }) {
		this.number = number
		wx.setNavigationBarTitle({ title: say("finesShort") })
	},

	onShow() {
		return this.load()
	},

	async onPullDownRefresh() {
		await this.load()
		wx.stopPullDownRefresh()
	},

	async load() {
		try {
			this.show(await ask("notice", { number: this.number }))
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	show(answer) {
		this.answer = answer
		this.setData({ view: drawn(answer), error: "" })
	},

	async pay() {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		let reference = ""
		try {
			const attempt = await ask("pay", { number: this.number })
			reference = attempt.reference
			const paid = await pay(attempt.package)
			if (!paid) wx.showToast({ title: say("unpaid"), icon: "none" })
			else await this.settled(reference)
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		this.setData({ busy: false })
		if (!this.data.error) await this.load()
	},

	// The hook tells the program as well; whoever comes first, the same comes out.
	async settled(reference) {
		const { state } = await ask("confirm", { reference })
		if (state === "paid") {
			wx.showToast({ title: say("thanks"), icon: "success" })
			wx.navigateTo({ url: `/pages/receipt/receipt?reference=${reference}` })
		} else if (state === "returned" || state === "returning")
			wx.showModal({ content: say("toReturn"), showCancel: false })
	},

	contest() {
		wx.navigateTo({ url: `/pages/contest/contest?number=${this.number}` })
	},

	receipt() {
		wx.navigateTo({ url: `/pages/receipt/receipt?reference=${this.answer.paid.reference}` })
	},

	law() {
		wx.navigateTo({ url: "/pages/law/law" })
	},

	async forget() {
		try {
			await ask("forget", { number: this.number })
			wx.showToast({ title: say("forgotten"), icon: "none" })
			wx.navigateBack()
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},
})

function drawn({
	notice,
	state,
	standing,
	due,
	post,
	contest,
	contested,
	frozen,
	paid,
	returned,
	cancelled,
	today,
}) {
	const amount = frozen?.amount ?? due?.amount ?? null
	return {
		name: spoken(notice.offence),
		standing: say(frozen ? frozen.tariff : standing),
		tone: tone(standing),
		amount: amount === null ? "" : money(amount),
		until: due?.until ? say("untilDay", { day: date(due.until) }) : "",
		lastDay: due?.until === today,
		next: nextOf(due),
		post: post?.amount ? say("byPost", { amount: money(post.amount) }) : "",
		frozen: frozen
			? say("frozen", { amount: money(frozen.amount), time: clock(frozen.until) })
			: "",
		pay: amount === null ? "" : say("pay", { amount: money(amount) }),
		canContest: contest.can,
		contestUntil: contest.can ? say("contestUntil", { day: date(contest.until) }) : "",
		says: saysOf({ state, standing, contested, paid, cancelled, notice }),
		good: state === "paid" || cancelled === "upheld",
		answer: contested?.answer ?? "",
		receipt: Boolean(paid?.reference) && state === "paid",
		returned: returned.map(({ reference, amount: back }) => ({
			reference,
			text: say("returnedText", { amount: money(back) }),
		})),
		facts: [
			["number", notice.number],
			["plate", notice.plate],
			["at", written(notice.at)],
			["place", notice.place],
			["class", notice.class === "1-pieton" ? `1, ${say("pedestrian")}` : notice.class],
			["notice_date", date(notice.notice_date)],
			["clock_date", notice.clock_date === notice.notice_date ? "" : date(notice.clock_date)],
			["increased_date", notice.increased_date ? date(notice.increased_date) : ""],
		]
			.filter(([, value]) => value)
			.map(([key, value]) => ({ key, name: say(key), value })),
	}
}

function nextOf(due) {
	if (!due?.amount) return ""
	if (!due.next) return say("noChange")
	const { from, amount } = due.next
	return amount === null
		? say("fromDayNone", { day: date(from) })
		: say("fromDay", { day: date(from), amount: money(amount) })
}

function saysOf({ state, standing, contested, paid, cancelled, notice }) {
	if (state === "paid") return say("paidText", { day: day(paid.at), amount: money(paid.amount) })
	if (state === "refunded") return say("refundedText")
	if (state === "contested") return say(contested?.text ? "contestOpen" : "contestOpenOther")
	if (state === "cancelled") return say(cancelled === "upheld" ? "contestUpheld" : "cancelledText")
	if (standing === "overdue_not_yet_increased") return say("overdueText")
	if (contested?.state === "dismissed")
		return say("contestDismissed", { day: date(notice.clock_date) })
	return ""
}
