const { ask } = require("../../../lib/ask")
const { date, money, pick, say, trouble } = require("../../../lib/words")
const { tone } = require("../../../lib/tones")

const order = [
	"reduced",
	"standard",
	"overdue",
	"increased",
	"contested",
	"paid",
	"cancelled",
	"refunded",
]

Page({
	data: { t: pick("standings", "desk_bookings", "desk_bills"), ready: false, error: "" },

	onLoad() {
		wx.setNavigationBarTitle({ title: say("desk") })
	},

	onShow() {
		return this.load()
	},

	async load() {
		try {
			this.setData({ ...drawn(await ask("desk.home")), ready: true, error: "" })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	go({ currentTarget: { dataset } }) {
		const query = dataset.filter ? `?filter=${dataset.filter}` : ""
		wx.reLaunch({ url: `/pages/desk/${dataset.room}/${dataset.room}${query}` })
	},
})

function drawn({
	today,
	counts,
	paid_today: paidToday,
	paid_month: paidMonth,
	returned,
	contests,
	debts,
	bookings,
}) {
	const most = Math.max(1, ...order.map((name) => counts[name]))
	const name = (id) => say(id === "overdue" ? "overdue_not_yet_increased" : id)
	return {
		today: date(today, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
		tiles: [
			["payments", "", say("paidToday"), money(paidToday.sum), say("nPaid", { n: paidToday.n })],
			["payments", "", say("paidMonth"), money(paidMonth.sum), say("nPaid", { n: paidMonth.n })],
			["contests", "open", say("toDecide"), String(contests), ""],
			["notices", "overdue", say("toIncrease"), String(counts.overdue), ""],
			["payments", "returned", say("returnedCount"), String(returned), ""],
			["bookings", "", `${say("desk_bookings")} · ${say("today")}`, String(bookings), ""],
			["bills", "open", `${say("desk_bills")} · ${say("open")}`, String(debts), ""],
		].map(([room, filter, label, value, about], id) => ({ id, room, filter, label, value, about })),
		bars: order.map((id) => ({
			id,
			name: name(id),
			n: counts[id],
			width: Math.round((counts[id] / most) * 100),
			tone: tone(id === "overdue" ? "overdue_not_yet_increased" : id),
		})),
	}
}
