const words = {
	dish: { en: "Dish", fr: "Plat", zh: "主菜" },
	soup: { en: "Soup", fr: "Soupe", zh: "例汤" },
	cake: { en: "Cake", fr: "Gâteau", zh: "蛋糕" },
	veg: { en: "Vegetarian", fr: "Végétarien", zh: "素食" },
	hours: {
		en: "From noon until it is gone · 3 rue de la Gare",
		fr: "De midi jusqu’à épuisement · 3 rue de la Gare",
		zh: "中午起，售完为止 · Gare 街 3 号",
	},
	closed: {
		en: "We rest today. See you tomorrow!",
		fr: "Fermé aujourd’hui. À demain !",
		zh: "今天休息，明天见！",
	},
	trouble: {
		en: "The menu did not come.",
		fr: "La carte n’est pas arrivée.",
		zh: "菜单没有加载出来。",
	},
	retry: { en: "Try again", fr: "Réessayer", zh: "重试" },
}

const { language } = wx.getAppBaseInfo()
const locale = ["en", "fr", "zh"].find((each) => language.startsWith(each)) || "en"

/** The one of three texts that the person reads. */
const speak = (texts) => texts[locale]

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, speak(words[key])]))

module.exports = { locale, pick, speak, words }
