const { ask } = require("../../lib/ask")
const { date, pick, say, spoken, trouble } = require("../../lib/words")

Page({
	data: {
		t: pick(
			"slotsText",
			"noDays",
			"yourTimes",
			"cancelBooking",
			"booked",
			"calendar",
			"full",
			"code",
		),
		days: null,
		on: 0,
		time: "",
		bookings: [],
		busy: false,
		error: "",
	},

	onLoad({ service }) {
		this.service = service
	},

	onShow() {
		return this.load()
	},

	async load() {
		this.setData({ error: "" })
		try {
			const { services } = await ask("home")
			const service = services.find(({ id }) => id === this.service)
			if (!service) throw Object.assign(new Error(), { code: "no_service" })
			this.name = spoken(service.names)
			wx.setNavigationBarTitle({ title: this.name })
			await this.refresh()
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	async refresh() {
		const { days } = await ask("days", { service: this.service })
		const { bookings } = await ask("bookings", { service: this.service })
		this.setData({
			time: "",
			on: Math.min(this.data.on, Math.max(0, days.length - 1)),
			days: days.map((each) => ({
				date: each.date,
				weekday: date(each.date, { weekday: "short" }),
				day: date(each.date, { day: "numeric", month: "short" }),
				full: each.times.every(({ left }) => left === 0),
				times: each.times.map(({ time, left }) => ({
					time,
					left,
					about: left === 0 ? say("full") : say("left", { n: left }),
				})),
			})),
			bookings: bookings.map((each) => ({
				...each,
				day: date(each.date, { weekday: "long", day: "numeric", month: "long" }),
				off: each.state === "called_off" ? `${say("called_off")}: ${each.reason}` : "",
			})),
		})
	},

	chooseDay({ currentTarget }) {
		this.setData({ on: currentTarget.dataset.index, time: "" })
	},

	chooseTime({ currentTarget }) {
		const { time } = currentTarget.dataset
		this.setData({ time, book: say("book", { time }) })
	},

	async act(run) {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		try {
			await run()
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		await this.refresh().catch(() => {})
		this.setData({ busy: false })
	},

	book() {
		const { days, on, time } = this.data
		return this.act(async () => {
			await ask("book", { service: this.service, date: days[on].date, time })
			wx.showToast({ title: say("booked"), icon: "none" })
		})
	},

	async cancel({ currentTarget }) {
		const { confirm } = await wx.showModal({
			content: say("cancelSure"),
			confirmText: say("cancelBooking"),
			cancelText: say("keep"),
		})
		if (confirm) await this.act(() => ask("unbook", { id: currentTarget.dataset.id }))
	},

	calendar({ currentTarget }) {
		const booking = this.data.bookings[currentTarget.dataset.index]
		wx.addPhoneCalendar({
			title: `${this.name} (${booking.code})`,
			startTime: Math.floor(booking.starts / 1000),
			endTime: Math.floor(booking.starts / 1000) + 1800,
		})
	},
})
