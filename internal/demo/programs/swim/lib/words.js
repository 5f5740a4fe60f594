const words = {
	title: { en: "The pool", fr: "La piscine", zh: "游泳馆" },
	hours: {
		en: "Every day 8–21 · 27 °C · 2 quai du Canal",
		fr: "Tous les jours 8 h–21 h · 27 °C · 2 quai du Canal",
		zh: "每天 8–21 时 · 水温 27 °C · 运河岸 2 号",
	},
	choose: { en: "Tickets", fr: "Billets", zh: "购票" },
	single: { en: "One swim", fr: "Une entrée", zh: "单次票" },
	single_about: { en: "Any day, any hour", fr: "Tous les jours", zh: "任意一天" },
	reduced: { en: "Reduced", fr: "Tarif réduit", zh: "优惠票" },
	reduced_about: {
		en: "Under 18, students, over 65",
		fr: "Moins de 18 ans, étudiants, plus de 65 ans",
		zh: "18 岁以下、学生、65 岁以上",
	},
	family: { en: "Family day", fr: "Journée en famille", zh: "家庭日票" },
	family_about: {
		en: "Two adults, three children",
		fr: "Deux adultes, trois enfants",
		zh: "两大三小",
	},
	ten: { en: "Ten swims", fr: "Dix entrées", zh: "十次票" },
	ten_about: { en: "Valid for a year", fr: "Valables un an", zh: "一年内有效" },
	less: { en: "One less", fr: "Un de moins", zh: "减一张" },
	more: { en: "One more", fr: "Un de plus", zh: "加一张" },
	buy: { en: "Buy", fr: "Acheter", zh: "购买" },
	mine: { en: "My tickets", fr: "Mes billets", zh: "我的门票" },
	none: {
		en: "Your tickets will stand here.",
		fr: "Vos billets apparaîtront ici.",
		zh: "您的门票将显示在这里。",
	},
	show: { en: "Show this at the gate", fr: "À montrer à l’entrée", zh: "入场时出示" },
	valid: { en: "Valid", fr: "Valable", zh: "有效" },
	cancelled: { en: "Given back", fr: "Rendu", zh: "已退票" },
	back: { en: "Give back", fr: "Rendre", zh: "退票" },
	sure: {
		en: "Give this ticket back? The money returns to you at once.",
		fr: "Rendre ce billet ? L’argent vous revient aussitôt.",
		zh: "确定退票吗？款项将立即退回。",
	},
	yes: { en: "Give back", fr: "Rendre", zh: "退票" },
	no: { en: "Keep it", fr: "Garder", zh: "保留" },
	refunded: { en: "Refunded: ", fr: "Remboursé : ", zh: "已退款：" },
	unpaid: { en: "Not paid, nothing bought", fr: "Non payé, rien d’acheté", zh: "未支付，未购票" },
	trouble: {
		en: "That did not work. Try again.",
		fr: "Cela n’a pas marché. Réessayez.",
		zh: "没有成功，请重试。",
	},
	retry: { en: "Try again", fr: "Réessayer", zh: "重试" },
}

const { language } = wx.getAppBaseInfo()
const locale = ["en", "fr", "zh"].find((each) => language.startsWith(each)) || "en"

/** One sentence as the person reads it. */
const say = (key) => words[key][locale]

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, say(key)]))

module.exports = { locale, pick, say }
