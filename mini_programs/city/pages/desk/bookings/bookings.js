const { ask } = require("../../../lib/ask")
const { date, pick, say, spoken, trouble } = require("../../../lib/words")

const DAY = 86_400_000

Page({
	data: {
		t: pick("before", "after", "noRows", "reason", "callOff", "noServiceOf"),
		services: null,
		service: "",
		date: "",
		day: "",
		rows: null,
		chosen: "",
		reason: "",
		busy: false,
		error: "",
	},

	async onLoad() {
		wx.setNavigationBarTitle({ title: say("desk_bookings") })
		await this.begin()
	},

	async begin() {
		try {
			const { services, today } = await ask("desk.home")
			const all = services
				.filter(({ kind }) => kind === "appointments")
				.map(({ id, names }) => ({ id, name: spoken(names) }))
			this.setData({ services: all, service: all[0]?.id ?? "", date: today, error: "" })
			if (all.length > 0) await this.load()
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	chooseService({ currentTarget }) {
		this.setData({ service: currentTarget.dataset.id })
		this.load()
	},

	step({ currentTarget }) {
		const at = Date.parse(this.data.date) + Number(currentTarget.dataset.by) * DAY
		this.setData({ date: new Date(at).toISOString().slice(0, 10) })
		this.load()
	},

	async load() {
		this.setData({ error: "", chosen: "", reason: "" })
		const { service, date: on } = this.data
		try {
			const { rows } = await ask("desk.bookings", { service, date: on })
			this.setData({
				day: date(on, { weekday: "long", day: "numeric", month: "long" }),
				rows: rows.map((each) => ({
					...each,
					on: each.state === "booked",
					said: each.state === "booked" ? "" : say(each.state),
				})),
			})
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	pick({ currentTarget }) {
		this.setData({ chosen: currentTarget.dataset.id, reason: "" })
	},

	type({ detail }) {
		this.setData({ reason: detail.value })
	},

	async callOff() {
		if (this.data.busy) return
		this.setData({ busy: true })
		const { chosen: id, reason } = this.data
		try {
			await ask("desk.callOff", { id, reason })
			await this.load()
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		this.setData({ busy: false })
	},
})
