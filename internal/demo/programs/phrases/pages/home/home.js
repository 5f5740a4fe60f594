const { phrases, topics } = require("../../lib/phrases")
const { locale, pick, speak, words } = require("../../lib/words")

const names = { en: "English", fr: "Français", zh: "中文" }
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()

Page({
	data: {
		t: pick("find", "say", "none"),
		targets: Object.entries(names)
			.filter(([id]) => id !== locale)
			.map(([id, name]) => ({ id, name })),
		target: wx.getStorageSync("target") || (locale === "fr" ? "zh" : "fr"),
		topics: [
			{ id: "", name: speak(words.all) },
			...topics.map(({ id, name }) => ({ id, name: speak(name) })),
			{ id: "kept", name: `♥ ${speak(words.kept)}` },
		],
		topic: "",
		query: "",
		shown: [],
	},

	onShow() {
		if (this.data.target === locale) this.data.target = locale === "fr" ? "zh" : "fr"
		this.list({})
	},

	list(values) {
		const { topic, query, target } = { ...this.data, ...values }
		const { kept } = getApp()
		const shown = phrases
			.filter(
				({ id, topic: of }) => !topic || (topic === "kept" ? kept.includes(id) : of === topic),
			)
			.filter(({ en, fr, zh, read }) => plain(`${en} ${fr} ${zh} ${read}`).includes(plain(query)))
			.map((phrase) => ({ id: phrase.id, own: phrase[locale], said: phrase[target] }))
		this.setData({ ...values, target, shown })
	},

	aim({ currentTarget }) {
		wx.setStorage({ key: "target", data: currentTarget.dataset.id })
		this.list({ target: currentTarget.dataset.id })
	},

	choose({ currentTarget }) {
		this.list({ topic: currentTarget.dataset.id })
	},

	find({ detail }) {
		this.list({ query: detail.value.trim() })
	},

	open({ currentTarget }) {
		wx.navigateTo({ url: `/pages/show/show?id=${currentTarget.dataset.id}&in=${this.data.target}` })
	},
})
