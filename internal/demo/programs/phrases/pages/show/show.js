const { phrases } = require("../../lib/phrases")
const { locale, pick } = require("../../lib/words")

Page({
	data: { t: pick("show", "keep", "drop", "next"), said: "", read: "", own: "", kept: false },

	onLoad({ id, in: target }) {
		this.target = ["en", "fr", "zh"].includes(target) ? target : "fr"
		const found = phrases.findIndex((phrase) => phrase.id === id)
		this.show(Math.max(found, 0))
	},

	show(index) {
		this.index = index
		const phrase = phrases[index]
		this.setData({
			said: phrase[this.target],
			read: this.target === "zh" ? phrase.read : "",
			own: phrase[locale],
			kept: getApp().kept.includes(phrase.id),
		})
	},

	keep() {
		getApp().toggle(phrases[this.index].id)
		this.setData({ kept: !this.data.kept })
	},

	next() {
		this.show((this.index + 1) % phrases.length)
	},
})
