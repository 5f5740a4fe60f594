// Runs when a bill of ours was paid or given back, also when its page is long closed. Told twice, it changes nothing.
const cloud = require("wx-server-sdk")
cloud.init()

exports.main = async ({ type, data }) => {
	const tickets = cloud.database().collection("tickets")
	if (type === "payment.paid") {
		await tickets
			.where({ _id: data.reference, state: "waiting" })
			.update({ data: { state: "valid" } })
		return
	}
	const state = data.refunded >= data.amount ? "cancelled" : "valid"
	await tickets.where({ _id: data.reference }).update({ data: { state, refunded: data.refunded } })
}
