const { locale, pick, speak, words } = require("../../lib/words")

const euros = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" })
const money = (cents) => euros.format(cents / 100)

/** Cents of what somebody typed, with a point or a comma. */
function cents(text) {
	const value = Math.round(Number.parseFloat(String(text).replace(",", ".")) * 100)
	return Number.isFinite(value) && value > 0 ? value : 0
}

/** What each pays: the bill and the tip in equal parts, rounded up so that it is always enough. */
function share({ bill, people, tip, round }) {
	const due = cents(bill)
	const each = Math.ceil((due * (100 + tip)) / 100 / people / round) * round
	return { due, each, total: each * people, extra: each * people - due }
}

Page({
	data: {
		t: pick("bill", "people", "fewer", "more", "tip", "round", "each", "total", "extra", "copy"),
		tips: [0, 5, 10, 15].map((value) => ({
			value,
			name: value ? `${value} %` : speak(words.none),
		})),
		rounds: [1, 50, 100].map((value) => ({
			value,
			name: value === 1 ? speak(words.cent) : money(value),
		})),
		bill: "",
		people: 2,
		tip: 0,
		round: 1,
	},

	onLoad() {
		this.change({ ...wx.getStorageSync("last"), bill: "" })
	},

	/** Shows what follows from a change, and keeps how this person likes to split. */
	change(values) {
		const { bill, people, tip, round } = { ...this.data, ...values }
		const { due, each, total, extra } = share({ bill, people, tip, round })
		this.setData({
			...values,
			ready: due > 0,
			each: money(each),
			total: money(total),
			extra: extra > 0 ? money(extra) : "",
		})
		wx.setStorage({ key: "last", data: { people, tip, round } })
	},

	type({ detail }) {
		this.change({ bill: detail.value })
	},

	fewer() {
		this.change({ people: this.data.people - 1 })
	},

	more() {
		this.change({ people: this.data.people + 1 })
	},

	setTip({ currentTarget }) {
		this.change({ tip: currentTarget.dataset.value })
	},

	setRound({ currentTarget }) {
		this.change({ round: currentTarget.dataset.value })
	},

	async copy() {
		const { people, total, each } = this.data
		await wx.setClipboardData({
			data: `${speak(words.total)} ${total} · ${people} × ${each}`,
		})
		wx.showToast({ title: speak(words.copied) })
	},
})
