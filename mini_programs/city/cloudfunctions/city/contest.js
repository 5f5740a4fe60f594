// A contest stops the clock: while it is open nothing can be paid. Paying admits, so what is paid cannot be contested.
const { dateOf } = require("./paris")
const { contestableUntil } = require("./law")
const { mine, view } = require("./fines")
const { closeOpen, settleOpen } = require("./pay")
const { db, note, refuse, transaction } = require("./store")

const REASONS = ["not_driver", "sold", "stolen", "error", "other"]
const SHORTEST = 20
const LONGEST = 2000

async function contest({ number, reason, text }, { openid, now }) {
	if (!REASONS.includes(reason)) refuse("bad_field", { field: "reason" })
	const words = typeof text === "string" ? text.trim() : ""
	if (words.length < SHORTEST || words.length > LONGEST)
		refuse("bad_field", { field: "text", least: SHORTEST, most: LONGEST })
	const name = (await mine(db, number, openid))._id
	// A payment whose news is still on its way was made before: then there is nothing to contest any more.
	await settleOpen("fine", name)
	await transaction(async (tx) => {
		const notice = await mine(tx, name, openid)
		const until = contestableUntil(notice)
		if (notice.state !== "issued") refuse("not_contestable", { state: notice.state })
		if (until === null || dateOf(now) > until) refuse("contest_too_late", { until })
		const { _id } = await tx.collection("contests").add({
			data: { notice: name, by: openid, reason, text: words, state: "open", at: now },
		})
		await tx
			.collection("notices")
			.doc(name)
			.update({ data: { state: "contested", contested: _id } })
		await note(tx, name, "contest", "citizen", { contest: _id })
	})
	await closeOpen("fine", name)
	return view({ number: name }, { openid, now })
}

module.exports = { LONGEST, REASONS, SHORTEST, contest }
