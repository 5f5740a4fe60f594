// Bills of a service, such as the canteen: the agency imports them, whoever has the letter finds and pays them.
const { dateOf } = require("./paris")
const { KEY, hidden, opened, plain } = require("./keys")
const { guard } = require("./guard")
const { ready } = require("./offered")
const { db, one, refuse, transaction } = require("./store")

const REFERENCE = /^[A-Z0-9]{3,20}$/
const LISTED = 50

const debtId = (service, reference) => `${service}:${reference}`
const seenId = (openid, id) => hidden("seen", openid, id)

async function find({ service, reference, key }, { openid, now }) {
	const name = plain(reference, 20)
	const secret = plain(key, 16)
	if (!REFERENCE.test(name)) refuse("bad_field", { field: "reference" })
	if (!KEY.test(secret)) refuse("bad_field", { field: "key" })
	const found = await transaction(async (tx) => {
		await ready(tx, service, "bills")
		const id = debtId(service, name)
		const wrong = await guard(tx, openid, `debt ${id}`, now)
		const debt = await one(tx, "debts", id)
		const right = opened(debt ? [debt] : [], secret, 1)
		if (!right) await wrong()
		else
			await tx
				.collection("seen")
				.doc(seenId(openid, id))
				.set({ data: { _openid: openid, debt: id, at: now } })
		return right
	})
	return found ? view({ id: found._id }, { openid, now }) : refuse("not_found")
}

async function mine(within, id, openid) {
	const seen = typeof id === "string" && (await one(within, "seen", seenId(openid, id)))
	return (seen && (await one(within, "debts", id))) || refuse("not_found")
}

const facts = ({ _id, service, reference, label, amount, due_date, state }, today) => ({
	id: _id,
	service,
	reference,
	label,
	amount,
	due_date,
	state,
	late: state === "open" && due_date !== null && due_date < today,
})

async function view({ id }, { openid, now }) {
	const debt = await mine(db, id, openid)
	const paid = debt.paid && (await one(db, "attempts", debt.paid.reference))
	return {
		debt: facts(debt, dateOf(now)),
		paid: debt.paid && {
			at: debt.paid.at,
			reference: paid?.payer === openid ? paid._id : null,
		},
	}
}

/** The bills of a service, or of all, that the person has opened. */
async function list({ service }, { openid, now }) {
	const { data: seen } = await db
		.collection("seen")
		.where({ _openid: openid, debt: db.command.exists(true) })
		.orderBy("at", "desc")
		.limit(LISTED)
		.get()
	if (seen.length === 0) return { debts: [] }
	const { data } = await db
		.collection("debts")
		.where({ _id: db.command.in(seen.map(({ debt }) => debt)) })
		.limit(LISTED)
		.get()
	return {
		debts: data
			.filter((debt) => !service || debt.service === service)
			.map((debt) => facts(debt, dateOf(now))),
	}
}

module.exports = { REFERENCE, debtId, facts, find, list, mine, view }
