const { ask } = require("../../../lib/ask")
const { date, moment, money, pick, say, spoken, trouble, written } = require("../../../lib/words")
const { tone } = require("../../../lib/tones")

Page({
	data: {
		t: pick(
			"history",
			"desk_payments",
			"desk_contests",
			"answerToCitizen",
			"uphold",
			"dismiss",
			"reason",
			"cancelNotice",
			"undo",
			"increaseOne",
			"refund",
			"payer",
			"noRows",
		),
		view: null,
		text: "",
		busy: false,
		error: "",
	},

	onLoad({ number }) {
		this.number = number
		wx.setNavigationBarTitle({ title: number })
		this.load()
	},

	async load() {
		await this.act("desk.notice", {})
	},

	/** Does something to the notice and shows what it has become. */
	async act(what, more) {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		try {
			const answer = await ask(what, { number: this.number, ...more })
			this.setData({
				view: drawn(answer.notice ? answer : await ask("desk.notice", { number: this.number })),
				text: "",
			})
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		this.setData({ busy: false })
	},

	type({ detail }) {
		this.setData({ text: detail.value })
	},

	uphold() {
		return this.act("desk.decide", {
			id: this.data.view.contest.id,
			uphold: true,
			answer: this.data.text,
		})
	},

	dismiss() {
		return this.act("desk.decide", {
			id: this.data.view.contest.id,
			uphold: false,
			answer: this.data.text,
		})
	},

	cancel() {
		return this.act("desk.cancel", { reason: this.data.text })
	},

	reopen() {
		return this.act("desk.reopen", {})
	},

	async increase() {
		const { confirm } = await wx.showModal({ content: say("increaseSure") })
		if (confirm) await this.act("desk.increase", { numbers: [this.number] })
	},

	async refund({ currentTarget: { dataset } }) {
		const { confirm } = await wx.showModal({
			content: say("refundSure", { amount: dataset.amount }),
		})
		if (confirm)
			await this.act("desk.refund", { reference: dataset.reference, reason: this.data.text })
	},
})

const who = (by) => say(by === "plaza" ? "byPlaza" : by === "citizen" ? "byCitizen" : "byStaff")

function drawn({ notice, due, post, cancelled, payments, contests, log }) {
	const { standing } = notice
	const open = contests.find(({ state }) => state === "open")
	return {
		name: spoken(notice.offence),
		standing: say(standing),
		tone: tone(standing),
		amount: notice.amount === null ? "" : money(notice.amount),
		next: due?.next
			? say(due.next.amount ? "fromDay" : "fromDayNone", {
					day: date(due.next.from),
					amount: due.next.amount ? money(due.next.amount) : "",
				})
			: "",
		post: post?.amount ? say("byPost", { amount: money(post.amount) }) : "",
		canCancel: due !== null || standing === "contested",
		canReopen: standing === "cancelled" && cancelled?.reason !== "upheld",
		canIncrease: standing === "overdue_not_yet_increased",
		canRefund: standing === "paid",
		cancelled: cancelled ? (cancelled.reason === "upheld" ? say("upheld") : cancelled.reason) : "",
		contest: open ?? null,
		contests: contests.map(({ id, reason, text, state, at, answer }) => ({
			id,
			reason: say(reason),
			text,
			answer,
			state: say(state),
			tone: tone(state),
			at: moment(at),
		})),
		payments: payments.map((each) => ({
			reference: each.reference,
			amount: money(each.amount),
			state: say(each.state),
			tone: tone(each.state),
			about: [each.payer, each.paid_at ? moment(each.paid_at) : moment(each.started), each.receipt]
				.filter(Boolean)
				.join(" · "),
			refund: each.state === "paid",
		})),
		log: log.map(({ act, by, at }, id) => ({
			id,
			act: say(`act_${act}`) || act,
			by: who(by),
			at: moment(at),
		})),
		facts: [
			["number", notice.number],
			["plate", notice.plate],
			["at", written(notice.at)],
			["place", notice.place],
			["class", notice.class],
			["notice_date", date(notice.notice_date)],
			["clock_date", notice.clock_date === notice.notice_date ? "" : date(notice.clock_date)],
			["increased_date", notice.increased_date ? date(notice.increased_date) : ""],
		]
			.filter(([, value]) => value)
			.map(([key, value]) => ({ key, name: say(key), value })),
	}
}
