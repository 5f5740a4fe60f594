// What is kept in somebody's language: the title of a bill, why money comes back, and the lines of a receipt.
const offences = require("./offences")

const words = {
	fine: { en: "Traffic notice (demo)", fr: "Avis de contravention (démo)", zh: "交通罚单（演示）" },
	debt: { en: "demo", fr: "démo", zh: "演示" },
	number: { en: "Notice", fr: "Avis", zh: "罚单号" },
	reference: { en: "Reference", fr: "Référence", zh: "账单号" },
	offence: { en: "Offence", fr: "Infraction", zh: "违章" },
	where: { en: "Place", fr: "Lieu", zh: "地点" },
	when: { en: "Date of the notice", fr: "Date de l’avis", zh: "罚单日期" },
	tariff: { en: "Tariff", fr: "Tarif", zh: "金额档" },
	basis: { en: "Legal basis", fr: "Base légale", zh: "法律依据" },
	articles: {
		en: "Code de procédure pénale, R49 and R49-7 (demo)",
		fr: "Code de procédure pénale, R49 et R49-7 (démo)",
		zh: "法国《刑事诉讼法》R49、R49-7（演示）",
	},
	what: { en: "For", fr: "Objet", zh: "事项" },
	until: { en: "Due by", fr: "À payer avant le", zh: "截止日期" },
	reduced: { en: "Reduced", fr: "Minoré", zh: "减免" },
	standard: { en: "Standard", fr: "Forfaitaire", zh: "标准" },
	increased: { en: "Increased", fr: "Majoré", zh: "加重" },
	increased_minus20: { en: "Increased, less 20 %", fr: "Majoré, moins 20 %", zh: "加重减 20%" },
	already: {
		en: "It was paid already",
		fr: "Il était déjà payé",
		zh: "已由他人支付",
	},
	contested: { en: "It is contested", fr: "Il est contesté", zh: "正在申诉中" },
	cancelled: { en: "It was cancelled", fr: "Il a été annulé", zh: "已被撤销" },
}

const say = (key, language) => words[key]?.[language] ?? words[key]?.en ?? key

const titleOf = (kind, thing, language) =>
	kind === "fine"
		? `${say("fine", language)} ${thing._id}`
		: `${thing.label} (${say("debt", language)})`.slice(0, 120)

const refundWords = (why, language) =>
	say(why === "contested" || why === "cancelled" ? why : "already", language)

/** The title and the lines of a receipt; amount, payer and time are the bill's. */
function receiptOf({ kind, tariff, language, title }, thing) {
	const lines =
		kind === "fine"
			? [
					["number", thing._id],
					["offence", offences[thing.offence]?.[language] ?? thing.offence],
					["where", thing.place],
					["when", thing.notice_date],
					["tariff", say(tariff, language)],
					["basis", say("articles", language)],
				]
			: [
					["reference", thing.reference],
					["what", thing.label],
					["until", thing.due_date],
				]
	return {
		title,
		lines: lines
			.filter(([, value]) => value)
			.map(([key, value]) => ({ label: say(key, language), value: String(value) })),
	}
}

module.exports = { receiptOf, refundWords, say, titleOf }
