// Paying: an attempt holds the amount of its start for a quarter of an hour, and its bill can be paid no longer than
// that. Who pays first has paid; what comes later goes back by itself, once. Everything here bears being told twice,
// late and in any order, because only the bill itself says what became of it.
const { dateOf } = require("./paris")
const { dueOf } = require("./law")
const { receiptOf, refundWords, titleOf } = require("./words")
const { cloud, db, note, one, refuse, transaction, _ } = require("./store")

const FROZEN = 15 * 60_000
/** A bill lives at least a minute; with less than that left, a new attempt begins. */
const LEAST = 60_000
/** How many attempts are looked at in one go. */
const MANY = 20

const kinds = {
	fine: {
		collection: "notices",
		open: "issued",
		price(notice, now) {
			const { tariff, amount } = dueOf(notice, dateOf(now))
			return amount === null ? refuse("overdue") : { tariff, amount }
		},
	},
	debt: {
		collection: "debts",
		open: "open",
		price: ({ amount }) => ({ tariff: "bill", amount }),
	},
}

/** Begins to pay, or goes on with what the person began less than a quarter of an hour ago. */
async function start(kind, subject, { openid, now, language }) {
	const attempt = await transaction((tx) => begin(tx, kind, subject, { openid, now, language }))
	if (attempt.package) return answerOf(attempt)
	const bill = await cloud.plaza.call("bills.make", {
		amount: attempt.amount,
		title: attempt.title,
		reference: attempt._id,
		expires_in: Math.floor((attempt.expires - now) / 1000),
	})
	await db
		.collection("attempts")
		.doc(attempt._id)
		.update({ data: { package: bill.package, bill: bill.bill } })
	return answerOf({ ...attempt, package: bill.package })
}

const answerOf = ({ _id, amount, tariff, expires, package: pack }) => ({
	reference: _id,
	amount,
	tariff,
	until: expires,
	package: pack,
})

async function begin(tx, kind, subject, { openid, now, language }) {
	const { collection, open, price } = kinds[kind]
	const thing = await one(tx, collection, subject)
	if (!thing) refuse("not_found")
	if (thing.state !== open) refuse("not_payable", { state: thing.state })
	const { data } = await tx
		.collection("attempts")
		.where({ kind, subject, payer: openid, state: "open" })
		.orderBy("started", "desc")
		.limit(1)
		.get()
	const [last] = data
	if (last && (last.package ? last.expires > now : last.expires - LEAST > now)) return last
	const { tariff, amount } = price(thing, now)
	const n = (thing.attempts ?? 0) + 1
	const attempt = {
		_id: `${kind}-${subject}-${n}`,
		kind,
		subject,
		service: thing.service ?? "fines",
		payer: openid,
		amount,
		tariff,
		title: titleOf(kind, thing, language),
		language,
		started: now,
		expires: now + FROZEN,
		state: "open",
		package: null,
		bill: null,
		receipt: null,
	}
	await tx.collection("attempts").add({ data: attempt })
	await tx
		.collection(collection)
		.doc(subject)
		.update({ data: { attempts: n } })
	return attempt
}

/**
 * Brings an attempt to where its bill is, whoever asks: the hook, the page that comes back, the hourly sweep. The
 * notice belongs to the first that was paid for it; another's money goes back.
 */
async function settle(reference) {
	const known = await one(db, "attempts", reference)
	if (!known) return null
	if (!known.bill && known.state === "open" && !(await adopt(known))) return known
	const bill = await cloud.plaza.call("bills.get", { reference })
	let attempt = await transaction((tx) => follow(tx, reference, bill))
	if (attempt.state === "returning") attempt = await giveBack(attempt)
	if (attempt.state === "paid" && !attempt.receipt) attempt = await issue(attempt)
	return attempt
}

/** A bill whose making was interrupted before it was written down; false when there is none. */
async function adopt(attempt) {
	try {
		const bill = await cloud.plaza.call("bills.get", { reference: attempt._id })
		await db
			.collection("attempts")
			.doc(attempt._id)
			.update({ data: { package: bill.package, bill: bill.bill } })
		return true
	} catch (error) {
		if (error.code !== "bill_not_found") throw error
		if (attempt.expires < Date.now())
			await db
				.collection("attempts")
				.where({ _id: attempt._id, state: "open" })
				.update({ data: { state: "closed" } })
		return false
	}
}

async function follow(tx, reference, bill) {
	const attempt = await one(tx, "attempts", reference)
	const change = async (fields) => {
		await tx.collection("attempts").doc(reference).update({ data: fields })
		return { ...attempt, ...fields }
	}
	const { collection, open } = kinds[attempt.kind]
	const undecided = attempt.state === "open" || attempt.state === "closed"
	if (bill.status === "refunded") {
		if (attempt.state === "paid") {
			await tx
				.collection(collection)
				.where({ _id: attempt.subject, "paid.reference": reference, state: "paid" })
				.update({ data: { state: "refunded" } })
			await note(tx, attempt.subject, "refunded", "plaza", { reference })
		}
		return attempt.state === "returned"
			? attempt
			: change({ state: "returned", refunded: bill.refunded, paid_at: bill.paid_at })
	}
	if (bill.status === "paid" || bill.status === "partly_refunded") {
		if (!undecided)
			return bill.refunded > (attempt.refunded ?? 0) ? change({ refunded: bill.refunded }) : attempt
		const thing = await one(tx, collection, attempt.subject)
		const paid = { paid_at: bill.paid_at, method: bill.method, refunded: bill.refunded }
		if (thing?.state !== open)
			return change({ ...paid, state: "returning", why: thing?.state ?? "gone" })
		const { amount, tariff } = attempt
		await tx
			.collection(collection)
			.doc(attempt.subject)
			.update({
				data: { state: "paid", paid: _.set({ reference, amount, tariff, at: bill.paid_at }) },
			})
		await note(tx, attempt.subject, "paid", "plaza", { reference, amount })
		return change({ ...paid, state: "paid" })
	}
	if (attempt.state === "open" && bill.status !== "open") return change({ state: "closed" })
	return attempt
}

/** The same key is the same refund, so whoever comes second gives nothing back a second time. */
async function giveBack(attempt) {
	const bill = await cloud.plaza.call("bills.refund", {
		reference: attempt._id,
		key: "second",
		reason: refundWords(attempt.why, attempt.language),
	})
	return transaction(async (tx) => {
		const { stats } = await tx
			.collection("attempts")
			.where({ _id: attempt._id, state: "returning" })
			.update({ data: { state: "returned", refunded: bill.refunded } })
		if (stats.updated)
			await note(tx, attempt.subject, "returned", "plaza", {
				reference: attempt._id,
				amount: bill.refunded,
			})
		return one(tx, "attempts", attempt._id)
	})
}

/** Whoever has paid gets a receipt: imported words that cannot be signed, or are too long for its code, are left out. */
async function signed(attempt, { title, lines }) {
	const about = {
		bill: attempt.bill,
		reference: attempt._id,
		language: attempt.language,
		demo: true,
		title,
	}
	try {
		return await cloud.plaza.call("receipts.issue", { ...about, lines })
	} catch (error) {
		if (error.code !== "bad_receipt" && error.code !== "receipt_too_long") throw error
		return cloud.plaza.call("receipts.issue", { ...about, lines: lines.slice(0, 1) })
	}
}

async function issue(attempt) {
	const { collection } = kinds[attempt.kind]
	const thing = await one(db, collection, attempt.subject)
	const receipt = await signed(attempt, receiptOf(attempt, thing))
	const kept = { number: receipt.number, url: receipt.url }
	await db
		.collection("attempts")
		.doc(attempt._id)
		.update({ data: { receipt: _.set(kept) } })
	return { ...attempt, receipt: kept }
}

/** What people began to pay and nobody has heard the end of. */
const openOf = async (where) =>
	(
		await db
			.collection("attempts")
			.where({ ...where, state: _.in(["open", "returning"]) })
			.limit(MANY)
			.get()
	).data

async function settleOpen(kind, subject) {
	for (const { _id } of await openOf({ kind, subject })) await settle(_id)
}

/** Nobody can pay any more; who has paid in this very moment gets it back. */
async function closeOpen(kind, subject) {
	for (const { _id, bill } of await openOf({ kind, subject })) {
		if (bill)
			try {
				await cloud.plaza.call("bills.close", { reference: _id })
			} catch (error) {
				if (error.code !== "bill_not_open" && error.code !== "bill_expired") throw error
			}
		await settle(_id)
	}
}

/** The hourly round: what no event and no page has told. */
async function sweep(now) {
	for (const { _id } of await openOf({ started: _.lt(now - FROZEN) })) await settle(_id)
	const { data } = await db
		.collection("attempts")
		.where({ state: "paid", receipt: null })
		.limit(MANY)
		.get()
	for (const attempt of data) await issue(attempt)
}

/** The page has come back from the sheet: what became of it, for who pays. */
async function confirm({ reference }, { openid }) {
	const known = typeof reference === "string" && (await one(db, "attempts", reference))
	if (!known || known.payer !== openid) refuse("not_found")
	return told(await settle(reference))
}

const told = (attempt) => ({
	reference: attempt._id,
	kind: attempt.kind,
	subject: attempt.subject,
	state: attempt.state,
	why: attempt.why ?? null,
	title: attempt.title,
	amount: attempt.amount,
	tariff: attempt.tariff,
	paid_at: attempt.paid_at ?? null,
	refunded: attempt.refunded ?? 0,
	receipt: attempt.receipt,
})

/** The receipt, with its PDF and the address that verifies it: what is signed names the house that signed. */
async function receipt({ reference }, who) {
	const attempt = await confirm({ reference }, who)
	if (!attempt.receipt) return attempt
	const { number } = attempt.receipt
	const { file, url, token, status, qr } = await cloud.plaza.call("receipts.get", { number })
	const signed = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString())
	return {
		...attempt,
		receipt: { ...attempt.receipt, file, status, url, qr, address: signed.iss + url },
	}
}

/** What the person has paid here, the newest first. */
async function payments(_event, { openid }) {
	const { data } = await db
		.collection("attempts")
		.where({ payer: openid, state: _.in(["paid", "returned", "returning"]) })
		.orderBy("started", "desc")
		.limit(MANY)
		.get()
	return { payments: data.map(told) }
}

module.exports = { FROZEN, closeOpen, confirm, payments, receipt, settle, settleOpen, start, sweep }
