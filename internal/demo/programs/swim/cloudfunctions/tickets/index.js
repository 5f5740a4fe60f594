// The caller's own tickets; and with `cancel`, one of them is given back.
const cloud = require("wx-server-sdk")
cloud.init()

const SHOWN = 20
/** A bill is payable for a quarter of an hour; after twice that nobody asks for it any more. */
const WAITING = 30 * 60 * 1000

const stateOf = ({ status }) =>
	({
		paid: "valid",
		partly_refunded: "valid",
		refunded: "cancelled",
		closed: "gone",
		expired: "gone",
	})[status] ?? "waiting"

/** Asks what became of a bill that was not known to be paid: the event may still be on its way. */
async function look(tickets, ticket) {
	const bill = await cloud.plaza.call("bills.get", { reference: ticket._id })
	const state = stateOf(bill)
	if (state === ticket.state) return ticket
	await tickets.doc(ticket._id).update({ data: { state, refunded: bill.refunded } })
	return { ...ticket, state, refunded: bill.refunded }
}

/** Gives a ticket back; the same ticket is one refund, however often it is asked for. */
async function cancel(tickets, id, openid, language) {
	const found = await tickets.where({ _id: id, _openid: openid, state: "valid" }).get()
	if (found.data.length === 0) return
	const reasons = {
		en: "You gave the ticket back",
		fr: "Vous avez rendu le billet",
		zh: "您已退票",
	}
	const bill = await cloud.plaza.call("bills.refund", {
		reference: id,
		key: "cancel",
		reason: reasons[language] ?? reasons.en,
	})
	await tickets.doc(id).update({ data: { state: "cancelled", refunded: bill.refunded } })
}

exports.main = async ({ cancel: id, language }) => {
	const { OPENID } = cloud.getWXContext()
	const tickets = cloud.database().collection("tickets")
	if (typeof id === "string") await cancel(tickets, id, OPENID, language)
	const { data } = await tickets.where({ _openid: OPENID }).orderBy("at", "desc").limit(SHOWN).get()
	const known = []
	for (const ticket of data) {
		const asks = ticket.state === "waiting" && ticket.at > Date.now() - WAITING
		known.push(asks ? await look(tickets, ticket) : ticket)
	}
	return {
		tickets: known
			.filter(({ state }) => state === "valid" || state === "cancelled")
			.map(({ _id, offer, count, titles, amount, refunded, state, code }) => ({
				id: _id,
				offer,
				count,
				title: titles[language] ?? titles.en,
				amount,
				refunded,
				state,
				...(state === "valid" ? { code } : {}),
			})),
	}
}
