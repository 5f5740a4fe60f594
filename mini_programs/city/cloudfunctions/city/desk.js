// The agency's own side: what it sees, and what it decides. Only staff of the organisation get here (see index.js).
const { add, dateOf, instant, timeOf } = require("./paris")
const { PERIODS, dueOf } = require("./law")
const { facts, labelOf, standing } = require("./fines")
const { hidden, plain } = require("./keys")
const { closeOpen, settle, settleOpen } = require("./pay")
const { write } = require("./csv")
const imports = require("./imports")
const services = require("./offered")
const slots = require("./slots")
const { cloud, db, note, one, refuse, transaction, _ } = require("./store")

/** Rows of one page of a table, and of one part of an export. */
const ROWS = 50
const EXPORTED = 400
const AT_ONCE = 100
const REASON = 300

const words = (value, least = 1) => {
	const text = typeof value === "string" ? value.trim() : ""
	return text.length >= least && text.length <= REASON
		? text
		: refuse("bad_field", { field: "reason", most: REASON })
}

/** Where notices stand, as conditions: the tariffs follow from dates, and no row is touched when they change. */
function standings(today) {
	const issued = { state: "issued", increased_date: null }
	const reducedFrom = add(today, -PERIODS.tele.reduced)
	const standardFrom = add(today, -PERIODS.tele.standard)
	const reducible = _.in(["2", "3", "4"])
	return {
		all: {},
		reduced: { ...issued, class: reducible, clock_date: _.gte(reducedFrom) },
		standard: _.or([
			{ ...issued, class: reducible, clock_date: _.gte(standardFrom).and(_.lt(reducedFrom)) },
			{ ...issued, class: _.nin(["2", "3", "4"]), clock_date: _.gte(standardFrom) },
		]),
		overdue: { ...issued, clock_date: _.lt(standardFrom) },
		increased: { state: "issued", increased_date: _.neq(null) },
		contested: { state: "contested" },
		paid: { state: "paid" },
		cancelled: { state: "cancelled" },
		refunded: { state: "refunded" },
	}
}

const countOf = async (collection, where) =>
	(await db.collection(collection).where(where).count()).total

/** What was paid from an instant on: how many, and how much. */
async function paidSince(ms) {
	const { list } = await db
		.collection("attempts")
		.aggregate()
		.match({ state: "paid", paid_at: _.gte(new Date(ms).toISOString().replace("T", " ")) })
		.group({ _id: null, n: _.aggregate.sum(1), sum: _.aggregate.sum("$amount") })
		.end()
	return { n: list[0]?.n ?? 0, sum: list[0]?.sum ?? 0 }
}

async function home(_event, { now, role }) {
	const today = dateOf(now)
	const by = standings(today)
	const counts = {}
	for (const name of Object.keys(by)) counts[name] = await countOf("notices", by[name])
	return {
		role,
		today,
		counts,
		paid_today: await paidSince(instant(today)),
		paid_month: await paidSince(instant(`${today.slice(0, 8)}01`)),
		returned: await countOf("attempts", { state: _.in(["returning", "returned"]) }),
		contests: await countOf("contests", { state: "open" }),
		debts: await countOf("debts", { state: "open" }),
		bookings: await countOf("bookings", { state: "booked", date: today }),
		services: (await services.all()).map(services.shown),
	}
}

const row = (notice, today) => ({
	...facts(notice),
	standing: standing(notice, today),
	amount: notice.state === "issued" ? dueOf(notice, today).amount : (notice.paid?.amount ?? null),
	next: notice.state === "issued" ? dueOf(notice, today).next : null,
})

const skipOf = (skip) => (Number.isInteger(skip) && skip > 0 && skip < 100_000 ? skip : 0)

async function notices({ filter, q, skip }, { now }) {
	const today = dateOf(now)
	const by = standings(today)
	const name = plain(q, 20)
	const where = name
		? _.or([{ _id: name }, { plate: name }])
		: (by[Object.hasOwn(by, filter) ? filter : "all"] ?? {})
	const found = db.collection("notices").where(where)
	const { total } = await found.count()
	const { data } = await found.orderBy("notice_date", "desc").skip(skipOf(skip)).limit(ROWS).get()
	return { total, rows: data.map((notice) => row(notice, today)), today }
}

async function notice({ number }, { now }) {
	const id = plain(number, 20)
	await settleOpen("fine", id)
	const found = (await one(db, "notices", id)) ?? refuse("not_found")
	const { data: attempts } = await db
		.collection("attempts")
		.where({ kind: "fine", subject: id })
		.orderBy("started", "desc")
		.limit(ROWS)
		.get()
	const { data: contests } = await db
		.collection("contests")
		.where({ notice: id })
		.orderBy("at", "desc")
		.limit(ROWS)
		.get()
	const { data: log } = await db
		.collection("log")
		.where({ subject: id })
		.orderBy("at", "desc")
		.limit(ROWS)
		.get()
	return {
		notice: row(found, dateOf(now)),
		due: found.state === "issued" ? dueOf(found, dateOf(now)) : null,
		post: found.state === "issued" ? dueOf(found, dateOf(now), "other") : null,
		cancelled: found.cancelled,
		payments: attempts.map(payment),
		contests: contests.map(contestRow),
		log: log.map(({ act, by, at, detail }) => ({ act, by, at, detail })),
	}
}

/** A payment; its payer is told apart from others, and not named. */
const payment = (attempt) => ({
	reference: attempt._id,
	kind: attempt.kind,
	subject: attempt.subject,
	service: attempt.service,
	title: attempt.title,
	amount: attempt.amount,
	tariff: attempt.tariff,
	state: attempt.state,
	why: attempt.why ?? null,
	method: attempt.method ?? "",
	started: attempt.started,
	paid_at: attempt.paid_at ?? null,
	refunded: attempt.refunded ?? 0,
	receipt: attempt.receipt?.number ?? "",
	payer: hidden("payer", attempt.payer).slice(0, 6),
})

async function payments({ filter, q, skip }, _who) {
	const states = {
		paid: ["paid"],
		returned: ["returning", "returned"],
		open: ["open"],
		all: ["paid", "returning", "returned", "open", "closed"],
	}
	const name = plain(q, 40)
	const where = name
		? { subject: name }
		: { state: _.in(states[Object.hasOwn(states, filter) ? filter : "paid"]) }
	const found = db.collection("attempts").where(where)
	const { total } = await found.count()
	const { data } = await found.orderBy("started", "desc").skip(skipOf(skip)).limit(ROWS).get()
	return { total, rows: data.map(payment) }
}

const HEAD = [
	"reference",
	"service",
	"subject",
	"tariff",
	"amount_cents",
	"refunded_cents",
	"currency",
	"state",
	"method",
	"paid_at_utc",
	"day_paris",
	"time_paris",
	"bill",
	"receipt",
]

/** The treasury's table, a part at a time: `after` is where the last one ended. */
async function treasury({ after }, _who) {
	const from = Number.isFinite(after?.started) ? after : null
	const where = { state: _.in(["paid", "returning", "returned"]) }
	if (from) where.started = _.gte(from.started)
	const { data } = await db
		.collection("attempts")
		.where(where)
		.orderBy("started", "asc")
		.orderBy("_id", "asc")
		.limit(EXPORTED)
		.get()
	// Those of the very millisecond at which the last part ended come again, and are left out.
	const fresh = from
		? data.filter(({ started, _id }) => started > from.started || _id > from.id)
		: data
	const rows = fresh.map((each) => {
		const paid = Date.parse(String(each.paid_at).replace(" ", "T"))
		return [
			each._id,
			each.service,
			each.subject,
			each.tariff,
			each.amount,
			each.refunded ?? 0,
			"EUR",
			each.state,
			each.method,
			each.paid_at,
			dateOf(paid),
			timeOf(paid),
			each.bill,
			each.receipt?.number ?? "",
		]
	})
	const last = data.at(-1)
	return {
		csv: write(from ? rows : [HEAD, ...rows]),
		rows: rows.length,
		after: data.length === EXPORTED ? { started: last.started, id: last._id } : null,
	}
}

const contestRow = ({ _id, notice: number, reason, text, state, at, answer, decided }) => ({
	id: _id,
	number,
	reason,
	text,
	state,
	at,
	answer: answer ?? "",
	decided: decided ?? null,
})

async function contests({ filter, skip }, _who) {
	const states = { open: ["open"], decided: ["upheld", "dismissed", "closed"] }
	const where = Object.hasOwn(states, filter) ? { state: _.in(states[filter]) } : {}
	const found = db.collection("contests").where(where)
	const { total } = await found.count()
	const { data } = await found
		.orderBy("at", filter === "open" ? "asc" : "desc")
		.skip(skipOf(skip))
		.limit(ROWS)
		.get()
	return { total, rows: data.map(contestRow) }
}

/** Upheld, the notice is cancelled; dismissed, its clock begins anew with the day of the decision. */
async function decide({ id, uphold, answer }, { by, now }) {
	const said = words(answer)
	const contest = await transaction(async (tx) => {
		const found = (typeof id === "string" && (await one(tx, "contests", id))) || refuse("not_found")
		if (found.state !== "open") refuse("decided", { state: found.state })
		const change = uphold
			? { state: "cancelled", cancelled: _.set({ at: now, reason: "upheld", before: "contested" }) }
			: { state: "issued", clock_date: dateOf(now) }
		const { stats } = await tx
			.collection("notices")
			.where({ _id: found.notice, state: "contested" })
			.update({ data: change })
		if (stats.updated !== 1) refuse("not_contested")
		const state = uphold ? "upheld" : "dismissed"
		await tx
			.collection("contests")
			.doc(id)
			.update({ data: { state, answer: said, decided: now } })
		await note(tx, found.notice, state, by, { contest: id })
		return found
	})
	return notice({ number: contest.notice }, { now })
}

async function cancel({ number, reason }, { by, now }) {
	const id = plain(number, 20)
	const why = words(reason)
	await settleOpen("fine", id)
	await transaction(async (tx) => {
		const found = (await one(tx, "notices", id)) ?? refuse("not_found")
		if (found.state !== "issued" && found.state !== "contested")
			refuse("not_cancellable", { state: found.state })
		await tx
			.collection("notices")
			.doc(id)
			.update({
				data: {
					state: "cancelled",
					cancelled: _.set({ at: now, reason: why, before: found.state }),
				},
			})
		await tx
			.collection("contests")
			.where({ notice: id, state: "open" })
			.update({ data: { state: "closed", decided: now } })
		await note(tx, id, "cancelled", by, { reason: why })
	})
	await closeOpen("fine", id)
	return notice({ number: id }, { now })
}

/** Takes a cancellation back, but for one that follows from a contest: the notice stands where it stood. */
async function reopen({ number }, { by, now }) {
	const id = plain(number, 20)
	await transaction(async (tx) => {
		const found = (await one(tx, "notices", id)) ?? refuse("not_found")
		if (found.state !== "cancelled" || found.cancelled?.reason === "upheld")
			refuse("not_cancelled", { state: found.state })
		const { at, before } = found.cancelled
		await tx
			.collection("notices")
			.doc(id)
			.update({ data: { state: before, cancelled: null } })
		if (before === "contested")
			await tx
				.collection("contests")
				.where({ notice: id, state: "closed", decided: at })
				.update({ data: { state: "open", decided: null } })
		await note(tx, id, "reopened", by)
	})
	return notice({ number: id }, { now })
}

/** Issues the increased notices of those that are overdue; each begins its own clock today. */
async function increase({ numbers }, { by, now }) {
	if (!Array.isArray(numbers) || numbers.length < 1 || numbers.length > AT_ONCE)
		refuse("bad_field", { field: "numbers", most: AT_ONCE })
	const today = dateOf(now)
	const ids = [...new Set(numbers.map((number) => plain(number, 20)))]
	const issued = await transaction(async (tx) => {
		const { stats } = await tx
			.collection("notices")
			.where(_.and([{ _id: _.in(ids) }, standings(today).overdue]))
			.update({ data: { increased_date: today } })
		if (stats.updated > 0) {
			const { data } = await tx
				.collection("notices")
				.where({ _id: _.in(ids), increased_date: today })
				.limit(AT_ONCE)
				.get()
			await tx.collection("log").add({
				data: data.map(({ _id }) => ({ subject: _id, act: "increased", by, detail: {}, at: now })),
			})
		}
		return stats.updated
	})
	return { issued, skipped: ids.length - issued }
}

/** Gives a payment back by the agency's own will; the event of the refund says the rest. */
async function refund({ reference, reason }, { by, now }) {
	const why = words(reason)
	const attempt =
		(typeof reference === "string" && (await one(db, "attempts", reference))) || refuse("not_found")
	if (attempt.state !== "paid") refuse("not_payable", { state: attempt.state })
	await cloud.plaza.call("bills.refund", { reference, key: "agency", reason: why })
	await note(db, attempt.subject, "refund", by, { reference, reason: why })
	await settle(reference)
	return attempt.kind === "fine" ? notice({ number: attempt.subject }, { now }) : {}
}

/** `into` is "notices" or a service of bills. */
async function load({ into, text, dry }, { by, now }) {
	const options = { dry: dry !== false, today: dateOf(now), by, now }
	if (into === "notices") return imports.load(text, imports.notices, options)
	await services.ready(db, into, "bills")
	return imports.load(text, imports.debts(into), options)
}

async function debts({ service, filter, q, skip }, { now }) {
	const name = plain(q, 20)
	const where = {
		...(service ? { service } : {}),
		...(name ? { reference: name } : {}),
		...(["open", "paid", "cancelled", "refunded"].includes(filter) ? { state: filter } : {}),
	}
	const found = db.collection("debts").where(where)
	const { total } = await found.count()
	const { data } = await found.orderBy("imported", "desc").skip(skipOf(skip)).limit(ROWS).get()
	const today = dateOf(now)
	return {
		total,
		rows: data.map(({ _id, reference, label, amount, due_date, state, paid }) => ({
			id: _id,
			reference,
			label,
			amount,
			due_date,
			state,
			late: state === "open" && due_date !== null && due_date < today,
			payment: paid?.reference ?? "",
		})),
	}
}

/** Cancels a bill that nobody has paid, or takes that back. */
async function cancelDebt({ id, undo }, { by }) {
	const [from, to] = undo ? ["cancelled", "open"] : ["open", "cancelled"]
	if (!undo && typeof id === "string") await settleOpen("debt", id)
	await transaction(async (tx) => {
		const { stats } = await tx
			.collection("debts")
			.where({ _id: String(id), state: from })
			.update({ data: { state: to } })
		if (stats.updated !== 1) refuse("not_cancellable")
		await note(tx, id, undo ? "reopened" : "cancelled", by)
	})
	if (!undo) await closeOpen("debt", id)
	return {}
}

async function bookings({ service, date }, { now }) {
	const day = /^\d{4}-\d{2}-\d{2}$/.test(date ?? "") ? date : dateOf(now)
	const { data } = await db
		.collection("bookings")
		.where({ service: String(service), date: day })
		.orderBy("time", "asc")
		.limit(500)
		.get()
	return { date: day, rows: data.map((each) => slots.facts(each)) }
}

async function callOff({ id, reason }, { by }) {
	const why = words(reason)
	await transaction(async (tx) => {
		const { stats } = await tx
			.collection("bookings")
			.where({ _id: String(id), state: "booked" })
			.update({ data: { state: "called_off", reason: why } })
		if (stats.updated !== 1) refuse("not_found")
		await note(tx, id, "called_off", by, { reason: why })
	})
	return {}
}

const writes = {
	callOff,
	cancel,
	cancelDebt,
	decide,
	increase,
	load,
	refund,
	reopen,
	save: services.save,
}
const reads = { bookings, contests, debts, home, notice, notices, payments, treasury }

module.exports = { labelOf, reads, writes }
