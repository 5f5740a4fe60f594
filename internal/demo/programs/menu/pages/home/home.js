const { locale, pick, speak, words } = require("../../lib/words")

const euros = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" })
// A week that begins on Monday; the 2nd of June 2024 was a Sunday.
const order = [1, 2, 3, 4, 5, 6, 0]
const dayName = (n, weekday) => new Date(2024, 5, 2 + n).toLocaleDateString(locale, { weekday })

Page({
	data: { t: pick("veg", "hours", "closed", "retry"), days: [], courses: [], day: "", error: "" },

	onLoad() {
		return this.load()
	},

	async load() {
		this.setData({ error: "" })
		try {
			const { result } = await wx.cloud.callFunction({ name: "menu" })
			this.week = result.week
			this.setData({
				days: order.map((n) => ({ n, short: dayName(n, "short"), long: dayName(n, "long") })),
			})
			this.show(new Date().getDay())
		} catch {
			this.setData({ error: speak(words.trouble) })
		}
	},

	show(n) {
		const menu = this.week[n]
		this.setData({
			chosen: n,
			day: dayName(n, "long"),
			courses: menu
				? Object.entries(menu).map(([id, { name, price, veg }]) => ({
						id,
						kind: speak(words[id]),
						name: speak(name),
						price: euros.format(price / 100),
						veg,
					}))
				: [],
		})
	},

	choose({ currentTarget }) {
		this.show(currentTarget.dataset.n)
	},
})
