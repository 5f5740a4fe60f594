// Runs when a bill of ours was paid or given back, also when its page is long closed. Told twice, it changes nothing;
// and of two refunds that are told the wrong way round, the larger sum stands.
const cloud = require("wx-server-sdk")
cloud.init()

exports.main = async ({ type, data }) => {
	if (cloud.getWXContext().SOURCE !== "event") return // a page that calls it could say anything
	const db = cloud.database()
	const tickets = db.collection("tickets")
	if (type === "payment.paid") {
		await tickets
			.where({ _id: data.reference, state: "waiting" })
			.update({ data: { state: "valid" } })
		return
	}
	const state = data.refunded >= data.amount ? "cancelled" : "valid"
	await tickets
		.where({ _id: data.reference, refunded: db.command.lt(data.refunded) })
		.update({ data: { state, refunded: data.refunded } })
}
