// Traffic notices as people see them: found by number and key or by plate and key, then their own to come back to.
const { dateOf } = require("./paris")
const { contestableUntil, dueOf } = require("./law")
const { KEY, NUMBER, PLATE, hidden, opened, plain } = require("./keys")
const { guard } = require("./guard")
const { db, one, refuse, transaction } = require("./store")
const offences = require("./offences")

/** How many notices of one plate a key is tried on. */
const OF_A_PLATE = 20
/** How many things of a person are listed. */
const LISTED = 50

const seenId = (openid, number) => hidden("seen", openid, number)

/**
 * Finds what the number or the plate and the key open. A wrong number, a wrong plate and a wrong key are one answer,
 * made in the same steps.
 */
async function find({ number, plate, key }, { openid, now }) {
	const by = number ? "number" : "plate"
	const name = plain(by === "number" ? number : plate, 20)
	const secret = plain(key, 16)
	if (!(by === "number" ? NUMBER : PLATE).test(name)) refuse("bad_field", { field: by })
	if (!KEY.test(secret)) refuse("bad_field", { field: "key" })
	const found = await transaction(async (tx) => {
		const wrong = await guard(tx, openid, `${by} ${name}`, now)
		const width = by === "number" ? 1 : OF_A_PLATE
		const { data } = await tx
			.collection("notices")
			.where(by === "number" ? { _id: name } : { plate: name })
			.limit(width)
			.get()
		const right = opened(data, secret, width)
		if (!right) await wrong()
		else
			await tx
				.collection("seen")
				.doc(seenId(openid, right._id))
				.set({ data: { _openid: openid, notice: right._id, at: now } })
		return right
	})
	return found ? view({ number: found._id }, { openid, now }) : refuse("not_found")
}

/** The notice, for somebody who has opened it; for anybody else it is not there. */
async function mine(within, number, openid) {
	const name = plain(number, 20)
	const seen = await one(within, "seen", seenId(openid, name))
	return (seen && (await one(within, "notices", name))) || refuse("not_found")
}

const labelOf = ({ offence }) => {
	const { en, fr, zh } = offences[offence] ?? { en: offence, fr: offence, zh: offence }
	return { en, fr, zh }
}

/** Where the notice stands, in one word. */
const standing = (notice, today) =>
	notice.state === "issued" ? dueOf(notice, today).tariff : notice.state

const facts = (notice) => ({
	number: notice._id,
	plate: notice.plate,
	offence: labelOf(notice),
	class: notice.class,
	place: notice.place,
	at: notice.at,
	notice_date: notice.notice_date,
	clock_date: notice.clock_date,
	increased_date: notice.increased_date,
	handed: notice.handed,
})

async function view({ number }, { openid, now }) {
	const notice = await mine(db, number, openid)
	const today = dateOf(now)
	const [{ data: attempts }, { data: contests }] = await Promise.all([
		db
			.collection("attempts")
			.where({ subject: notice._id, kind: "fine", payer: openid })
			.orderBy("started", "desc")
			.limit(10)
			.get(),
		db.collection("contests").where({ notice: notice._id }).orderBy("at", "desc").limit(1).get(),
	])
	const until = contestableUntil(notice)
	const running = attempts.find(({ state, expires }) => state === "open" && expires > now)
	return {
		notice: facts(notice),
		today,
		state: notice.state,
		standing: standing(notice, today),
		due: notice.state === "issued" ? dueOf(notice, today) : null,
		post: notice.state === "issued" ? dueOf(notice, today, "other") : null,
		contest: { until, can: notice.state === "issued" && until !== null && today <= until },
		contested: contests[0] ? told(contests[0], openid) : null,
		frozen:
			running && notice.state === "issued"
				? { amount: running.amount, tariff: running.tariff, until: running.expires }
				: null,
		paid: notice.paid && {
			at: notice.paid.at,
			amount: notice.paid.amount,
			tariff: notice.paid.tariff,
			reference: attempts.find(({ _id }) => _id === notice.paid.reference)?._id ?? null,
		},
		returned: attempts
			.filter(({ state }) => state === "returned" || state === "returning")
			.map(({ _id, amount }) => ({ reference: _id, amount })),
		cancelled: notice.cancelled?.reason ?? null,
	}
}

/** A contest: its words are for who wrote them. */
const told = ({ by, state, at, reason, text, answer, decided }, openid) => ({
	state,
	at,
	decided: decided ?? null,
	...(by === openid ? { reason, text, answer: answer ?? "" } : {}),
})

/** Everything that the person has opened here. */
async function list(_, { openid, now }) {
	const { data: seen } = await db
		.collection("seen")
		.where({ _openid: openid })
		.orderBy("at", "desc")
		.limit(LISTED)
		.get()
	if (seen.length === 0) return { notices: [] }
	const { data } = await db
		.collection("notices")
		.where({ _id: db.command.in(seen.map(({ notice }) => notice)) })
		.limit(LISTED)
		.get()
	const today = dateOf(now)
	const place = new Map(seen.map(({ notice }, i) => [notice, i]))
	return {
		notices: data
			.sort((a, b) => place.get(a._id) - place.get(b._id))
			.map((notice) => ({
				number: notice._id,
				offence: labelOf(notice),
				plate: notice.plate,
				notice_date: notice.notice_date,
				standing: standing(notice, today),
				amount:
					notice.state === "issued" ? dueOf(notice, today).amount : (notice.paid?.amount ?? null),
				next: notice.state === "issued" ? dueOf(notice, today).next : null,
			})),
	}
}

/** Takes a notice off the person's list; its letter opens it again. */
async function forget({ number }, { openid }) {
	await db
		.collection("seen")
		.where({ _id: seenId(openid, plain(number, 20)), _openid: openid })
		.remove()
	return {}
}

module.exports = { facts, find, forget, labelOf, list, mine, standing, view }
