// The town's services: traffic notices, bills and appointments. One function, so that one module of law and one of
// payment serve citizens, the agency, the events of bills and the hourly round alike. Who asks is what the house says.
const { Refusal, cloud, one, db } = require("./store")
const contest = require("./contest")
const debts = require("./debts")
const desk = require("./desk")
const fines = require("./fines")
const { PERIODS, TARIFFS } = require("./law")
const { FORGOTTEN } = require("./guard")
const pay = require("./pay")
const services = require("./offered")
const slots = require("./slots")

async function home(_event, who) {
	const [offered, { notices }, { bookings }, hint] = [
		await services.offered(),
		await fines.list({}, who),
		await slots.list({}, who),
		await one(db, "hints", "demo"),
	]
	return { services: offered, notices, bookings, tries: hint?.tries ?? [] }
}

/** What the law says, for reading: the very tables that amounts come from. */
const law = async () => ({ tariffs: TARIFFS, periods: PERIODS })

const payFine = async ({ number }, who) =>
	pay.start("fine", (await fines.mine(db, number, who.openid))._id, who)

const payDebt = async ({ id }, who) =>
	pay.start("debt", (await debts.mine(db, id, who.openid))._id, who)

const citizen = {
	home,
	law,
	find: fines.find,
	notice: fines.view,
	forget: fines.forget,
	pay: payFine,
	contest: contest.contest,
	confirm: pay.confirm,
	receipt: pay.receipt,
	payments: pay.payments,
	findDebt: debts.find,
	debt: debts.view,
	debts: debts.list,
	payDebt,
	days: slots.days,
	book: slots.book,
	unbook: slots.cancel,
	bookings: slots.list,
}

/** What an act of the desk needs: to be there at all, and more than a cashier's role to change anything. */
function atDesk(act, role) {
	if (!role) throw new Refusal("not_staff")
	if (Object.hasOwn(desk.reads, act)) return desk.reads[act]
	if (!Object.hasOwn(desk.writes, act)) throw new Refusal("no_such_act")
	if (role !== "owner" && role !== "manager") throw new Refusal("not_allowed", { role })
	return desk.writes[act]
}

async function answer(event, { OPENID: openid, DESK: role = "" }) {
	const act = typeof event?.do === "string" ? event.do : ""
	const language = ["en", "fr", "zh"].includes(event?.language) ? event.language : "en"
	const who = { openid, by: openid, role, language, now: Date.now() }
	if (act.startsWith("desk.")) return atDesk(act.slice(5), role)(event, who)
	if (!Object.hasOwn(citizen, act)) throw new Refusal("no_such_act")
	return citizen[act](event, who)
}

/** The hourly round: payments that nobody has told, and guesses that are long over. */
async function round() {
	const now = Date.now()
	await pay.sweep(now)
	const { command: _ } = db
	await db
		.collection("guesses")
		.where({ at: _.lt(now - FORGOTTEN) })
		.remove()
}

/** What the house refuses and the person can do something about. */
const FORWARDED = ["insufficient_funds", "quota_exceeded", "tier_not_allowed", "too_many_bills"]

exports.main = async (event) => {
	const context = cloud.getWXContext()
	if (context.SOURCE === "timer") return round()
	if (context.SOURCE) return pay.settle(event.data.reference).then(() => null)
	try {
		return await answer(event, context)
	} catch (error) {
		if (error instanceof Refusal) return error.refusal
		if (FORWARDED.includes(error.code)) return { error: error.code }
		throw error
	}
}
