const { ask } = require("../../../lib/ask")
const { date, pick, say, spoken, trouble } = require("../../../lib/words")

// 2026-11-23 is a Monday.
const weekdays = Array.from({ length: 7 }, (_, n) => ({
	id: n + 1,
	name: date(`2026-11-${23 + n}`, { weekday: "short" }),
}))
const languages = ["en", "fr", "zh"]
const plain = () => ({
	id: "",
	kind: "bills",
	on: true,
	names: { en: "", fr: "", zh: "" },
	about: { en: "", fr: "", zh: "" },
	hours: {
		weekdays: [1, 2, 3, 4, 5],
		from: "09:00",
		until: "12:00",
		minutes: 20,
		capacity: 1,
		ahead: 21,
		closed: [],
	},
})

Page({
	data: {
		t: pick(
			"newService",
			"serviceId",
			"kind",
			"serviceOn",
			"save",
			"from",
			"until",
			"eachMinutes",
			"capacity",
			"ahead",
			"closedDays",
			"weekdays",
			"cancelling",
			"noRows",
		),
		kinds: ["bills", "appointments"].map((id) => ({ id, name: say(`kind_${id}`) })),
		fields: [
			...languages.map((id) => ({
				id: `names.${id}`,
				name: say(`name${id[0].toUpperCase()}${id[1]}`),
				most: 60,
			})),
			...languages.map((id) => ({
				id: `about.${id}`,
				name: say(`about${id[0].toUpperCase()}${id[1]}`),
				most: 200,
			})),
		],
		services: null,
		draft: null,
		fresh: false,
		days: [],
		busy: false,
		error: "",
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: say("desk_setup") })
		this.load()
	},

	async load() {
		try {
			this.show((await ask("desk.home")).services)
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	show(services) {
		this.setData({
			error: "",
			services: services.map((each) => ({
				...each,
				name: spoken(each.names),
				said: `${say(`kind_${each.kind}`)} · ${spoken(each.about)}`,
			})),
		})
	},

	edit({ currentTarget }) {
		const { id } = currentTarget.dataset
		const found = this.data.services.find((each) => each.id === id)
		this.open(
			found ? { ...plain(), ...found, hours: found.hours ?? plain().hours } : plain(),
			!found,
		)
	},

	open(draft, fresh) {
		this.setData({ draft, fresh, error: "", closed: draft.hours.closed.join(", ") })
		this.mark()
	},

	close() {
		this.setData({ draft: null })
	},

	mark() {
		const on = this.data.draft.hours.weekdays
		this.setData({ days: weekdays.map((each) => ({ ...each, on: on.includes(each.id) })) })
	},

	type({ currentTarget, detail }) {
		this.setData({ [`draft.${currentTarget.dataset.id}`]: detail.value })
	},

	typeNumber({ currentTarget, detail }) {
		this.setData({ [`draft.hours.${currentTarget.dataset.id}`]: Number(detail.value) })
	},

	typeClosed({ detail }) {
		this.setData({ closed: detail.value })
	},

	turn({ detail }) {
		this.setData({ "draft.on": detail.value })
	},

	chooseKind({ currentTarget }) {
		this.setData({ "draft.kind": currentTarget.dataset.id })
	},

	day({ currentTarget }) {
		const { id } = currentTarget.dataset
		const on = this.data.draft.hours.weekdays
		this.setData({
			"draft.hours.weekdays": on.includes(id) ? on.filter((each) => each !== id) : [...on, id],
		})
		this.mark()
	},

	async save() {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		const { draft, closed } = this.data
		const hours = { ...draft.hours, closed: closed.split(/[\s,;]+/).filter(Boolean) }
		try {
			const { services } = await ask("desk.save", { ...draft, hours })
			this.show(services)
			this.setData({ draft: null })
			wx.showToast({ title: say("saved"), icon: "none" })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		this.setData({ busy: false })
	},
})
