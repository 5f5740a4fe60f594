const words = {
	find: {
		en: "What do you want to throw away?",
		fr: "Que voulez-vous jeter ?",
		zh: "您想扔什么？",
	},
	bins: { en: "The bins", fr: "Les bacs", zh: "垃圾桶" },
	none: {
		en: "We do not know that one. When in doubt: the grey bin.",
		fr: "Objet inconnu. Dans le doute : le bac gris.",
		zh: "没有找到。不确定时请放灰桶。",
	},
	goes: { en: "What goes in", fr: "Ce qu’on y met", zh: "可以放入" },
	days: { en: "Collected", fr: "Collecte", zh: "收运" },
}

const { language } = wx.getAppBaseInfo()
const locale = ["en", "fr", "zh"].find((each) => language.startsWith(each)) || "en"

/** The one of three texts that the person reads. */
const speak = (texts) => texts[locale]

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, speak(words[key])]))

module.exports = { locale, pick, speak, words }
