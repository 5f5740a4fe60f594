const words = {
	now: { en: "The sky now", fr: "Le ciel à présent", zh: "此刻的天色" },
	all: { en: "All skies", fr: "Tous les ciels", zh: "全部天色" },
	like: { en: "Like", fr: "J’aime", zh: "喜欢" },
	liked: { en: "You like it", fr: "Vous aimez", zh: "已喜欢" },
	week: { en: "The week ahead", fr: "La semaine à venir", zh: "未来一周" },
	failed: {
		en: "The forecast is not there. Try again.",
		fr: "Pas de prévision. Réessayez.",
		zh: "暂无预报，请重试。",
	},
	retry: { en: "Try again", fr: "Réessayer", zh: "重试" },
	next: { en: "Next sky", fr: "Ciel suivant", zh: "下一种" },
}

const { language } = wx.getAppBaseInfo()
const locale = ["en", "fr", "zh"].find((each) => language.startsWith(each)) || "en"

/** The one of three texts that the person reads. */
const speak = (texts) => texts[locale]

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, speak(words[key])]))

/** A sky as a template draws it. */
const paint = ({ id, colors, light, name, text }) => ({
	id,
	name: speak(name),
	text: speak(text),
	background: `background: linear-gradient(${colors.join(", ")})`,
	light: `left: ${light.left}%; top: ${light.top}%; width: ${light.size}%; padding-top: ${light.size}%; background: ${light.color}; box-shadow: 0 0 60px ${light.color}`,
})

module.exports = { locale, paint, pick, speak }
