// What a swim costs is decided here, where no page can change it.
const cloud = require("wx-server-sdk")
const { randomBytes } = require("crypto")

cloud.init()

const offers = {
	single: { price: 450, titles: { en: "One swim", fr: "Une entrée", zh: "单次票" } },
	reduced: {
		price: 280,
		titles: { en: "Reduced swim", fr: "Entrée à tarif réduit", zh: "优惠票" },
	},
	family: { price: 1200, titles: { en: "Family day", fr: "Journée en famille", zh: "家庭日票" } },
	ten: { price: 3900, titles: { en: "Ten swims", fr: "Dix entrées", zh: "十次票" } },
}
const MOST = 8
const PAY_WITHIN = 15 * 60

/** A code that nobody can guess, of signs that nobody confuses. */
function newCode() {
	const signs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	const code = Array.from(randomBytes(8), (byte) => signs[byte % signs.length]).join("")
	return `${code.slice(0, 4)}-${code.slice(4)}`
}

exports.main = async ({ offer, count, language }) => {
	const chosen = Object.hasOwn(offers, offer) ? offers[offer] : null
	if (!chosen || !Number.isInteger(count) || count < 1 || count > MOST)
		throw new Error("there is no such ticket")
	const { OPENID } = cloud.getWXContext()
	const reference = `swim-${randomBytes(9).toString("hex")}`
	const name = chosen.titles[language] ?? chosen.titles.en
	const bill = await cloud.plaza.call("bills.make", {
		amount: chosen.price * count,
		title: count > 1 ? `${name} × ${count}` : name,
		reference,
		expires_in: PAY_WITHIN,
	})
	await cloud
		.database()
		.collection("tickets")
		.add({
			data: {
				_id: reference,
				_openid: OPENID,
				offer,
				count,
				titles: chosen.titles,
				amount: bill.amount,
				refunded: 0,
				state: "waiting",
				code: newCode(),
				at: Date.now(),
			},
		})
	return { package: bill.package }
}
