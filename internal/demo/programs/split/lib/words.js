const words = {
	bill: { en: "The bill", fr: "L’addition", zh: "账单" },
	people: { en: "People", fr: "Convives", zh: "人数" },
	fewer: { en: "One fewer", fr: "Un de moins", zh: "少一人" },
	more: { en: "One more", fr: "Un de plus", zh: "多一人" },
	tip: { en: "Tip", fr: "Pourboire", zh: "小费" },
	round: { en: "Round up to", fr: "Arrondir à", zh: "凑整到" },
	each: { en: "Each pays", fr: "Chacun paie", zh: "每人" },
	total: { en: "Together", fr: "En tout", zh: "合计" },
	extra: { en: "Of that tip", fr: "Dont pourboire", zh: "其中小费" },
	copy: { en: "Copy for the group", fr: "Copier pour le groupe", zh: "复制给大家" },
	copied: { en: "Copied", fr: "Copié", zh: "已复制" },
	none: { en: "None", fr: "Aucun", zh: "不给" },
	cent: { en: "the cent", fr: "au centime", zh: "分" },
}

const { language } = wx.getAppBaseInfo()
const locale = ["en", "fr", "zh"].find((each) => language.startsWith(each)) || "en"

/** The one of three texts that the person reads. */
const speak = (texts) => texts[locale]

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, speak(words[key])]))

module.exports = { locale, pick, speak, words }
