const { locate } = require("../../lib/position")
const { locale, pick, say, trouble } = require("../../lib/words")

/** Milliseconds of quiet before what is typed is looked for. */
const QUIET = 250

Page({
	data: {
		t: pick("whereField", "useMe", "locating", "town", "places", "recent"),
		text: "",
		go: "",
		found: [],
		recent: [],
		busy: false,
		error: "",
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: say("whereTitle") })
		this.setData({ recent: getApp().recent() })
	},

	onUnload() {
		clearTimeout(this.timer)
	},

	type({ detail }) {
		const text = detail.value.trim()
		this.setData({ text, go: say("whereGo", { text }), error: "" })
		clearTimeout(this.timer)
		if (text.length < 2) this.setData({ found: [] })
		else this.timer = setTimeout(() => this.suggest(text), QUIET)
	},

	async suggest(text) {
		const { lat, lon } = getApp().centre || {}
		const found = await wx.plaza
			.call("nearby.search", { q: text, lat, lon, radius: 50000, limit: 6, lang: locale })
			.catch(() => ({ items: [] }))
		if (text === this.data.text) this.setData({ found: found.items })
	},

	// The house knows addresses: it answers where they are.
	async go() {
		const { text } = this.data
		if (!text) return
		try {
			const { center } = await wx.plaza.call("nearby.search", {
				place: text,
				limit: 1,
				lang: locale,
			})
			this.choose({ kind: "place", lat: center.lat, lon: center.lon, label: center.label || text })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	pick({ currentTarget }) {
		const { lat, lon, name } = this.data.found[currentTarget.dataset.index]
		this.choose({ kind: "place", lat, lon, label: name })
	},

	again({ currentTarget }) {
		this.choose(this.data.recent[currentTarget.dataset.index])
	},

	town() {
		this.choose({ kind: "town" })
	},

	async me() {
		this.setData({ busy: true, error: "" })
		try {
			this.choose(await locate())
		} catch (error) {
			this.setData({ busy: false, error: error.words })
		}
	},

	choose(centre) {
		getApp().look(centre)
		wx.navigateBack()
	},
})
