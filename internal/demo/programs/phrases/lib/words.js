const words = {
	find: { en: "Search a phrase", fr: "Chercher une phrase", zh: "搜索句子" },
	say: { en: "I want to say it in", fr: "Je veux le dire en", zh: "我想说" },
	kept: { en: "Kept", fr: "Gardées", zh: "收藏" },
	all: { en: "All", fr: "Toutes", zh: "全部" },
	keep: { en: "Keep", fr: "Garder", zh: "收藏" },
	drop: { en: "Kept ♥", fr: "Gardée ♥", zh: "已收藏 ♥" },
	next: { en: "Next", fr: "Suivante", zh: "下一句" },
	show: { en: "Show this to them", fr: "Montrez ceci", zh: "给对方看" },
	none: { en: "Nothing found.", fr: "Rien trouvé.", zh: "没有找到。" },
}

const { language } = wx.getAppBaseInfo()
const locale = ["en", "fr", "zh"].find((each) => language.startsWith(each)) || "en"

/** The one of three texts that the person reads. */
const speak = (texts) => texts[locale]

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, speak(words[key])]))

module.exports = { locale, pick, speak, words }
