// The program's own database, and the refusals that its functions answer with.
const cloud = require("wx-server-sdk")

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })
const db = cloud.database()

/** Something that the caller can act on: it undoes the transaction around it, and is answered as { error, … }. */
class Refusal extends Error {
	constructor(code, more = {}) {
		super(code)
		this.refusal = { error: code, ...more }
	}
}
const refuse = (code, more) => {
	throw new Refusal(code, more)
}

/** One document, or null. */
const one = async (within, collection, id) =>
	(await within.collection(collection).where({ _id: id }).limit(1).get()).data[0] ?? null

/** All states change in here: one at a time, whole or not at all. */
const transaction = (run) => db.runTransaction(run)

/** What was done by whom stays with what it was done to. */
const note = (tx, subject, act, by, detail = {}) =>
	tx.collection("log").add({ data: { subject, act, by, detail, at: Date.now() } })

module.exports = { Refusal, cloud, db, note, one, refuse, transaction, _: db.command }
